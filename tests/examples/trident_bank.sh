#!/bin/sh
# usage: trident_bank.sh BIN
#
# Killed again and again, both banks have each account right in the end.
set -eu
bin=$1
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
export XDG_STATE_HOME="$dir/state"

is_done() # all has counted, whether right or wrong
{
    status=0
    "$bin/trident_bank" check >"$dir/check" 2>&1 || status=$?
    [ "$status" != 3 ]
}

# Where `timeout` has to wait for a processor all may be done before it comes:
# that was the last time then, or it begins with nothing again.
kills=0
for ms in 060 150 300 090 240 120; do
    timeout -s KILL "0.$ms" "$bin/trident_bank" -q 2>>"$dir/err" || true
    if ! is_done; then
        kills=$((kills + 1))
    elif [ "$kills" -gt 0 ]; then
        break
    else
        rm -r "$XDG_STATE_HOME"
    fi
done
[ "$kills" -gt 0 ] || {
    echo "it was done before it was killed"
    exit 1
}
if ! is_done; then
    "$bin/trident_bank" -q 2>>"$dir/err" &
    pid=$!
    end=$(($(date +%s) + 300))
    until is_done; do
        if [ "$(date +%s)" -gt $end ]; then
            cat "$dir/check"
            tail -n 20 "$dir/err"
            exit 1
        fi
        sleep 0.1
    done
    kill -TERM "$pid"
    wait "$pid"
    pid=
fi
cat "$dir/check"
[ "$status" = 0 ]
[ "$(grep -c 'sum 0, 100 of 100 accounts are right' "$dir/check")" = 2 ]
