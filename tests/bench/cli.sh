#!/bin/sh
# cli.sh BENCH -- does gale-bench teach, and refuse what it cannot do?
bench=$1
status=0
fail() # WHAT
{
    echo "gale-bench: $1" >&2
    status=1
}

for case in wordcount identity latency backpressure micro codec machine scale together hash fused trident-idle; do
    "$bench" list | grep -q "^$case " || fail "list does not name $case"
    "$bench" list --json | grep -q "{\"name\":\"$case\",\"about\":\"" ||
        fail "list --json does not name $case"
done
"$bench" --help | grep -q -- '--seconds' || fail "--help does not teach"
said=$("$bench" wordcuont 2>&1) && fail "a misspelt case is taken"
echo "$said" | grep -q "did you mean 'wordcount'" || fail "no advice: $said"
"$bench" micro --repeats 0 2>/dev/null
[ $? -eq 2 ] || fail "--repeats 0 is taken"
"$bench" micro --seconds x 2>/dev/null
[ $? -eq 2 ] || fail "--seconds x is taken"
refuse() # WHAT ARGUMENT...
{
    what=$1
    shift
    said=$("$bench" "$@" 2>&1 >/dev/null)
    [ $? -eq 2 ] || fail "$* is taken"
    echo "$said" | grep -q -e "$what" || fail "$* is refused by: $said"
}
refuse "not 'tusks'" scale --only tusks
refuse "not 'sacked'" wordcount --only sacked --tuples 5000
refuse "goes with --tuples" wordcount --only acked
refuse "--kills does not go with 'identity'" identity --kills 3
refuse "--input does not go with 'micro'" micro --input /dev/null
refuse "--tuples does not go with 'latency'" latency --tuples 10
refuse "--only does not go with 'codec'" codec --only words_1
refuse "'micro' is one too many" codec micro
"$bench" identity --only unacked --tuples 5000 2>/dev/null ||
    fail "one run of one side is refused"
said=$("$bench" wordcount --input /nonexistent 2>&1 >/dev/null)
[ $? -eq 1 ] || fail "an input that is not there is taken"
echo "$said" | grep -q "No such file" || fail "why not? $said"
exit $status
