#!/bin/sh
# usage: certs.sh MAKE-CERTS DIR
#
# The certificates that tests of TLS need, in DIR: made whole, then put there,
# and left alone from then on.  So neither two who make them at once nor one
# who makes them while another one's tests read them are in each other's way.
set -eu
make=$1
dir=$2
mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"
flock 9
[ ! -e "$dir/whole" ] || exit 0
rm -rf "$dir" "$dir.new"
"$make" "$dir.new" node other
"$make" "$dir.new/foreign"
touch "$dir.new/whole"
mv "$dir.new" "$dir"
