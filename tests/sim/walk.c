/* walk.c -- oracles that look at the whole worker: now and then, and at the
 * end.
 *
 *     counters   what the runtime counted is not what happened
 *     credit     more batches are under way than credit allows
 *     memory     more bytes are in use than the settings allow
 *     refused    the runtime refused what was no mistake
 *     late       a tree is open though it is long overdue
 *     quiet      all is said to be quiet, and something is not done
 *     lost       a message is neither acked nor dead
 *     settles    nothing goes wrong any more, and it does not settle
 */
#include "walk.h"

#include "worker/spout.h"

static bool happened(gi_fault_kind kind)
{
    return gi_faults_count(gi_sim_faults(model.sim), kind) > 0;
}

/* Something may have vanished with a task, a link, or memory. */
static bool anything_lost(void)
{
    return happened(GI_FAULT_DROP) || happened(GI_FAULT_LATE) ||
           happened(GI_FAULT_KILL) || happened(GI_FAULT_RESTART) ||
           happened(GI_FAULT_MEMORY);
}

static bool has_cycle(void)
{
    for (uint32_t i = 0; i < model.plan->n_edges; i++)
        if (model.plan->edges[i].inner)
            return true;
    return false;
}

/* ------------------------------------------------------------ counters -- */

static void same(const gale_task *t, const char *what, uint64_t theirs,
                 uint64_t ours)
{
    if (theirs != ours)
        wrong("counters", "task %u ('%s') counts %llu %s; it was %llu", t->id,
              t->comp->id, (unsigned long long)theirs, what,
              (unsigned long long)ours);
}

static void check_spout(const gale_task *t)
{
    const struct of_task *of = task_model(t->id);
    const gi_counts *c = &t->count;

    if (model.s->ackers == 0)
        return;
    same(t, "roots", c->roots, of->launched);
    same(t, "acked", c->acked, of->done);
    same(t, "failed", c->failed, of->failed);
    same(t, "replayed", c->replayed, of->replayed);
    same(t, "given up", c->dead, of->gave_up);
    same(t, "forgotten", c->forgotten, of->forgot);
    same(t, "pending", t->spout->pending.in_use, of->open + of->waiting);
    same(t, "roots that were answered or are open", c->roots,
         c->acked + c->failed + of->forgot + of->open);
}

/* Each tuple that is kept pins a chunk at worst. */
static void check_keeps(const gale_task *t)
{
    uint64_t kept =
        t->spout == NULL ? t->count.held : t->spout->pending.in_use;
    uint64_t most =
        (kept + GI_KEEP_SPARE + 1) * (GI_KEEP_CHUNK + model.s->pad);

    if (t->keep.bytes > most)
        wrong("memory", "task %u takes %llu bytes to keep %llu tuples", t->id,
              (unsigned long long)t->keep.bytes, (unsigned long long)kept);
}

static void check_task(const gale_task *t)
{
    const struct of_task *of = task_model(t->id);

    same(t, "emitted", t->count.emitted, of->emitted);
    check_keeps(t);
    if (t->count.refused > 0)
        wrong("refused", "task %u ('%s') was refused something", t->id,
              t->comp->id);
    if (t->spout != NULL)
        check_spout(t);
    else if (model.kills == 0)
        same(t, "executed", t->count.executed, of->executed);
    else if (t->count.executed < of->executed)
        same(t, "executed at least", t->count.executed, of->executed);
}

/* -------------------------------------------------------------- bounds -- */

static void check_outlets(const gi_loop *l)
{
    for (uint32_t i = 0; i < 2 * l->w->plan->n_tasks; i++) {
        uint32_t credit = gi_credit_to(l->w, i / 2 + 1);

        if (l->out[i].under_way > credit)
            wrong("credit",
                  "loop %u has %u batches under way to task %u; credit is %u",
                  l->no, l->out[i].under_way, i / 2 + 1, credit);
    }
}

/* Besides what credit allows: what one callback of each task overruns, what
 * goes round cycles, and notes. */
static void check_batches(gi_worker *w)
{
    const gi_plan *p = w->plan;
    uint64_t tuple = 512 + model.s->pad, bytes = 0;
    uint64_t overrun = (uint64_t)p->n_tasks * w->n_loops *
                       (p->set.batch_bytes + 40 * model.s->size * tuple);
    uint64_t notes =
        (uint64_t)w->n_loops * w->n_loops * 64 * p->set.batch_bytes;
    uint64_t most = gi_worker_bound(w) + overrun + notes +
                    (has_cycle() ? p->set.cycle_bytes : 0);

    for (uint32_t i = 0; i < w->n_loops; i++)
        bytes += w->loops[i]->batch_bytes;
    if (bytes > most && !happened(GI_FAULT_DELAY) && !happened(GI_FAULT_LATE))
        wrong("memory",
              "batches take %llu bytes; the settings allow %llu (%llu by "
              "credit, %llu overrun, %llu notes)",
              (unsigned long long)bytes, (unsigned long long)most,
              (unsigned long long)gi_worker_bound(w),
              (unsigned long long)overrun, (unsigned long long)notes);
}

/* ----------------------------------------------------------- deadlines -- */

/* A tree in which nothing moved for so long, while no work was under way that
 * might be its own, is nobody's any more. */
static void check_late(const gi_worker *w)
{
    int64_t most = (int64_t)(model.s->timeout * 7 / 2) * 1000000;

    if (happened(GI_FAULT_HANG) || happened(GI_FAULT_SLOW) ||
        happened(GI_FAULT_SUSPEND) || happened(GI_FAULT_DELAY) ||
        !gi_frontier_quiet(&w->frontier))
        return;
    for (uint32_t g = 0; g < model.n_sources; g++)
        for (uint32_t i = 0; i < model.grove[g].n; i++) {
            const struct tree *t = &model.grove[g].at[i];

            /* Of those whose notes were lost, more may be lost again. */
            if (t->open && sim_now() - t->moved_ns >
                               (t->note_hits == 0 ? most : 3 * most))
                wrong("late",
                      "root %llx is open, and nothing moved for %.3f s",
                      (unsigned long long)t->root,
                      (double)(sim_now() - t->moved_ns) / 1e9);
        }
}

void walk_often(void)
{
    const gi_worker *w = gi_sim_worker(model.sim);

    for (uint32_t i = 0; i < w->n_loops; i++)
        check_outlets(w->loops[i]);
}

void walk_seldom(void)
{
    gi_worker *w = gi_sim_worker(model.sim);

    for (uint32_t i = 0; i < w->plan->n_tasks; i++)
        check_task(&w->tasks[i]);
    check_batches(w);
    check_late(w);
}

/* ------------------------------------------------------------- the end -- */

static void check_messages(void)
{
    for (uint32_t i = 0; i < model.n_messages; i++) {
        const struct message *m = &model.message[i];

        if (m->state != ACKED && m->state != DEAD) {
            wrong("lost",
                  "all is quiet, and message %u is %s after %u attempts", i,
                  m->state == SENT ? "unanswered" : "unsent", m->attempts);
            return;
        }
    }
}

static void check_empty(const gi_loop *l)
{
    for (uint32_t i = 0; i < 2 * l->w->plan->n_tasks; i++) {
        const gi_outlet *o = &l->out[i];

        if (o->open != NULL || o->full.head != NULL || o->under_way > 0)
            wrong("quiet",
                  "all is quiet, and loop %u has %u batches under way "
                  "to task %u%s",
                  l->no, o->under_way, i / 2 + 1,
                  o->open != NULL ? " and an open one" : "");
    }
    for (uint32_t i = 0; i < l->n_tasks; i++)
        if (l->tasks[i]->queue.head != NULL || l->tasks[i]->inner.head != NULL)
            wrong("quiet", "all is quiet, and task %u has input",
                  l->tasks[i]->id);
}

static void check_trees(void)
{
    for (uint32_t g = 0; g < model.n_sources; g++)
        for (uint32_t i = 0; i < model.grove[g].n; i++)
            if (model.grove[g].at[i].open)
                wrong("quiet", "all is quiet, and root %llx is open",
                      (unsigned long long)model.grove[g].at[i].root);
}

static void check_letters(void)
{
    uint64_t gave_up = 0, graves = 0, spouts = 0;

    for (uint32_t i = 1; i <= model.plan->n_tasks; i++)
        gave_up += task_model(i)->gave_up;
    for (uint32_t i = 0; i < model.s->n_parts; i++)
        spouts += model.s->parts[i].spout;
    for (uint32_t i = 0; i < model.s->n_parts; i++)
        graves += model.s->parts[i].kind == PART_GRAVE &&
                  model.s->parts[i].n_inputs == spouts;
    if (graves != 1 || anything_lost() || happened(GI_FAULT_DUPLICATE))
        return;
    if (model.letters != gave_up)
        wrong("gave-up",
              "%llu tuples were given up, and %llu dead letters "
              "came",
              (unsigned long long)gave_up, (unsigned long long)model.letters);
}

/* Nothing is in flight, though there may be more to give. */
void walk_drained(void)
{
    walk_seldom();
    check_trees();
    for (uint32_t i = 0; i < model.n_messages; i++)
        if (model.message[i].state == SENT) {
            wrong("lost",
                  "spouts stopped and all is quiet, and message %u is "
                  "unanswered after %u attempts",
                  i, model.message[i].attempts);
            return;
        }
}

void walk_quiet(void)
{
    gi_worker *w = gi_sim_worker(model.sim);

    /* What was read may be on its way back to its owner, which is no work; and
     * what stands in no tree may begin anew with a tick that is due. */
    for (uint32_t i = 0, idle = 0; idle < 3 * w->n_loops && i < 1000; i++)
        idle = gi_loop_turn(w->loops[i % w->n_loops]) ? 0 : idle + 1;
    walk_seldom();
    check_messages();
    check_trees();
    for (uint32_t i = 0; i < w->n_loops; i++)
        check_empty(w->loops[i]);
    if (model.loose > model.loose_held && !anything_lost() && !has_cycle())
        wrong("lost",
              "all is quiet, and %u tuples that stand in no tree "
              "never came",
              model.loose - model.loose_held);
    check_letters();
}
