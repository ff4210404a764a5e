#!/bin/sh
# What gale-sim promises on its command line.  $1: the program
set -eu
sim=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

refuse() # WHAT ARGUMENT...
{
    what=$1
    shift
    status=0
    "$sim" "$@" >"$dir/out" 2>"$dir/err" || status=$?
    if [ $status -ne 2 ] || ! grep -q "$what" "$dir/err"; then
        echo "gale-sim $*: status $status, and it said:"
        cat "$dir/err"
        exit 1
    fi
}

refuse "did you mean '--seeds'" --seed 1
refuse "did you mean 'diamond'" --topology diamonds
refuse "did you mean 'LOST_FLUSH'" --bug LOST_FLASH
refuse "not a range" --seeds 5..3
refuse "not a range" --seeds x
refuse "not a number" --roots 0
refuse "not a duration" --for soon
refuse "wants a value" --seeds
printf 'seed=1\nspout s0 tusks=3\n' >"$dir/wrong"
refuse "line 2 makes no sense" "$dir/wrong"
refuse "No such file" "$dir/none"

"$sim" --help | grep -q 'gale-sim --seeds 1..10000'
"$sim" --list-bugs | grep -q LOST_FLUSH

# The result, for programs.
"$sim" --seeds 1..5 --json >"$dir/json"
for key in runs steps faults_by_kind roots acked replayed lost violations \
    first_bad_seed seconds; do
    grep -q "\"$key\":" "$dir/json" || {
        echo "--json says nothing of $key"
        exit 1
    }
done

# A seed gives one history; so does its scenario, written down and read back.
"$sim" --seeds 1..20 --jobs 1 --hash >"$dir/one"
"$sim" --seeds 1..20 --jobs 3 --hash | sort -n >"$dir/two"
cmp "$dir/one" "$dir/two"
for seed in 1 2 3 4 5 6 7 8 9 10; do
    "$sim" --seeds $seed --show >"$dir/$seed"
    hash=$("$sim" --hash "$dir/$seed" | cut -d' ' -f2)
    grep -q "^$seed $hash\$" "$dir/one" || {
        echo "seed $seed written down gives another history: $hash"
        exit 1
    }
done

# What is found is told, small enough to read, and can be run again.
status=0
"$sim" --seeds 1..100 --bug HELD_EDGES --stop --shrink 3s \
    >"$dir/out" 2>"$dir/found" || status=$?
[ $status -eq 1 ]
grep -q '^seed [0-9]*: ' "$dir/found"
sed -n '/^  to repeat it/,/^  the last of/p' "$dir/found" |
    sed '1,2d;$d' >"$dir/again"
status=0
"$sim" --bug HELD_EDGES --shrink 1ms "$dir/again" >/dev/null 2>&1 || status=$?
[ $status -eq 1 ]
"$sim" "$dir/again" >/dev/null
