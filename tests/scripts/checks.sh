#!/bin/sh
# Does each scripts/check-* find the fault that it is there to find?  In a
# small tree without a fault all are content; then one fault at a time is put
# in, and the check must fail and name the file.
set -eu
cd "$(dirname "$0")/../.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cp -r scripts .clang-format "$tree"
cd "$tree"

mkdir -p docs low high include/gale examples
printf 'low:\nhigh: low\n' >docs/layers
echo 'gale_folder(low SOURCES a.c)' >low/CMakeLists.txt
echo 'int low_a;' >low/a.c
echo '#include "low/a.h"' >high/b.h
printf '/* Says it. Returns GALE_OK. */\nGALE_API gale_err gale_say(void);\n' \
    >include/gale/say.h
git init -q .

for check in layers headers sources format hygiene; do
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
finds sources low/b.c <<'END'
int low_b;
END
finds format low/c.h <<'END'
int   low_c ;
END
printf '/* see /%s/somebody/notes */\n' home | finds hygiene low/d.h
printf 'int low_e;%s\n' ' ' | finds hygiene low/e.h
yes 'int x;' | head -n 451 | finds hygiene low/f.h
exit $status
