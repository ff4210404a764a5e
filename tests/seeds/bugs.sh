#!/bin/sh
# usage: bugs.sh PROGRAM
#
# Each deliberate mistake is found, and programs are told so in one line.
set -eu
out=$(mktemp)
trap 'rm -f "$out"' EXIT
status=0
"$1" --bugs --json >"$out" || status=$?
cat "$out"
[ "$(wc -l <"$out")" -eq 1 ]
grep -q '^{"bugs":\[{"name":.*"found":true,"seed":.*\],"missed":0,"seeds":[0-9]*}$' "$out"
exit $status
