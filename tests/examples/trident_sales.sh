#!/bin/sh
# usage: trident_sales.sh BIN
#
# Sales are added up by shop, and those of a second run to those of the first;
# it takes files without being told, and says what it keeps.
set -eu
bin=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export XDG_STATE_HOME="$dir/state"

takings() # of all shops, as the program sees them
{
    "$bin/gale" state trident_sales/takings scan | sort
}

printf 'north,250\nsouth,100\nno sale\nnorth,50\n' >sales
"$bin/trident_sales" -q sales
[ "$(takings)" = "$(printf 'north\t300\nsouth\t100')" ]
printf 'south,-30\nwest,7' >>sales
"$bin/trident_sales" -q sales
[ "$(takings)" = "$(printf 'north\t300\nsouth\t70\nwest\t7')" ]
"$bin/trident_sales" --help >help
grep -q 'Exactly once: takings' help
grep -q '\[--\] FILE\.\.\.' help
