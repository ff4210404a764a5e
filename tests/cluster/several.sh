#!/bin/sh
# usage: tests/cluster/several.sh GALE PROGRAM ZOOKEEPER
#
# Two Nimbuses, an ensemble of three and a supervisor, as a user starts them.
# PROGRAM is examples/wordcount, ZOOKEEPER scripts/zookeeper; without what that
# needs nothing is tested, and that is said.
set -u
gale=$1 program=$2 zookeeper=$3
session=8000 # who is silent that long is given up

if ! missing=$("$zookeeper" available); then
    echo "SKIPPED, several Nimbuses were not tested: $missing"
    exit 77
fi
[ -x "$gale" ] && [ -x "$program" ] || exit 1
# shellcheck source=tests/cluster/shell.sh
. "$(dirname "$0")/shell.sh"
one='' two='' supervisor='' feeder=''
clean_up()
{
    for pid in $feeder $one $two $supervisor \
        $(grep -lsF "$scratch/s/" /proc/[0-9]*/cmdline |
            sed 's:/proc/\([0-9]*\)/.*:\1:'); do
        kill -9 "$pid" 2>/dev/null
    done
    "$zookeeper" stop "$scratch/zk" 2>/dev/null
    rm -rf "$scratch"
}
trap clean_up EXIT

give_up()
{
    complain "$*"
    tail -n 15 ./*.log
    exit 1
}

# Begins Nimbus $1 and leaves its process in $pid.
nimbus()
{
    "$gale" nimbus --config "n$1.yaml" >>"n$1.log" 2>&1 </dev/null &
    pid=$!
    wait_for 40 sh -c "tail -n 3 n$1.log |
        grep -qE 'leads from now on|stands by; tcp'" || # not: "nobody leads"
        give_up "Nimbus $1 neither leads nor stands by"
}

# Ports below those that connections are made from.
port=$((32000 + $$ % 700))
free_port()
{
    for _ in 1 2 3 4 5 6 7 8 9; do
        port=$((port + 1))
        "$gale" list --nimbus "127.0.0.1:$port" 2>&1 |
            grep -q 'nobody listens' && return
    done
    give_up "no free port"
}

servers=$("$zookeeper" start -t 400 -w $$ "$scratch/zk") || exit 1
free_port
port1=$port
free_port
port2=$port
free_port
cat >common <<END
storm.zookeeper.servers: [$servers]
storm.zookeeper.root: /test/gale
storm.zookeeper.session.timeout: $session
nimbus.seeds: ["127.0.0.1:$port1", "127.0.0.1:$port2"]
END
{
    cat common
    echo "storm.local.dir: $scratch/n1"
    echo "nimbus.thrift.port: $port1"
} >n1.yaml
{
    cat common
    echo "storm.local.dir: $scratch/n2"
    echo "nimbus.thrift.port: $port2"
} >n2.yaml
{
    cat common
    echo "storm.local.dir: $scratch/s"
    echo "supervisor.thrift.port: 0"
    echo "supervisor.slots.ports: [$port]"
} >storm.yaml
GALE_CONF_DIR=$scratch
export GALE_CONF_DIR

nimbus 1
one=$pid
nimbus 2
two=$pid
has n1.log 'leads from now on'
has n2.log "stands by; tcp://127.0.0.1:$port1 leads"
"$gale" supervisor --config storm.yaml >s.log 2>&1 </dev/null &
supervisor=$!

# A topology whose input never ends; Nimbus 2 has its program, too.
mkfifo text
while :; do
    echo "one two two three three three"
    sleep 0.02
done >text &
feeder=$!
"$gale" submit "$program" -q -c topology.name=words "$scratch/text" \
    2>submit.log || give_up "submit: $(cat submit.log)"
has n2.log 'from the leader'

number() # NAME: of the topology, as Nimbus says
{
    "$gale" status words --json 2>/dev/null | grep -o "\"$1\":[0-9]*" |
        head -n 1 | sed 's/.*://'
}
worker()
{
    "$gale" workers words --json | grep -o '"pid":[0-9]*'
}
runs()
{
    "$gale" workers words --json | grep -q '"state":"running"'
}
beyond() # NUMBER
{
    acked=$(number acked) && [ "${acked:-0}" -gt "$1" ]
}
wait_for 40 runs || give_up "it does not run"
process=$(worker)
wait_for 40 beyond 10 || give_up "nothing is acked"

# The leader is killed: the other leads when its session has ended, and the
# worker has not noticed.
before=$(number acked)
began=$(now_ms)
kill -9 "$one"
wait_for 40 grep -q 'leads from now on' n2.log || give_up "nobody leads"
took=$(($(now_ms) - began))
echo "killed: the next led after $took ms, sessions last $session ms"
[ $took -lt $((3 * session)) ] || complain "the next led after $took ms"
"$gale" list --quiet >out 2>err || complain "list: $(cat err)"
has out words
wait_for 40 runs || complain "the new leader does not know what runs"
[ "$(worker)" = "$process" ] || complain "another worker: $(worker)"
wait_for 40 beyond $((before + 50)) || complain "acked $(number acked) after $before"
[ "$(number failed)" = 0 ] || complain "failed: $(number failed)"

# He comes back, and stands by.
nimbus 1
one=$pid
wait_for 40 grep -q "stands by; tcp://127.0.0.1:$port2 leads" n1.log ||
    complain "Nimbus 1 does not stand by"

# A server of the ensemble is killed, that which leads it: no Nimbus minds.
for node in 1 2 3; do
    [ "$("$zookeeper" mode "$scratch/zk" "$node")" = leader ] && break
done
"$zookeeper" kill "$scratch/zk" "$node"
"$gale" deactivate words >out 2>err || complain "deactivate: $(cat err)"
"$gale" activate words >out 2>err || complain "activate: $(cat err)"
"$zookeeper" revive "$scratch/zk" "$node"
! grep -q 'leads no more' n2.log || complain "Nimbus 2 leads no more"

# The leader ends in order: the other leads at once.
began=$(now_ms)
kill "$two"
wait_for 40 grep -q 'leads from now on' n1.log
wait_for 40 "$gale" list --quiet
took=$(($(now_ms) - began))
echo "ended: the next led after $took ms"
# It says so every third of a session; nobody waited until it was given up.
[ $took -lt $((session * 2 / 3)) ] || complain "the next led after $took ms"
wait "$two"
two=
wait_for 40 runs || complain "the new leader does not know what runs"
[ "$(worker)" = "$process" ] || complain "another worker: $(worker)"

"$gale" kill -q words -w 1s || complain "it cannot be killed"
gone()
{
    left=$("$gale" list --quiet) && [ -z "$left" ]
}
wait_for 40 gone || complain "it is not gone: $("$gale" list)"

# What makes no sense is refused with words.
"$gale" nimbus --config n2.yaml -c storm.zookeeper.servers=here:x 2>err >out
[ $? = 2 ] || complain "exit code of nonsense"
has err "storm.zookeeper.servers 'here:x'"

if grep -h -A 20 Sanitizer ./*.log; then complain "a sanitizer spoke"; fi
[ $failures = 0 ] || tail -n 40 ./*.log
[ $failures = 0 ]
