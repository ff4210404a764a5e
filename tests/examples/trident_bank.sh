#!/bin/sh
# usage: trident_bank.sh BIN
#
# Killed again and again, both banks have each account right in the end.
set -eu
bin=$1
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
export XDG_STATE_HOME="$dir"

is_done() # all has counted, whether right or wrong
{
    status=0
    "$bin/trident_bank" check >"$dir/check" 2>&1 || status=$?
    [ "$status" != 3 ]
}

for ms in 060 150 300 090 240 120; do
    timeout -s KILL "0.$ms" "$bin/trident_bank" -q 2>>"$dir/err" || true
    if is_done; then
        echo "it was done before it was killed"
        exit 1
    fi
done
"$bin/trident_bank" -q 2>>"$dir/err" &
pid=$!
end=$(($(date +%s) + 100))
until is_done; do
    if [ "$(date +%s)" -gt $end ]; then
        cat "$dir/check"
        tail -n 20 "$dir/err"
        exit 1
    fi
    sleep 0.1
done
cat "$dir/check"
kill -TERM "$pid"
wait "$pid"
pid=
[ "$status" = 0 ]
[ "$(grep -c 'sum 0, 100 of 100 accounts are right' "$dir/check")" = 2 ]
