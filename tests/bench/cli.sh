#!/bin/sh
# cli.sh BENCH -- does gale-bench teach, and refuse what it cannot do?
bench=$1
status=0
fail() # WHAT
{
    echo "gale-bench: $1" >&2
    status=1
}

for case in wordcount identity latency backpressure micro codec scale trident-idle; do
    "$bench" list | grep -q "^$case " || fail "list does not name $case"
done
"$bench" --help | grep -q -- '--seconds' || fail "--help does not teach"
said=$("$bench" wordcuont 2>&1) && fail "a misspelt case is taken"
echo "$said" | grep -q "did you mean 'wordcount'" || fail "no advice: $said"
"$bench" micro --repeats 0 2>/dev/null
[ $? -eq 2 ] || fail "--repeats 0 is taken"
"$bench" micro --seconds x 2>/dev/null
[ $? -eq 2 ] || fail "--seconds x is taken"
"$bench" scale --only tusks 2>/dev/null
[ $? -eq 1 ] || fail "a dimension that is not there is taken"
"$bench" identity --only unacked --tuples 5000 2>/dev/null ||
    fail "one run of one side is refused"
"$bench" wordcount --input /nonexistent 2>/dev/null
[ $? -eq 1 ] || fail "an input that is not there is taken"
exit $status
