#!/bin/sh
# usage: direct_and_custom.sh BIN
#
# One spout, one dealer: the jobs are dealt in the order of the table, and so
# it is certain who gets which.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/expected" <<'END'
carve 2 2 0
dig 1 1 0
glue 4 2 0
mow 2 2 0
nail 1 1 1
paint 6 0 1
saw 3 1 1
weld 1 1 1
END
"$1"/direct_and_custom >"$scratch/got"
LC_ALL=C sort "$scratch/got" | diff "$scratch/expected" -
