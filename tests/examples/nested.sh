#!/bin/sh
# usage: nested.sh BIN
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$1"/nested >"$scratch/got"
printf 'anna 435\nbert 0\ncleo 840\n' >"$scratch/expected"
LC_ALL=C sort "$scratch/got" | diff "$scratch/expected" -
