#!/bin/sh
# usage: trident_rolling_top.sh BIN
#
# Killed again and again in the middle of its work, it has told each window
# once, as a run that nobody disturbed, and as awk does.
set -eu
bin=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# 20 minutes, a line every 10 ms, up to 3 s out of order: several batches.
awk 'BEGIN {
    x = 12345
    for (line = 0; line < 120000; line++) {
        x = (x * 1103515245 + 12345) % 2147483648
        s = line * 10 + int(x / 65536) % 3000
        for (i = 0; i < 12; i++) {
            x = (x * 1103515245 + 12345) % 2147483648
            w = int(x / 65536) % 300 + int(line / 6000)
            s = s " word" substr("abcdefghij", w % 10 + 1, 1) \
                substr("abcdefghij", int(w / 10) % 10 + 1, 1) \
                substr("abcdefghij", int(w / 100) + 1, 1)
        }
        print s
    }
}' >"$dir/text"

XDG_STATE_HOME=$dir/calm "$bin/trident_rolling_top" -q "$dir/text"
XDG_STATE_HOME=$dir/calm "$bin/trident_rolling_top" top 1000 >"$dir/right"
test "$(grep -c ' ms to ' "$dir/right")" -gt 100

# One window in the middle, counted otherwise.
awk '/^540000 ms to 600000 ms$/ { in_it = 1; next }
     / ms to / { in_it = 0 }
     in_it { print $1, $2 }' "$dir/right" >"$dir/one"
test "$(wc -l <"$dir/one")" = 5
awk '$1 >= 540000 && $1 < 600000 { for (i = 2; i <= NF; i++) n[$i]++ }
     END { for (w in n) print n[w], w }' "$dir/text" |
    sort -k1,1nr -k2,2 | head -5 >"$dir/counted"
cmp "$dir/one" "$dir/counted"

# Where `timeout` has to wait for a processor it may come too late; if nobody
# was killed before, it begins with nothing again.
export XDG_STATE_HOME="$dir/wild"
kills=0
for ms in 030 060 090 120 150 180 030 060 090 120; do
    if ! timeout -s KILL "0.$ms" "$bin/trident_rolling_top" -q "$dir/text"; then
        kills=$((kills + 1))
    elif [ "$kills" -gt 0 ]; then
        break
    else
        rm -r "$XDG_STATE_HOME"
    fi
done
"$bin/trident_rolling_top" -q "$dir/text"
"$bin/trident_rolling_top" top 1000 >"$dir/got"
cmp "$dir/right" "$dir/got"
test "$kills" -gt 0

# A line that is added closes the windows that were open.
echo '9000000 the end' >>"$dir/text"
"$bin/trident_rolling_top" -q "$dir/text"
"$bin/trident_rolling_top" top >"$dir/last"
grep -q '^1200000 ms to 1260000 ms$' "$dir/last"
"$bin/trident_rolling_top" --help >"$dir/help"
grep -q 'Exactly once: recent, tops.' "$dir/help"
