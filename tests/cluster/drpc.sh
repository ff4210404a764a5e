#!/bin/sh
# usage: tests/cluster/drpc.sh GALE PROGRAM
#
# Questions to a topology on a cluster, by `gale ask` and by HTTP, while workers
# and the DRPC server are killed: everybody hears an answer, or why there is
# none.  PROGRAM is examples/reach.
set -u
gale=$1 program=$2
# shellcheck source=tests/cluster/shell.sh
. "$(dirname "$0")/shell.sh"
dev=
trap '[ -z "$dev" ] || kill -9 "$dev" 2>/dev/null; rm -rf "$scratch"' EXIT

give_up()
{
    complain "$*"
    tail -n 20 dev.err state/gale/logs/*.log state/gale/logs/*/*.log 2>/dev/null
    exit 1
}

# is ANSWER QUESTION...
is()
{
    want=$1
    shift
    got=$(timeout 60 "$gale" ask "$@" 2>err) || complain "ask $*: $(cat err)"
    [ "$got" = "$want" ] || complain "ask $*: '$got', not '$want'"
}

# says CODE TEXT QUESTION...
says()
{
    want=$1 text=$2
    shift 2
    timeout 60 "$gale" ask "$@" >out 2>err
    code=$?
    [ $code = "$want" ] || complain "ask $*: exit code $code, not $want"
    grep -qF -e "$text" err || complain "ask $*: no '$text' in: $(cat err)"
}

# http PATH [BODY]: the answer's body.  Without curl the shell does it.
http()
{
    if command -v curl >/dev/null; then
        curl -s -m 60 ${2+-d "$2"} "http://127.0.0.1:$port$1"
        return
    fi
    if [ $# = 2 ]; then
        head="POST $1 HTTP/1.0\r\nContent-Length: ${#2}\r\n\r\n$2"
    else
        head="GET $1 HTTP/1.0\r\n\r\n"
    fi
    # shellcheck disable=SC2016
    timeout 60 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0"
        printf "$1" >&3
        cat <&3' "$port" "$head" | sed '1,/^\r$/d'
}

# http_is ANSWER PATH [BODY]
http_is()
{
    want=$1
    shift
    got=$(http "$@")
    [ "$got" = "$want" ] || complain "HTTP $*: '$got', not '$want'"
}

pid_of() # COMMAND: of the daemon that gale dev started
{
    for at in /proc/[0-9]*; do
        if { tr '\0' ' ' <"$at/cmdline"; } 2>/dev/null |
            grep -q "^gale $1 .*$scratch/state"; then
            echo "${at#/proc/}"
        fi
    done
}

a_worker()
{
    "$gale" workers | awk '$3 == "running" { print $4 }' | sort -R | head -n 1
}

"$gale" dev --json >dev.out 2>dev.err </dev/null &
dev=$!
wait_for 30 grep -q drpc_http_port dev.out || give_up "gale dev does not come up"
export GALE_CONF_DIR="$scratch/state/gale"
port=$(sed -n 's/.*"drpc_http_port":\([0-9]*\).*/\1/p' dev.out)

[ "$(timeout 20 "$gale" ask)" = 'no function is served there' ] ||
    complain "there is a function already"
says 3 "nobody serves 'reach'" reach x
timeout 60 "$gale" submit "$program" -c topology.workers=3 >out 2>err ||
    give_up "submit: $(cat err)"
grep -q 'its workers came up' err || complain "submit says: $(cat err)"
served()
{
    [ "$("$gale" ask --quiet | sort | tr '\n' ' ')" = 'reach who ' ]
}
wait_for 60 served || give_up "no function is served: $("$gale" ask)"

is '[[5]]' reach gale.example/blog
is '[["gus",1],["ines",1]]' who gale.example/docs
is '{"function":"reach","answer":[[2]]}' reach gale.example/docs --json
says 1 'name a page: it was an empty text' reach
says 3 "nobody serves 'rech'; did you mean 'reach'?" rech x
echo gale.example/docs | tr -d '\n' >page
[ "$(timeout 60 "$gale" ask reach - <page)" = '[[2]]' ] ||
    complain "asked by standard input: no answer"

if command -v curl >/dev/null || command -v bash >/dev/null; then
    http_is '[[5]]' /drpc/reach/gale.example/blog
    http_is '[[5]]' /drpc/reach/gale.example%2Fblog
    http_is '[["gus",1],["ines",1]]' /drpc/who gale.example/docs
    http_is '{"error":"name a page: it was an empty text"}' /drpc/reach
    http_is '{"error":"there is GET /drpc, GET /drpc/FUNCTION/ARGS and POST /drpc/FUNCTION"}' /reach
    http /drpc | grep -q '"function":"reach"' || complain "HTTP: no list"
fi
if command -v curl >/dev/null; then
    code=$(curl -s -o out -w '%{http_code}' -H 'Origin: http://elsewhere' \
        "http://127.0.0.1:$port/drpc/reach/x")
    [ "$code" = 403 ] || complain "a page of another site: $code"
    head -c 1100000 /dev/zero >large
    code=$(curl -s -o out -w '%{http_code}' --data-binary @large \
        "http://127.0.0.1:$port/drpc/reach")
    # 000: the connection was closed while curl was still sending.
    [ "$code" = 413 ] || [ "$code" = 000 ] ||
        complain "a body of 1.1 MB: $code"
    http_is '[[5]]' /drpc/reach/gale.example/blog
fi

# Who asks while workers are killed hears an answer, or why there is none.
ask_on() # FILE
{
    i=0
    while [ $i -lt 60 ]; do
        timeout 60 "$gale" ask reach gale.example/blog >>"$1" 2>>"$1.err" ||
            echo "code $?" >>"$1"
        i=$((i + 1))
    done
}
for n in 1 2 3; do
    ask_on answers.$n &
    eval "asker$n=$!"
done
for n in 1 2 3 4; do
    pid=$(a_worker)
    [ -z "$pid" ] || kill -9 "$pid"
    sleep 0.4
done
for n in 1 2 3; do
    eval "wait \"\$asker$n\""
done
right=$(cat answers.* | grep -c '^\[\[5\]\]$')
wrong=$(cat answers.[123] | grep -cv -e '^\[\[5\]\]$' -e '^code 1$')
[ "$wrong" = 0 ] || complain "answers: $(sort answers.[123] | uniq -c)"
[ "$right" -ge 150 ] || complain "only $right of 180 were answered: $(cat ./*.err)"

# The server dies, and comes back; so do those who take questions from it.
server=$(pid_of drpc)
[ -n "$server" ] || give_up "there is no DRPC server"
kill -9 "$server"
answers()
{
    [ "$(timeout 60 "$gale" ask reach gale.example/blog)" = '[[5]]' ]
}
wait_for 60 answers || give_up "no answers from the next DRPC server"

# A topology that ends leaves its functions; who asks is told, and in time.
"$gale" kill reach -w 0s >out 2>&1
gone()
{
    left=$("$gale" ask --quiet) && [ -z "$left" ]
}
wait_for 60 gone || complain "still there: $("$gale" ask)"
says 1 'nobody serves this function now' reach x --timeout 1s

kill -TERM "$dev"
wait_for 30 sh -c "! kill -0 $dev" || give_up "gale dev does not end"
wait "$dev" || complain "gale dev ended with $?"
dev=
[ $failures = 0 ]
