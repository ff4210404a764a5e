#!/bin/sh
# usage: at_least_once.sh BIN
#
# Of E executions E/10 fail, and each brings two more: E = 200 + 2 (E / 10).
# So there are 248 of them, 24 fail, and 224 are counted.
set -eu
got=$("$1"/at_least_once)
[ "$got" = "200 tuples, counted 224 times, 200 different" ] || {
    echo "at_least_once: $got"
    exit 1
}
