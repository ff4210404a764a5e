#include "local/sim/virtual.h"

#include "base/mem.h"
#include "base/mix.h"
#include "worker/loop.h"

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
    gi_faults *faults;
    int64_t *busy_until; /* [loop] */
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

/* A callback of this loop takes longer. */
static void stall(void *arg, gi_loop *l, int64_t ns)
{
    gi_virtual *v = arg;
    int64_t *until = &v->busy_until[l->no];

    if (*until < v->now_ns)
        *until = v->now_ns;
    *until = gi_fault_after(*until, ns);
}

/* ----------------------------------------------------------- life cycle -- */

static gale_err make_faults(gi_virtual *v, gi_plan *plan,
                            const gi_virtual_opts *opts)
{
    gi_faults_opts o = { .env = &v->env,
                         .seed = v->entropy.at ^ 1,
                         .stall = stall,
                         .stall_arg = v,
                         .suspends = true,
                         .calls = opts->calls,
                         .hit = opts->hit,
                         .hit_arg = opts->hit_arg,
                         .watcher = opts->watcher,
                         .answered = opts->answered,
                         .answered_arg = opts->answered_arg };

    if (opts->faults == NULL)
        return GALE_OK;
    return gi_faults_create(&v->faults, plan, opts->faults, &o);
}

static gale_err make_worker(gi_virtual *v, const gi_plan *plan,
                            const gi_virtual_opts *opts)
{
    gi_worker_opts w = { .env = &v->env,
                         .loops = opts->loops,
                         .args = opts->args,
                         .n_args = opts->n_args,
                         .watcher = opts->watcher };

    if (v->faults != NULL) {
        w.env = gi_faults_env(v->faults);
        w.between = gi_faults_between(v->faults);
        w.watcher = gi_faults_watcher(v->faults);
    }
    gale_err rv = gi_worker_create(&v->worker, plan, &w);
    if (rv != GALE_OK)
        return rv;
    v->n = gi_worker_n_loops(v->worker);
    v->busy_until = gi_calloc(v->n, sizeof(*v->busy_until));
    if (v->busy_until == NULL)
        return GALE_ENOMEM;
    return v->faults == NULL ? GALE_OK
                             : gi_faults_attach(v->faults, v->worker);
}

gale_err gi_virtual_create(gi_virtual **out, gi_plan *plan,
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

    gale_err rv = make_faults(v, plan, opts);
    if (rv == GALE_OK)
        rv = make_worker(v, plan, opts);
    if (rv != GALE_OK) {
        gi_virtual_destroy(v);
        return rv;
    }
    *out = v;
    return GALE_OK;
}

void gi_virtual_destroy(gi_virtual *v)
{
    if (v == NULL)
        return;
    gi_worker_destroy(v->worker);
    gi_faults_destroy(v->faults);
    gi_free(v->busy_until);
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
    if (opened && v->faults != NULL)
        gi_faults_start(v->faults);
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

gi_faults *gi_virtual_faults(gi_virtual *v)
{
    return v->faults;
}

uint32_t gi_virtual_n_loops(const gi_virtual *v)
{
    return v->n;
}

/* ------------------------------------------------------------- going on -- */

bool gi_virtual_busy(const gi_virtual *v, uint32_t loop)
{
    return v->busy_until[loop] > v->now_ns;
}

bool gi_virtual_turn(gi_virtual *v, uint32_t loop)
{
    gi_virtual *before = here;

    here = v;
    bool some = gi_loop_turn(gi_worker_loop(v->worker, loop));
    here = before;
    return some;
}

void gi_virtual_restart(gi_virtual *v, uint32_t task, bool clean)
{
    gale_task *t = gi_worker_task(v->worker, task);
    gi_virtual *before = here;

    here = v;
    gi_loop_arrive(t->loop);
    gi_task_restart(t, clean);
    here = before;
}

void gi_virtual_lose_ackers(gi_virtual *v)
{
    for (uint32_t i = 0; i < v->n; i++) {
        gi_loop_arrive(gi_worker_loop(v->worker, i));
        gi_loop_lose_acker(gi_worker_loop(v->worker, i));
    }
}

void gi_virtual_hop(gi_virtual *v, int64_t ns)
{
    int64_t for_ns, at;

    while (v->faults != NULL &&
           (at = gi_faults_next_suspend(v->faults, &for_ns)) <= ns) {
        v->now_ns = gi_fault_after(at > v->now_ns ? at : v->now_ns, for_ns);
        gi_faults_suspended(v->faults, gi_worker_loop(v->worker, 0));
    }
    if (v->now_ns < ns)
        v->now_ns = ns;
}

/* Each loop once, beginning with any.  True: one of them did something. */
static bool round_of_turns(gi_virtual *v)
{
    uint32_t first = (uint32_t)gi_rng_below(&v->order, v->n);
    bool some = false;

    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t no = (first + i) % v->n;

        if (!gi_virtual_busy(v, no))
            some |= gi_virtual_turn(v, no);
    }
    return some;
}

/* May a spout have more to give without being fed? */
static bool endless(gi_virtual *v)
{
    return gi_worker_spouts_open(v->worker) > v->feeders;
}

/* A real spout that has nothing now is asked again in a millisecond or more
 * (worker/nap.h); a feeder is not worth asking. */
int64_t gi_virtual_loop_next_ns(gi_virtual *v, uint32_t loop)
{
    int64_t least = endless(v) ? MS : INT64_MAX / 4;

    return gi_virtual_busy(v, loop)
               ? v->busy_until[loop]
               : gi_loop_next_ns(gi_worker_loop(v->worker, loop), least);
}

int64_t gi_virtual_next_ns(gi_virtual *v)
{
    int64_t next = INT64_MAX;

    for (uint32_t i = 0; i < v->n; i++) {
        int64_t ns = gi_virtual_loop_next_ns(v, i);

        if (ns < next)
            next = ns;
    }
    return next;
}

bool gi_virtual_at_rest(gi_virtual *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (!gi_virtual_busy(v, i) &&
            gi_loop_has_mail(gi_worker_loop(v->worker, i)))
            return false;
    return gi_virtual_next_ns(v) > v->now_ns;
}

/* At most so many rounds.  True: at rest. */
static bool rounds(gi_virtual *v, uint32_t most)
{
    for (uint32_t i = 0; i < most; i++)
        if (!round_of_turns(v) && gi_virtual_at_rest(v))
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
        int64_t next = rest ? gi_virtual_next_ns(v) : v->now_ns + MS;
        gi_virtual_hop(v, next < until_ns ? next : until_ns);
    }
}
