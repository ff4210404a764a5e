/* track.c -- what a loop learns about trees, and whom it tells.
 *
 * Updates are exclusive-ors, so those of one tree may be merged in any order.
 * A loop merges twice: consecutive ones in a register (a batch usually holds
 * runs of tuples of the same tree), and the rest in a small table that is
 * emptied at the end of the turn.  An acker on this very loop is called
 * without either.
 */
#include "base/testpoint.h"
#include "worker/loop.h"
#include "worker/port_inside.h"
#include "worker/track_own.h"

static inline uint32_t acker_loop(const gi_worker *w, uint64_t root)
{
    return w->acker_loop[gi_acker_of(w, root)];
}

/* The acker's answer, to the spout that waits for it. */
static void tell_spout(gi_loop *l, const gi_note *answer)
{
    gi_worker *w = l->w;
    uint32_t task = w->spout_task[gi_root_spout(answer->root)];
    uint32_t loop = w->loop_of[task - 1];

    if (loop == l->near)
        gi_spout_told(&w->tasks[task - 1], answer);
    else
        gi_link_note(l, loop, answer);
}

static inline void ask_acker(gi_loop *l, const gi_note *note)
{
    gi_note answer;

    if (gi_acker_take(l->acker, note, l->now_ms, &answer))
        tell_spout(l, &answer);
}

void gi_settle_lone_edge(gale_task *t)
{
    uint64_t id = GI_BUG(LONE_KEPT) ? 0 : gi_edge_id(t->loop);

    t->lone->link.edge = id == 0 ? t->in->link.edge : id;
    t->lone = NULL;
    t->born ^= id;
}

void gi_track_init_note(gi_loop *l, uint64_t root, uint64_t sum, uint16_t comp,
                        uint16_t epoch)
{
    gi_note note = { .root = root,
                     .sum = sum,
                     .kind = GI_NOTE_INIT,
                     .comp = comp,
                     .epoch = epoch };
    gi_track_note(l, &note);
}

/* Nobody waits for what a loop apart has not read (link.c); so the tree's
 * acker tells it, lest its answer to the spout's asking overtake ours. */
void gi_track_done_note(gi_loop *l, uint64_t root, uint16_t comp,
                        uint16_t epoch)
{
    const gi_worker *w = l->w;
    uint32_t task = w->spout_task[gi_root_spout(root)];
    uint32_t loop = w->loop_of[task - 1];

    if (w->loops[loop]->apart)
        gi_track_init_note(l, root, 0, comp, epoch);
    else if (loop == l->near)
        gi_pending_answer(&w->tasks[task - 1].spout->pending, root, GI_DONE,
                          GI_WHY_NONE, GI_NOBODY);
    else
        *gi_link_note_place(l, loop) =
            (gi_note){ .root = root, .kind = GI_NOTE_DONE };
}

void gi_track_note(gi_loop *l, const gi_note *note)
{
    uint32_t loop = acker_loop(l->w, note->root);

    if (loop == l->near)
        ask_acker(l, note);
    else
        gi_link_note(l, loop, note);
}

/* Of a root whose spout or acker this worker knows nothing about, we say
 * nothing: it can only come from a stranger. */
void gi_track_take_in(gi_loop *l, const gi_note *note)
{
    uint32_t spout = gi_root_spout(note->root);

    if (spout >= l->w->n_spout_tasks)
        return;
    if (l->port != NULL) {
        gi_port_note(l->port, note);
        return;
    }
    gale_task *own = l->own[spout];

    if (note->kind == GI_NOTE_DONE && own != NULL)
        gi_track_done_own(own, note->root);
    else if (note->kind == GI_NOTE_ACK && own != NULL)
        gi_track_own_ack(l, own, note->root, note->sum, note->comp);
    else if (gi_note_to_spout(note))
        gi_spout_told(&l->w->tasks[l->w->spout_task[spout] - 1], note);
    else if (l->acker != NULL)
        ask_acker(l, note);
}

static inline void send_ack(gi_loop *l, uint32_t loop, uint64_t root,
                            uint64_t sum, uint16_t comp)
{
    *gi_link_note_place(l, loop) = (gi_note){
        .root = root, .sum = sum, .kind = GI_NOTE_ACK, .comp = comp
    };
}

/* Put the update into the table; whoever was in its place goes out. */
static void fold(gi_loop *l, uint64_t root, uint64_t sum, uint16_t comp)
{
    uint32_t i = (uint32_t)(gi_mix64(root) % GI_FOLD);
    gi_fold *f = &l->fold[i];

    if (f->root == root) {
        f->sum ^= sum;
        f->comp = comp;
        return;
    }
    if (f->root == 0) {
        l->folded[l->n_folded++] = (uint16_t)i;
    } else {
        GI_SEEN(FOLD_EVICTED);
        if (!GI_BUG(LOST_FOLD))
            send_ack(l, acker_loop(l->w, f->root), f->root, f->sum, f->comp);
    }
    *f = (gi_fold){ root, sum, comp };
}

void gi_track_flush_run(gi_loop *l)
{
    uint64_t root = l->run_root;
    gale_task *spout = l->own[gi_root_spout(root)];

    l->run_root = 0;
    if (spout != NULL) {
        gi_track_own_ack(l, spout, root, l->run_sum, l->run_comp);
    } else if (acker_loop(l->w, root) == l->near) {
        gi_note note = { .root = root,
                         .sum = l->run_sum,
                         .kind = GI_NOTE_ACK,
                         .comp = l->run_comp };
        ask_acker(l, &note);
    } else {
        fold(l, root, l->run_sum, l->run_comp);
    }
}

void gi_track_flush(gi_loop *l)
{
    if (l->run_root != 0)
        gi_track_flush_run(l);
    for (uint32_t i = 0; i < l->n_folded; i++) {
        gi_fold *f = &l->fold[l->folded[i]];

        send_ack(l, acker_loop(l->w, f->root), f->root, f->sum, f->comp);
        f->root = 0;
    }
    l->n_folded = 0;
}

void gi_answer_fail(gale_task *t, const gale_tuple *in, gi_why why)
{
    gi_note note = { .root = in->link.root,
                     .kind = GI_NOTE_FAIL,
                     .why = (uint8_t)why,
                     .comp = (uint16_t)t->comp->no };

    gi_track_note(t->loop, &note);
    for (uint32_t i = 0; i < gi_tuple_more(in); i++) {
        note.root = gi_tuple_links(in)[i].root;
        gi_track_note(t->loop, &note);
    }
}

/* To every spout here whose trees may have been there. */
void gi_track_tell_lost(gi_loop *l, uint32_t where, uint32_t when_ms)
{
    const gi_worker *w = l->w;

    for (uint32_t i = 0; i < w->n_spout_tasks; i++) {
        gi_note note = { .root = gi_root(i, 0, 0),
                         .sum = (uint64_t)where << 32 | when_ms,
                         .kind = GI_NOTE_LOST };

        if (!gi_task_is_far(w, w->spout_task[i]))
            tell_spout(l, &note);
    }
}

static void tell_expired(void *arg, const gi_note *answer)
{
    tell_spout(arg, answer);
}

/* The time up to which everybody who could move a tree had the chance to.  A
 * callback that keeps its loop for long keeps what its neighbours hold from
 * being answered, and that is not forgetting: such a loop's time stands still
 * where the turn before began, or where it was due to wake. */
uint32_t gi_track_fair_ms(const gi_loop *l)
{
    const gi_worker *w = l->w;
    int64_t ns = atomic_load_explicit(&l->fair_ns, memory_order_acquire);

    if (ns > l->now_ns) /* it was woken before that */
        ns = l->now_ns;
    for (uint32_t i = 0; i < w->n_loops; i++) {
        const gi_loop *o = w->loops[i];
        int64_t fair = atomic_load_explicit(&o->fair_ns, memory_order_acquire);

        if (fair < ns &&
            atomic_load_explicit(&o->n_held, memory_order_relaxed) > 0)
            ns = fair;
    }
    return (uint32_t)(ns / 1000000);
}

/* By what this worker alone knows; false: nothing may expire now.  In this
 * order: whatever was said before that time is counted as under way, or has
 * arrived. */
static bool judge_here(const gi_loop *l, gi_judge *j)
{
    const gi_worker *w = l->w;

    j->now = gi_track_fair_ms(l);
    j->epoch = gi_frontier_now(&w->frontier);
    j->horizon = gi_frontier_horizon(&w->frontier);

    /* Work this old may be older still: a hold speaks for epochs as far as
     * they go back, and no further.  Nothing expires until it is done with. */
    return (uint16_t)(j->epoch - j->horizon) != GI_EPOCHS - 1;
}

/* The horizon costs a walk over all loops' counters; a sixteenth of an epoch
 * is often enough for deadlines kept within 5 %. */
void gi_track_expire(gi_loop *l)
{
    gi_worker *w = l->w;

    if (l->acker == NULL || !w->plan->set.timeouts ||
        l->now_ns < l->next_sweep_ns)
        return;
    l->next_sweep_ns = l->now_ns + w->frontier.length_ns / 16;

    gi_judge j = { .timeout = w->plan->set.timeout_ms };

    if (w->port != NULL)
        gi_probe_judge(w->port, l->now_ms, &j);
    else if (!judge_here(l, &j))
        return;
    if (GI_BUG(HORIZON_IGNORED))
        j.horizon = (uint16_t)(j.epoch + 1);
    if (GI_BUG(EARLY_EXPIRY))
        j.timeout /= 2;
    j.clock = l->now_ms;
    j.soon = j.timeout - j.timeout / 16;
    if (gi_acker_expire(l->acker, &j, tell_expired, l) && w->port != NULL)
        gi_probe_wanted(w->port);
}
