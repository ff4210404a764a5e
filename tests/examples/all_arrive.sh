#!/bin/sh
# usage: all_arrive.sh BIN
#
# Tuples are lost on their way and a task is killed: all numbers are noted.
# Who looks for what was not given back says FAULTS=drop=1%, since a task that
# is killed gives back nothing.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$1"/all_arrive -q -c arrive.upto=1000 -c arrive.rate=1000000 \
    -c topology.message.timeout.secs=0.3 --faults "${FAULTS-drop=1%,kill=note@50ms}" \
    "$scratch/notes"
seq 1000 >"$scratch/expected"
sort -nu "$scratch"/notes/note-* | diff "$scratch/expected" -

if "$1"/all_arrive -q 2>"$scratch/said"; then
    echo "all_arrive: no directory is no error"
    exit 1
fi
grep -q 'name one directory' "$scratch/said"
