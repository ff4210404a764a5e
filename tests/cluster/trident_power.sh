#!/bin/sh
# usage: tests/cluster/trident_power.sh GALE PROGRAM [SEED [BLOWS]]
#
# Money is moved on a cluster in which, at random instants, a coordinator's
# worker, any worker, the supervisor or Nimbus is killed, or everything at once,
# as in a power cut; then the logs of the states end in the middle of a record,
# too.  Each account has to be right in the end.  PROGRAM is
# examples/trident_bank.
set -u
gale=$1 program=$2
real=$(readlink -f "$gale")
seed=${3:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')} blows=${4:-14}
name=trident_bank
echo "seed $seed"
# shellcheck source=tests/cluster/shell.sh
. "$(dirname "$0")/shell.sh"
nimbus='' supervisor=''
GALE_CONF_DIR=$scratch
export GALE_CONF_DIR

workers() # pids of whatever runs as one
{
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$scratch/data/*" 2>/dev/null |
        sed 's:/proc/\([0-9]*\)/.*:\1:'
}

# And of what is a daemon of this cluster, or is just about to be a worker.
# shellcheck disable=SC2317 # wait_for calls it
everybody()
{
    workers
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$real" 2>/dev/null |
        while read -r exe; do
            ! grep -qsF "GALE_CONF_DIR=$scratch" "${exe%exe}environ" ||
                echo "${exe%exe}"
        done | sed 's:/proc/\([0-9]*\)/.*:\1:'
}

# shellcheck disable=SC2317 # the trap calls it
clean_up()
{
    end "$supervisor"
    end "$nimbus"
    nobody_left
    rm -rf "$scratch"
}
trap clean_up EXIT

give_up()
{
    echo "$*"
    cat history checked 2>/dev/null
    tail -n 25 n.log s.log data/*/logs/*/* data/logs/*/* 2>/dev/null
    exit 1
}

drawn=$seed
draw() # N: sets $drawn_now to one of 0 ... N - 1
{
    drawn=$(((drawn * 1103515245 + 12345) % 2147483648))
    drawn_now=$((drawn / 65536 % $1))
}

begin_nimbus()
{
    "$gale" nimbus >>n.log 2>&1 </dev/null &
    nimbus=$!
}

begin_supervisor()
{
    "$gale" supervisor >>s.log 2>&1 </dev/null &
    supervisor=$!
}

# A shell says on its standard error who was killed.
end() # PID
{
    [ -n "$1" ] || return
    kill -9 "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

coordinator() # TASK: the pid of the worker that has it; they come first
{
    "$gale" workers $name --json 2>/dev/null |
        sed 's/"worker":/\n/g' | grep "\"first\":$1," |
        grep -o '"pid":[1-9][0-9]*' | grep -o '[0-9]*$'
}

# What was being written to a log, and was not synced yet, may be there in part:
# some bytes of a record, or of nothing in particular.
tear_logs()
{
    find state -type d -name '*-of-*' | while read -r dir; do
        last=$(find "$dir" -name 'log.*' | sed 's/.*log\.//' | sort -n |
            tail -n 1)
        [ -n "$last" ] || continue
        draw 3
        case $drawn_now in
        0) head -c 45 "$dir/log.$last" >torn ;;
        1) head -c 19 /dev/urandom >torn ;;
        2) head -c 4096 /dev/zero >torn ;;
        esac
        cat torn >>"$dir/log.$last"
    done
}

# Who is killed is not gone at once; until then he may write.
# shellcheck disable=SC2317 # wait_for calls it
nobody_left()
{
    left=$(everybody)
    for pid in $left; do kill -9 "$pid" 2>/dev/null; done
    [ -z "$left" ]
}

power_cut()
{
    for pid in $(workers) $supervisor $nimbus; do
        kill -9 "$pid" 2>/dev/null
    done
    wait "$supervisor" "$nimbus" 2>/dev/null
    wait_for 30 nobody_left || give_up "they do not die: $left"
    tear_logs
    begin_nimbus
    begin_supervisor
}

strike()
{
    draw 100
    if [ $drawn_now -lt 35 ]; then
        draw 2
        what="the coordinator of task $((drawn_now + 1))"
        for pid in $(coordinator $((drawn_now + 1))); do
            kill -9 "$pid" 2>/dev/null
        done
    elif [ $drawn_now -lt 55 ]; then
        what="all workers"
        for pid in $(workers); do kill -9 "$pid" 2>/dev/null; done
    elif [ $drawn_now -lt 70 ]; then
        what="the supervisor"
        end "$supervisor"
        begin_supervisor
    elif [ $drawn_now -lt 80 ]; then
        what="Nimbus"
        end "$nimbus"
        begin_nimbus
    else
        what="everything"
        power_cut
    fi
    echo "$(now_ms) $what; $(paste -sd' ' checked)" >>history
}

# 0: all right; 3: not done yet.  A store is busy, or moves, while it is begun.
check()
{
    "$program" check >checked 2>&1
    code=$?
}

is_done()
{
    check
    [ "$code" != 3 ]
}

port=$((20000 + $$ % 9900))
"$gale" list --nimbus "127.0.0.1:$port" 2>&1 | grep -q 'nobody listens' ||
    port=$((port + 7))
cat >storm.yaml <<END
storm.local.dir: $scratch/data
nimbus.thrift.port: $port
nimbus.seeds: ["127.0.0.1:$port"]
supervisor.thrift.port: 0
supervisor.slots.ports: [$((port + 1)), $((port + 2)), $((port + 3))]
END
begin_nimbus
begin_supervisor
wait_for 30 sh -c "'$gale' status | grep -q ALIVE" ||
    give_up "the cluster does not come up"
"$program" submit -c topology.workers=2 -c topology.state.log.bytes=65536 \
    >submitted 2>&1 || give_up "submit: $(cat submitted)"
: >checked
n=0
while [ $n -lt "$blows" ] && ! is_done; do
    draw 900
    sleep "$(printf '0.%03d' $((100 + drawn_now)))"
    strike
    n=$((n + 1))
done
wait_for 200 is_done || give_up "seed $seed: it does not come to its end"
cat history checked
[ "$code" = 0 ] || give_up "seed $seed: accounts are wrong"
[ "$(grep -c 'sum 0, 100 of 100 accounts are right' checked)" = 2 ] ||
    give_up "seed $seed: what does check say?"
[ $n -gt 2 ] || give_up "seed $seed: it was done after $n blows"
exit 0
