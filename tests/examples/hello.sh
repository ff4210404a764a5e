#!/bin/sh
# usage: hello.sh BIN
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$1"/hello >"$scratch/got"
printf 'cow!\nmoon!\nspoon!\n' | diff - "$scratch/got"
