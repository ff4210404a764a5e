#!/bin/sh
# usage: reach.sh BIN
#
# Questions to it, within one process, and what it says when it cannot answer.
set -eu
bin=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
XDG_STATE_HOME=$dir/state
export XDG_STATE_HOME
unset GALE_CONF_DIR

# is ANSWER QUESTION...
is()
{
    want=$1
    shift
    got=$("$bin/reach" ask "$@" 2>"$dir/err") || {
        cat "$dir/err"
        echo "ask $*: exit code $?"
        exit 1
    }
    [ "$got" = "$want" ] || {
        echo "ask $*: $got, not $want"
        exit 1
    }
}

# says CODE TEXT QUESTION...
says()
{
    want=$1 text=$2 code=0
    shift 2
    "$bin/reach" ask "$@" >"$dir/out" 2>"$dir/err" || code=$?
    [ "$code" = "$want" ] || {
        echo "ask $*: exit code $code, not $want"
        exit 1
    }
    grep -qF "$text" "$dir/err" || {
        echo "ask $*: does not say: $text"
        cat "$dir/err"
        exit 1
    }
    [ ! -s "$dir/out" ]
}

is '[[5]]' reach gale.example/blog
is '[[2]]' reach gale.example/docs
is '[[0]]' reach nobody.reads.example
is '[[0]]' reach 'not "there"'
is '[["gus",1],["ines",1]]' who gale.example/docs
is '[]' who nobody.reads.example
is '[["finn",1],["gus",1],["hana",2],["kim",1],["lea",1]]' \
    who storms.example/list --loops 3
says 1 'name a page: it was an empty text' reach ''
says 3 "it has no function 'rech' (did you mean 'reach'?)" rech x
says 2 "ask which function? it has 'reach', 'who'"
"$bin/reach" describe >"$dir/out"
grep -q "source 'reach', requests" "$dir/out"
