/* main.c -- the command line of gale-bench. */
#define _GNU_SOURCE /* sched_getaffinity */
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "bench/bench.h"
#include "bench/program.h"

static const struct bench_case {
    const char *name;
    const char *about;
    bench_run run;
} cases[] = {
    {
        "wordcount",
        "words a second: acked, unacked, and a plain C loop without Gale",
        bench_wordcount,
    },
    {
        "identity",
        "tuples a second through a bolt that only acks; acked, unacked",
        bench_identity,
    },
    {
        "latency",
        "spout to ack at 10 % and 80 % of what the machine can do",
        bench_latency,
    },
    {
        "backpressure",
        "a bolt 100 times too slow: what is replayed, dropped, held",
        bench_backpressure,
    },
    {
        "micro",
        "nanoseconds of the parts that every tuple passes",
        bench_micro,
    },
    {
        "codec",
        "nanoseconds to write and read a tuple on the wire; checksums",
        bench_codec,
    },
    {
        "processes",
        "tuples a second between two worker processes; against one process",
        bench_processes,
    },
    {
        "recovery",
        "a worker is killed: how soon that is known and made good; losses",
        bench_recovery,
    },
    {
        "idle",
        "processor and memory of a cluster that has nothing to do",
        bench_idle,
    },
    {
        "exactly-once",
        "words counted once and for good, against at least once; commits",
        bench_exactly_once,
    },
    {
        "trident-idle",
        "a stream of batches with nothing to do; and the first tuple then",
        bench_trident_idle,
    },
    {
        "scale",
        "a tuple's cost as tasks, fields, bytes, keys, pending trees grow",
        bench_scale,
    },
};

enum { N_CASES = sizeof(cases) / sizeof(cases[0]) };

static const char help[] =
    "gale-bench measures what Gale promises, on the machine it runs on.\n"
    "\n"
    "  gale-bench list               the cases, one a line\n"
    "  gale-bench CASE [OPTION...]   run one of them\n"
    "\n"
    "  --seconds S   how long one run of one side takes, about (default 1)\n"
    "  --repeats N   runs of each side, in turn: A B A B ... (default 5)\n"
    "  --loops L     threads of the runtime (default: one a core)\n"
    "  --input FILE  wordcount: count this text instead of a made-up one\n"
    "  --kills N     recovery: so many workers are killed (default 20)\n"
    "  --only PART   scale: one of tasks, fields, bytes, keys, pending,\n"
    "                depth, fan_out, loops, workers\n"
    "  --tuples N    wordcount, identity: one run of so many, for a\n"
    "                profiler; of the side that --only names, acked or\n"
    "                unacked\n"
    "  --json        one JSON object as the last line of stdout\n"
    "  --quiet       no table on stderr\n"
    "  --help        this\n"
    "\n"
    "A figure is the median of the runs; KEY_min and KEY_max say how far "
    "they\n"
    "lay apart.  A ratio is the median of the ratios of neighbouring runs, "
    "so\n"
    "that a machine that slows down for a while slows down both.  Throughput\n"
    "is timed from the first next() to the last ack.  Latency is measured\n"
    "from when a tuple ought to have been emitted, not from when it was, so\n"
    "a pause counts for every tuple that it delayed.\n"
    "\n"
    "Each run's answer is compared with the right one: `exact` says whether\n"
    "all were right, and so does the exit code: 0 yes, 1 no or it could not\n"
    "be run, 2 the command line is wrong.\n";

static uint32_t cores(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return CPU_COUNT(&set) < 1 ? 1 : (uint32_t)CPU_COUNT(&set);
}

static int list(void)
{
    for (size_t i = 0; i < N_CASES; i++)
        printf("%-14s %s\n", cases[i].name, cases[i].about);
    return 0;
}

/* ------------------------------------------------------------- options -- */

static bool number(const char *name, const char *text, double least,
                   double most, double *out)
{
    char *end;
    double v = strtod(text, &end);

    if (end == text || *end != '\0' || !(v >= least && v <= most)) {
        bench_say("--%s wants a number from %g to %g, not '%s'", name, least,
                  most, text);
        return false;
    }
    *out = v;
    return true;
}

enum {
    OPT_SECONDS = 1,
    OPT_REPEATS,
    OPT_LOOPS,
    OPT_INPUT,
    OPT_KILLS,
    OPT_ONLY,
    OPT_TUPLES,
    OPT_JSON,
    OPT_QUIET,
    OPT_HELP
};

static const struct option options[] = {
    { "seconds", required_argument, NULL, OPT_SECONDS },
    { "repeats", required_argument, NULL, OPT_REPEATS },
    { "loops", required_argument, NULL, OPT_LOOPS },
    { "input", required_argument, NULL, OPT_INPUT },
    { "kills", required_argument, NULL, OPT_KILLS },
    { "only", required_argument, NULL, OPT_ONLY },
    { "tuples", required_argument, NULL, OPT_TUPLES },
    { "json", no_argument, NULL, OPT_JSON },
    { "quiet", no_argument, NULL, OPT_QUIET },
    { "help", no_argument, NULL, OPT_HELP },
    { 0 },
};

static bool take_option(bench_opts *o, int which)
{
    double v;

    switch (which) {
    case OPT_SECONDS:
        return number("seconds", optarg, 0.001, 3600, &o->seconds);
    case OPT_REPEATS:
        if (!number("repeats", optarg, 1, BENCH_MAX_REPEATS, &v))
            return false;
        o->repeats = (unsigned)v;
        return true;
    case OPT_LOOPS:
        if (!number("loops", optarg, 1, 256, &v))
            return false;
        o->loops = (uint32_t)v;
        return true;
    case OPT_INPUT:
        o->input = optarg;
        return true;
    case OPT_KILLS:
        if (!number("kills", optarg, 1, BENCH_MAX_REPEATS, &v))
            return false;
        o->kills = (unsigned)v;
        return true;
    case OPT_ONLY:
        o->only = optarg;
        return true;
    case OPT_TUPLES:
        if (!number("tuples", optarg, 1, 1e12, &v))
            return false;
        o->tuples = (uint64_t)v;
        return true;
    case OPT_JSON:
        return o->json = true;
    case OPT_QUIET:
        return o->quiet = true;
    default:
        return false; /* getopt has said what is wrong */
    }
}

/* ------------------------------------------------------------- running -- */

static const struct bench_case *find(const char *name)
{
    const char *names[N_CASES];

    for (size_t i = 0; i < N_CASES; i++) {
        if (strcmp(cases[i].name, name) == 0)
            return &cases[i];
        names[i] = cases[i].name;
    }
    const char *near = gi_nearest(name, names, N_CASES);
    bench_say("there is no case '%s'%s%s%s; try gale-bench list", name,
              near == NULL ? "" : " (did you mean '", near == NULL ? "" : near,
              near == NULL ? "" : "'?)");
    return NULL;
}

static int run(const struct bench_case *c, const bench_opts *o)
{
    bench_report r = { .quiet = o->quiet };

    gi_json_object(&r.json, NULL);
    bench_put_str(&r, "case", c->name);
    bench_put_u64(&r, "loops", o->loops);
    bench_put_u64(&r, "repeats", o->repeats);
    bench_put_f64(&r, "seconds", o->seconds);
    bool ok = c->run(o, &r);
    bench_put_bool(&r, "exact", ok);
    gi_json_end(&r.json);

    char *text = gi_json_take(&r.json);
    if (text == NULL)
        bench_say("out of memory");
    else if (o->json)
        puts(text);
    gi_free(text);
    return ok && text != NULL && fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    bench_opts o = {
        .seconds = 1,
        .repeats = 5,
        .loops = cores(),
        .kills = 20,
    };
    int which, code;

    if (bench_program(argc, argv, &code))
        return code;

    while ((which = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (which == OPT_HELP || which == 'h') {
            fputs(help, stdout);
            return 0;
        }
        if (!take_option(&o, which))
            return 2;
    }
    if (optind != argc - 1) {
        fputs(help, stderr);
        return 2;
    }
    if (strcmp(argv[optind], "list") == 0)
        return list();
    const struct bench_case *c = find(argv[optind]);
    return c == NULL ? 2 : run(c, &o);
}
