#!/bin/sh
# usage: single_join.sh BIN
#
# Two spouts tell halves: patience has to be longer than one loop may wait for
# a processor while the other one has it.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$1"/single_join -c join.patience.ms=5000 >"$scratch/got"
for id in 0 1 2 3 4 5 6 7 8 9; do
    if [ $((id % 2)) = 0 ]; then
        echo "$id male $((20 + id))"
    else
        echo "$id female $((20 + id))"
    fi
done >"$scratch/expected"
for id in 10 11; do
    echo "$id nobody (failed by 'join')"
done >>"$scratch/expected"
sort -n "$scratch/got" | diff "$scratch/expected" -
