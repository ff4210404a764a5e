#!/bin/sh
# usage: tests/cli/state.sh GALE WORDCOUNT TENS
#
# What `gale state` promises: what is in a state is shown, also while somebody
# writes to it, and then as it was after some whole batch.  WORDCOUNT is
# examples/trident_wordcount, TENS tests/cli/tens.c.
set -u
gale=$1 wordcount=$2 tens=$3
scratch=$(mktemp -d)
running=
trap '[ -z "$running" ] || kill -9 "$running" 2>/dev/null; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
unset NO_COLOR GALE_CONF_DIR
HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_STATE_HOME=$scratch/state
export HOME XDG_CONFIG_HOME XDG_STATE_HOME
failures=0

# expect CODE [ARGUMENT...]: run it, into the files out and err
expect()
{
    expected=$1
    shift
    last="gale $*"
    timeout 60 "$gale" "$@" >out 2>err </dev/null
    code=$?
    [ $code = "$expected" ] || complain "exit code $code, not $expected"
}

has() # FILE TEXT
{
    grep -qF -e "$2" "$1" || complain "no '$2' in $1"
}

complain()
{
    echo "$last: $1"
    sed 's/^/    out: /' out | head -n 5
    sed 's/^/    err: /' err | head -n 5
    failures=$((failures + 1))
}

# ------------------------------------------------------------ what is there
expect 0 state
has out "no states in $scratch/state/gale/state"
expect 3 state counts scan
has err "there are no states in"

echo "the cat, the dog; the the a" >text
last="wordcount"
"$wordcount" -q text >out 2>err || complain "it does not run"
expect 0 state
has out "  state  "
has out "trident_wordcount/counts  opaque  embedded     4      2     1"
expect 0 state --json
has out '"topology":"trident_wordcount","state":"counts","store":"embedded","kind":"opaque","keys":4,"parts":2,"txid":1'
expect 0 state -q
[ "$(cat out)" = trident_wordcount/counts ] || complain "more than the name"

# Of which kind it is says who writes to it first.
: >empty
last="wordcount empty"
"$wordcount" -q empty -c topology.state.dir="$scratch/new" >out 2>err ||
    complain "it does not run"
expect 0 state --dir "$scratch/new"
has out "trident_wordcount/counts  -     embedded     0"

# ------------------------------------------------------------------- pairs
expect 0 state counts get the dog
printf 'the\t4\ndog\t1\n' | cmp -s - out || complain "not the counts"
expect 0 state trident_wordcount/counts get '"the"' --json
[ "$(cat out)" = '{"key":["the"],"value":[4]}' ] || complain "not JSON"
expect 3 state counts get the nobody
has out "the"
has err "'counts' has no key nobody"
expect 3 state counts get 5
has err "as text it is typed with quotes"
expect 2 state counts get '[1'
has err "']' is missing (letter 3)"
expect 0 state counts scan
sort out | cut -f 1 | tr '\n' ' ' | grep -qx 'a cat dog the ' ||
    complain "not all words"
expect 0 state counts scan --prefix th
[ "$(cat out)" = "$(printf 'the\t4')" ] || complain "not those with a prefix"
expect 0 state counts scan --limit 3
[ "$(wc -l <out)" = 3 ] || complain "not three"

# ------------------------------------------------------------------ export
expect 0 state counts export
[ "$(grep -c '^{"key":\["[a-z]*"\],"value":\[[0-9]\]}$' out)" = 4 ] ||
    complain "not JSON lines"
expect 0 state counts export -o file
has err "4 pairs in file"
[ "$(wc -l <file)" = 4 ] || complain "no whole file"
[ ! -e file.part ] || complain "something is left beside it"
expect 0 state counts export --format csv --prefix the
printf 'key,value\r\nthe,4\r\n' | cmp -s - out || complain "no CSV"
expect 1 state counts export -o none/file
has err "none/file.part: No such file"
if [ -w /dev/full ]; then
    timeout 60 "$gale" state counts scan >/dev/full 2>err &&
        complain "a full disk goes unnoticed"
fi

# More than a buffer, and a pipe, takes: it cannot be written on the way.
seq 100000 110000 | tr 0-9 a-j >text
last="wordcount of many"
"$wordcount" -q text -c topology.state.dir="$scratch/many" >out 2>err ||
    complain "it does not run"
if [ -w /dev/full ]; then
    last="scan of many to a full disk"
    timeout 60 "$gale" state --dir "$scratch/many" counts scan \
        >/dev/full 2>err && complain "it goes unnoticed"
    has err "cannot write to standard output: No space left on device"
    [ "$(wc -l <err)" = 1 ] || complain "it is said twice"
fi
last="scan of many to who reads one"
timeout 60 "$gale" state --dir "$scratch/many" counts scan 2>err |
    head -n 1 >out
[ ! -s err ] || complain "not without a word"

# ---------------------------------------------------------------- mistakes
expect 3 state cuonts scan
has err "there is no state 'cuonts' in $scratch/state/gale/state, did you mean 'counts'?"
expect 2 state counts
has err "get KEY..., scan or export"
expect 2 state counts exprot
has err "(did you mean 'export'?)"
expect 2 state counts get
expect 2 state counts scan more
expect 2 state --prefix x
expect 2 state counts scan -o file
expect 2 state counts export --format xml
has err "--format takes json or csv"
expect 2 state counts scan --limit many

# Where it is, in three ways.
cp -r state elsewhere
expect 0 state --dir elsewhere/gale/state counts get the
expect 0 state -c topology.state.dir=elsewhere/gale/state counts get the
mkdir -p config/gale
echo "topology.state.dir: $scratch/elsewhere/gale/state" >config/gale/storm.yaml
expect 0 state
rm -r config

# Damage has a file and a place in it; the others are shown all the same.
log=$(find elsewhere/gale/state/trident_wordcount/counts -name 'log.*' -size +0 |
    sort | tail -n 1)
printf 'xxxxxxxxxxxxxxxx' | dd of="$log" bs=1 conv=notrunc 2>/dev/null
expect 1 state --dir elsewhere/gale/state counts scan
has err "${log##*/}: damaged at byte 0"
expect 1 state --dir elsewhere/gale/state
has out "counts"
if [ "$(id -u)" != 0 ]; then
    chmod 0 elsewhere/gale/state
    expect 1 state --dir elsewhere/gale/state
    has err "Permission denied"
    chmod 700 elsewhere/gale/state
fi

# ------------------------------------------- while somebody is writing to it
sums() # of all that is in the state
{
    awk -F '\t' '{ n += $2 } END { printf "%d\n", n }' out
}

start() # with logs so short that checkpoints go on all the time
{
    "$tens" -q -c topology.trident.batch.emit.interval.millis=1 \
        -c topology.state.log.bytes=65536 >tens.out 2>&1 &
    running=$!
}

watch() # SUMS: until there were so many that differ; all of them whole batches
{
    seen=0 before=-1 until=$(($(date +%s) + 120))
    while [ "$seen" -lt "$1" ] && [ "$(date +%s)" -lt $until ]; do
        timeout 60 "$gale" state tens/rests scan >out 2>err
        case $? in
        0) ;;
        3) sleep 0.05 && continue ;; # it is not there yet
        *) complain "it cannot be read" && return ;;
        esac
        grep -q "being committed all the time" err && continue
        sum=$(sums)
        [ "$((sum % 100))" = 0 ] || complain "$sum: not whole batches"
        [ "$sum" -ge "$before" ] || complain "$sum after $before"
        [ "$sum" = "$before" ] || seen=$((seen + 1))
        before=$sum
    done
    [ "$seen" -ge "$1" ] || complain "$seen sums in two minutes"
}

last="while it is written"
start
watch 25
kill -0 "$running" || complain "it was disturbed"
kill -9 "$running"
wait "$running" 2>/dev/null
last="after it was killed"
timeout 60 "$gale" state tens/rests scan >out 2>err || complain "unreadable"
[ $(($(sums) % 100)) = 0 ] || complain "not whole batches"
start
last="after it was started again"
watch 5
kill -9 "$running"
wait "$running" 2>/dev/null
running=

[ $failures = 0 ]
