# shellcheck shell=sh
# What the checks of all models do.  To be read by a script that has said which
# $model it is, with which compiler, $cc, and which property an error breaks:
# broken().
: "${model:?}" "${cc:?}"
if ! command -v spin >/dev/null; then
    echo "spin is not installed: skipped"
    exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
: >known
: >reached
failures=0

complain()
{
    echo "not ok - $*"
    failures=$((failures + 1))
}

# explore HOW SEARCH SWITCH...: the model under these switches, into `out`;
# HOW it is compiled, a small one best without taking pains.
# No partial order reduction and no hashing of states into bits: each state is
# kept, and looked at once.
explore()
{
    how=$1 search=$2
    shift 2
    # Both are words.
    # shellcheck disable=SC2086
    spin -a "$@" "$model" >out 2>&1 &&
        "$cc" $how -w -DNOREDUCE -DMEMLIM=900 -o pan pan.c >>out 2>&1 &&
        ./pan -m100000 $search >out 2>&1
}

states()
{
    awk '/states, stored/ { print $1; exit }' out
}

is_right()
{
    grep -q 'errors: 0$' out && ! grep -q -e 'not completed' \
        -e 'too small' -e 'MEMLIM bound' out
}

# Of the states that were generated for a line, was one reached?  Adds to the
# files `known` and `reached`.
look_at_lines()
{
    ./pan -d >table
    awk '
        match($0, /[a-z]+\.pml:[0-9]+/) {
            line = substr($0, RSTART, RLENGTH)
        }
        /^proctype/ { process = $2 }
        /^unreached in proctype/ { process = $4 }
        /-> state/ && !((process, $2) in state) {
            state[process, $2]
            generated[line]++
        }
        /[a-z]+\.pml:[0-9]+, state/ && !((process, $3 + 0) in missed) {
            missed[process, $3 + 0]
            unreached[line]++
        }
        END {
            for (line in generated) {
                print line >>"known"
                if (unreached[line] < generated[line])
                    print line >>"reached"
            }
        }' table out
}

# right HOW WHAT SWITCH...: no state is wrong
right()
{
    how=$1 what=$2
    shift 2
    explore "$how -DSAFETY" '' -o3 "$@"
    if is_right; then
        echo "ok - $what: $(states) states"
        look_at_lines
    else
        complain "$what ($*): $(broken)"
        cat out
    fi
}

# ends WHAT SWITCH...: no run goes round for ever
ends()
{
    what=$1
    shift
    explore '-O0 -DNP' -l "$@"
    if is_right; then
        echo "ok - $what: $(states) states"
    else
        complain "$what ($*): $(broken)"
        cat out
    fi
}

# wrong WHAT SWITCH...: spin finds out
wrong()
{
    what=$1
    shift
    explore '-O0 -DSAFETY' -w18 "$@"
    property=$(broken)
    if [ -n "$property" ]; then
        echo "ok - refuted: $what; breaks $property"
    else
        complain "not refuted: $what ($*)"
        cat out
    fi
}

# Was each line of the model reached in some state that was right?
all_lines_are_reached()
{
    unreached=$(sort -u known | while read -r line; do
        grep -qx "$line" reached || echo "$line"
    done | sort -t : -k 2n | tr '\n' ' ')
    if [ -z "$unreached" ] && [ -s reached ]; then
        echo "ok - each line of the model is reached"
    else
        complain "lines that are never reached: $unreached"
    fi
}
