#!/bin/sh
# usage: cpp_wordcount.sh BIN
set -eu
bin=$1
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$bin"/cpp_wordcount examples/*.c examples/*.h >"$scratch/got"
scripts/count-words examples/*.c examples/*.h | diff - "$scratch/got"

if "$bin"/cpp_wordcount "$scratch/nowhere" >"$scratch/got" \
    2>"$scratch/said"; then
    echo "cpp_wordcount: a missing file is no error"
    exit 1
fi
grep -q "cannot open $scratch/nowhere" "$scratch/said"
