# shellcheck shell=bash
# lib.sh -- sourced by scripts/demo and scripts/test: a step of work, with its
# output in a log and one live line on a terminal meanwhile.

set -m # each step is a process group of its own, so that it can be ended
step_pid=
trap '[ -z "$step_pid" ] || kill -- "-$step_pid" 2>/dev/null' EXIT
trap 'exit 130' INT TERM

# step LABEL LOG COMMAND...: the status is the command's.
step()
{
    local label=$1 log=$2 since=$SECONDS status=0
    local width=$(($(tput cols 2>/dev/null || echo 80) - 20))
    shift 2

    "$@" >"$log" 2>&1 </dev/null &
    step_pid=$!
    while [ -t 1 ] && kill -0 "$step_pid" 2>/dev/null; do
        printf '\r\033[K%-9s %3d s  %s' "$label" $((SECONDS - since)) \
            "$(tail -n 1 "$log" | tr -d '\r\t' | cut -c "1-$width")"
        sleep 0.2
    done
    wait "$step_pid" || status=$?
    step_pid=
    [ ! -t 1 ] || printf '\r\033[K'
    return "$status"
}

# How many things to do at once.
jobs_at_once=$(nproc 2>/dev/null || echo 2)

# configure_and_build PRESET TARGET [CMAKE-ARGUMENT...]
configure_and_build()
{
    local preset=$1 target=$2
    shift 2
    cmake --preset "$preset" "$@" &&
        cmake --build --preset "$preset" --target "$target" \
            -j "$jobs_at_once"
}
