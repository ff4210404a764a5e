#!/bin/sh
# usage: payments.sh BIN
#
# All ledgers are right when nothing goes wrong; two of the three are found out
# within a few seeds when something does, in the same way each time.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
payments=$1/payments
status=0

wrong()
{
    echo "payments: $*"
    status=1
}

right() # WORD...: do these words end with the right books?
{
    "$payments" -q "$@" >"$scratch/got" || wrong "$*: wrong, or no success"
    echo "the books are right: 2000 entries, each written once" |
        diff - "$scratch/got" || wrong "$*"
}

found() # WHAT WORD...: is it, for some seed of ten, what the audit finds?
{
    what=$1
    shift
    for seed in 1 2 3 4 5 6 7 8 9 10; do
        "$payments" -q --sim $seed "$@" >"$scratch/got" && continue
        grep -q "$what" "$scratch/got" || wrong "$*, seed $seed: not $what"
        return
    done
    wrong "$*: not found"
}

for way in naive forgetful careful; do
    right $way
    right $way --sim 1
done
found 'more than once: [1-9][0-9]*, missing: 0' naive --faults drop=0.5%
found 'more than once: [1-9][0-9]*, missing: 0' naive --faults kill=ledger@300
found 'more than once: 0, missing: [1-9]' forgetful --faults kill=ledger@300
right forgetful --faults restart=ledger@300 --sim 1
seed=0
while [ $((seed += 1)) -le 20 ]; do
    right careful --sim $seed --faults \
        'drop=1%,duplicate=1%,kill=ledger:0.2%,kill=__acker@20ms,write=@50+50'
done

# On threads and a real clock, too.
right careful --faults 'kill=ledger@300,kill=book@200,duplicate=1%,fail=book:1%'
if "$payments" -q naive --faults duplicate=5% >"$scratch/got"; then
    wrong "naive is right on threads"
fi

# The same seed gives the same run, event by event.
for run in 1 2; do
    "$payments" naive --sim 7 --faults 'drop=1%,kill=book:0.1%' \
        --history "$scratch/history$run" >"$scratch/audit$run" \
        2>"$scratch/summary$run" && wrong "seed 7 finds nothing"
done
for what in history audit; do
    cmp "$scratch/${what}1" "$scratch/${what}2" || wrong "another $what"
done

# Looking is not running; one word is needed, and a mistake is told once.
[ -z "$("$payments" validate -q)" ] || wrong "an audit of what did not run"

refused() # SAYING WORD...: do these words end with one line, which says that?
{
    saying=$1
    shift
    if "$payments" -q "$@" >"$scratch/got" 2>"$scratch/said"; then
        wrong "$*: a fourth way"
    fi
    grep -qF "$saying" "$scratch/said" || wrong "$*: not said: $saying"
    [ "$(wc -l <"$scratch/said")" -eq 1 ] || wrong "$*: told more than once"
}

refused 'say naive, forgetful or careful' thrifty
refused 'say naive, forgetful or careful' naive careful
refused "'carefull' (did you mean 'careful'?)" carefull
exit $status
