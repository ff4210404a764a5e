#!/bin/sh
# Does scripts/count-results see every way in which a test can fail?
set -eu
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

cat >"$log" <<'END'
ok - a check
not ok - another check
4: [FAIL] hist::a_sum_is_kept: (0.00s)
4: [====] Synthesis: Tested: 9 | Passing: 8 | Failing: 1 | Crashing: 1
1: [====] Synthesis: Tested: 5 | Passing: 5 | Failing: 0 | Crashing: 0
1/7 Test #1: unit/base/mem ....................   Passed    0.04 sec
2/7 Test #2: race/ring ........................   Passed    1.25 sec
5: ==8559==ERROR: LeakSanitizer: detected memory leaks
5: [====] Synthesis: Tested: 3 | Passing: 3 | Failing: 0 | Crashing: 0
3/7 Test #5: unit/base/leak ...................   Passed    0.04 sec
4/7 Test #3: race/park ........................***Timeout 300.01 sec
5/7 Test #4: unit/base/hist ...................***Failed    0.29 sec
6: a/b.c:8:45: runtime error: signed integer overflow
6/7 Test #6: examples/x .......................   Passed    0.29 sec
7/7 Test #7: examples/y .......................***Not Run   0.00 sec
END

scripts/count-results "$log" | diff - /dev/fd/3 3<<'END'
17 6
another check
unit/base/leak: a sanitizer report
race/park: Timeout 300.01 sec
unit/base/hist: hist::a_sum_is_kept
examples/x: a sanitizer report
examples/y: Not Run   0.00 sec
END
