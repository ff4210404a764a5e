#!/bin/sh
# usage: tests/cluster/dev.sh GALE PROGRAM
#
# From `gale dev` to Ctrl-C: a cluster of processes as a user sees it.  PROGRAM
# is examples/wordcount.
set -u
gale=$1 program=$2
# shellcheck source=tests/cluster/shell.sh
. "$(dirname "$0")/shell.sh"
dev=
trap '[ -z "$dev" ] || kill -9 "$dev" 2>/dev/null; rm -rf "$scratch"' EXIT

give_up()
{
    complain "$*"
    tail -n 20 dev.err state/gale/logs/*.log 2>/dev/null
    exit 1
}

expect() # CODE COMMAND...
{
    expected=$1
    shift
    timeout 60 "$@" >out 2>err </dev/null
    code=$?
    if [ $code != "$expected" ]; then
        complain "$*: exit code $code, not $expected"
        sed 's/^/    /' out err
    fi
}

# A job of a shell that is not interactive ignores SIGINT; TERM is the same.
begin()
{
    rm -f dev.out
    "$gale" dev --json "$@" >dev.out 2>dev.err </dev/null &
    dev=$!
    wait_for 40 grep -q nimbus dev.out || give_up "gale dev does not come up"
    [ -f state/gale/storm.yaml ] || give_up "gale dev wrote no settings"
    export GALE_CONF_DIR="$scratch/state/gale"
}

finish()
{
    kill -TERM "$dev"
    wait_for 40 sh -c "! kill -0 $dev" || give_up "gale dev does not end"
    wait "$dev" || complain "gale dev ended with $?"
    dev=
    grep -rh -A 20 Sanitizer state/gale/logs && complain "a sanitizer spoke"
    for at in /proc/[0-9]*; do # daemons and workers are told a directory
        if { tr '\0' ' ' <"$at/cmdline"; } 2>/dev/null |
            grep -qF "$scratch/state"; then
            complain "left behind: $({ tr '\0' ' ' <"$at/cmdline"; } 2>&1)"
        fi
    done
}

i=0
while [ $i -lt 2000 ]; do
    echo "one two two three three three $i"
    i=$((i + 1))
done >text

# From nothing to the first acked tuple.
begin
expect 0 "$gale" submit "$program" -c topology.name=first "$scratch/text"
has err 'the first tuple was acked after'
expect 0 "$gale" list
has out first
expect 0 "$gale" list --quiet
[ "$(cat out)" = first ] || complain "list --quiet: $(cat out)"
expect 0 "$gale" list --json
has out '"name":"first"'
expect 0 "$gale" status
has out ALIVE
expect 0 "$gale" status first
has out split
expect 0 "$gale" workers --json
has out '"topology":"first"'
expect 0 "$gale" errors first
has out 'no errors'
expect 0 "$gale" logs first -n 1
[ "$(wc -l <out)" = 1 ] || complain "logs -n 1: $(cat out)"
expect 0 "$gale" logs first -n 99
has out 'INFO'
expect 0 "$gale" logs first --json -n 1
has out '"line":"'
"$gale" logs first -f -n 0 --json >followed 2>followed.err </dev/null &
follows=$!
expect 0 "$gale" doctor

# All of the text is acked, and nothing else.
acked()
{
    "$gale" status first --json | grep -q '"acked":2000,"failed":0,"pending":0'
}
wait_for 40 acked || complain "not all was acked: $("$gale" list)"

# Names that are not there, and one that is taken.
expect 3 "$gale" kill frst
has err "there is no topology 'frst' (did you mean 'first'?)"
expect 3 "$gale" logs frst
expect 3 "$gale" logs first --worker 9
expect 1 "$gale" submit "$program" -c topology.name=first text
has err first
has err "'text' is a file here"

# Stopped, gone on with, cut anew.
expect 0 "$gale" deactivate first
expect 0 "$gale" list
has out INACTIVE
expect 0 "$gale" activate first
expect 0 "$gale" set-log-level first debug --for 5s
expect 0 "$gale" rebalance first -n 2 -w 1s
two()
{
    "$gale" workers first --json | grep -o '"state":"running"' | wc -l |
        grep -qx ' *2'
}
wait_for 40 two || complain "no two workers: $("$gale" workers)"
both_followed() # with all that the newer one has printed since it began
{
    sed 's/,"line".*//' followed | sort -u | wc -l | grep -qx ' *2'
}
wait_for 40 both_followed || complain "logs -f: $(cat followed followed.err)"

# A daemon that is killed comes back, and the workers never went.
daemon() # NAME: its process
{
    for at in /proc/[0-9]*; do
        { tr '\0' ' ' <"$at/cmdline"; } 2>/dev/null |
            grep -q "^gale $1 .*$scratch" && echo "${at#/proc/}"
    done
}
before=$("$gale" workers --json | grep -o '"pid":[0-9]*')
kill -9 "$(daemon nimbus)"
wait_for 40 grep -q 'nimbus died of signal 9' dev.err ||
    complain "gale dev did not notice that Nimbus died"
wait_for 40 "$gale" list || complain "Nimbus did not come back"
kill -9 "$(daemon supervisor)"
wait_for 40 grep -q 'supervisor died of signal 9' dev.err ||
    complain "gale dev did not notice that the supervisor died"
same()
{
    [ "$("$gale" workers --json | grep -o '"pid":[0-9]*')" = "$before" ]
}
wait_for 40 same || complain "the workers are others: $("$gale" workers)"

expect 0 "$gale" kill first -w 5s
gone()
{
    left=$("$gale" list --quiet) && [ -z "$left" ]
}
wait_for 40 gone || complain "it is not gone: $("$gale" list)"
expect 3 "$gale" logs first
has err 'first-*/PORT.log in storm.log.dir'
wait_for 40 sh -c "! kill -0 $follows" || complain "logs -f does not end"
wait $follows
[ $? = 3 ] || complain "logs -f: another exit code"
grep -qF 'first-*/PORT.log' followed.err || complain "$(cat followed.err)"

# A worker that cannot start: its last words, and what to do.
# Who interrupts a submission is told that it stays.
: >nothing # no tuple, so there never is an ack to come back for
"$gale" submit "$program" -c topology.name=held "$scratch/nothing" 2>err &
held=$!
comes_up()
{
    "$gale" workers held | grep -q running
}
wait_for 40 comes_up || complain "it does not come up"
heeds() # does it catch signal 2?  A second one would end it without a word.
{
    sed -n 's/^SigCgt:.*\(.\)$/\1/p' /proc/$held/status | grep -q '[2367abef]'
}
wait_for 40 heeds || complain "it heeds no interrupt"
kill -INT $held
wait_for 40 sh -c "! kill -0 $held" || complain "it does not end"
wait $held
[ $? = 130 ] || complain "another exit code"
has err "'held' stays submitted; 'gale kill held' ends it"
expect 0 "$gale" kill held -w 0

expect 1 "$gale" submit "$program" missing-text
has err 'missing-text'

# An error is told with its task, in the same words wherever it is seen.  (What
# a process has at address 0 can be opened, and not be read.)
expect 0 "$gale" submit "$program" -c topology.name=last "$scratch/text" \
    /proc/self/mem
error_seen()
{
    "$gale" errors last | grep -qF "'lines/0': cannot read /proc/self/mem: " &&
        "$gale" logs last -n 99 | grep -qF 'ERROR last/lines/0: cannot read'
}
wait_for 40 error_seen ||
    complain "errors: $("$gale" errors last), logs: $("$gale" logs last)"

# Ctrl-C with something running leaves nothing behind.
finish
begin --slots 2 "$program" "$scratch/text"
[ "$(grep -o '"ports":\[[0-9]*,[0-9]*\]' dev.out)" != "" ] ||
    complain "--slots 2: $(cat dev.out)"
wait_for 40 grep -q 'the first tuple was acked' dev.err ||
    complain "gale dev PROGRAM: $(cat dev.err)"
expect 1 "$gale" dev
has err "another 'gale dev' uses"
finish

[ $failures = 0 ]
