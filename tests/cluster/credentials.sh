#!/bin/sh
# usage: tests/cluster/credentials.sh GALE PROGRAM
#
# What is secret to a topology reaches its tasks while they run, and is seen
# nowhere else.  PROGRAM is credentials.c.
set -u
gale=$1 program=$2
# shellcheck source=tests/cluster/shell.sh
. "$(dirname "$0")/shell.sh"
dev=
trap '[ -z "$dev" ] || { kill -TERM "$dev"; wait "$dev"; } 2>/dev/null
    rm -rf "$scratch"' EXIT

give_up()
{
    complain "$*"
    tail -n 20 dev.err out state/gale/logs/*.log 2>/dev/null
    exit 1
}

expect() # CODE COMMAND...
{
    expected=$1
    shift
    timeout 60 "$@" >out 2>&1 </dev/null
    code=$?
    [ $code = "$expected" ] ||
        complain "$*: exit code $code, not $expected: $(cat out)"
}

submit() # NAME
{
    timeout 60 "$program" submit -c topology.name="$1" -c topology.workers=2 \
        >out 2>&1 </dev/null || give_up "submit: $(cat out)"
}

pids() # NAME
{
    "$gale" workers "$1" --json | grep -o '"pid":[0-9]*' | cut -d : -f 2 |
        grep -vx 0 | sort
}

# told NAME TEXT N: have so many of its tasks said that?
told()
{
    [ "$(cat state/gale/logs/"$1"-*/*.log | grep -cF -e "$2")" -ge "$3" ]
}

tells() # NAME TEXT N
{
    wait_for 40 told "$@" ||
        complain "not $3 of $1 say $2: $(cat state/gale/logs/"$1"-*/*.log)"
}

nimbus()
{
    # shellcheck disable=SC2013 # words of one line
    for child in $(cat /proc/"$dev"/task/*/children); do
        tr '\0' ' ' <"/proc/$child/cmdline" | grep -q ' nimbus ' &&
            echo "$child"
    done
}

"$gale" dev --json >dev.out 2>dev.err </dev/null &
dev=$!
wait_for 40 grep -q nimbus dev.out || give_up 'gale dev does not come up'
export GALE_CONF_DIR="$scratch/state/gale"

echo 'Each task of the topology can read what was uploaded, and no other.'
submit asker
submit other
tells asker "asker pass  of 0" 2
heard() # has Nimbus heard of both workers?
{
    [ "$(pids asker | wc -l)" = 2 ]
}
wait_for 40 heard || complain "not two workers: $(pids asker)"
before=$(pids asker)
printf 'pass: first-secret\ndb:\n  user: me\n' >file
chmod 600 file
expect 0 "$gale" upload-credentials asker file
has out 'asker: has 2 credentials now'
tells asker "asker pass f of 12" 2

echo 'It may be another while they run.'
printf 'pass: second-secret\n' >file
expect 0 "$gale" upload-credentials asker file more=third --json
has out '"done":"CREDENTIALS"'
tells asker "asker pass s of 13" 2
[ "$(pids asker)" = "$before" ] || complain "other workers: $(pids asker)"

echo 'Who comes later is told as well.'
victim=$(pids asker | head -n 1)
kill -9 "$victim"
tells asker "asker pass s of 13" 3
old=$(nimbus)
kill -9 "$old"
anew()
{
    [ -n "$(nimbus)" ] && [ "$(nimbus)" != "$old" ] && "$gale" list
}
wait_for 40 anew || give_up 'Nimbus does not come back'
wait_for 40 heard || complain "not two workers: $(pids asker)"
for pid in $(pids asker); do
    kill -9 "$pid"
done
tells asker "asker pass s of 13" 5

echo 'It is shown to nobody.'
for shown in list status workers errors 'status asker' 'workers asker' \
    'errors asker' 'settings'; do
    for form in '' --json; do
        # shellcheck disable=SC2086 # words
        "$gale" $shown $form >out 2>&1
        ! grep -q 'second-secret' out || complain "$shown $form: $(cat out)"
    done
done
cat state/gale/logs/*.log >out
! grep -q 'second-secret' out || complain "a daemon's log: $(cat out)"
has out "CREDENTIALS by '$(id -un)'"
! told other 'other pass s' 1 || complain 'other has it'
grep -rlF 'second-secret' state/gale >found
grep -q . found || complain 'it is kept nowhere'
while read -r path; do
    mode=$(stat -c %a "$path") || continue # it is gone again
    case $mode in
    600 | 400) ;;
    *) complain "others can read $path: $mode" ;;
    esac
done <found
grep '/other-' found && complain 'what is of other has it'

echo 'What makes no sense is refused.'
expect 2 "$gale" upload-credentials asker
has out "needs more"
expect 2 "$gale" upload-credentials asker no-such-file
has out 'no-such-file'
expect 1 "$gale" upload-credentials asker =value
has out 'a credential has no key'
expect 3 "$gale" upload-credentials askre a=b
has out "did you mean 'asker'"
echo '{}' >file
expect 0 "$gale" upload-credentials asker file
has out 'has 0 credentials now'
tells asker 'asker pass  of 0' 4

kill -TERM "$dev"
wait "$dev"
dev=
grep -rh -A 20 Sanitizer state/gale/logs && complain 'a sanitizer spoke'

[ $failures = 0 ]
