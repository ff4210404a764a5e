/* scale.c -- what a tuple costs as each thing that can grow grows: tasks,
 * fields, bytes, keys, pending trees, depth, fan-out, loops, processes.
 *
 * Costs are the processor's time of all threads, which other programs on the
 * machine disturb least.  A step's cost is that of a unit of work: a tuple, or
 * a field or byte of it where these grow.  `worst_step` is the most that it
 * grew from one step to the next; where there is neither a cliff nor a term
 * that grows with the square, it stays near 1.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "bench/scale.h"
#include "bench/scale_run.h"

enum { STEPS = 6, SHARE = 5 }; /* a run takes a SHARE-th of --seconds */

static const scale_shape plain = {
    .loops = 1,
    .spouts = 1,
    .tasks = 1,
    .depth = 1,
    .fan_out = 1,
    .fields = 1,
};

static void set_tasks(scale_shape *s, uint32_t n)
{
    s->tasks = n;
}

static void set_fields(scale_shape *s, uint32_t n)
{
    s->fields = n;
}

static void set_bytes(scale_shape *s, uint32_t n)
{
    s->fields = 2;
    s->bytes = n;
}

static void set_keys(scale_shape *s, uint32_t n)
{
    s->tasks = 4;
    s->keys = n;
}

static void set_pending(scale_shape *s, uint32_t n)
{
    s->held = n;
}

static void set_depth(scale_shape *s, uint32_t n)
{
    s->depth = n;
}

static void set_fan_out(scale_shape *s, uint32_t n)
{
    s->depth = 2;
    s->fan_out = n;
}

static void set_loops(scale_shape *s, uint32_t n)
{
    s->loops = s->spouts = s->tasks = n;
}

struct dimension {
    const char *name;
    void (*set)(scale_shape *s, uint32_t n);
    bool of_size; /* its unit is one of what grows, not a tuple */
    uint32_t at[STEPS];
};

static const struct dimension dimensions[] = {
    { "tasks", set_tasks, false, { 1, 10, 100, 1000 } },
    { "fields", set_fields, true, { 1, 4, 16, 64 } },
    { "bytes", set_bytes, true, { 10, 100, 1024, 8192, 65536 } },
    { "keys", set_keys, false, { 1, 1000, 100000, 1000000, 10000000 } },
    { "pending",
      set_pending,
      false,
      { 1000, 10000, 100000, 1000000, 10000000 } },
    { "depth", set_depth, false, { 1, 2, 5, 10, 20 } },
    { "fan_out", set_fan_out, false, { 1, 10, 100, 1000 } },
    { "loops", set_loops, false, { 1, 2 } },
};

enum { N_DIMENSIONS = sizeof(dimensions) / sizeof(dimensions[0]) };

/* ------------------------------------------------------------- one step -- */

enum { WEIGHABLE = 100000 }; /* pending trees, so that their memory shows */

struct step {
    scale_shape s;
    const char *why; /* it is left out; NULL: it is not */
    uint64_t n;      /* trees of a run */
    double about_ns; /* a tuple, as the first run says */
    bench_samples cpu, wall, bytes;
};

/* Trees to begin with: until all that is to be pending is, and the pools are
 * as large as they will be. */
static uint64_t warm_up(const scale_shape *s)
{
    return s->held + s->held / 8 + 4096 / scale_tuples(s) + 512;
}

/* Memory of a tree that is pending, payload apart: what a run with ackers
 * takes beyond one without, where a bolt holds as many tuples. */
static bool weigh(const scale_cost *with, struct step *to)
{
    scale_shape alone = to->s;
    scale_cost without;

    alone.untracked = true;
    if (!scale_run(&alone, warm_up(&to->s), to->n, &without))
        return false;
    bench_add(&to->bytes,
              ((double)with->rss_bytes - (double)without.rss_bytes) /
                  to->s.held);
    return true;
}

/* How long a run has to be. */
static bool calibrate(const bench_opts *o, struct step *to)
{
    enum { FEW = 20000 };
    const scale_shape *s = &to->s;
    scale_cost c;

    if (!scale_run(s, warm_up(s), FEW / scale_tuples(s) + 100, &c))
        return false;
    double tree_ns = c.wall_ns * (double)scale_tuples(s) * s->spouts;
    double least_ns = (double)scale_tuples(s); /* whatever was seen */
    double wanted =
        o->seconds / SHARE * 1e9 / (tree_ns < least_ns ? least_ns : tree_ns);
    to->n = wanted > 500 ? (uint64_t)wanted : 500;
    to->about_ns = c.cpu_ns;
    return true;
}

static bool run_step(struct step *to)
{
    scale_cost c;

    if (!scale_run(&to->s, warm_up(&to->s), to->n, &c))
        return false;
    bench_add(&to->cpu, c.cpu_ns);
    bench_add(&to->wall, c.wall_ns);
    return to->s.held < WEIGHABLE || weigh(&c, to);
}

/* ---------------------------------------------------------- a dimension -- */

static uint64_t memory_available(void)
{
    unsigned long long kb = 0;
    char line[128];
    FILE *f = fopen("/proc/meminfo", "re");

    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (sscanf(line, "MemAvailable: %llu", &kb) == 1)
            break;
    if (f != NULL)
        fclose(f);
    return kb * 1024;
}

/* NULL: it can be done; else why not.  A tuple of the step before took about
 * `last_ns`. */
static const char *why_not(const scale_shape *s, double last_ns,
                           const bench_opts *o)
{
    enum { PENDING_BYTES = 300, LONGEST = 20 };
    uint64_t bytes = (uint64_t)s->held * PENDING_BYTES + s->keys * 4u;

    if (bytes > memory_available() / 2)
        return "not enough memory";
    if (s->held * last_ns > LONGEST * o->seconds * 1e9)
        return "would take too long for --seconds";
    return NULL;
}

/* How many steps; 0: it could not be run. */
static unsigned make_steps(const struct dimension *d, const bench_opts *o,
                           struct step *at)
{
    double last_ns = 0;
    unsigned n = 0;

    for (; n < STEPS && d->at[n] != 0; n++) {
        at[n] = (struct step){ .s = plain };
        d->set(&at[n].s, d->at[n]);
        at[n].why = why_not(&at[n].s, last_ns, o);
        if (at[n].why == NULL && !calibrate(o, &at[n]))
            return 0;
        last_ns = at[n].about_ns > 0 ? at[n].about_ns : last_ns;
    }
    return n;
}

/* All steps in turn, so that a while in which the machine is slow does not
 * look like a cliff. */
static bool run_steps(const bench_opts *o, struct step *at, unsigned n)
{
    for (unsigned k = 0; k < o->repeats; k++)
        for (unsigned i = 0; i < n; i++) {
            bool takes_long = at[i].s.held > 10 * WEIGHABLE;

            if (at[i].why != NULL || (takes_long && k > 0))
                continue;
            if (!run_step(&at[i]))
                return false;
        }
    return true;
}

static void put_steps(const struct dimension *d, const struct step *at,
                      unsigned n, bench_report *r)
{
    scale_steps steps = { 0 };

    for (unsigned i = 0; i < n; i++) {
        char key[32];

        snprintf(key, sizeof(key), "at_%u", d->at[i]);
        bench_open(r, key);
        if (at[i].why == NULL) {
            bench_put(r, "cpu_ns", &at[i].cpu);
            bench_put(r, "wall_ns", &at[i].wall);
            if (at[i].bytes.n > 0)
                bench_put(r, "bytes_per_pending_root", &at[i].bytes);
            scale_step(&steps,
                       bench_median(&at[i].cpu) / (d->of_size ? d->at[i] : 1));
        } else {
            bench_put_str(r, "left_out", at[i].why);
        }
        bench_close(r);
    }
    bench_put_str(r, "unit", d->of_size ? d->name : "tuple");
    bench_put_f64(r, "worst_step", steps.worst);
}

static bool measure(const struct dimension *d, const bench_opts *o,
                    bench_report *r)
{
    static struct step at[STEPS];
    unsigned n = make_steps(d, o, at);
    bool ok = n > 0 && run_steps(o, at, n);

    bench_open(r, d->name);
    if (ok)
        put_steps(d, at, n, r);
    bench_close(r);
    return ok;
}

bool bench_scale(const bench_opts *o, bench_report *r)
{
    bool ok = true;

    for (size_t i = 0; ok && i < N_DIMENSIONS; i++)
        if (o->only == NULL || strcmp(o->only, dimensions[i].name) == 0)
            ok = measure(&dimensions[i], o, r);
    if (ok && (o->only == NULL || strcmp(o->only, "workers") == 0))
        ok = scale_workers(o, r);
    return ok;
}
