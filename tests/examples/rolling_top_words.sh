#!/bin/sh
# usage: rolling_top_words.sh BIN
#
# On the real clock, all ticks made short.  When they come is not certain, so
# all that is asked is that some ranking has everything, in order.
# tests/unit/examples tests it on a virtual clock.
set -eu
bin=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

printf '%s\n' a b c b d c b e c b >"$scratch/words"
"$bin"/rolling_top_words -c topology.tick.tuple.freq.secs=0.2 \
    -c rolling.rate=10000 -c rolling.linger.ms=2000 \
    "$scratch/words" >"$scratch/got"

grep -qx 'b 4, c 3, a 1' "$scratch/got" || {
    echo "no ranking has everything:"
    cat "$scratch/got"
    exit 1
}
