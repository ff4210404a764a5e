#!/bin/sh
# What gale-sim promises on its command line.  $1: the program
set -eu
sim=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/seeds/cli.sh
. "$(dirname "$0")/../seeds/cli.sh"
promise gale-sim

refuse "did you mean 'diamond'" --topology diamonds
refuse "topology: there is no 'loop'; there are random, chain" --topology loop
refuse "did you mean 'LOST_FLUSH'" --bug LOST_FLASH
refuse "not a number" --roots 0
refuse "there is no fault 'dorp' (did you mean 'drop'?)" --faults dorp=1%
refuse "'b9' is not a component" --topology chain --faults kill=b9@1s
printf 'seed=1\nspout s0 tusks=3\n' >"$dir/wrong"
refuse "line 2 makes no sense" "$dir/wrong"
refuse "No such file" "$dir/none"

"$sim" --list-bugs | grep -q LOST_FLUSH
check_list_json LOST_FLUSH

check_json roots acked replayed lost

# A seed gives one history; so does its scenario, written down and read back.
check_hashes 1..20
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
again=$(sed -n 's/^to run it again: gale-sim //p' "$dir/found" | head -n 1)
status=0
eval "\"\$sim\" $again --shrink 1ms" >/dev/null 2>&1 || status=$?
[ $status -eq 1 ]
sed -n '/^  to repeat it/,/^  the last of/p' "$dir/found" |
    sed '1,2d;$d' >"$dir/again"
status=0
"$sim" --bug HELD_EDGES --shrink 1ms "$dir/again" >/dev/null 2>&1 || status=$?
[ $status -eq 1 ]
"$sim" "$dir/again" >/dev/null
