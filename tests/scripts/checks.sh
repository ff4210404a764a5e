#!/bin/sh
# Does each scripts/check-* find the fault that it is there to find?  In a
# small tree without a fault all are content; then one fault at a time is put
# in, and the check must fail and name the file.  scripts/hunt refuses what is
# no duration before it builds anything, and gives each fuzz target a seed and
# its share of the time.
set -eu
cd "$(dirname "$0")/../.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cp -r scripts .clang-format "$tree"
cd "$tree"

mkdir -p docs low high include/gale examples tests/model
printf 'low:\nhigh: low\n' >docs/layers
echo 'gale_folder(low SOURCES a.c)' >low/CMakeLists.txt
echo 'int low_a;' >low/a.c
echo '#include "low/a.h"' >high/b.h
printf '/* Says it. Returns GALE_OK. */\nGALE_API gale_err gale_say(void);\n' \
    >include/gale/say.h
echo 'gale_say is in low/a.c, or high/b.h' >docs/ARCHITECTURE.md
echo '/* gale_say; low_a in a.c */' >tests/model/say.pml
git init -q .

for check in layers headers sources format hygiene names; do
    git add .
    scripts/check-$check || {
        echo "check-$check: finds a fault where there is none"
        exit 1
    }
done

status=0
finds() # CHECK FILE: the text on standard input is the fault
{
    cat >"$2"
    git add "$2"
    if scripts/check-"$1" >out 2>&1 || ! grep -q "$2" out; then
        echo "check-$1 finds nothing in $2:"
        cat "$2"
        status=1
    fi
    git rm -qf "$2"
}

finds layers low/up.c <<'END'
#include "high/b.h"
END
finds layers examples/x.c <<'END'
#include "low/a.h"
END
finds layers high/x.c <<'END'
#include "../low/a.h"
END
finds headers include/gale/bare.h <<'END'
/* ------------------------------ a banner explains nothing ------ */

GALE_API void gale_bare(void);
END
finds headers include/gale/mute.h <<'END'
/* Does something. */
GALE_API GALE_MUST_CHECK gale_err gale_mute(void);
END
finds names tests/model/gone.pml <<'END'
/* gi_gone */
END
finds names tests/model/moved.pml <<'END'
/* gone in a.c */
END
finds names tests/model/file.pml <<'END'
/* low/gone.h */
END
finds names low/lost.h <<'END'
/* See lost.c
 * and a.h. */
END
finds names low/nobody.h <<'END'
int low_i; /* what gi_nobody
              does */
END
finds sources low/b.c <<'END'
int low_b;
END
finds format low/c.h <<'END'
int   low_c ;
END
printf '/* see /%s/somebody/notes */\n' home | finds hygiene low/d.h
printf 'int low_e;%s\n' ' ' | finds hygiene low/e.h
yes 'int x;' | head -n 451 | finds hygiene low/f.h

hunts() # CODE WORD...: is that how scripts/hunt ends?
{
    code=$1 got=0
    shift
    scripts/hunt "$@" >out 2>&1 || got=$?
    [ $got -eq "$code" ] && return
    echo "scripts/hunt $* ends with $got, not $code:"
    cat out
    status=1
}

hunts 2 10x
hunts 2 ''
hunts 2 1m 1m
hunts 1 1h30m # there is nothing to build
hunts 1

# With programs that only say how they were called.
mkdir -p bin build/bin build/fuzz/tests/bin
program() # FILE LINE
{
    printf '#!/bin/sh\n%s\n' "$2" >"$1"
    chmod +x "$1"
}
program bin/cmake :
program bin/nproc 'echo 2'
program build/bin/gale-sim 'echo "$@" >>called'
program build/bin/trident-sim 'echo "$@" >>called'
for target in one two three four; do
    program build/fuzz/tests/bin/fuzz_$target 'echo "$@" >>called'
done
PATH=$PWD/bin:$PATH
hunts 0 1m30.5s
program build/fuzz/tests/bin/fuzz_two 'echo "a find"; exit 1'
hunts 1 1s
grep -q 'a find' out
called() # TIMES PATTERN
{
    [ "$(grep -e "$2" called | sort -u | wc -l)" -eq "$1" ] && return
    echo "scripts/hunt: not $1 times '$2':"
    cat called
    status=1
}
called 1 '^--fresh --for 1m30.5s$'
called 1 '^--fresh --for 1s$'
called 4 '^-seed=[0-9]* -max_total_time=45 .*/hunted/'
called 3 '^-seed=[0-9]* -max_total_time=1 .*/hunted/'
exit $status
