#!/bin/sh
# usage: wordcount.sh BIN
#
# Against scripts/count-words, which knows nothing of Gale.
set -eu
bin=$1
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

wrong()
{
    echo "wordcount: $*"
    status=1
}

same() # WHAT FILE...: are the counts those of coreutils?
{
    what=$1
    shift
    "$bin"/wordcount -c wordcount.out="$scratch/got" "$@" >/dev/null
    scripts/count-words "$@" | diff - "$scratch/got" >"$scratch/diff" || {
        wrong "$what"
        head -n 5 "$scratch/diff"
    }
}

# A text of everything: the sources of the examples, many times over.
for _ in 1 2 3 4 5 6 7 8 9 10; do
    cat examples/*
done >"$scratch/text"
same "a text" "$scratch/text"
same "several files" examples/*

# Lines longer than the buffer, cut between two words; all bytes there are.
tr '\n' ' ' <"$scratch/text" >"$scratch/long"
echo >>"$scratch/long"
same "a very long line" "$scratch/long"
head -c 300000 /bin/sh >"$scratch/binary"
same "a binary file" "$scratch/binary"
: >"$scratch/empty"
same "an empty file" "$scratch/empty"
printf 'no newline at the end' >"$scratch/open"
same "an unfinished line" "$scratch/open"

# Standard input, and the most frequent words.
text='b a c B a, A the c'
for dash in '' -; do
    # shellcheck disable=SC2086 # no word or one
    printf '%s' "$text" |
        "$bin"/wordcount -c wordcount.top=3 $dash >"$scratch/got"
    printf '3 a\n2 b\n2 c\n' | diff - "$scratch/got" ||
        wrong "standard input '$dash'"
done

# A file that is not there ends it before anything is counted.
if "$bin"/wordcount "$scratch/text" "$scratch/nowhere" \
    >"$scratch/got" 2>"$scratch/said"; then
    wrong "a missing file is no error"
fi
grep -q "cannot open $scratch/nowhere: No such file" "$scratch/said" ||
    wrong "a missing file is not named"
[ ! -s "$scratch/got" ] || wrong "counts although a file is missing"
if "$bin"/wordcount "$scratch" 2>"$scratch/said" >/dev/null; then
    wrong "a directory is no error"
fi
grep -q "cannot open $scratch: Is a directory" "$scratch/said" ||
    wrong "a directory is not named"

# Nor is anything counted that could not be written.
if "$bin"/wordcount -c wordcount.out="$scratch/no/such/file" "$scratch/text" \
    2>"$scratch/said" >"$scratch/got"; then
    wrong "an output that cannot be written is no error"
fi
grep -q "cannot write $scratch/no/such/file" "$scratch/said" ||
    wrong "an output that cannot be written is not named"
[ ! -s "$scratch/got" ] || wrong "counts although they cannot be written"
exit $status
