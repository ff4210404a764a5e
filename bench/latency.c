/* latency.c -- how long from "it ought to be emitted" to "it is acked".
 *
 * The n-th tuple of a spout is due at start + n / rate, whatever happened to
 * the ones before, and its time runs from then.  So a runtime that stops for
 * a while is charged for every tuple that had to wait, not only for the one
 * that was under way (Gil Tene: "coordinated omission").
 *
 * Before it is measured, each run goes on for a tenth of its time: threads,
 * memory, and where shuffles go to, have to settle.
 *
 * What 100 % is, the same topology says when its tuples are always due, just
 * before each pair of runs: a machine that others use, too, is not always the
 * same, and 80 % of what it did a while ago may be all that it can do now.
 *
 * The machine takes its processors away now and then, and what that does to a
 * perfect server is its limit.  So between the runs threads look for such
 * gaps (watch.h), and the ideal is put beside what was measured: `over_ideal`
 * is the median of the ratios of neighbours.  And since the next second is
 * not like the one before, each run says of itself when its threads had no
 * processor (run_delay.h): `delay_p99_us` is of a perfect server that stands
 * still just then, and else takes for each tuple what our median one took.
 */
#include <sys/resource.h>

#include "base/hist.h"
#include "bench/bench.h"
#include "bench/run_delay.h"
#include "bench/watch.h"

enum { AT_ONCE = 8 }; /* tuples a next, if so many are due */

struct outcome {
    gi_hist latency; /* ns */
    gi_hist delay;   /* ns, of a perfect server that was kept waiting */
    uint64_t executed;
};

struct input {
    uint64_t each, warm; /* tuples of a spout task; the first of them, which
                            are not measured */
    double interval_ns;  /* between two of them; 0: always due */
    double load;         /* of what can be done */
    struct outcome *outcome;
};

/* ------------------------------------------------------------ topology -- */

struct paced {
    const struct input *input;
    int64_t start_ns; /* 0: next was not called yet */
    uint64_t n;
    gi_hist latency;
    run_delay delay;
};

static gale_err paced_open(void *self, gale_spout_ctx *ctx)
{
    struct paced *s = self;

    s->input = gale_task_arg(gale_spout_task(ctx));
    run_delay_open(&s->delay);
    return GALE_OK;
}

static int64_t due_ns(const struct paced *s, uint64_t n)
{
    return s->start_ns + (int64_t)((double)n * s->input->interval_ns);
}

static bool paced_next(void *self, gale_spout_ctx *ctx)
{
    struct paced *s = self;
    int64_t now = bench_now_ns();

    if (s->start_ns == 0)
        s->start_ns = s->delay.looked_ns = now;
    run_delay_look(&s->delay, now);
    if (s->n <= s->input->warm)
        run_delay_begin(&s->delay, now);
    for (int i = 0; i < AT_ONCE && s->n < s->input->each; i++) {
        if (due_ns(s, s->n) > now)
            break;
        gale_spout_emit(ctx, s->n, GALE_ROW(gale_val_i64((int64_t)s->n)));
        s->n++;
    }
    return s->n < s->input->each;
}

static void paced_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct paced *s = self;
    int64_t took = bench_now_ns() - due_ns(s, id);

    (void)ctx;
    if (id >= s->input->warm)
        gi_hist_record(&s->latency, took < 0 ? 0 : (uint64_t)took);
}

static void paced_close(void *self, gale_spout_ctx *ctx)
{
    struct paced *s = self;

    (void)ctx;
    gi_hist_merge(&s->input->outcome->latency, &s->latency);
    run_delay_close(&s->delay);
    run_delay_wait(&s->delay, s->input->load, &s->input->outcome->delay);
}

static const gale_spout paced = {
    .state_size = sizeof(struct paced),
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = paced_open,
    .next = paced_next,
    .ack = paced_ack,
    .close = paced_close,
};

struct sink {
    uint64_t n;
};

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct sink *s = self;

    (void)in;
    (void)ctx;
    s->n++;
    return GALE_ACK;
}

static void sink_cleanup(void *self, gale_bolt_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_bolt_task(ctx));
    struct sink *s = self;

    input->outcome->executed += s->n;
}

static const gale_bolt sink = {
    .state_size = sizeof(struct sink),
    .execute = sink_execute,
    .cleanup = sink_cleanup,
};

static bool run(const bench_opts *o, struct input *input, gale_run_result *r)
{
    const gale_component components[] = {
        { .id = "paced", .spout = &paced, .tasks = o->loops, .arg = input },
        {
            .id = "sink",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("paced")),
            .tasks = o->loops,
            .arg = input,
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "latency",
                              .components = GALE_COMPONENTS(components) };
    uint64_t want = input->each * o->loops;
    uint64_t timed = want - input->warm * o->loops;

    if (!bench_topology(&t, NULL, o->loops, r))
        return false;
    if (input->outcome->executed == want && input->outcome->latency.n == timed)
        return true;
    bench_say("latency: %llu of %llu tuples were executed, %llu of %llu acked",
              (unsigned long long)input->outcome->executed,
              (unsigned long long)want,
              (unsigned long long)input->outcome->latency.n,
              (unsigned long long)timed);
    return false;
}

/* ----------------------------------------------------------- measuring -- */

struct load {
    const char *key;
    double share;
    bench_samples p50, p99, p999, max, cpu, rate, asked;
    bench_samples ideal, delay; /* p99 (us) of a perfect server */
};

/* Acked tuples a second when they are always due; 0: it could not be run. */
static double capacity(const bench_opts *o, double seconds)
{
    static struct outcome out;
    struct input input = { .each = 100000, .load = 1, .outcome = &out };
    gale_run_result r;
    double rate = 0;

    for (int i = 0; i < 2; i++) {
        out = (struct outcome){ 0 };
        if (!run(o, &input, &r))
            return 0;
        rate = (double)input.each * o->loops * 1e9 / (double)r.run_ns;
        input.each = 1 + (uint64_t)(rate * seconds / o->loops);
    }
    return rate;
}

static double cpu_ns(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return ((double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec) * 1e9 +
           ((double)u.ru_utime.tv_usec + (double)u.ru_stime.tv_usec) * 1e3;
}

static bool at_load(const bench_opts *o, double top, struct load *l)
{
    static struct outcome out;
    double rate = top * l->share;
    uint64_t measured = 1 + (uint64_t)(rate * o->seconds / o->loops);
    struct input input = { .warm = measured / 10,
                           .each = measured + measured / 10,
                           .interval_ns = o->loops * 1e9 / rate,
                           .load = l->share,
                           .outcome = &out };
    gale_run_result r;
    double cpu = cpu_ns();
    int64_t began = bench_now_ns();

    out = (struct outcome){ 0 };
    if (!run(o, &input, &r))
        return false;
    bench_add(&l->cpu,
              (cpu_ns() - cpu) * 100 / (double)(bench_now_ns() - began));
    const gi_hist *h = &out.latency;
    double p50 = (double)gi_hist_quantile(h, 0.5) / 1e3;
    bench_add(&l->p50, p50);
    bench_add(&l->delay,
              p50 + (double)gi_hist_quantile(&out.delay, 0.99) / 1e3);
    bench_add(&l->p99, (double)gi_hist_quantile(h, 0.99) / 1e3);
    bench_add(&l->p999, (double)gi_hist_quantile(h, 0.999) / 1e3);
    bench_add(&l->max, (double)h->max / 1e3);
    bench_add(&l->asked, rate);
    bench_add(&l->rate,
              (double)(input.each * o->loops) * 1e9 / (double)r.run_ns);
    return true;
}

/* One after the other, loads and the machine that they have. */
static bool in_turn(const bench_opts *o, struct watch *w, bench_samples *tops,
                    struct load *tenth, struct load *most)
{
    static struct watch_seen seen;
    double top = capacity(o, o->seconds < 0.5 ? o->seconds : 0.5);

    if (top <= 0 || !watch_look(w, o->seconds, &seen) ||
        !at_load(o, top, tenth) || !at_load(o, top, most))
        return false;
    bench_add(tops, top);
    bench_add(&tenth->ideal,
              (double)gi_hist_quantile(&seen.at_10, 0.99) / 1e3);
    bench_add(&most->ideal, (double)gi_hist_quantile(&seen.at_80, 0.99) / 1e3);
    return true;
}

static void put_load(bench_report *r, const struct load *l)
{
    bench_put(r, "p50_us", &l->p50);
    bench_put(r, "p99_us", &l->p99);
    bench_put(r, "p999_us", &l->p999);
    bench_put(r, "max_us", &l->max);
    bench_put(r, "cpu_percent", &l->cpu);
}

static void put_ideal(bench_report *r, const struct load *l)
{
    bench_samples over_ideal = bench_ratios(&l->p99, &l->ideal);
    bench_samples over_delay = bench_ratios(&l->p99, &l->delay);

    bench_put(r, "ideal_p99_us", &l->ideal);
    bench_put(r, "over_ideal", &over_ideal);
    bench_put(r, "delay_p99_us", &l->delay);
    bench_put(r, "over_delay", &over_delay);
}

bool bench_latency(const bench_opts *o, bench_report *r)
{
    struct load loads[] = {
        { .key = "load_10", .share = 0.1 },
        { .key = "load_80", .share = 0.8 },
    };
    enum { LOADS = sizeof(loads) / sizeof(loads[0]) };
    struct watch w;
    bench_samples tops = { 0 };
    bool ok = watch_init(&w, o->loops);

    for (unsigned i = 0; ok && i < o->repeats; i++)
        ok = in_turn(o, &w, &tops, &loads[0], &loads[1]);
    watch_fini(&w);

    bench_put(r, "capacity_per_s", &tops);
    put_load(r, &loads[0]);
    bench_put_f64(r, "cpu", bench_median(&loads[0].cpu));
    for (unsigned k = 0; k < LOADS; k++) {
        bench_open(r, loads[k].key);
        bench_put(r, "asked_per_s", &loads[k].asked);
        bench_put(r, "tuples_per_s", &loads[k].rate);
        put_load(r, &loads[k]);
        put_ideal(r, &loads[k]);
        bench_close(r);
    }
    return ok;
}
