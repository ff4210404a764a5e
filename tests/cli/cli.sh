#!/bin/sh
# usage: tests/cli/cli.sh PROGRAM
#
# What the command line of a topology promises, asked of words.c.
set -u
program=$1
manual=$(cd "$(dirname "$0")/../../docs/man" && pwd)/gale-topology.7
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ln -s "$program" "$scratch/words"
ln -s "$program" "$scratch/wordless"
ln -s "$program" "$scratch/bad"
cd "$scratch" || exit 1
unset NO_COLOR
failures=0

# expect CODE PROGRAM [ARGUMENT...]: run it, into the files out and err
expect()
{
    expected=$1
    name=$2
    shift 2
    last="$name $*"
    "./$name" "$@" >out 2>err
    code=$?
    [ $code = "$expected" ] || complain "exit code $code, not $expected"
}

has() # FILE TEXT
{
    grep -qF -e "$2" "$1" || complain "no '$2' in $1"
}

has_no() # FILE TEXT
{
    ! grep -qF -e "$2" "$1" || complain "'$2' in $1"
}

is_empty() # FILE
{
    [ ! -s "$1" ] || complain "$1 is not empty"
}

complain()
{
    echo "$last: $1"
    sed 's/^/    err: /' err
    failures=$((failures + 1))
}

# Done: the summary on standard error, nothing else anywhere.
expect 0 words
has err 'words: done in'
has err '1,000 acked   0 failed'
is_empty out
# A callback that the machine keeps from going on is told of, quiet or not.
expect 0 words run --quiet -c topology.slow.callback.millis=0
is_empty err
expect 0 words one two -- --three
has out 'word --three'

# JSON is the last line of standard output, also after other lines.
expect 0 words --json -c words.do=print
tail -n 1 out >last
mv last out
for field in '"topology":"words"' '"ok":true' '"error":null' \
    '"acked":1000' '"latency_us":{"p50":' '"component":"count"' \
    '"name":"seen","value":1000' '"memory":{"batches_bytes":'; do
    has out "$field"
done
if command -v python3 >json; then
    python3 -m json.tool <out >json || complain "that is no JSON"
    expect 0 words settings --json
    python3 -m json.tool <out >json || complain "that is no JSON"
fi

# A name given in a setting is the name.
expect 0 words -c topology.name=renamed --json
has out '"topology":"renamed"'
has err 'renamed: done in'

# Looking without running.
expect 0 words validate
has out 'words is valid: 3 components, 4 tasks'
expect 0 words validate --json
has out '{"topology":"words","ok":true,"mistakes":[]}'
expect 0 words describe
has out 'reads work by fields(n)'
expect 0 words describe --format dot
has out 'digraph "words"'
expect 0 words describe --json
has out '"components":['
expect 0 words settings -c topology.batch.bytes=2048
has out 'topology.batch.bytes = 2048  (command line; default: 32768)'
has out "words.count = 1000  (the topology's table)"
has out "topology.debug = false  (bolt 'count')"
expect 0 words --help
has out 'words: numbers, worked on and counted'
grep -oE -e '--[a-z][a-z-]+' out | sort -u >options
while read -r option; do
    grep -qF -e "Fl \\&${option#-}" "$manual" ||
        complain "$option is not in gale-topology.7"
done <options
expect 0 wordless help
has out './wordless [run] [OPTION...]'
expect 0 words --version
has out 'words, on Gale '

# Mistakes: all of them, each on a line that begins with the program's name.
expect 2 wordless validat
has err "wordless: unexpected word 'validat' (did you mean the command"
expect 2 bad
has err "bad: bolt 'work' reads from 'nunbers'"
has err "bad: bolt 'count' reads 'work' by 'm'"
is_empty out
printf 'words:\n  count: 3\n  more: [1\n' >broken.yaml
expect 2 bad validate --json --jsn -c topology.batch.bytes=x \
    --config broken.yaml
has err "bad: unknown option '--jsn' (did you mean '--json'?)"
has err "bad: setting 'topology.batch.bytes' = 'x' (command line)"
has err 'bad: broken.yaml:4:1: '
has err "bad: bolt 'work' reads from 'nunbers'"
has err 'bad: see ./bad --help'
has out '"ok":false,"mistakes":["unknown option'
expect 2 words --config missing.yaml
has err "words: cannot read 'missing.yaml'"

# Files stand below the command line, the last file above the first.
printf 'words:\n  count: 30\n  do: fail\n' >one.yaml
printf 'words: { count: 20 }\n' >two.yaml
expect 0 words --json --config one.yaml --config two.yaml
has out '"acked":20,"failed":2,'
has out '{"why":"failed","component":"work","count":2}'
has err "failed by 'work'  2"
expect 0 words --json --config one.yaml -c words.count=10
has out '"acked":10,"failed":1,'

# Failures, and what is said to do about them.
expect 1 words -c words.do=refuse --json
has err "words: 'work/0' could not prepare"
has_no err 'component  tasks'
has out '"ok":false,"error":"'
expect 0 words -c words.count=0 --run-for 300ms
has err '   0 left'
expect 0 words -c words.do=twice -q
has err 'refused: gale_ack of a tuple that was already answered'
if [ -c /dev/full ]; then
    last='words >/dev/full'
    ./words -c words.do=print >/dev/full 2>err
    [ $? = 1 ] || complain 'a full disk went unnoticed'
    has err 'words: cannot write to standard output: No space left on device'
fi

# Simulation: the same seed, the same history; another one, another.
history() # FILE
{
    sed -n 's/.*"hash":"\(0x[0-9a-f]*\)".*/\1/p' "$1"
}

plan='drop=0.01,kill=work@10ms,fail=count:0.01'
expect 0 words --sim 42 --faults "$plan" --json --history one.log
has err 'words: done in'
has err ' of virtual time'
has err ' times as fast as real time'
has err "  history $(history out) of "
has err '  dropped'
has err '  recovery  '
for field in '"acked":1000' '"faults":{"drop":' '"kill":1' \
    '"recovery":{"recovered":' '"sim":{"seed":42,"hash":"0x' \
    '"events":' '"steps":' '"virtual_ms":'; do
    has out "$field"
done
if command -v python3 >json; then
    python3 -m json.tool <out >json || complain "that is no JSON"
fi
first=$(history out)
expect 0 words --sim 0x2a --faults "$plan" --json --history two.log
[ "$(history out)" = "$first" ] || complain "the history was another one"
cmp -s one.log two.log || complain "the logs of one seed differ"
[ "$(wc -l <one.log)" = "$(sed -n 's/.*"events":\([0-9]*\).*/\1/p' out)" ] ||
    complain "not every event is in the log"
expect 0 words --sim 43 --faults "$plan" --json
[ "$(history out)" != "$first" ] || complain "two seeds, one history"
expect 0 words --sim 42 --quiet
is_empty err

# It ends when its own clock says so, and drains.
expect 0 words --sim 1 -c words.count=0 --run-for 200ms --json
has out '"pending":0,'
expect 1 words --sim 1 -c words.do=hold --run-for 1h --drain-for 10m --json \
    -c topology.message.timeout.secs=100000
has err '1 tree was left when the drain ended'
has err "'work' still holds 1 tuple it never answered for"
has out '"virtual_ms":4'
expect 1 words --sim 1 -c words.do=hold -c topology.message.timeout.secs=100000
has err "not done after a day of virtual time: 1 tree is not finished"
expect 1 words --sim 1 -c words.do=refuse
has err "words: 'work/0' could not prepare"
expect 1 words --sim 1 --history no/such/folder
has err "words: cannot write 'no/such/folder': No such file"
if [ -c /dev/full ]; then
    expect 1 words --sim 1 --history /dev/full
    has err "words: cannot write '/dev/full': "
fi
expect 2 words --sim x
has err "words: --sim: 'x' is not a seed"
expect 2 words --history one.log
has err 'words: --history goes with a simulation'

# Faults in a run; plans from the command line and from files.
expect 0 words --faults 'fail=work:0.05,duplicate=0.01' --json
has err '  failed'
has err '  recovery  '
has out '"faults":{"'
has out '"sim":null'
expect 0 words --json
has out '"faults":null'
has_no err 'recovery'

# Faults that let nothing through for ever are told of, once.
expect 1 words --sim 1 -c words.count=5 --run-for 20m --faults drop=1
has err 'nothing was acked for 1 min '
has err 'add until=TIME to them'
[ "$(grep -c 'perhaps nothing ever is' err)" -eq 1 ] || complain 'told again'
expect 0 words help faults
has out 'KIND=[WHERE:][CHANCE:][TIME][@WHEN]'
has out '  duplicate '
expect 2 words help fault
has err "words: there is no help on 'fault' (did you mean 'faults'?)"
expect 0 words help describe
has out 'Usage: '
for option in '--sim 1' '--history f' '--run-for 1s' '--drain-for 1s'; do
    # shellcheck disable=SC2086
    expect 2 words describe $option
    has err "does not go with 'describe' (but with: run)"
done
expect 0 words validate --faults 'drop=0.1,kill=@3s'
has out 'words is valid: 3 components, 4 tasks, 2 kinds of faults'
for verb in run validate describe settings; do
    expect 2 words $verb --faults 'dorp=0.1,kill=wrk@3s,drop=numbers>count:1'
    has err "words: --faults: 'dorp=0.1': there is no fault 'dorp' (did you"
    has err "words: --faults: 'kill=wrk@3s': 'wrk' is not a component (did"
    has err "'count' does not read 'numbers': 'work' does"
done
printf 'topology.faults:\n  - fail=work:1%%\n  - seed=3\n' >list.yaml
printf 'topology.faults: "fail=work:1%%,seed=3"\n' >text.yaml
printf 'topology.faults:\n  - fail=work:2\n  - drop: 1\n' >wrong.yaml
printf 'topology.name: [a, b]\n' >names.yaml
for file in list.yaml text.yaml; do
    expect 0 words settings --config $file
    has out "topology.faults = fail=work:1%,seed=3  ($file:1:1; default:"
    has_no out 'topology.faults.0'
    expect 0 words --sim 7 --json --config $file
    [ $file = list.yaml ] && first=$(history out)
    [ "$(history out)" = "$first" ] || complain "list and text differ"
done
expect 0 words settings --config list.yaml --faults drop=0.1
has out 'topology.faults = drop=0.1  (--faults; default: unset)'
expect 2 words validate --config wrong.yaml
has err "setting 'topology.faults' (wrong.yaml:1:1): element 2 of the list is"
expect 2 words validate --config names.yaml
has err "setting 'topology.name' (names.yaml:1:1) is a list; it takes one"

# Signals.  It has begun once its spout was opened, which prints the word.
wait_for() # FILE TEXT
{
    until=$(($(date +%s) + 60))
    until grep -qF -e "$2" "$1"; do
        if [ "$(date +%s)" -gt $until ]; then
            complain "no '$2' in $1 after a minute"
            return
        fi
        sleep 0.02
    done
}

begin() # ARGUMENT...
{
    last="words $* and a signal"
    : >out
    ./words begun "$@" >out 2>err &
    pid=$!
    wait_for out 'word begun'
}

end() # CODE
{
    wait $pid
    code=$?
    [ $code = "$1" ] || complain "exit code $code, not $1"
}

for signal in INT TERM; do
    begin -c words.count=0 --color never
    kill -$signal $pid
    end 0
    has err 'words: draining: '
    has err ' in flight; press Ctrl-C again to stop at once'
    has err 'words: stopped and drained after'
    has err '   0 left'
done

# A simulation hears them, too.
begin --sim 1 -c words.count=0 --color never
kill -INT $pid
end 0
has err 'words: draining: '
has err 'words: stopped and drained after'
has err '   0 left'

# A tree that is held for good is waited for, as long as that may take or until
# the second one comes.
begin -c words.do=hold -c words.count=1 --drain-for 500ms
wait_for out holding
kill -INT $pid
end 1
has err '1 tree was left when the drain ended'
has err '--drain-for DURATION'

begin -c words.do=hold -c words.count=1 --json
wait_for out holding
kill -INT $pid
wait_for err 'words: draining: '
kill -INT $pid
end 130
has err 'words: interrupted after'
has out '"ok":false,"error":"interrupted"'
has out '"pending":1'

[ $failures = 0 ]
