#!/bin/sh
# same_history.sh GALE-SIM GALE-SIM
#
# Two builds of gale-sim, by different compilers: do the same seeds have the
# same histories?
set -eu
[ $# = 2 ] || {
    echo "usage: $0 GALE-SIM GALE-SIM" >&2
    exit 2
}
seeds=1..300
one=$("$1" --hash --seeds $seeds --jobs 1 | grep -E '^[0-9]+ [0-9a-f]{16}$')
other=$("$2" --hash --seeds $seeds --jobs 1 | grep -E '^[0-9]+ [0-9a-f]{16}$')

if [ -n "$one" ] && [ "$one" = "$other" ]; then
    echo "$(echo "$one" | wc -l) histories are the same"
    exit 0
fi
echo "$1 and $2 have different histories of some seeds in $seeds:" >&2
first=$(mktemp)
echo "$one" >"$first"
echo "$other" | diff "$first" - | head -5 >&2
rm -f "$first"
exit 1
