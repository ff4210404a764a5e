#!/bin/sh
# usage: rolling_top_words.sh BIN
#
# On the real clock, all ticks made short.  When they come is not certain, so a
# word counts for as long as the test may take, and all that is asked is that
# some ranking has everything, in order; that one is waited for.
# tests/unit/examples tests it on a virtual clock.
set -eu
bin=$1
scratch=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$scratch"' EXIT

printf '%s\n' a b c b d c b e c b >"$scratch/words"
"$bin"/rolling_top_words -c topology.tick.tuple.freq.secs=0.2 \
    -c rolling.slots=10000 -c rolling.rate=10000 -c rolling.linger.ms=1000000 \
    "$scratch/words" >"$scratch/got" &
pid=$!

end=$(($(date +%s) + 300))
until grep -qx 'b 4, c 3, a 1' "$scratch/got"; do
    if [ "$(date +%s)" -gt $end ]; then
        echo "no ranking has everything:"
        cat "$scratch/got"
        exit 1
    fi
    sleep 0.1
done
kill -TERM "$pid"
wait "$pid"
pid=
