#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/nearest.h"
#include "hunting.h"

enum { DEFAULT_SEEDS = 1000 };

void options_help(FILE *to)
{
    fputs("usage: trident-sim [OPTION...]\n"
          "\n"
          "Runs Trident programs under random faults, in one thread and on a\n"
          "virtual clock: tuples and acks are lost, doubled and late, tasks "
          "die,\n"
          "the store fails, the power goes, and the program comes back with\n"
          "another number of tasks.  Looks at every commit and every write\n"
          "whether batches count once and in order.  All of a run follows "
          "from\n"
          "its seed.\n"
          "\n"
          "  --seeds A..B       which seeds; A alone is A..A (default: "
          "1..1000)\n"
          "  --fresh            begin at a seed that nobody ever ran\n"
          "  --for DURATION     go on until time is up, 30s or 5m\n"
          "  --faults PLAN      these, in place of those that the seed draws\n"
          "  --store O,G,W,D    so many of 10000 calls of the store fail: "
          "open,\n"
          "                     get, write, and write when it is done\n"
          "  --jobs N           processes (default: one for each core)\n"
          "  --stop             at the first violation\n"
          "  --show             print what the seeds stand for, run nothing\n"
          "  --history FILE     write the whole history of one seed there\n"
          "  --hash             print each run's hash\n"
          "  --states           which rare states occurred; status 1 if one "
          "did\n"
          "                     not in 1000 runs\n"
          "  --bug NAME         with this deliberate mistake in Gale\n"
          "  --list-bugs        what there is\n"
          "  --bugs             with each of them: is it found in 500 seeds?\n"
          "  --json             the result as one line of JSON\n"
          "  --help\n"
          "\n"
          "Exit status: 0 all well, 1 a violation, 2 a mistake in the call.\n"
          "\n"
          "  trident-sim --seeds 1..10000\n"
          "  trident-sim --seeds 7 --faults kill=main@1s+1s\n"
          "  trident-sim --bug NO_FENCE --stop\n",
          to);
}

static bool complain(const char *what, const char *value)
{
    fprintf(stderr, "trident-sim: %s: '%s' (see --help)\n", what, value);
    return false;
}

static bool read_u64(const char *text, uint64_t *out, const char **end)
{
    char *stop;

    if (*text < '0' || *text > '9')
        return false;
    *out = strtoull(text, &stop, 10);
    *end = stop;
    return true;
}

static bool take_seeds(options *o, const char *v)
{
    const char *end;

    if (!read_u64(v, &o->from, &end))
        return complain("not a range of seeds", v);
    o->to = o->from;
    if (strncmp(end, "..", 2) == 0 && !read_u64(end + 2, &o->to, &end))
        return complain("not a range of seeds", v);
    if (*end != '\0' || o->to < o->from || o->to > INT64_MAX)
        return complain("not a range of seeds", v);
    return true;
}

static bool take_jobs(options *o, const char *v)
{
    const char *end;
    uint64_t n;

    if (!read_u64(v, &n, &end) || *end != '\0' || n < 1 || n > 64)
        return complain("not a number that makes sense", v);
    o->jobs = (uint32_t)n;
    return true;
}

static bool take_duration(options *o, const char *v)
{
    uint32_t ms;

    if (!gi_duration_ms(v, &ms) || ms == 0)
        return complain("not a duration, like 500ms, 30s or 2m", v);
    o->for_s = ms / 1e3;
    return true;
}

static bool take_name(const char *v, const char *const *names, size_t n,
                      size_t *at)
{
    for (*at = 0; *at < n; ++*at)
        if (strcmp(names[*at], v) == 0)
            return true;
    const char *near = gi_nearest(v, names, n);
    fprintf(stderr, "trident-sim: there is no '%s'", v);
    if (near != NULL)
        fprintf(stderr, "; did you mean '%s'?", near);
    fputc('\n', stderr);
    return false;
}

static bool take_bug(options *o, const char *v)
{
    const char *names[N_BATCH_BUGS];
    size_t at;

    for (int i = 0; i < N_BATCH_BUGS; i++)
        names[i] = batch_bugs[i].name;
    if (!take_name(v, names, N_BATCH_BUGS, &at))
        return false;
    o->bug = GI_N_BUGS + 1 + (uint32_t)at;
    return true;
}

static bool take_store(options *o, const char *v)
{
    unsigned n[4];

    o->store = v;
    return sscanf(v, "%u,%u,%u,%u", &n[0], &n[1], &n[2], &n[3]) == 4 ||
           complain("not four numbers", v);
}

enum option {
    SEEDS,
    FOR,
    FAULTS,
    STORE,
    JOBS,
    HISTORY,
    BUG, /* the last that wants a value */
    FRESH,
    STOP,
    SHOW,
    HASH,
    STATES,
    LIST_BUGS,
    BUGS,
    JSON,
    HELP,
    N_OPTIONS
};

static const char *const names[N_OPTIONS] = {
    "--seeds",     "--for",   "--faults", "--store", "--jobs", "--history",
    "--bug",       "--fresh", "--stop",   "--show",  "--hash", "--states",
    "--list-bugs", "--bugs",  "--json",   "--help"
};

static bool take_value(options *o, enum option which, const char *v)
{
    switch (which) {
    case SEEDS:
        return take_seeds(o, v);
    case FOR:
        return take_duration(o, v);
    case STORE:
        return take_store(o, v);
    case JOBS:
        return take_jobs(o, v);
    case BUG:
        return take_bug(o, v);
    case HISTORY:
        o->history = v;
        return true;
    default:
        o->faults = v;
        return true;
    }
}

static void take_flag(options *o, enum option which)
{
    o->fresh |= which == FRESH;
    o->stop |= which == STOP;
    o->show |= which == SHOW;
    o->hashes |= which == HASH;
    o->states |= which == STATES;
    o->list_bugs |= which == LIST_BUGS;
    o->all_bugs |= which == BUGS;
    o->json |= which == JSON;
    o->help |= which == HELP;
}

static void set_defaults(options *o, bool seeds_given)
{
    if (o->fresh)
        o->from = (uint64_t)time(NULL) * 1000003 % 1000000000000 + 1000000;
    if (o->fresh || !seeds_given)
        o->to = o->for_s > 0 ? UINT64_MAX / 2 : o->from + DEFAULT_SEEDS - 1;
    if (o->jobs == 0)
        o->jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
    o->progress = isatty(STDERR_FILENO) && !o->hashes;
}

bool options_read(options *o, int argc, char **argv)
{
    bool seeds_given = false;
    size_t which;

    *o = (options){ .from = 1 };
    for (int i = 1; i < argc; i++) {
        if (!take_name(argv[i], names, N_OPTIONS, &which))
            return false;
        seeds_given |= which == SEEDS;
        if (which > BUG)
            take_flag(o, (enum option)which);
        else if (++i == argc)
            return complain("it wants a value", argv[i - 1]);
        else if (!take_value(o, (enum option)which, argv[i]))
            return false;
    }
    set_defaults(o, seeds_given);
    if (o->history != NULL && o->from != o->to)
        return complain("it is of one seed", "--history");
    return true;
}
