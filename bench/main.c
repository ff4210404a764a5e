/* main.c -- the command line of gale-bench. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cpus.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "bench/bench.h"
#include "bench/program.h"

enum { INPUT = 1, KILLS = 2, TUPLES = 4 }; /* options of some cases only */

static const struct bench_case {
    const char *name;
    const char *about;
    bench_run run;
    unsigned takes;
    const char *sides; /* what --only may name, a blank between */
} cases[] = {
    {
        "wordcount",
        "words a second: acked, unacked, and a plain C loop without Gale",
        bench_wordcount,
        INPUT | TUPLES,
        "acked unacked",
    },
    {
        "identity",
        "tuples a second through a bolt that only acks; acked, unacked",
        bench_identity,
        TUPLES,
        "acked unacked",
    },
    {
        "latency",
        "spout to ack at 10 % and 80 % of what the machine can do",
        bench_latency,
        0,
        NULL,
    },
    {
        "machine",
        "what the machine does by itself, and the latency that follows",
        bench_machine,
        0,
        NULL,
    },
    {
        "backpressure",
        "a bolt 100 times too slow: what is replayed, dropped, held",
        bench_backpressure,
        0,
        NULL,
    },
    {
        "micro",
        "nanoseconds of the parts that every tuple passes",
        bench_micro,
        0,
        NULL,
    },
    {
        "codec",
        "nanoseconds to write and read a tuple on the wire; checksums",
        bench_codec,
        0,
        NULL,
    },
    {
        "processes",
        "tuples a second between two worker processes; against one process",
        bench_processes,
        0,
        "one two",
    },
    {
        "recovery",
        "a worker is killed: how soon that is known and made good; losses",
        bench_recovery,
        KILLS,
        NULL,
    },
    {
        "idle",
        "processor and memory of a cluster that has nothing to do",
        bench_idle,
        0,
        NULL,
    },
    {
        "together",
        "a counting bolt with execute, and with execute_batch",
        bench_together,
        TUPLES,
        "execute execute_batch",
    },
    {
        "hash",
        "a counting bolt that hashes keys itself, and that is handed the hash",
        bench_hash,
        TUPLES,
        "own handed",
    },
    {
        "fused",
        "rows of several sizes to a reader in batches, and by calls (.fused)",
        bench_fused,
        TUPLES,
        "batches calls",
    },
    {
        "exactly-once",
        "words counted once and for good, against at least once; commits",
        bench_exactly_once,
        TUPLES,
        "exactly-once at-least-once tracked",
    },
    {
        "trident-idle",
        "a stream of batches with nothing to do; and the first tuple then",
        bench_trident_idle,
        0,
        NULL,
    },
    {
        "scale",
        "a tuple's cost as tasks, fields, bytes, keys, pending trees grow",
        bench_scale,
        0,
        "tasks fields bytes keys pending depth fan_out loops workers",
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
    "                depth, fan_out, loops, workers; processes: one or\n"
    "                two, to measure that many only\n"
    "  --tuples N    wordcount, identity, exactly-once, together, hash, "
    "fused:\n"
    "                one run of so many, for a profiler; of the side that\n"
    "                --only names: acked or unacked; exactly-once,\n"
    "                at-least-once or tracked; execute or execute_batch; own\n"
    "                or handed; batches or calls\n"
    "  --json        one JSON object as the last line of stdout; of a list,\n"
    "                one array\n"
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

static int list(void)
{
    for (size_t i = 0; i < N_CASES; i++)
        printf("%-14s %s\n", cases[i].name, cases[i].about);
    return 0;
}

static int list_json(void)
{
    gi_json j = { 0 };

    gi_json_list(&j, NULL);
    for (size_t i = 0; i < N_CASES; i++) {
        gi_json_object(&j, NULL);
        gi_json_str(&j, "name", cases[i].name);
        gi_json_str(&j, "about", cases[i].about);
        gi_json_end(&j);
    }
    gi_json_end(&j);
    char *text = gi_json_take(&j);
    if (text == NULL)
        bench_say("no memory");
    else
        puts(text);
    gi_free(text);
    return text == NULL ? 1 : 0;
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

static bool is_side(const struct bench_case *c, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = c->sides; *at != '\0';) {
        size_t n = strcspn(at, " ");

        if (n == len && memcmp(at, name, n) == 0)
            return true;
        at += n + strspn(at + n, " ");
    }
    return false;
}

/* A figure that was made without what was asked for would be believed. */
static bool fits(const struct bench_case *c, const bench_opts *o,
                 unsigned given)
{
    static const struct {
        unsigned bit;
        const char *name;
    } some[] = { { INPUT, "input" },
                 { KILLS, "kills" },
                 { TUPLES, "tuples" } };
    bool ok = true;

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
        if (given & some[i].bit & ~c->takes) {
            bench_say("--%s does not go with '%s' (see --help)", some[i].name,
                      c->name);
            ok = false;
        }
    if (o->only == NULL)
        return ok;
    if (c->sides == NULL) {
        bench_say("--only does not go with '%s' (see --help)", c->name);
    } else if (!is_side(c, o->only)) {
        bench_say("%s: --only wants one of: %s; not '%s'", c->name, c->sides,
                  o->only);
    } else if ((c->takes & TUPLES) && o->tuples == 0) {
        bench_say("%s: --only goes with --tuples; the figures need all sides",
                  c->name);
    } else {
        return ok;
    }
    return false;
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
    bench_put_u64(&r, "executed", bench_counted());
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
        .loops = gi_cpus(),
        .kills = 20,
    };
    unsigned given = 0;
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
        given |= which == OPT_INPUT ? INPUT : 0;
        given |= which == OPT_KILLS ? KILLS : 0;
        given |= which == OPT_TUPLES ? TUPLES : 0;
    }
    if (optind == argc) {
        fputs(help, stderr);
        return 2;
    }
    if (optind != argc - 1) {
        bench_say("one case at a time: '%s' is one too many",
                  argv[optind + 1]);
        return 2;
    }
    if (strcmp(argv[optind], "list") == 0)
        return o.json ? list_json() : list();
    const struct bench_case *c = find(argv[optind]);
    return c == NULL || !fits(c, &o, given) ? 2 : run(c, &o);
}
