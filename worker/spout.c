/* spout.c -- running a spout's task: answers first, then replays, then next.
 */
#include <stdio.h>

#include "base/testpoint.h"
#include "worker/nap.h"
#include "worker/spout.h"

static inline gale_task *task_of(const gale_spout_ctx *ctx)
{
    return (gale_task *)(void *)(uintptr_t)ctx;
}

static gale_spout_ctx *ctx_of(gale_task *t)
{
    return (gale_spout_ctx *)(void *)t;
}

static void set_exhausted(gale_task *t, bool exhausted)
{
    gi_loop *l = t->loop;
    uint32_t open =
        atomic_load_explicit(&l->spouts_open, memory_order_relaxed);

    if (t->spout->exhausted == exhausted)
        return;
    t->spout->exhausted = exhausted;
    atomic_store_explicit(&l->spouts_open, exhausted ? open - 1 : open + 1,
                          memory_order_release);
}

size_t gale_spout_pending(const gale_spout_ctx *ctx)
{
    return task_of(ctx)->spout->pending.in_use;
}

const char *gale_spout_why(const gale_spout_ctx *ctx)
{
    return task_of(ctx)->spout->why;
}

/* -------------------------------------------------------------- answers -- */

/* All trees that it kept.  Those of which it has already told us that they are
 * done are not FLYING any more, and those that began after it knew nothing are
 * safe with it. */
static void acker_lost(gale_task *t, uint64_t sum)
{
    uint32_t acker_loop = (uint32_t)(sum >> 32), when_ms = (uint32_t)sum;
    const gi_worker *w = t->loop->w;
    gi_spout_state *s = t->spout;

    for (uint32_t slot = 0; slot < s->pending.used; slot++) {
        const gi_pending_slot *p = &s->pending.at[slot];
        uint64_t root = gi_root(s->ordinal, slot, p->gen);

        if (p->state == GI_FLYING && (int32_t)(p->heard_ms - when_ms) <= 0 &&
            (acker_loop == GI_ANYWHERE ||
             w->acker_loop[gi_acker_of(w, root)] == acker_loop))
            gi_pending_answer(&s->pending, root, GI_FAILED, GI_WHY_LOST,
                              GI_NOBODY);
    }
}

void gi_spout_told(gale_task *t, const gi_note *note)
{
    if (note->kind == GI_NOTE_LOST) {
        acker_lost(t, note->sum);
        return;
    }
    gi_pending_answer(&t->spout->pending, note->root,
                      note->kind == GI_NOTE_DONE ? GI_DONE : GI_FAILED,
                      (gi_why)note->why, note->comp);
}

static inline void on_done(gale_task *t, uint32_t slot)
{
    const gi_pending_slot *p = &t->spout->pending.at[slot];
    const gale_spout *spout = &t->comp->spout;

    if (__builtin_expect(t->watched, 0))
        gi_watch_settled(t, slot, GI_WHY_NONE);
    gi_spout_count_done(t, p);
    t->callback = "ack";
    if (spout->ack != NULL)
        spout->ack(t->self, p->id, ctx_of(t));
    gi_spout_free_slot(t, slot);
}

static void say_why(const gale_task *t, const gi_pending_slot *p, char *to,
                    size_t len)
{
    const gi_plan *plan = t->loop->w->plan;
    bool known = p->comp < plan->n_comps;
    const char *comp = known ? plan->comps[p->comp].id : "";

    if (p->why == GI_WHY_LOST && !known)
        snprintf(to, len, "its acker lost track of it");
    else if (p->why != GI_WHY_TIMEOUT)
        snprintf(to, len, "%s '%s'", gi_why_text((gi_why)p->why), comp);
    else if (known)
        snprintf(to, len, "timed out after %g s, last moved by '%s'",
                 plan->set.timeout_ms / 1000.0, comp);
    else
        snprintf(to, len, "timed out after %g s in which nobody moved it",
                 plan->set.timeout_ms / 1000.0);
}

/* base << attempts, at most max, and of that between a half and all of it. */
static int64_t backoff_ns(gale_task *t, uint32_t attempts)
{
    const gi_settings *set = &t->loop->w->plan->set;
    uint64_t ms = set->replay_backoff_ms;

    for (uint32_t i = 0; i < attempts && ms < set->replay_backoff_max_ms; i++)
        ms *= 2;
    if (ms > set->replay_backoff_max_ms)
        ms = set->replay_backoff_max_ms;
    uint64_t ns = ms * 1000000;
    return (int64_t)(ns / 2 + gi_rng_below(&t->rng, ns / 2 + 1));
}

static void replay_later(gale_task *t, uint32_t slot)
{
    gi_pending *pending = &t->spout->pending;
    int64_t at = t->loop->now_ns + backoff_ns(t, pending->at[slot].attempts);
    unsigned tries = 0;

    while (!gi_pending_wait(pending, slot, at))
        gi_wait_for_memory(t->loop, &tries);
}

static void on_failed(gale_task *t, uint32_t slot)
{
    gi_spout_state *s = t->spout;
    const gale_spout *spout = &t->comp->spout;
    uint32_t limit = t->loop->w->plan->set.replay_limit;
    uint64_t id = s->pending.at[slot].id;

    if (__builtin_expect(t->watched, 0))
        gi_watch_settled(t, slot, (gi_why)s->pending.at[slot].why);
    gi_count(&t->count.failed, 1);
    if (s->pending.at[slot].why == GI_WHY_TIMEOUT)
        gi_count(&t->count.timed_out, 1);
    gi_note_failure(t, (gi_why)s->pending.at[slot].why,
                    s->pending.at[slot].comp);
    say_why(t, &s->pending.at[slot], s->why, sizeof(s->why));
    gale_task_log(t, GALE_LOG_DEBUG, "tuple %llu failed: %s",
                  (unsigned long long)id, s->why);
    t->callback = "fail";
    if (spout->fail != NULL) {
        set_exhausted(t, false);
        spout->fail(t->self, id, ctx_of(t));
        gi_spout_free_slot(t, slot);
    } else if (limit > 0 && s->pending.at[slot].attempts >= limit) {
        if (!GI_BUG(DEAD_SILENT))
            gi_dead_letter(t, &s->pending.at[slot], s->why);
        gi_spout_free_slot(t, slot);
    } else if (GI_BUG(DRAIN_DROPS) && !s->awake) {
        gi_spout_free_slot(t, slot);
    } else {
        if (s->pending.at[slot].attempts > 0)
            GI_SEEN(REPLAY_FAILED);
        replay_later(t, slot);
    }
    s->why[0] = '\0';
}

/* Without ackers.  An ack callback may emit, which adds to the list: what is
 * added waits for its turn, lest a spout that emits on ack never returns. */
static bool ack_at_once(gale_task *t)
{
    gi_spout_state *s = t->spout;
    size_t n = s->n_answered;

    t->callback = "ack";
    for (size_t i = 0; i < n; i++) {
        gi_count(&t->count.acked, 1);
        if (t->comp->spout.ack != NULL)
            t->comp->spout.ack(t->self, s->answered[i], ctx_of(t));
    }
    s->n_answered -= n;
    gi_spout_count_pending(t->loop, 0 - (uint64_t)n);
    if (s->n_answered > 0)
        memmove(s->answered, s->answered + n,
                s->n_answered * sizeof(*s->answered));
    return n > 0;
}

/* What these callbacks emit may be answered at once: that waits for its turn,
 * lest a spout that emits on ack never returns. */
static bool handle_answers(gale_task *t)
{
    gi_spout_state *s = t->spout;
    uint32_t slot, last = s->pending.todo_tail;
    bool some = false;

    for (bool end = last == 0; !end && gi_pending_todo(&s->pending, &slot);) {
        end = slot + 1 == last;
        if (s->pending.at[slot].state == GI_DONE)
            on_done(t, slot);
        else
            on_failed(t, slot);
        some = true;
    }
    return ack_at_once(t) || some;
}

static bool replay(gale_task *t)
{
    gi_spout_state *s = t->spout;
    bool some = false;
    uint32_t slot;

    if (!gi_has_room(t->loop, t) &&
        gi_pending_due_ns(&s->pending) <= t->loop->now_ns)
        GI_SEEN(REPLAY_WAITED);
    while (gi_has_room(t->loop, t) &&
           gi_pending_relaunch(&s->pending, t->loop->now_ns, &slot)) {
        gale_tuple *kept = s->pending.at[slot].kept;
        gi_out *out = &t->out[kept->stream];
        gale_row row = gale_tuple_row(kept);
        gi_sent_to nowhere = { NULL, 0 };

        gi_count(&t->count.replayed, 1);
        gi_count_emit(t, out, row);
        gi_spout_launch(t, slot, out, row, kept->task, nowhere);
        some = true;
    }
    return some;
}

/* -------------------------------------------------------------- running -- */

static void set_awake(gale_task *t, bool awake)
{
    const gale_spout *spout = &t->comp->spout;

    if (t->spout->awake == awake)
        return;
    t->spout->awake = awake;
    t->spout->stirred_ns = t->loop->now_ns;
    if (awake && spout->activate != NULL)
        spout->activate(t->self, ctx_of(t));
    t->callback = "deactivate";
    if (!awake && spout->deactivate != NULL)
        spout->deactivate(t->self, ctx_of(t));

    /* Others wait for this before they believe that all is quiet. */
    uint32_t n =
        atomic_load_explicit(&t->loop->spouts_awake, memory_order_relaxed);
    atomic_store_explicit(&t->loop->spouts_awake, awake ? n + 1 : n - 1,
                          memory_order_release);
}

/* May next be called now? */
static inline bool may_give(const gale_task *t)
{
    const gi_spout_state *s = t->spout;

    return s->awake && !s->exhausted && !gi_halted(t->loop->w) &&
           atomic_load_explicit(&t->loop->w->active, memory_order_relaxed) &&
           gi_has_room(t->loop, t) && s->pending.in_use < s->ahead.now;
}

enum { SLICE_NS = 500000, MAX_SLICE = 1024, A_TASK = 8, LOOK = 32 };

/* A batch is paid for each task that anything goes to, so there have to be
 * some for each. */
static uint32_t most_a_slice(const gi_worker *w)
{
    uint32_t some = A_TASK * w->plan->n_tasks;

    return some < MAX_SLICE ? MAX_SLICE : some;
}

/* Slices grow and shrink so that they take about half a millisecond. */
static void measure(gale_task *t, int64_t took)
{
    uint32_t most = most_a_slice(t->loop->w);

    if (took > SLICE_NS && t->slice > 1)
        t->slice /= 2;
    else if (took < SLICE_NS / 2)
        t->slice = t->slice * 2 < most ? t->slice * 2 : most;
}

static bool give(gale_task *t)
{
    int64_t began = t->loop->now_ns;
    uint32_t i = 0;
    bool some = false;

    /* On a loop of its own next may wait, so each call is followed by a flush;
     * elsewhere a look at the clock now and then will do. */
    uint32_t slice = t->loop->apart ? 1 : t->slice;

    for (; i < slice && may_give(t); i++) {
        if (i % LOOK == LOOK - 1 && gi_loop_clock(t->loop) - began > SLICE_NS)
            break;
        uint64_t before = t->count.emitted;

        gi_count(&t->loop->steps, 1);
        t->callback = "next";
        bool more = t->comp->spout.next(t->self, ctx_of(t));
        bool gave = t->count.emitted != before;

        some |= gave;
        if (!more)
            set_exhausted(t, true);
        if (t->spout->n_answered > 0)
            handle_answers(t);
        if (!gave)
            break;
    }
    if (i == 0)
        return false;
    int64_t took = gi_loop_clock(t->loop) - began;
    gi_count(&t->count.busy_ns, (uint64_t)took);
    measure(t, took);
    return some;
}

bool gi_spout_run(gale_task *t)
{
    bool active =
        atomic_load_explicit(&t->loop->w->active, memory_order_relaxed);
    bool some = false;

    if (t->phase != GI_PHASE_RUNNING)
        return false; /* it was to start anew, and refused */
    gi_enter(t, "activate");
    set_awake(t, active);
    if (t->loop->now_ns >= t->spout->next_ask_ns)
        gi_spout_ask(t);
    some |= handle_answers(t);
    if (t->spout->pending.waiting.n > 0)
        some |= replay(t);
    some |= give(t);
    some |= gi_spout_look_ahead(t);
    gi_leave(t);
    if (some)
        t->spout->stirred_ns = t->loop->now_ns;
    return some;
}

static int64_t next_nap_ns(const gale_task *t, int64_t least_ns)
{
    const gi_spout_state *s = t->spout;
    int64_t nap =
        gi_nap_ns(&t->loop->w->plan->set, t->loop->now_ns - s->stirred_ns,
                  s->pending.in_use > 0);

    return nap > least_ns ? nap : least_ns;
}

int64_t gi_spout_next_ns(const gale_task *t, int64_t least_ns)
{
    int64_t due = gi_has_room(t->loop, t)
                      ? gi_pending_due_ns(&t->spout->pending)
                      : INT64_MAX; /* replays wait for room */

    if (t->spout->pending.todo_head != 0)
        return 0;
    if (t->spout->pending.in_use > 0 && t->spout->next_ask_ns < due)
        due = t->spout->next_ask_ns;
    if (t->spout->pending.in_use >= t->spout->ahead.now &&
        t->spout->ahead.now < t->spout->ahead.most &&
        t->loop->now_ns + GI_AHEAD_ROUND_NS < due)
        due = t->loop->now_ns + GI_AHEAD_ROUND_NS; /* is any held by then? */
    if (!may_give(t))
        return due;
    int64_t again = t->loop->now_ns + next_nap_ns(t, least_ns);
    return again < due ? again : due;
}

/* --------------------------------------------------------------- making -- */

gale_err gi_spout_make(gale_task *t, uint32_t ordinal)
{
    const gi_worker *w = t->loop->w;
    gi_spout_state *s = gi_alloc_apart(sizeof(*s));

    if (s == NULL)
        return GALE_ENOMEM;
    t->spout = s;
    s->ordinal = ordinal;
    atomic_init(&s->pending.first_gen, w->first_gen);
    atomic_init(&s->pending.last_gen, w->first_gen);
    s->keeps = t->comp->spout.fail == NULL;
    s->tracks = w->n_ackers > 0;
    s->heeds_acks = t->comp->spout.ack != NULL || t->watched;
    gi_spout_begin_ahead(t);
    atomic_fetch_add_explicit(&t->loop->spouts_open, 1, memory_order_relaxed);
    return GALE_OK;
}

void gi_spout_forget(gale_task *t)
{
    gi_spout_state *s = t->spout;

    if (s->pending.in_use > 0)
        GI_SEEN(SPOUT_DIED);
    for (uint32_t i = 0; i < s->pending.used; i++) {
        uint8_t state = s->pending.at[i].state;

        if (state == GI_FREE)
            continue;
        gi_keep_drop(&t->keep, s->pending.at[i].kept);
        gi_count(&t->count.forgotten, state != GI_WAITING);
    }
    gi_spout_count_pending(t->loop, 0 - (uint64_t)s->pending.in_use -
                                        (uint64_t)s->n_answered);
    gi_pending_forget(&s->pending);
    s->n_answered = 0;
    set_exhausted(t, false);
    if (!s->awake)
        return;
    s->awake = false; /* its activate is called again */
    atomic_store_explicit(
        &t->loop->spouts_awake,
        atomic_load_explicit(&t->loop->spouts_awake, memory_order_relaxed) - 1,
        memory_order_release);
}

void gi_spout_drop(gale_task *t)
{
    gi_spout_state *s = t->spout;

    if (s == NULL)
        return;
    for (uint32_t i = 0; i < s->pending.used; i++)
        if (s->pending.at[i].state != GI_FREE)
            gi_keep_drop(&t->keep, s->pending.at[i].kept);
    gi_pending_fini(&s->pending);
    gi_free(s->answered);
    gi_free(s);
    t->spout = NULL;
}
