#!/bin/sh
# Is what README.md and the guides in docs/ show as C really in the tree?  The
# lines of each block must stand, as they are and without a gap, in a file of
# examples/ or tests/unit/examples/.
set -eu
cd "$(dirname "$0")/../.."

awk '
    FILENAME !~ /\.md$/ {
        if (FNR == 1)
            n++
        text[n] = text[n] $0 "\n"
        next
    }
    /^```c$/ {
        quoting = 1
        quote = "\n"
        where = FILENAME ":" FNR
        next
    }
    quoting && /^```$/ {
        quoting = 0
        quotes++
        found = 0
        for (i = 1; i <= n && !found; i++)
            found = index("\n" text[i], quote)
        if (!found) {
            print where ": no example has these lines:" quote
            bad = 1
        }
    }
    quoting { quote = quote $0 "\n" }
    END {
        if (!quotes) {
            print "nothing is quoted anywhere"
            bad = 1
        }
        exit bad
    }' examples/*.[ch] examples/*.cc tests/unit/examples/*.c \
    README.md docs/tutorial.md docs/testing-with-faults.md
