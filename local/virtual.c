#include "local/virtual.h"

#include "base/mem.h"
#include "base/mix.h"

#define MS INT64_C(1000000)

/* Display time begins on the first of January 2020. */
#define EPOCH_MS INT64_C(1577836800000)

enum {
    /* Rounds at one instant before a millisecond passes although there is
     * still work: few if a spout may go on for ever, else as many as a burst
     * of work could want. */
    ROUNDS_ENDLESS = 4,
    ROUNDS_FINITE = 1024,
    /* And before we say that it does not come to rest. */
    SETTLE_ENDLESS = 2000,
    SETTLE_FINITE = 100000,
};

struct gi_virtual {
    gi_env env;
    gi_worker *worker;
    uint32_t n;
    uint32_t feeders;
    int64_t now_ns;
    gi_rng entropy; /* what tasks get */
    gi_rng order;   /* which loop goes first */
};

/* Whose callbacks run on this thread; NULL: nobody's. */
static _Thread_local gi_virtual *here;

/* ------------------------------------------------------------ the world -- */

static int64_t now_ns(void *arg)
{
    const gi_virtual *v = arg;

    return v->now_ns;
}

static int64_t wall_ms(void *arg)
{
    return EPOCH_MS + now_ns(arg) / MS;
}

static uint64_t entropy(void *arg)
{
    gi_virtual *v = arg;

    return gi_rng_next(&v->entropy);
}

static void nap(void *arg)
{
    gi_virtual *v = arg;

    v->now_ns += MS;
}

void gi_virtual_pass(int64_t ns)
{
    if (here != NULL && ns > 0)
        here->now_ns += ns;
}

/* ----------------------------------------------------------- life cycle -- */

gale_err gi_virtual_create(gi_virtual **out, const gi_plan *plan,
                           const gi_virtual_opts *opts)
{
    gi_virtual *v = gi_alloc(sizeof(*v));

    if (v == NULL)
        return GALE_ENOMEM;
    v->env = (gi_env){ v, now_ns, wall_ms, entropy, nap };
    v->now_ns = 1000 * MS; /* 0 is "never" to some */
    v->entropy.at = gi_mix64(opts->seed);
    v->order.at = ~v->entropy.at;
    v->feeders = opts->feeders;

    gi_worker_opts w = { .env = &v->env,
                         .loops = opts->loops,
                         .args = opts->args,
                         .n_args = opts->n_args,
                         .tap = opts->tap,
                         .tap_arg = opts->tap_arg };
    gale_err rv = gi_worker_create(&v->worker, plan, &w);
    if (rv != GALE_OK) {
        gi_free(v);
        return rv;
    }
    v->n = gi_worker_n_loops(v->worker);
    *out = v;
    return GALE_OK;
}

void gi_virtual_destroy(gi_virtual *v)
{
    if (v == NULL)
        return;
    gi_worker_destroy(v->worker);
    gi_free(v);
}

gale_err gi_virtual_open(gi_virtual *v, gale_diag *why)
{
    gi_virtual *before = here;
    bool opened = true;

    here = v;
    for (uint32_t i = 0; i < v->n && opened; i++)
        opened = gi_loop_open(gi_worker_loop(v->worker, i));
    here = before;
    return opened ? GALE_OK : gi_worker_error(v->worker, why);
}

/* Tasks are closed in the order of their numbers, over all loops: a loop does
 * what is its part and waits for the others. */
void gi_virtual_close(gi_virtual *v)
{
    gi_virtual *before = here;
    bool all = false;

    here = v;
    while (!all) {
        all = true;
        for (uint32_t i = 0; i < v->n; i++)
            all &= gi_loop_close(gi_worker_loop(v->worker, i));
    }
    here = before;
}

int64_t gi_virtual_now_ns(const gi_virtual *v)
{
    return v->now_ns;
}

gi_worker *gi_virtual_worker(gi_virtual *v)
{
    return v->worker;
}

/* ------------------------------------------------------------- going on -- */

/* Each loop once, beginning with any.  True: one of them did something. */
static bool round_of_turns(gi_virtual *v)
{
    uint32_t first = (uint32_t)gi_rng_below(&v->order, v->n);
    gi_virtual *before = here;
    bool some = false;

    here = v;
    for (uint32_t i = 0; i < v->n; i++)
        some |= gi_loop_turn(gi_worker_loop(v->worker, (first + i) % v->n));
    here = before;
    return some;
}

/* May a spout have more to give without being fed? */
static bool endless(gi_virtual *v)
{
    return gi_worker_spouts_open(v->worker) > v->feeders;
}

/* When something falls due on any loop.  A real spout that has nothing now is
 * asked again in a millisecond; a feeder is not worth asking. */
static int64_t next_ns(gi_virtual *v)
{
    int64_t idle = endless(v) ? MS : INT64_MAX / 4;
    int64_t next = INT64_MAX;

    for (uint32_t i = 0; i < v->n; i++) {
        int64_t ns = gi_loop_next_ns(gi_worker_loop(v->worker, i), idle);

        if (ns < next)
            next = ns;
    }
    return next;
}

static bool at_rest(gi_virtual *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (gi_loop_has_mail(gi_worker_loop(v->worker, i)))
            return false;
    return next_ns(v) > v->now_ns;
}

/* At most so many rounds.  True: at rest. */
static bool rounds(gi_virtual *v, uint32_t most)
{
    for (uint32_t i = 0; i < most; i++)
        if (!round_of_turns(v) && at_rest(v))
            return true;
    return false;
}

bool gi_virtual_settle(gi_virtual *v)
{
    return rounds(v, endless(v) ? SETTLE_ENDLESS : SETTLE_FINITE);
}

bool gi_virtual_advance(gi_virtual *v, int64_t until_ns, bool quiet)
{
    for (;;) {
        bool rest = rounds(v, endless(v) ? ROUNDS_ENDLESS : ROUNDS_FINITE);

        if (rest && quiet && gi_worker_quiet_but(v->worker, v->feeders))
            return true;
        if (v->now_ns >= until_ns)
            return !quiet;
        int64_t next = rest ? next_ns(v) : v->now_ns + MS;
        v->now_ns = next < until_ns ? next : until_ns;
    }
}
