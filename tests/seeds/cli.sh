# shellcheck shell=sh
# What the programs that hunt through seeds all promise on their command line.
# To be read by a script that has the program as $sim, and a directory $dir.
: "${sim:?}" "${dir:?}"

refuse() # WHAT ARGUMENT...
{
    what=$1
    shift
    status=0
    "$sim" "$@" >"$dir/out" 2>"$dir/err" || status=$?
    if [ $status -ne 2 ] || ! grep -q "$what" "$dir/err"; then
        echo "${sim##*/} $*: status $status, and it said:"
        cat "$dir/err"
        exit 1
    fi
}

# The result, for programs.
check_json() # KEY...
{
    "$sim" --seeds 1..5 --json >"$dir/json"
    for key in runs steps faults_by_kind violations first_bad_seed seconds \
        "$@"; do
        grep -q "\"$key\":" "$dir/json" || {
            echo "--json says nothing of $key"
            exit 1
        }
    done
}

# What there is, for programs: an array of names.
check_list_json() # NAME
{
    "$sim" --list-bugs --json >"$dir/json"
    grep -qx "\[{\"name\":.*\"name\":\"$1\",\"about\":\".*\"}\]" "$dir/json" || {
        echo "--list-bugs --json has no $1"
        exit 1
    }
}

# A seed gives one history, however the work is divided; they are in $dir/one.
check_hashes() # SEEDS ARGUMENT...
{
    "$sim" --jobs 1 --hash --seeds "$@" >"$dir/one"
    "$sim" --jobs 3 --hash --seeds "$@" | sort -n >"$dir/two"
    cmp "$dir/one" "$dir/two"
}

# What needs no more than the program.
promise() # NAME
{
    refuse "did you mean '--seeds'" --seed 1
    refuse "not a range" --seeds 5..3
    refuse "not a range" --seeds x
    refuse "jobs: not a number" --jobs 0
    refuse "not a duration" --for soon
    refuse "wants a value" --seeds
    refuse "follow from the seed" --faults drop=0.1,until=3s
    "$sim" --help | grep -q "$1 --seeds 1..10000"
    "$sim" --seeds 1..3 --show | grep -q '^seed[ =:]*3'
}
