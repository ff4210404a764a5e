#!/bin/sh
# usage: exclamation.sh BIN
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$1"/exclamation >"$scratch/got"
for name in bertels golda jackson mike nathan; do
    echo "$name!!!!!!"
done >"$scratch/expected"
LC_ALL=C sort "$scratch/got" | diff "$scratch/expected" -
