#!/bin/sh
# usage: tests/cluster/run_as.sh GALE PROGRAM
#
# A supervisor of root's runs each worker as who submitted it, and nobody gets
# at what is not his.  PROGRAM is run_as.c.  The users are those that every
# system has: nobody and daemon.
set -u

skip()
{
    echo "SKIPPED, workers as their submitters' users were not tested: $*"
    exit 77
}

[ "$(id -u)" = 0 ] || skip "that takes root"
command -v setpriv >/dev/null || skip "there is no setpriv"
nobody=$(id -u nobody 2>/dev/null) || skip "there is no user nobody"
daemon=$(id -u daemon 2>/dev/null) || skip "there is no user daemon"
unknown=54321
! getent passwd $unknown >/dev/null || skip "user $unknown is somebody"
setpriv --reuid="$daemon" --regid="$daemon" --clear-groups true 2>/dev/null ||
    skip "root may not become another user here"

# shellcheck source=tests/cluster/shell.sh
. "$(dirname "$0")/shell.sh"
dev='' liar=''
clean_up()
{
    [ -z "$liar" ] || kill -9 "$liar" 2>/dev/null
    if [ -n "$dev" ]; then
        kill -TERM "$dev" 2>/dev/null
        kill -TERM "$dev" 2>/dev/null
        wait "$dev" 2>/dev/null
    fi
    rm -rf "$scratch"
}
trap clean_up EXIT

# Where all can pass: what is built may lie in somebody's home.
chmod 755 "$scratch"
mkdir -m 755 "$scratch/bin" "$scratch/state" "$scratch/state/gale"
cp "$1" "$scratch/bin/gale"
cp "$2" "$scratch/bin/spy"
chmod 755 "$scratch/bin/gale" "$scratch/bin/spy"
gale=$scratch/bin/gale spy=$scratch/bin/spy
home=$scratch/state/gale/supervisor

give_up()
{
    complain "$*"
    tail -n 20 dev.err out state/gale/logs/*.log 2>/dev/null
    exit 1
}

has_not() # FILE TEXT
{
    ! grep -qF -e "$2" "$1" || complain "'$2' in $1: $(cat "$1")"
}

begin()
{
    rm -f dev.out
    "$gale" dev --json "$@" >dev.out 2>dev.err </dev/null &
    dev=$!
    wait_for 40 grep -q nimbus dev.out || give_up "gale dev does not come up"
    url=$(sed 's/.*"nimbus": *"\([^"]*\)".*/\1/' dev.out)
}

finish()
{
    kill -TERM "$dev"
    wait_for 40 sh -c "! kill -0 $dev" || give_up "gale dev does not end"
    wait "$dev" 2>/dev/null
    dev=''
}

# as USER COMMAND...: of gale's, as that user
as()
{
    user=$1
    shift
    setpriv --reuid="$user" --regid="$user" --clear-groups \
        timeout 60 "$gale" "$@" --nimbus "$url" >out 2>&1 </dev/null
}

# submit USER NAME WORDS...: and wait for the first that is acked
submit()
{
    who=$1 name=$2
    shift 2
    setpriv --reuid="$who" --regid="$who" --clear-groups \
        timeout 60 "$spy" submit --nimbus "$url" \
        -c topology.name="$name" -c topology.workers=2 -- "$@" >out 2>&1 </dev/null
}

pids() # NAME
{
    "$gale" workers "$1" --nimbus "$url" --json | grep -o '"pid":[0-9]*' |
        cut -d : -f 2 | grep -vx 0 | sort
}

# Those that run, and as whom: one line.
users() # NAME
{
    for pid in $(pids "$1"); do
        sed -n 's/^Uid:[\t ]*//p' "/proc/$pid/status" | tr '\t' ' '
    done | sort -u
}

# One that was just made is root's for a moment.
runs_as() # NAME USER: real, effective, saved and of files
{
    is()
    {
        [ "$(users "$1")" = "$2 $2 $2 $2" ]
    }
    wait_for 40 is "$@" || complain "$1 runs as $(users "$1"), not as $2"
}

logs() # NAME: what its workers printed
{
    cat "$scratch"/state/gale/logs/"$1"-*/*.log
}

supervisor()
{
    # shellcheck disable=SC2013 # words of one line
    for child in $(cat /proc/"$dev"/task/*/children); do
        tr '\0' ' ' <"/proc/$child/cmdline" | grep -q ' supervisor ' &&
            echo "$child"
    done
}

running() # NAME: two workers
{
    [ "$(pids "$1" | wc -l)" = 2 ]
}

echo 'What root began obeys nobody else, unless he says so.'
begin
submit "$daemon" first && complain 'daemon was obeyed'
has out "this daemon does not obey 'daemon': nimbus.users has 'root'"
as "$daemon" list && complain 'daemon could look'
has out "this daemon does not obey 'daemon'"
as 0 list || complain "root was not obeyed: $(cat out)"
finish

echo 'Two users, each with workers of his own.'
echo "nimbus.users: [nobody, daemon, '$unknown']" >users.yaml
begin -c supervisor.run.worker.as.user=true --config users.yaml
secret=$scratch/state/gale/secret
[ -f "$secret" ] || give_up "gale dev has no secret"
submit "$nobody" first not-root "$secret" "$home/record" "$home/topologies" \
    "$home/workers" "$home/programs" ||
    give_up "nobody cannot submit"
wait_for 40 running first || give_up "first does not run"
mine=$(ls -d "$home"/workers/*)
# shellcheck disable=SC2086 # a list of directories
submit "$daemon" second not-root $mine || give_up "daemon cannot submit"
wait_for 40 running second || give_up "second does not run"
runs_as first "$nobody"
runs_as second "$daemon"
both() # tasks have said all
{
    [ "$(logs first | grep -c '^end$')" = 2 ]
}
wait_for 20 both || give_up "first says: $(logs first)"
logs first >out
group=$(id -g nobody)
has out "Groups:	$group "
has out 'NoNewPrivs:	1'
has out "HOME=$(getent passwd nobody | cut -d : -f 6)"
has out 'USER=nobody'
has out "here 0700 $nobody"
has out 'input 0'
has out 'handed on 0'
has_not out 'GALE_SECRET_FILE=/'
has_not out ': yes'
has out "$secret: Permission denied"
logs second >out
has_not out ': yes'

echo 'What the supervisor writes is out of their reach, and they are told.'
for dir in $mine; do
    [ "$(stat -c '%a %u' "$dir/duty")" = "400 $nobody" ] ||
        complain "$(stat -c '%a %u' "$dir/duty") is the duty in $dir"
done
duty=$(echo "$mine" | head -n 1)/duty
cp "$duty" before
rm "$duty"
mkdir "$duty"
touch "$duty/file" # as the user might
as "$nobody" deactivate first || complain "deactivate: $(cat out)"
inactive()
{
    "$gale" list --nimbus "$url" | grep first | grep -qi inactive
}
wait_for 40 inactive || complain "first goes on: $("$gale" list --nimbus "$url")"
told()
{
    [ -f "$duty" ] && ! cmp -s "$duty" before
}
wait_for 40 told || complain "there is no new duty: $(ls -la "$duty")"
as "$daemon" kill first && complain "daemon can kill what is nobody's"
has out "it belongs to 'nobody'"
as "$nobody" activate first || complain "activate: $(cat out)"

echo 'Who says that it is a worker, and is not, is not believed.'
victim=$(pids first | head -n 1)
tr '\0' '\n' <"/proc/$victim/environ" | grep '^GALE_WORKER=' >cookie
id=$(cut -d = -f 2 cookie | cut -d / -f 1)
topology=$(cut -d / -f 6 cookie)
hash=$(cut -d / -f 5 cookie)
before=$(pids first)
setsid setpriv --reuid="$daemon" --regid="$daemon" --clear-groups \
    env "GALE_WORKER=$id/6700/99999999999999/1/$hash/$topology" \
    sleep 1000 &
liar=$!
wait_for 40 grep -q 'GALE_WORKER=' "/proc/$liar/environ" ||
    complain "there is no liar"

echo 'A supervisor that is killed finds them again.'
old=$(supervisor)
kill -9 "$old"
anew()
{
    [ -n "$(supervisor)" ] && [ "$(supervisor)" != "$old" ] &&
        grep -q '4 workers live' "$scratch/state/gale/logs/supervisor.log"
}
wait_for 40 anew || give_up 'the workers were not found'
same() # Nimbus hears of them a moment later
{
    [ "$(pids first)" = "$before" ]
}
wait_for 40 same || complain "first has others: $(pids first)"
wait_for 40 sh -c "! kill -0 $liar" || complain 'the liar lives'
wait "$liar" 2>/dev/null
liar=''

echo 'A worker that is killed is replaced, as the same user.'
kill -9 "$victim"
replaced()
{
    running first && ! pids first | grep -qx "$victim"
}
wait_for 40 replaced || complain "it is not replaced: $(pids first)"
runs_as first "$nobody"

echo 'Killed topologies leave no process, and slots that others can have.'
before="$(pids first) $(pids second)"
as "$nobody" kill first -w 0s || complain "kill: $(cat out)"
as "$daemon" kill second -w 0s || complain "kill: $(cat out)"
gone()
{
    for pid in $before; do
        ! kill -0 "$pid" || return 1
    done
}
wait_for 40 gone || complain 'workers are left over'
submit "$daemon" third not-root || give_up 'daemon cannot have the slots'
wait_for 40 running third || complain "third does not run"
logs third >out
has out "here 0700 $daemon"
runs_as third "$daemon"

echo 'Root, and who has no account here, are refused, and told why.'
refused() # USER NAME TEXT
{
    submit "$1" "$2" && complain "$2 was not refused"
    says()
    {
        "$gale" status "$2" --nimbus "$url" >said 2>&1
        grep -qF "$3" said
    }
    wait_for 40 says "$@" || complain "status says: $(cat said)"
    "$gale" errors "$2" --nimbus "$url" >said 2>&1
    has said "$3"
    [ -z "$(pids "$2")" ] || complain "it runs: $(users "$2")"
    as "$1" kill "$2" -w 0s || complain "kill: $(cat out)"
}
refused 0 ours 'nothing runs as root here'
refused $unknown stranger 'no account of that name'

echo 'Who began it ends it, whoever has topologies there.'
running third || complain 'third is gone'
before=$(pids third)
finish
for pid in $before; do
    ! kill -0 "$pid" 2>/dev/null || complain "process $pid is left over"
done
grep -rh -A 20 Sanitizer state/gale/logs && complain 'a sanitizer spoke'

[ $failures = 0 ]
