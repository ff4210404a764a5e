#!/bin/sh
# usage: trident_wordcount.sh BIN
#
# Killed again and again in the middle of its work, it has the counts of a run
# that nobody disturbed.
set -eu
bin=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# 16 MB: several batches.  Fewer words than `top` shows.
awk 'BEGIN {
    x = 12345
    for (line = 0; line < 200000; line++) {
        s = ""
        for (i = 0; i < 12; i++) {
            x = (x * 1103515245 + 12345) % 2147483648
            w = int(x / 65536) % 900
            s = s "word" substr("abcdefghij", w % 10 + 1, 1) \
                substr("abcdefghij", int(w / 10) % 10 + 1, 1) \
                substr("abcdefghi", int(w / 100) + 1, 1) " "
        }
        print s
    }
}' >"$dir/text"

XDG_STATE_HOME=$dir/calm "$bin/trident_wordcount" -q "$dir/text"
XDG_STATE_HOME=$dir/calm "$bin/trident_wordcount" top 1000 | sort >"$dir/right"
test "$(wc -l <"$dir/right")" = 900
test "$(awk '{ n += $1 } END { print n }' "$dir/right")" = 2400000

# Where `timeout` has to wait for a processor it may come too late; if nobody
# was killed before, it begins with nothing again.
export XDG_STATE_HOME="$dir/wild"
kills=0
for ms in 030 060 090 120 150 180 030 060 090 120; do
    if ! timeout -s KILL "0.$ms" "$bin/trident_wordcount" -q "$dir/text"; then
        kills=$((kills + 1))
    elif [ "$kills" -gt 0 ]; then
        break
    else
        rm -r "$XDG_STATE_HOME"
    fi
done
"$bin/trident_wordcount" -q "$dir/text"
"$bin/trident_wordcount" top 1000 | sort >"$dir/got"
cmp "$dir/right" "$dir/got"
test "$kills" -gt 0

# Lines that were added are counted by the next run, and only those.
printf 'wordaaa wordaaa\n' >>"$dir/text"
before=$(awk '$2 == "wordaaa" { print $1 }' "$dir/got")
"$bin/trident_wordcount" -q "$dir/text"
after=$("$bin/trident_wordcount" top 1000 |
    awk '$2 == "wordaaa" { print $1 }')
test "$after" = $((before + 2))

# A file that is not there ends the run; so does another one in the place of one
# that was read, whose beginning would be skipped.
expect_refusal() # WORDS FILE...
{
    words=$1
    shift
    if "$bin/trident_wordcount" -q "$@" 2>"$dir/err"; then
        echo "it takes $*"
        exit 1
    fi
    grep -q "$words" "$dir/err" || {
        cat "$dir/err"
        exit 1
    }
}
cp "$dir/text" "$dir/other"
expect_refusal "cannot read '$dir/gone': No such file" "$dir/text" "$dir/gone"
expect_refusal "which was '$dir/text' and is '$dir/other' now" "$dir/other"
"$bin/trident_wordcount" -q "$dir/text" "$dir/other"
expect_refusal "which was '$dir/other' and is not named now" "$dir/text"
