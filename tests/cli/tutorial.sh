#!/bin/sh
# usage: tests/cli/tutorial.sh BIN
#
# The commands of docs/tutorial.md's chapter on counts, one after the other in a
# directory of their own: do they still say what the tutorial shows?  What ends
# by being killed, and what says "by now", may say something else.
set -u
bin=$1
text=$(cd "$(dirname "$0")/../.." && pwd)/docs/tutorial.md
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_STATE_HOME=$scratch/state
export HOME XDG_CONFIG_HOME XDG_STATE_HOME
mkdir build
ln -s "$bin" build/bin

# A command a file, and what it is said to answer.
awk '
    /^## / { inside = /Counts that are right after a crash/ }
    /^```/ { console = inside && /console$/; next }
    !console { next }
    /^\$ / {
        n++
        printf "" >(n ".says")
        print substr($0, 3) >(n ".sh")
        next
    }
    { print >(n ".says") }' "$text"

n=1
while [ -e $n.sh ]; do
    timeout 300 sh ./$n.sh >out 2>err
    code=$?
    case $(cat $n.sh) in
    *KILL* | *'by now'*) ;;
    *)
        if [ $code != 0 ] || ! cmp -s $n.says out; then
            echo "the tutorial has: $(cat $n.sh)"
            cat $n.says
            echo "but it says, with exit code $code:"
            cat out err
            exit 1
        fi
        ;;
    esac
    n=$((n + 1))
done
[ $n -gt 10 ] || {
    echo "only $((n - 1)) commands were found"
    exit 1
}
