#!/bin/sh
# usage: tests/cluster/hung.sh GALE PROGRAM [SECONDS [LEAP]]
#
# A callback that hangs is named; the worker is started anew if that is wanted,
# and one that is only slow, or a whole machine that is, is left alone.  PROGRAM
# is hung.c.  SECONDS: for how long the machine is busy, processes stop, and
# wall clocks leap (5).  LEAP: leap.c, to be loaded before gale's own libraries.
set -u
gale=$1 program=$2 busy=${3:-5} leap=${4:-}
# shellcheck source=tests/cluster/shell.sh
. "$(dirname "$0")/shell.sh"
dev=
burner=
trap '[ -z "$burner" ] || kill -9 "$burner"
    [ -z "$dev" ] || kill -9 "$dev" 2>/dev/null; rm -rf "$scratch"' EXIT

give_up()
{
    complain "$*"
    tail -n 20 dev.err state/gale/logs/*.log 2>/dev/null
    exit 1
}

begin()
{
    rm -f dev.out
    "$gale" dev --json "$@" >dev.out 2>dev.err </dev/null &
    dev=$!
    wait_for 40 grep -q nimbus dev.out || give_up "gale dev does not come up"
    export GALE_CONF_DIR="$scratch/state/gale"
}

# The second time, what is in flight is not waited for.  Two that come before
# the first is heard are one.
heard()
{
    ! "$gale" list >out 2>&1 || ! grep -qw ACTIVE out
}
finish()
{
    kill -TERM "$dev"
    wait_for 20 heard || complain "gale dev does not begin to end"
    kill -TERM "$dev" 2>/dev/null
    wait_for 40 sh -c "! kill -0 $dev" || give_up "gale dev does not end"
    wait "$dev" 2>/dev/null
    dev=
    grep -rh -A 20 Sanitizer state/gale/logs && complain "a sanitizer spoke"
}

# submit NUMBERS: and wait for the first that is acked
submit()
{
    rm -f hung acked
    "$gale" submit "$program" "$1" "$scratch" >out 2>&1 </dev/null ||
        give_up "submit: $(cat out)"
}

pids()
{
    "$gale" workers --json | grep -o '"pid":[0-9]*'
}

finding() # NAME
{
    "$gale" workers --json >out 2>&1
    grep -q "\"finding\":\"$1\"" out
}

acked() # NUMBER: so many
{
    [ "$(sort -u acked | wc -l)" = "$1" ]
}

# Put the file $1 there, wait until it is taken; $began is when.
spring()
{
    touch "$1"
    wait_for 20 test -e hung || give_up "nobody was caught by '$1'"
    began=$(now_ms)
}

# It is told of.  How soon is for tests/unit/supervisor to judge: here nobody
# knows for how long the supervisor, or we, did not get a processor.
told()
{
    wait_for 20 finding HUNG || complain "not told of: $("$gale" workers)"
    echo "  told of after $(($(now_ms) - began)) ms"
    "$gale" status hung >out 2>&1
    has out "bolt 'trap/"
    has out 'is in a callback that does not return'
}

echo 'It hangs, is told of, and left alone; and so is one that comes back.'
begin -c gale.worker.hung.secs=1
submit 100000
before=$(pids)
spring while
told
rm -f hung # the callback returns
wait_for 20 finding WELL || complain "it does not get well: $(cat out)"
spring ever
told
[ "$(pids)" = "$before" ] || complain "the worker is another: $(pids)"
finish

echo 'It hangs, and is started anew.'
rm -rf state
begin -c gale.worker.hung.secs=1 -c gale.worker.hung.kill=true
submit 10000
before=$(pids)
spring ever
anew()
{
    [ "$(pids)" != "$before" ] && finding WELL
}
wait_for 20 anew || complain "no other worker: $("$gale" workers)"
echo "  started anew after $(($(now_ms) - began)) ms"
wait_for 60 acked 10000 || complain "not all was acked: $("$gale" status hung)"
"$gale" status hung >out 2>&1
has out "bolt 'trap/"
has out 'is in a callback that does not return'

echo 'It is slow, again and again.'
"$gale" kill hung -w 1s >out 2>&1 || complain "kill: $(cat out)"
gone()
{
    left=$("$gale" list --quiet) && [ -z "$left" ]
}
wait_for 20 gone || complain "it is not gone: $("$gale" list)"
submit 100000
before=$(pids)
for round in 1 2 3 4; do
    touch long
    wait_for 40 sh -c '! [ -e long ]' || complain "nobody was slow ($round)"
done
[ "$(pids)" = "$before" ] || complain "the worker is another: $(pids)"

# leap SECONDS: wall clocks are so far off from now on
leap()
{
    printf '%+08d' "$1" 1<>leap
}

children() # PROCESS: and theirs
{
    cat /proc/"$1"/task/*/children 2>/dev/null | tr ' ' '\n' |
        while read -r child; do
            echo "$child"
            children "$child"
        done
}

daemon() # NAME
{
    cat /proc/"$dev"/task/*/children | tr ' ' '\n' | while read -r child; do
        tr '\0' ' ' </proc/"$child"/cmdline | grep -q " $1 " && echo "$child"
    done
}

wrong()
{
    "$gale" workers --json >out 2>&1
    grep -o '"deaths":[1-9][0-9]*' out
    [ "$(pids)" = "$before" ] || echo "the worker is another: $(pids)"
}

echo "For $busy s the machine is busy, processes stop, and clocks leap."
finish
rm -rf state
leap 0
[ -z "$leap" ] || export LD_PRELOAD="$leap"
begin -c gale.worker.hung.secs=1 -c gale.worker.hung.kill=true
unset LD_PRELOAD
submit 100000000
before=$(pids)
"$program" burn $(($(nproc) * 4)) &
burner=$!
end=$(($(now_ms) + busy * 1000))
round=0
while [ "$(now_ms)" -lt $end ]; do
    round=$((round + 1))
    all=$(children "$dev")
    case $((round % 4)) in # all of them, most often
    0) all=$(pids | cut -d : -f 2) ;;
    1) all=$(daemon supervisor) ;;
    esac
    # shellcheck disable=SC2086 # a list of processes
    kill -STOP $all
    case $((round % 6)) in
    1) leap 3600 ;;
    2) leap -1 ;;
    3) leap -86400 ;;
    4) leap 30 ;;
    5) leap 0 ;;
    esac
    sleep 0.5
    # shellcheck disable=SC2086
    kill -CONT $all
    sleep 0.5
    [ $((round % 30)) != 0 ] || [ -z "$(wrong)" ] || break
done
kill -9 "$burner"
wait "$burner" 2>/dev/null
burner=
[ -z "$(wrong)" ] || complain "after $round rounds: $(wrong)"
n=$(wc -l <acked)
further()
{
    [ "$(wc -l <acked)" -gt $((n + 100)) ]
}
wait_for 40 further || complain "nothing is acked any more, after $n"
echo "  $round rounds; $n were acked"
leap 86400
tomorrow=$(date -u -d '+1 day' +%F)
finish
[ -z "$leap" ] || grep -q -e "^${tomorrow}T" \
    -e "^$(date -u -d '+1 day' +%F)T" state/gale/logs/nimbus.log ||
    complain "Nimbus's clock did not leap: $(tail -n 3 state/gale/logs/nimbus.log)"

[ $failures = 0 ]
