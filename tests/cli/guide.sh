#!/bin/sh
# usage: tests/cli/guide.sh BIN [--write]
#
# The simulations that README.md and docs/testing-with-faults.md show, run one
# after the other in a directory of their own: do they still say what is shown?
# Only how long a simulation took may differ.  With --write what they say is
# written into the documents; the words around it are for you to look after.
set -eu
bin=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_STATE_HOME=$scratch/state
export HOME XDG_CONFIG_HOME XDG_STATE_HOME
mkdir build
ln -s "$bin" build/bin
for program in hello payments; do
    [ -x build/bin/$program ] || {
        echo "there is no $program in $bin"
        exit 1
    }
done

# The document as it would be if it were written now.
written() # DOCUMENT
{
    awk '
        /^```/ { console = !console && /console$/; ours = 0 }
        console && /^\$ / {
            print
            ours = /--sim|history\.txt/
            if (!ours)
                next
            n++
            command = "{ " substr($0, 3) "; } 2>&1"
            while ((command | getline said) > 0) {
                sub(/ +$/, "", said)
                print said
            }
            close(command)
        }
        !ours
        END {
            if (!n)
                print FILENAME ": no simulation was found" >"/dev/stderr"
            exit !n
        }' "$1"
}

without_times() # DOCUMENT
{
    sed '/^  virtual  /s/ in .*//' "$1"
}

# The numbers in the words of the chapter on histories are in its transcripts.
named() # DOCUMENT
{
    awk '
        /^## / { inside = /Look into the history/ }
        !inside { next }
        /^```/ { block = !block; next }
        block { shown = shown " " $0 " "; next }
        { words = words " " $0 }
        END {
            n = split(words, word, /[^A-Za-z0-9]+/)
            for (i = 1; i <= n; i++) {
                if (word[i] !~ /^(0x[0-9a-f]+|[0-9][0-9][0-9]+)$/)
                    continue
                if (!match(shown, "[^0-9a-z]" word[i] "[^0-9a-z]")) {
                    print FILENAME ": no transcript has " word[i]
                    bad = 1
                }
            }
            if (n < 100)
                print FILENAME ": where is the chapter on histories?"
            exit bad || n < 100
        }' "$1"
}

status=0
for document in README.md docs/testing-with-faults.md; do
    written "$root/$document" >now
    if [ "${2-}" = --write ]; then
        cp now "$root/$document"
    fi
    without_times "$root/$document" >shown
    without_times now | diff -u shown - || {
        echo "^ $document shows -, the programs say +"
        status=1
    }
done
named "$root/docs/testing-with-faults.md" || status=1
exit $status
