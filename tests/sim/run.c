#include "run.h"

#include "build.h"
#include "walk.h"

enum { SELDOM = 256, OFTEN = 4 };

#define SECOND INT64_C(1000000000)

static bool over(gi_sim_step step)
{
    return step >= GI_SIM_QUIET || model.wrong != NULL;
}

/* Every oracle that looks by itself. */
static gi_sim_step step_and_look(gi_sim *sim)
{
    model.memory = gi_faults_count(gi_sim_faults(sim), GI_FAULT_MEMORY);
    gi_sim_step step = gi_sim_step_once(sim);
    uint64_t n = gi_sim_steps(sim);

    if (n % OFTEN == 0)
        walk_often();
    if (n % SELDOM == 0)
        walk_seldom();
    return step;
}

/* For so long a spout may merely pause: twice what is usual. */
static uint64_t pauses_ms(const scenario *s)
{
    uint64_t most = 0;

    for (uint32_t i = 0; i < s->n_parts; i++) {
        const part *p = &s->parts[i];
        uint64_t ms = p->burst == 0 ? 0 : s->roots * p->pause / p->burst;

        most = ms > most ? ms : most;
    }
    return most;
}

/* How long it may take until all is quiet.  While things go wrong that may
 * never be; after that it takes so many timeouts and replays as are needed if
 * bolts fail a tuple now and then. */
static int64_t deadline_ns(const scenario *s)
{
    uint64_t ms = s->live ? s->until + 60 * s->timeout + 20 * s->backoff_max
                          : 20 * s->timeout;

    if (s->live)
        ms = (ms < 600000 ? 600000 : ms) + pauses_ms(s);
    return SECOND + (int64_t)ms * 1000000;
}

static uint64_t steps_of(const scenario *s, const run_opts *o)
{
    return o->max_steps != 0 ? o->max_steps : 2000000 + 4000 * s->roots;
}

/* How things stood when half of the steps were done. */
struct halfway {
    uint32_t left; /* messages */
    bool calm;     /* nothing went wrong any more */
};

static void note_halfway(struct halfway *h, const scenario *s, uint64_t most)
{
    if (gi_sim_steps(model.sim) != most / 2)
        return;
    h->left = model.n_left;
    h->calm = sim_now() > SECOND + (int64_t)s->until * 1000000 &&
              !gi_sim_stalled(model.sim);
}

/* Many steps are no proof: ticks of a millisecond and bolts that fail half of
 * what they get take as many as they take.  But if none of the second half
 * brought anything to an end, nothing will. */
static void check_end(const scenario *s, gi_sim_step step, bool out_of_time,
                      const struct halfway *h)
{
    gale_diag why = { "" };

    if (model.wrong != NULL)
        return;
    if (step == GI_SIM_QUIET)
        walk_quiet();
    else if (step == GI_SIM_STUCK)
        wrong("stuck",
              "nothing falls due any more, and %u messages are not "
              "done with",
              model.n_left);
    else if (step == GI_SIM_STOPPED &&
             gi_worker_error(gi_sim_worker(model.sim), &why) != GALE_OK)
        wrong("stopped", "it stopped: %s", why.text);
    else if (s->live && (out_of_time || (h->calm && h->left == model.n_left)))
        wrong("settles", "%s, and %u messages are not done with",
              out_of_time ? "nothing goes wrong any more since long"
                          : "half of all steps brought nothing to an end",
              model.n_left);
}

/* Spouts stop for a while, and all that is in flight is finished with. */
struct drain {
    int64_t at_ns; /* INT64_MAX: no more */
    bool on;
};

static struct drain drain_of(const scenario *s)
{
    int64_t ns = SECOND + (int64_t)s->drain * 1000000;

    return (struct drain){ .at_ns = s->drain == 0 ? INT64_MAX : ns };
}

/* True: it went on from a drain that is over. */
static bool see_to_drain(struct drain *d, gi_sim_step step)
{
    if (!d->on && sim_now() >= d->at_ns) {
        d->on = true;
        d->at_ns = INT64_MAX;
        gi_sim_activate(model.sim, false);
    }
    if (!d->on || step != GI_SIM_QUIET)
        return false;
    d->on = false;
    walk_drained();
    gi_sim_activate(model.sim, true);
    return true;
}

/* While a stall goes on things still go wrong, however long ago it began. */
static int64_t put_off(const scenario *s, bool stalled, int64_t until)
{
    int64_t all_well = SECOND + (int64_t)s->until * 1000000;

    if (!s->live || !stalled || sim_now() < all_well)
        return until;
    return sim_now() + deadline_ns(s) - all_well;
}

static void run_steps(const scenario *s, const run_opts *o)
{
    int64_t until = deadline_ns(s);
    uint64_t most = steps_of(s, o);
    gi_sim_step step = GI_SIM_TURNED;
    struct drain d = drain_of(s);
    struct halfway half = { 0 };

    while (!over(step) && sim_now() < until &&
           gi_sim_steps(model.sim) < most) {
        bool stalled = gi_sim_stalled(model.sim);

        step = step_and_look(model.sim);
        until = put_off(s, stalled, until);
        note_halfway(&half, s, most);
        if (see_to_drain(&d, step))
            step = GI_SIM_TURNED;
    }
    check_end(s, step, sim_now() >= until, &half);
}

static void report(outcome *out)
{
    gale_run_result r;

    gi_worker_result(gi_sim_worker(model.sim), &r);
    out->steps = gi_sim_steps(model.sim);
    out->hash = gi_sim_history(model.sim)->hash;
    out->virtual_ns = (uint64_t)(sim_now() - SECOND);
    out->roots = r.roots;
    out->acked = r.acked;
    out->replayed = r.replayed;
    out->dead = r.dead;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        out->faults[i] =
            gi_faults_count(gi_sim_faults(model.sim), (gi_fault_kind)i);
    for (uint32_t i = 0; i < model.n_messages; i++)
        out->lost += model.wrong != NULL && strcmp(model.wrong, "lost") == 0 &&
                     model.message[i].state != ACKED &&
                     model.message[i].state != DEAD;
}

/* `sim` is made; open it, run it, judge it. */
static void run_sim(const scenario *s, const run_opts *o, outcome *out)
{
    gale_diag why = { "" };

    work_begin();
    if (gi_sim_open(model.sim, &why) == GALE_OK) {
        run_steps(s, o);
        report(out);
        gi_sim_close(model.sim);
    } else {
        wrong("stopped", "it did not open: %s", why.text);
    }
    work_end();
}

void run_scenario(const scenario *s, const run_opts *o, outcome *out)
{
    struct built b;
    gale_diag why = { "" };

    memset(out, 0, sizeof(*out));
    out->seed = s->seed;
    if (!build(&b, s, &why)) {
        snprintf(out->wrong, sizeof(out->wrong), "scenario");
        snprintf(out->words, sizeof(out->words), "%.390s", why.text);
        return;
    }
    gi_sim_opts opts = { .seed = s->seed,
                         .loops = (uint32_t)s->loops,
                         .faults = b.faults,
                         .watcher = &shadow_watcher,
                         .hit = shadow_hit,
                         .log = o->log,
                         .quiet_history = !o->hash && o->log == NULL };
    shadow_begin(s, b.plan);
    if (gi_sim_create(&model.sim, b.plan, &opts) == GALE_OK)
        run_sim(s, o, out);
    else
        wrong("stopped", "it could not be made");
    if (model.wrong != NULL) {
        snprintf(out->wrong, sizeof(out->wrong), "%s", model.wrong);
        snprintf(out->words, sizeof(out->words), "%s", model.words);
    }
    gi_sim_destroy(model.sim);
    shadow_end();
    build_drop(&b);
}
