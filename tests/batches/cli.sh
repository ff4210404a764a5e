#!/bin/sh
# What trident-sim promises on its command line.  $1: the program
set -eu
sim=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/seeds/cli.sh
. "$(dirname "$0")/../seeds/cli.sh"
promise trident-sim

refuse "did you mean 'NO_FENCE'" --bug NO_FENCES
refuse "not four numbers" --store 1,2
refuse "there is no fault 'dorp' (did you mean 'drop'?)" --faults dorp=1%
refuse "of one seed" --seeds 1..2 --history "$dir/h"

"$sim" --list-bugs | grep -q NO_FENCE
check_list_json NO_FENCE

check_json batches commits replays

check_hashes 1..20 --faults memory=2%
check_hashes 1..20
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
