# shellcheck shell=sh
# What the scripts that begin a cluster share: a home of their own in $scratch,
# where they are from then on and which they remove in the end; how to wait, and
# how to complain.
scratch=$(mktemp -d)
failures=0
cd "$scratch" || exit 1
unset NO_COLOR GALE_CONF_DIR
HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_STATE_HOME=$scratch/state
export HOME XDG_CONFIG_HOME XDG_STATE_HOME

complain()
{
    echo "$*"
    failures=$((failures + 1))
}

now_ms()
{
    date +%s%3N
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for()
{
    end=$(($(now_ms) + $1 * 1000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(now_ms)" -lt $end ] || return 1
        sleep 0.02
    done
}

has() # FILE TEXT
{
    grep -qF -e "$2" "$1" || complain "no '$2' in $1: $(cat "$1")"
}
