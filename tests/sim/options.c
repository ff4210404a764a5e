#include "options.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/nearest.h"
#include "points.h"

enum { DEFAULT_SEEDS = 1000 };

void options_help(FILE *to)
{
    fputs(
        "usage: gale-sim [OPTION...] [FILE...]\n"
        "\n"
        "Runs random topologies under random faults, in one thread and on a\n"
        "virtual clock, and looks after every step whether Gale keeps what "
        "it\n"
        "promises.  All of a run follows from its seed.  A FILE holds one\n"
        "scenario, as a violation prints it.\n"
        "\n"
        "  --seeds A..B       which seeds; A alone is A..A (default: "
        "1..1000)\n"
        "  --fresh            begin at a seed that nobody ever ran\n"
        "  --for DURATION     go on until time is up, 30s or 5m\n"
        "  --topology NAME    random, chain, diamond, fanout, join, cycle, "
        "all\n"
        "  --roots N          messages of a run (default: 40 to 400)\n"
        "  --faults PLAN      these, in place of those that the seed draws:\n"
        "                     drop=0.01,kill=b1@2s\n"
        "  --mode MODE        safety: things go wrong to the end;\n"
        "                     liveness: then no more, and all must settle;\n"
        "                     both (default): one or the other, by seed\n"
        "  --jobs N           processes (default: one for each core)\n"
        "  --stop             at the first violation\n"
        "  --shrink DURATION  time for making it small (default: 60s)\n"
        "  --show             print what the seeds stand for, run nothing\n"
        "  --history FILE     write the whole history of one scenario there\n"
        "  --hash             print each run's hash: equal ones are the same\n"
        "                     history, event by event\n"
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
        "  gale-sim --seeds 1..10000\n"
        "  gale-sim --seeds 1..20 --topology cycle --faults kill=b2@1s+1s\n"
        "  gale-sim --bug LOST_FLUSH --stop\n"
        "  gale-sim tests/sim/museum/*\n",
        to);
}

/* ------------------------------------------------------------------ values --
 */

static bool complain(const char *what, const char *value)
{
    fprintf(stderr, "gale-sim: %s: '%s' (see --help)\n", what, value);
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

    if (!read_u64(v, &o->hunt.from, &end))
        return complain("not a range of seeds", v);
    o->hunt.to = o->hunt.from;
    if (strncmp(end, "..", 2) == 0 && !read_u64(end + 2, &o->hunt.to, &end))
        return complain("not a range of seeds", v);
    if (*end != '\0' || o->hunt.to < o->hunt.from || o->hunt.to > INT64_MAX)
        return complain("not a range of seeds", v);
    return true;
}

static bool take_number(uint64_t *to, const char *v, uint64_t most)
{
    const char *end;

    if (!read_u64(v, to, &end) || *end != '\0' || *to < 1 || *to > most)
        return complain("not a number that makes sense", v);
    return true;
}

static bool take_duration(double *to, const char *v)
{
    uint32_t ms;

    if (!gi_duration_ms(v, &ms) || ms == 0)
        return complain("not a duration, like 500ms, 30s or 2m", v);
    *to = ms / 1e3;
    return true;
}

static size_t count(const char *const *names)
{
    size_t n = 0;

    while (names[n] != NULL)
        n++;
    return n;
}

static bool take_name(const char *v, const char *const *names, size_t *at)
{
    for (*at = 0; names[*at] != NULL; ++*at)
        if (strcmp(names[*at], v) == 0)
            return true;
    const char *near = gi_nearest(v, names, count(names));
    fprintf(stderr, "gale-sim: there is no '%s'", v);
    if (near != NULL)
        fprintf(stderr, "; did you mean '%s'?", near);
    fputc('\n', stderr);
    return false;
}

static bool take_faults(options *o, const char *v)
{
    if (strstr(v, "until=") != NULL || strstr(v, "seed=") != NULL) {
        fprintf(stderr, "gale-sim: --faults: 'seed' and 'until' follow from "
                        "the seed of the run; leave them out\n");
        return false;
    }
    o->hunt.faults = v;
    return true;
}

static bool take_bug(options *o, const char *v)
{
    const char *names[GI_N_BUGS];
    size_t at;

    for (int i = 1; i < GI_N_BUGS; i++)
        names[i - 1] = bugs[i].name;
    names[GI_N_BUGS - 1] = NULL;
    if (!take_name(v, names, &at))
        return false;
    o->bug = (uint32_t)at + 1;
    return true;
}

static bool take_mode(options *o, const char *v)
{
    static const char *const names[] = { "both", "safety", "liveness", NULL };
    size_t at;

    if (!take_name(v, names, &at))
        return false;
    o->hunt.gen.mode = (enum gen_mode)at;
    return true;
}

static bool take_topology(options *o, const char *v)
{
    size_t at;

    o->hunt.gen.topology = v;
    return take_name(v, gen_topologies, &at);
}

static bool take_jobs(options *o, const char *v)
{
    uint64_t n;

    if (!take_number(&n, v, 64))
        return false;
    o->hunt.jobs = (uint32_t)n;
    return true;
}

/* ----------------------------------------------------------------- options --
 */

enum option {
    SEEDS,
    FRESH,
    FOR,
    TOPOLOGY,
    ROOTS,
    FAULTS,
    MODE,
    JOBS,
    STOP,
    SHRINK,
    SHOW,
    HASH,
    STATES,
    BUG,
    LIST_BUGS,
    BUGS,
    JSON,
    HELP,
    HISTORY,
    N_OPTIONS
};

static const char *const names[] = {
    "--seeds",  "--fresh", "--for",    "--topology", "--roots",
    "--faults", "--mode",  "--jobs",   "--stop",     "--shrink",
    "--show",   "--hash",  "--states", "--bug",      "--list-bugs",
    "--bugs",   "--json",  "--help",   "--history",  NULL
};

static bool wants_value(enum option which)
{
    return which == SEEDS || which == FOR || which == TOPOLOGY ||
           which == ROOTS || which == FAULTS || which == MODE ||
           which == JOBS || which == SHRINK || which == BUG ||
           which == HISTORY;
}

static bool take_value(options *o, enum option which, const char *v)
{
    switch (which) {
    case SEEDS:
        return take_seeds(o, v);
    case FOR:
        return take_duration(&o->hunt.for_s, v);
    case TOPOLOGY:
        return take_topology(o, v);
    case ROOTS:
        return take_number(&o->hunt.gen.roots, v, 1000000);
    case MODE:
        return take_mode(o, v);
    case JOBS:
        return take_jobs(o, v);
    case SHRINK:
        return take_duration(&o->shrink_s, v);
    case BUG:
        return take_bug(o, v);
    case HISTORY:
        o->history = v;
        return true;
    default:
        return take_faults(o, v);
    }
}

static void take_flag(options *o, enum option which)
{
    o->fresh |= which == FRESH;
    o->hunt.stop |= which == STOP;
    o->show |= which == SHOW;
    o->hunt.hashes |= which == HASH;
    o->states |= which == STATES;
    o->list_bugs |= which == LIST_BUGS;
    o->all_bugs |= which == BUGS;
    o->json |= which == JSON;
    o->help |= which == HELP;
}

static void set_defaults(options *o, bool seeds_given)
{
    if (o->fresh)
        o->hunt.from =
            (uint64_t)time(NULL) * 1000003 % 1000000000000 + 1000000;
    if (o->fresh || !seeds_given)
        o->hunt.to = o->hunt.for_s > 0 ? UINT64_MAX / 2
                                       : o->hunt.from + DEFAULT_SEEDS - 1;
    if (o->hunt.jobs == 0)
        o->hunt.jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
    o->hunt.progress = isatty(STDERR_FILENO) && !o->hunt.hashes;
}

bool options_read(options *o, int argc, char **argv)
{
    bool seeds_given = false;
    size_t which;

    *o = (options){ .hunt = { .from = 1 }, .shrink_s = 60 };
    o->files = calloc((size_t)argc, sizeof(*o->files));
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') {
            o->files[o->n_files++] = argv[i];
            continue;
        }
        if (!take_name(argv[i], names, &which))
            return false;
        seeds_given |= which == SEEDS;
        if (!wants_value((enum option)which))
            take_flag(o, (enum option)which);
        else if (++i == argc)
            return complain("it wants a value", argv[i - 1]);
        else if (!take_value(o, (enum option)which, argv[i]))
            return false;
    }
    set_defaults(o, seeds_given);
    if (o->history != NULL && o->n_files != 1)
        return complain("it is of one scenario, in a FILE", "--history");
    if (o->hunt.faults != NULL && o->n_files > 0)
        return complain("a FILE has its own", "--faults");
    return true;
}
