#include "local/sim/sim.h"

#include "base/mem.h"
#include "base/mix.h"
#include "local/sim/virtual.h"
#include "worker/loop.h"

#define US  INT64_C(1000)
#define DAY (INT64_C(24) * 3600 * 1000000000)

enum {
    TURN_US = 50,        /* a turn takes up to so long */
    LAZY = 32,           /* one time in so many a loop is out for up to ... */
    LAZY_US = 5000,      /* ... so long: its core was needed elsewhere */
    IDLE_BEFORE_HOP = 2, /* rounds in which nobody did anything */
};

struct gi_sim {
    gi_virtual *v;
    gi_rng rng; /* who is next, how long it takes */
    gi_fault_plan none;
    gi_watcher watcher;
    const gi_watcher *other;
    gi_fault_hit hit;
    void *hit_arg;
    gi_history history;
    uint64_t steps;
    int64_t limit_ns;    /* the clock hops no further */
    int64_t some_ns;     /* when somebody last did something */
    int64_t *away_until; /* [loop] */
    uint32_t idle;       /* turns since somebody did something */
};

/* -------------------------------------------------------------- history -- */

static void note(gi_sim *s, gi_event e)
{
    e.at_ns = gi_virtual_now_ns(s->v);
    gi_history_add(&s->history, &e);
}

static void emitted(void *arg, gale_task *from, const gi_stream *stream,
                    gale_row row)
{
    gi_sim *s = arg;

    note(s, (gi_event){ .what = "emit",
                        .task = from->id,
                        .root = from->in == NULL ? 0 : from->in->link.root,
                        .name = stream->name,
                        .row = row });
    if (s->other != NULL && s->other->emitted != NULL)
        s->other->emitted(s->other->arg, from, stream, row);
}

static void begins(void *arg, gale_task *t, uint64_t id, uint64_t root,
                   bool replay)
{
    const gi_sim *s = arg;

    if (s->other != NULL && s->other->begins != NULL)
        s->other->begins(s->other->arg, t, id, root, replay);
}

static void launched(void *arg, gale_task *t, uint64_t id, uint64_t root,
                     size_t n, bool replay)
{
    gi_sim *s = arg;

    note(s, (gi_event){ .what = replay ? "replay" : "root",
                        .task = t->id,
                        .number_is = "id",
                        .number = id,
                        .root = root });
    if (s->other != NULL && s->other->launched != NULL)
        s->other->launched(s->other->arg, t, id, root, n, replay);
}

static const char *how_it_ended(gi_why why)
{
    switch (why) {
    case GI_WHY_NONE:
        return "done";
    case GI_WHY_FAILED:
        return "failed";
    case GI_WHY_TIMEOUT:
        return "timed out";
    case GI_WHY_LOST:
        return "lost";
    case GI_WHY_NOMEM:
        return "no memory";
    case GI_WHY_OVERFLOW:
        return "overflow";
    }
    return "?";
}

static void settled(void *arg, gale_task *t, uint64_t id, uint64_t root,
                    gi_why why, uint16_t comp)
{
    gi_sim *s = arg;
    const gi_plan *plan = s->history.plan;
    bool known = why != GI_WHY_NONE && comp < plan->n_comps;

    note(s, (gi_event){ .what = how_it_ended(why),
                        .task = t->id,
                        .number_is = "id",
                        .number = id,
                        .root = root,
                        .name = known ? plan->comps[comp].id : NULL });
    if (s->other != NULL && s->other->settled != NULL)
        s->other->settled(s->other->arg, t, id, root, why, comp);
}

static void gave_up(void *arg, gale_task *t, uint64_t id)
{
    gi_sim *s = arg;

    note(s, (gi_event){ .what = "gave up",
                        .task = t->id,
                        .number_is = "id",
                        .number = id });
    if (s->other != NULL && s->other->gave_up != NULL)
        s->other->gave_up(s->other->arg, t, id);
}

static void forgot(void *arg, gale_task *t)
{
    gi_sim *s = arg;

    note(s, (gi_event){ .what = "forgot", .task = t->id });
    if (s->other != NULL && s->other->forgot != NULL)
        s->other->forgot(s->other->arg, t);
}

static void hit(void *arg, gi_fault_kind kind, bool acks, uint64_t root,
                uint32_t task)
{
    gi_sim *s = arg;

    note(s, (gi_event){ .what = gi_fault_name(kind),
                        .task = task,
                        .root = root,
                        .name = acks ? GI_ACKER : NULL });
    if (s->hit != NULL)
        s->hit(s->hit_arg, kind, acks, root, task);
}

static void answered(void *arg, gale_task *t, const gale_tuple *in,
                     gale_verdict v)
{
    const char *what = v == GALE_ACK    ? "ack"
                       : v == GALE_FAIL ? "fail"
                       : v == GALE_HOLD ? "hold"
                                        : "died";

    note(arg, (gi_event){ .what = what,
                          .task = t->id,
                          .root = in->link.root,
                          .row = gale_tuple_row(in) });
}

/* ------------------------------------------------------------- lifetime -- */

/* What stays on its loop meets fewer others, and a simulation is to show what
 * can go wrong: so here shuffles reach all, unless somebody says otherwise. */
static void shuffle_to_all(gi_plan *plan)
{
    if (gi_conf_get(plan->conf, "topology.disable.loadaware.messaging") ==
        NULL)
        plan->set.load_aware = false;
}

gale_err gi_sim_create(gi_sim **out, gi_plan *plan, const gi_sim_opts *o)
{
    gi_sim *s = gi_alloc(sizeof(*s));
    gale_err rv;

    if (s == NULL)
        return GALE_ENOMEM;
    s->limit_ns = INT64_MAX;
    s->rng.at = gi_mix64(o->seed ^ UINT64_C(0x73696d));
    s->none = (gi_fault_plan){ .until_ns = INT64_MAX };
    s->watcher =
        (gi_watcher){ s, emitted, begins, launched, settled, gave_up, forgot };
    s->other = o->watcher;
    s->hit = o->hit;
    s->hit_arg = o->hit_arg;
    s->history =
        (gi_history){ .plan = plan, .log = o->log, .off = o->quiet_history };

    gi_virtual_opts v = { .loops = o->loops == 0 ? 2 : o->loops,
                          .seed = o->seed,
                          .args = o->args,
                          .n_args = o->n_args,
                          .watcher = &s->watcher,
                          .faults = o->faults == NULL ? &s->none : o->faults,
                          .calls = true,
                          .hit = hit,
                          .hit_arg = s,
                          .answered = o->quiet_history ? NULL : answered,
                          .answered_arg = s };
    shuffle_to_all(plan);
    rv = gi_virtual_create(&s->v, plan, &v);
    if (rv == GALE_OK) {
        s->away_until =
            gi_calloc(gi_virtual_n_loops(s->v), sizeof(*s->away_until));
        rv = s->away_until == NULL ? GALE_ENOMEM : GALE_OK;
    }
    if (rv != GALE_OK) {
        gi_sim_destroy(s);
        return rv;
    }
    *out = s;
    return GALE_OK;
}

void gi_sim_destroy(gi_sim *s)
{
    if (s == NULL)
        return;
    gi_virtual_destroy(s->v);
    gi_free(s->away_until);
    gi_free(s);
}

gale_err gi_sim_open(gi_sim *s, gale_diag *why)
{
    gale_err rv = gi_virtual_open(s->v, why);

    if (rv == GALE_OK)
        gi_sim_activate(s, true);
    return rv;
}

void gi_sim_close(gi_sim *s)
{
    gi_virtual_close(s->v);
}

void gi_sim_activate(gi_sim *s, bool active)
{
    note(s, (gi_event){ .what = active ? "activate" : "drain" });
    gi_worker_set_active(gi_virtual_worker(s->v), active);
    s->idle = 0;
}

/* ---------------------------------------------------------------- steps -- */

bool gi_sim_stalled(const gi_sim *s)
{
    for (uint32_t i = 0; i < gi_virtual_n_loops(s->v); i++)
        if (gi_virtual_busy(s->v, i))
            return true;
    return false;
}

static bool away(const gi_sim *s, uint32_t loop)
{
    return gi_virtual_busy(s->v, loop) ||
           s->away_until[loop] > gi_virtual_now_ns(s->v);
}

/* Any loop that may run now; n if none may. */
static uint32_t choose(gi_sim *s)
{
    uint32_t n = gi_virtual_n_loops(s->v);
    uint32_t first = (uint32_t)gi_rng_below(&s->rng, n);

    for (uint32_t i = 0; i < n; i++)
        if (!away(s, (first + i) % n))
            return (first + i) % n;
    return n;
}

/* A turn takes time; and now and then the core has other things to do. */
static void turn(gi_sim *s, uint32_t loop)
{
    int64_t now = gi_virtual_now_ns(s->v);
    bool some;

    some = gi_virtual_turn(s->v, loop);
    if (some)
        note(s, (gi_event){
                    .what = "turned", .number_is = "loop", .number = loop });
    s->idle = some ? 0 : s->idle + 1;
    if (some)
        s->some_ns = now;
    if (some)
        now += (int64_t)gi_rng_below(&s->rng, TURN_US * US);
    if (some && gi_rng_below(&s->rng, LAZY) == 0)
        s->away_until[loop] =
            now + (int64_t)gi_rng_below(&s->rng, LAZY_US * US);
    gi_virtual_hop(s->v, now);
}

/* To when the next thing falls due, or a loop that was away is back. */
static gi_sim_step hop(gi_sim *s)
{
    uint32_t n = gi_virtual_n_loops(s->v);
    int64_t now = gi_virtual_now_ns(s->v);
    int64_t next = INT64_MAX;
    bool busy = false;

    for (uint32_t i = 0; i < n; i++) {
        busy |= gi_virtual_busy(s->v, i);
        int64_t ns = s->away_until[i] > now ? s->away_until[i]
                                            : gi_virtual_loop_next_ns(s->v, i);

        next = ns < next ? ns : next;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (away(s, i) ||
            !gi_loop_has_mail(gi_worker_loop(gi_sim_worker(s), i)))
            continue;
        turn(s, i); /* chance had passed it over */
        return GI_SIM_TURNED;
    }
    if (next == INT64_MAX || (!busy && now - s->some_ns > DAY))
        return GI_SIM_STUCK; /* epochs go on, but nothing else will */
    s->idle = 0;
    if (next <= now)
        next = now + US;
    gi_virtual_hop(s->v, next < s->limit_ns ? next : s->limit_ns);
    return GI_SIM_HOPPED;
}

gi_sim_step gi_sim_step_once(gi_sim *s)
{
    gi_worker *w = gi_virtual_worker(s->v);
    uint32_t n = gi_virtual_n_loops(s->v);

    s->steps++;
    if (gi_worker_error(w, NULL) != GALE_OK)
        return GI_SIM_STOPPED;
    if (s->idle >= n * IDLE_BEFORE_HOP && gi_worker_quiet(w))
        return GI_SIM_QUIET;
    uint32_t loop = choose(s);
    if (loop == n || s->idle >= n * IDLE_BEFORE_HOP)
        return hop(s);
    turn(s, loop);
    return GI_SIM_TURNED;
}

gi_sim_step gi_sim_run_until(gi_sim *s, int64_t until_ns)
{
    gi_sim_step step;

    s->limit_ns = until_ns;
    do {
        step = gi_sim_step_once(s);
    } while (step < GI_SIM_QUIET && gi_virtual_now_ns(s->v) < until_ns);
    s->limit_ns = INT64_MAX;
    return step;
}

/* ----------------------------------------------------------- questions -- */

gi_worker *gi_sim_worker(gi_sim *s)
{
    return gi_virtual_worker(s->v);
}

gi_faults *gi_sim_faults(gi_sim *s)
{
    return gi_virtual_faults(s->v);
}

int64_t gi_sim_now_ns(const gi_sim *s)
{
    return gi_virtual_now_ns(s->v);
}

uint64_t gi_sim_steps(const gi_sim *s)
{
    return s->steps;
}

const gi_history *gi_sim_history(const gi_sim *s)
{
    return &s->history;
}
