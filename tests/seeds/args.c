#include "tests/seeds/args.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/nearest.h"

enum { DEFAULT_SEEDS = 1000, JOBS_MOST = 64 };

static const char *program; /* that complains */

void seeds_help(FILE *to)
{
    fputs(
        "  --seeds A..B       which seeds; A alone is A..A (default: "
        "1..1000)\n"
        "  --fresh            begin at a seed that nobody ever ran\n"
        "  --for DURATION     go on until time is up, 30s or 5m\n"
        "  --faults PLAN      these, in place of those that the seed draws:\n"
        "                     drop=0.01,kill=NAME@2s (several add up)\n"
        "  --jobs N           processes (default: one for each core)\n"
        "  --stop             at the first violation\n"
        "  --show             print what the seeds stand for, run nothing\n"
        "  --hash             print each run's hash: equal ones are the same\n"
        "                     history, event by event\n"
        "  --states           which rare states occurred; status 1 if one "
        "did\n"
        "                     not in 1000 runs\n"
        "  --bug NAME         with this deliberate mistake in Gale\n"
        "  --list-bugs        what there is\n"
        "  --bugs             with each of them: is it found in 500 seeds?\n"
        "  --json             the result, or the list, as one line of JSON\n"
        "  --help\n",
        to);
}

/* -------------------------------------------------------------- values -- */

static const char *reading; /* the option whose value is read, or NULL */

static void begin_complaint(void)
{
    fprintf(stderr, "%s: ", program);
    if (reading != NULL)
        fprintf(stderr, "%s: ", reading);
}

bool seeds_complain(const char *what, const char *value)
{
    begin_complaint();
    fprintf(stderr, "%s: '%s' (see --help)\n", what, value);
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

bool seeds_number(uint64_t *to, const char *value, uint64_t most)
{
    const char *end;

    if (!read_u64(value, to, &end) || *end != '\0' || *to < 1 || *to > most)
        return seeds_complain("not a number that makes sense", value);
    return true;
}

bool seeds_seconds(double *to, const char *value)
{
    uint32_t ms;

    if (!gi_duration_ms(value, &ms) || ms == 0)
        return seeds_complain("not a duration, like 500ms, 30s or 2m", value);
    *to = ms / 1e3;
    return true;
}

enum { FEW = 10 }; /* names that can all be told */

bool seeds_name(const char *value, const char *const *names, size_t n,
                size_t *at)
{
    for (*at = 0; *at < n; ++*at)
        if (strcmp(names[*at], value) == 0)
            return true;
    const char *near = gi_nearest(value, names, n);
    begin_complaint();
    fprintf(stderr, "there is no '%s'", value);
    if (near != NULL)
        fprintf(stderr, "; did you mean '%s'?", near);
    else if (n <= FEW)
        for (size_t i = 0; i < n; i++)
            fprintf(stderr, "%s%s", i == 0 ? "; there are " : ", ", names[i]);
    else
        fputs(" (see --help)", stderr);
    fputc('\n', stderr);
    return false;
}

bool seeds_next_fault(const char **list, char *entry, size_t size)
{
    size_t n;

    *list += strspn(*list, ",");
    n = strcspn(*list, ",");
    if (n == 0)
        return false;
    snprintf(entry, size, "%.*s", (int)n, *list);
    *list += n;
    return true;
}

/* ------------------------------------------------- those that all have -- */

static bool take_seeds(seeds_args *a, const char *v)
{
    const char *end;

    if (!read_u64(v, &a->from, &end))
        return seeds_complain("not a range of seeds", v);
    a->to = a->from;
    if (strncmp(end, "..", 2) == 0 && !read_u64(end + 2, &a->to, &end))
        return seeds_complain("not a range of seeds", v);
    if (*end != '\0' || a->to < a->from || a->to > INT64_MAX)
        return seeds_complain("not a range of seeds", v);
    return true;
}

static bool take_jobs(seeds_args *a, const char *v)
{
    uint64_t n;

    if (!seeds_number(&n, v, JOBS_MOST))
        return false;
    a->jobs = (uint32_t)n;
    return true;
}

/* Those of several options all happen. */
static bool take_faults(seeds_args *a, const char *v)
{
    size_t had = strlen(a->all_faults);

    if (strstr(v, "until=") != NULL || strstr(v, "seed=") != NULL) {
        fprintf(stderr,
                "%s: --faults: 'seed' and 'until' follow from the seed of "
                "the run; leave them out\n",
                program);
        return false;
    }
    if (had + 1 + strlen(v) >= sizeof(a->all_faults))
        return seeds_complain("that is too much to go wrong", v);
    sprintf(a->all_faults + had, "%s%s", had > 0 ? "," : "", v);
    a->faults = a->all_faults;
    return true;
}

static bool take_bug(const seeds_program *p, seeds_args *a, const char *v)
{
    const char *bug_names[GI_BUGS_END];
    size_t at;

    for (size_t i = 0; i < p->n_bugs; i++)
        bug_names[i] = p->bugs[i].name;
    if (!seeds_name(v, bug_names, p->n_bugs, &at))
        return false;
    a->bug = p->first + (uint32_t)at;
    return true;
}

/* ------------------------------------------------------------- reading -- */

enum option {
    SEEDS,
    FOR,
    FAULTS,
    JOBS,
    BUG,
    HISTORY, /* the last that wants a value */
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
    "--seeds",   "--for",       "--faults", "--jobs", "--bug",
    "--history", "--fresh",     "--stop",   "--show", "--hash",
    "--states",  "--list-bugs", "--bugs",   "--json", "--help"
};

static void take_flag(seeds_args *a, enum option which)
{
    a->fresh |= which == FRESH;
    a->stop |= which == STOP;
    a->show |= which == SHOW;
    a->hashes |= which == HASH;
    a->states |= which == STATES;
    a->list_bugs |= which == LIST_BUGS;
    a->all_bugs |= which == BUGS;
    a->json |= which == JSON;
    a->help |= which == HELP;
}

static bool take_value(const seeds_program *p, seeds_args *a, size_t which,
                       const char *v)
{
    switch (which) {
    case SEEDS:
        return take_seeds(a, v);
    case FOR:
        return seeds_seconds(&a->for_s, v);
    case FAULTS:
        return take_faults(a, v);
    case JOBS:
        return take_jobs(a, v);
    case BUG:
        return take_bug(p, a, v);
    case HISTORY:
        a->history = v;
        return true;
    default:
        return p->own[which - N_OPTIONS].take(p->arg, v);
    }
}

/* What has to be said again for the same run. */
static void keep_again(const seeds_program *p, seeds_args *a, size_t which,
                       const char *name, const char *v)
{
    size_t had = strlen(a->again);

    if (which < N_OPTIONS ? which == FAULTS || which == BUG
                          : p->own[which - N_OPTIONS].again)
        snprintf(a->again + had, sizeof(a->again) - had, " %s '%s'", name, v);
}

static void set_defaults(seeds_args *a, bool seeds_given)
{
    if (a->fresh)
        a->from = (uint64_t)time(NULL) * 1000003 % 1000000000000 + 1000000;
    if (a->fresh || !seeds_given)
        a->to = a->for_s > 0 ? UINT64_MAX / 2 : a->from + DEFAULT_SEEDS - 1;
    if (a->jobs == 0)
        a->jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
    a->progress = isatty(STDERR_FILENO) && !a->hashes;
}

bool seeds_read(const seeds_program *p, seeds_args *a, int argc, char **argv)
{
    const char *all[N_OPTIONS + SEEDS_OPTIONS_MOST];
    bool seeds_given = false;
    size_t which;

    program = p->name;
    reading = NULL;
    *a = (seeds_args){ .from = 1 };
    memcpy(all, names, sizeof(names));
    for (size_t i = 0; i < p->n_own; i++)
        all[N_OPTIONS + i] = p->own[i].name;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' && p->file != NULL) {
            p->file(p->arg, argv[i]);
            continue;
        }
        if (!seeds_name(argv[i], all, N_OPTIONS + p->n_own, &which))
            return false;
        seeds_given |= which == SEEDS;
        if (which > HISTORY && which < N_OPTIONS) {
            take_flag(a, (enum option)which);
            continue;
        }
        if (++i == argc)
            return seeds_complain("it wants a value", argv[i - 1]);
        keep_again(p, a, which, argv[i - 1], argv[i]);
        reading = argv[i - 1];
        if (!take_value(p, a, which, argv[i]))
            return false;
        reading = NULL;
    }
    set_defaults(a, seeds_given);
    return true;
}
