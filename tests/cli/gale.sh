#!/bin/sh
# usage: tests/cli/gale.sh GALE PROGRAM
#
# What the command `gale` promises where there is no cluster, and that its
# manual and the documentation say what its tables say.  PROGRAM is a
# topology's.
set -u
gale=$1 program=$2
docs=$(cd "$(dirname "$0")/../../docs" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
unset NO_COLOR GALE_CONF_DIR
HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_STATE_HOME=$scratch/state
export HOME XDG_CONFIG_HOME XDG_STATE_HOME
failures=0
nowhere=tcp://127.0.0.1:1 # where nobody listens

# expect CODE [ARGUMENT...]: run it, into the files out and err
expect()
{
    expected=$1
    shift
    last="gale $*"
    timeout 60 "$gale" "$@" >out 2>err </dev/null
    code=$?
    [ $code = "$expected" ] || complain "exit code $code, not $expected"
}

has() # FILE TEXT
{
    grep -qF -e "$2" "$1" || complain "no '$2' in $1"
}

is_empty() # FILE
{
    [ ! -s "$1" ] || complain "$1 is not empty"
}

complain()
{
    echo "$last: $1"
    sed 's/^/    err: /' err
    failures=$((failures + 1))
}

is_json() # FILE
{
    if command -v python3 >/dev/null; then
        python3 -m json.tool <"$1" >/dev/null || complain "that is no JSON"
    fi
}

# Mistakes: what is wrong, and the nearest right thing.
expect 2
has err 'gale: no command (see '
expect 2 lst
has err "gale: unknown command 'lst' (did you mean 'list'?)"
expect 2 list extra
has err "gale: unexpected word 'extra': write list"
expect 2 kill
has err "gale: 'kill' needs more: kill NAME"
has err 'kill --help'
expect 2 kill one -n 3
has err "gale: --workers does not go with 'kill' (but with: rebalance)"
expect 2 rebalance one --worker 3
has err "gale: --worker does not go with 'rebalance'"
expect 2 logs one --lnes 3
has err "gale: unknown option '--lnes' (did you mean '--lines'?)"
expect 2 status one --work 3
has err "unknown option '--work' (a word that begins"
expect 2 rebalance one -e split -n 0 -w soon
has err "--executors takes COMPONENT=NUMBER, such as split=4, not 'split'"
has err "--workers takes a number from 1 to 4096, not '0'"
has err "--wait: 'soon' is not a duration"
expect 2 set-log-level one debg
has err "'debg' is no level: error, warn, info or debug (did you mean 'debug'?)"
expect 2 completion fish
has err "not for 'fish'"
expect 2 help klil
has err "unknown command 'klil' (did you mean 'kill'?)"
expect 2 --nimbus http://there list
has err "'http://there' is no place to find Nimbus at"

# Nobody there: where, and what to do; the exit code says it too.
for command in list status workers 'status x' 'workers x' 'errors x' \
    'logs x' 'kill x' 'activate x' 'deactivate x' 'rebalance x -n 2' \
    'set-log-level x warn' 'upload-credentials x a=b'; do
    # The output is words.
    # shellcheck disable=SC2086
    expect 4 $command --nimbus $nowhere
    has err "127.0.0.1:1"
    has err "gale dev"
    has err "nimbus.seeds"
    is_empty out
done
expect 4 list -c nimbus.seeds=127.0.0.1 -c nimbus.thrift.port=1 --json
has err "tcp://127.0.0.1:1"

# Where they listen is for dev to say, and for those who ask to read.
expect 2 dev -c drpc.port=4000 -c nimbus.thrift.port=4001
has err "gale: drpc.port cannot be set here: 'gale dev' takes the usual ports"
has err "gale: nimbus.thrift.port cannot be set here"

# Programs.
expect 2 submit
expect 2 submit missing
has err "cannot run the program 'missing': No such file"
expect 2 submit .
has err "it is a directory"
expect 2 submit /bin/cat
has err "'/bin/cat' is not the program of a topology"
printf '#!/bin/sh\necho "libx.so: cannot open" >&2\nexit 127\n' >unstarted
chmod +x unstarted
expect 2 submit ./unstarted
has err "the program './unstarted' does not start: libx.so: cannot open"
expect 2 submit "$program" --nimbus $nowhere -c storm.local.dir=here
has err "setting 'storm.local.dir' is for daemons, and does nothing for a topology"
has err "with 'gale dev' it goes before the program"
expect 4 submit "$program" --nimbus $nowhere
has err "127.0.0.1:1"
expect 4 submit --nimbus $nowhere "$program" -c topology.workers=2
expect 2 submit "$program" --nimbus $nowhere -c topology.wrkers=2
has err "did you mean 'topology.workers'?"
expect 2 submit "$program" --nimbus $nowhere --faults drop=0.1
has err 'a cluster takes no topology.faults'

# Settings: from the usual place, from one that is named, and checked.
expect 0 settings
has out '  nimbus.thrift.port = 6627'
mkdir -p config/gale
cat >config/gale/storm.yaml <<END
nimbus.thrift.port: 7000
ui.port: 8080
supervisor.slots.ports: [7001, 7002]
END
expect 0 settings
has out '* nimbus.thrift.port = 7000'
has out '* supervisor.slots.ports = 7001,7002'
has err "setting 'ui.port' ($scratch/config/gale/storm.yaml:2:1) is Storm's and does nothing here: there are gale list"
expect 0 settings --json -c gale.open=true
is_json out
has out '"key":"gale.open","value":"true","from":"command line"'
has out '"notes":["setting'
expect 2 settings -c nimbus.sedes=x -c nimbus.thrift.port=many
has err "unknown setting 'nimbus.sedes' from command line (did you mean 'nimbus.seeds'?)"
has err "setting 'nimbus.thrift.port' = 'many' (command line): not a whole number"
GALE_CONF_DIR=$scratch/none
export GALE_CONF_DIR
expect 2 settings
has err "$scratch/none/storm.yaml"
unset GALE_CONF_DIR
printf 'nimbus.seeds: [127.0.0.2, "127.0.0.3:7", "tcp://127.0.0.4:8"]\n' >seeds.yaml
expect 4 list --config seeds.yaml -c gale.client.timeout.secs=0.3
has err '127.0.0.3:7'
rm -r config

# Daemons do not begin with settings that make no sense.
expect 2 nimbus -c storm.scheduler=evn
has err "storm.scheduler is 'evn'; it is one of: even, resource"
expect 2 supervisor -c supervisor.slots.ports=6700,many
has err "supervisor.slots.ports: 'many' is no port"

# The doctor.
expect 4 doctor --nimbus $nowhere --json
is_json out
has out '"check":"nimbus","finding":"bad"'
has out '"ok":false'
expect 4 doctor --nimbus $nowhere
has out 'directory'

# A reader who goes away is no mistake to speak of.
last='settings | true'
{ "$gale" settings 2>err; echo $? >code; } | true
is_empty err

# Help, version, completion.
expect 0 --help
has out 'Exit codes:'
has out '  4    Nimbus cannot be reached'
cp out help
awk 'length > 80' out | grep . && complain 'lines of more than 80 columns'
expect 0 kill --help
has out 'Usage: gale kill [OPTION...] NAME'
has out '--wait DURATION'
mv out once
expect 0 help kill
cmp -s once out || complain "differs from gale kill --help"
expect 0 version --json
is_json out
has out '"version":"'
expect 0 --version
for shell in bash zsh; do
    expect 0 completion $shell
    if command -v $shell >/dev/null; then
        $shell -n out || complain "$shell does not read it"
    fi
    for word in rebalance set-log-level --follow; do
        has out "$word"
    done
done
if command -v bash >/dev/null; then
    "$gale" completion bash >complete
    found=$(bash -c '. ./complete; COMP_WORDS=(gale reb); COMP_CWORD=1; _gale
        echo "${COMPREPLY[@]}"; COMP_WORDS=(gale logs --fo); COMP_CWORD=2
        _gale; echo "${COMPREPLY[@]}"
        COMP_WORDS=(gale set-log-level x d); COMP_CWORD=3
        _gale; echo "${COMPREPLY[@]}"' | tr '\n' ' ')
    last='completion bash'
    [ "$found" = 'rebalance --follow debug ' ] || complain "completes to '$found'"
fi

# The manual names every command and option; the documentation is what the
# tables say.
last='docs/man/gale.1'
sed -n '/^Commands:/,/^Settings:/s/^  \([a-z][a-z-]*\).*/\1/p' help |
    while read -r command; do
        grep -q "^\.It Cm $command\( \|\$\)" "$docs/man/gale.1" ||
            echo "$command"
    done >missing
grep -oE -e '--[a-z][a-z-]+' help | sort -u | while read -r option; do
    grep -qF -e "Fl \\&${option#-}" "$docs/man/gale.1" || echo "$option"
done >>missing
[ ! -s missing ] || complain "does not have: $(tr '\n' ' ' <missing)"
if command -v mandoc >/dev/null; then
    mandoc -Tlint -Wwarning "$docs/man/gale.1" >lint ||
        complain "mandoc: $(cat lint)"
fi
expect 0 storm-settings
cmp -s out "$docs/storm-settings.md" ||
    complain "docs/storm-settings.md is not what 'gale storm-settings' prints"

[ $failures = 0 ]
