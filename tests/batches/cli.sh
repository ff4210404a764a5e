#!/bin/sh
# What trident-sim promises on its command line.  $1: the program
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
        echo "trident-sim $*: status $status, and it said:"
        cat "$dir/err"
        exit 1
    fi
}

refuse "did you mean '--seeds'" --seed 1
refuse "did you mean 'NO_FENCE'" --bug NO_FENCES
refuse "not a range" --seeds 5..3
refuse "not a duration" --for soon
refuse "not four numbers" --store 1,2
refuse "wants a value" --seeds
refuse "of one seed" --seeds 1..2 --history "$dir/h"

"$sim" --help | grep -q 'trident-sim --seeds 1..10000'
"$sim" --list-bugs | grep -q NO_FENCE
"$sim" --seeds 1..3 --show | grep -q '^seed 3: '

# The result, for programs.
"$sim" --seeds 1..5 --json >"$dir/json"
for key in runs steps batches commits replays faults_by_kind violations \
    first_bad_seed seconds; do
    grep -q "\"$key\":" "$dir/json" || {
        echo "--json says nothing of $key"
        exit 1
    }
done

# A seed gives one history, however the work is divided.
"$sim" --seeds 1..20 --jobs 1 --hash >"$dir/one"
"$sim" --seeds 1..20 --jobs 3 --hash | sort -n >"$dir/two"
cmp "$dir/one" "$dir/two"
"$sim" --seeds 3 --history "$dir/history" >/dev/null
grep -q 'left-batches/0  commit' "$dir/history"

# What is found can be repeated by the command that is told.
status=0
"$sim" --seeds 1..100 --bug NO_UNDO --stop >"$dir/out" 2>"$dir/found" ||
    status=$?
[ $status -eq 1 ]
again=$(sed -n 's/^to repeat it: trident-sim //p' "$dir/found")
status=0
eval "\"$sim\" --bug NO_UNDO $again" >/dev/null 2>&1 || status=$?
[ $status -eq 1 ]
eval "\"$sim\" $again" >/dev/null
