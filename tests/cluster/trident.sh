#!/bin/sh
# usage: tests/cluster/trident.sh GALE PROGRAM
#
# Batches count once on a cluster whose workers are killed all the while.
# PROGRAM is examples/trident_wordcount.
set -u
gale=$1 program=$2
# shellcheck source=tests/cluster/shell.sh
. "$(dirname "$0")/shell.sh"
dev=
trap '[ -z "$dev" ] || kill -9 "$dev" 2>/dev/null; rm -rf "$scratch"' EXIT

give_up()
{
    echo "$*"
    cat top got 2>/dev/null | head -n 5
    tail -n 20 dev.err state/gale/logs/*.log state/gale/logs/*/* 2>/dev/null
    exit 1
}

# 24 MB: a batch is 4 MiB.
awk 'BEGIN {
    for (line = 0; line < 400000; line++) {
        x = line * 7919
        for (i = 0; i < 8; i++)
            printf "w%c%c ", 97 + (x + i * 31) % 26, 97 + (x + i) % 23
        print ""
    }
}' | sed 's/w/word/g' >text
WORDS=$((400000 * 8))

counted() # how many words are
{
    "$program" top 1000 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'
}

# shellcheck disable=SC2317 # wait_for calls it
all_counted()
{
    [ "$(counted)" -ge "$WORDS" ]
}

XDG_STATE_HOME=$scratch/calm "$program" -q text || give_up "it does not run"
XDG_STATE_HOME=$scratch/calm "$program" top 1000 | sort >right

"$gale" dev --json >dev.out 2>dev.err </dev/null &
dev=$!
wait_for 30 grep -q nimbus dev.out || give_up "gale dev does not come up"
export GALE_CONF_DIR="$scratch/state/gale"
"$program" submit -c topology.workers=2 "$scratch/text" >submitted 2>&1 ||
    give_up "it cannot be submitted: $(cat submitted)"

killed=' '
pids=
# shellcheck disable=SC2317 # wait_for calls it
two_others() # are there two workers, none of which was killed?
{
    pids=$("$gale" workers trident_wordcount --json |
        grep -o '"pid": *[1-9][0-9]*' | grep -o '[0-9]*$')
    # shellcheck disable=SC2086 # words
    set -- $pids
    [ $# = 2 ] || return 1
    case $killed in *" $1 "* | *" $2 "*) return 1 ;; esac
}
# Each dies four times: who dies five times is begun anew only after a while.
for _ in 1 2 3 4; do
    wait_for 60 two_others || give_up "no two workers live: $pids"
    for pid in $pids; do
        kill -9 "$pid" || give_up "$pid died by itself"
        killed="$killed$pid "
        sleep 0.2
    done
done
wait_for 200 all_counted || give_up "$(counted) of $WORDS words are counted"
"$program" top 1000 | sort >got
cmp right got || give_up "counts are wrong"
[ "$(counted)" = "$WORDS" ] || give_up "$(counted), not $WORDS words"
kill -TERM $dev
wait $dev || give_up "gale dev ended with $?"
dev=
exit 0
