/* trees.c -- oracles asked when a tree begins or is answered.
 *
 *     root-used    a tree began with a root id that was in use, or used before
 *     acked-early  a tree was called done with work unfinished, or failed
 *     answered     a tree was answered that nobody waits for, or twice
 *     no-cause     a tree failed, and nothing had happened to it
 *     too-early    a tree timed out before the timeout
 *     late-news    it took long to hear of an acker that died
 *     message      a tree is of the wrong message, or of none
 *     gave-up      a tuple was given up too early, or the wrong one
 */
#include "shadow.h"

#include "worker/spout.h"

#define BIT(kind) (1u << GI_FAULT_##kind)

static uint64_t memory_faults(void)
{
    return gi_faults_count(gi_sim_faults(model.sim), GI_FAULT_MEMORY);
}

/* ----------------------------------------------------------- beginning -- */

static void check_root(const struct tree *before, uint64_t root)
{
    if (before->root == 0)
        return;
    if (before->open)
        wrong("root-used",
              "root %llx is given before %llx of its slot was answered",
              (unsigned long long)root, (unsigned long long)before->root);
    else if (!gi_root_gen_after(gi_root_gen(root), gi_root_gen(before->root)))
        wrong("root-used", "root %llx is not later than %llx",
              (unsigned long long)root, (unsigned long long)before->root);
}

static void check_launch(const gale_task *t, struct message *m, uint64_t id,
                         bool replay)
{
    bool should = m->state == SENT && m->waits;

    if (m->state != SENT || replay != should)
        wrong("message",
              "task %u sent message %llu %s, which is in state %d%s", t->id,
              (unsigned long long)id, replay ? "anew" : "", m->state,
              m->waits ? " and waits for its replay" : "");
    if (replay && m->waits) {
        m->waits = false;
        task_model(t->id)->waiting--;
    }
}

static void begin(gale_task *t, uint64_t id, uint64_t root, uint32_t n,
                  bool replay)
{
    struct tree *tree = shadow_slot(root);
    struct message *m = shadow_message(t, id);

    if (m == NULL)
        return;
    check_root(tree, root);
    check_launch(t, m, id, replay);
    task_model(t->id)->launched++;
    task_model(t->id)->replayed += replay;
    task_model(t->id)->open += !tree->open;
    m->attempts++;
    m->verdict = NO_VERDICT;
    *tree = (struct tree){
        .root = root,
        .message = (uint32_t)id,
        .open = true,
        .replay = replay,
        .n = n,
        .left = n,
        .began_ns = sim_now(),
        .moved_ns = sim_now(),
        .spoken_ns = sim_now(),
        .kills = model.kills,
        .revived = model.revived,
        .memory = model.memory,
    };
}

static void begins(void *arg, gale_task *t, uint64_t id, uint64_t root,
                   bool replay)
{
    (void)arg;
    begin(t, id, root, COPIES_UNKNOWN, replay);
    shadow_slot(root)->begins = true;
}

static void launched(void *arg, gale_task *t, uint64_t id, uint64_t root,
                     size_t n, bool replay)
{
    struct tree *tree = shadow_slot(root);

    (void)arg;
    if (tree->root != root || !tree->begins) {
        begin(t, id, root, (uint32_t)n, replay);
        return;
    }
    tree->begins = false;
    tree->n = (uint32_t)n;
    tree->left -= COPIES_UNKNOWN - (uint32_t)n;
    if ((uint32_t)__builtin_popcountll(tree->came) > n)
        wrong("stray", "root %llx came to more tasks than it was sent to",
              (unsigned long long)root);
}

/* -------------------------------------------------------------- causes -- */

/* May news about it have been lost? */
static bool news_lost(const struct tree *tree)
{
    return (tree->note_hits & (BIT(DROP) | BIT(LATE))) != 0 ||
           tree->acker_died_ns != 0;
}

static bool tuple_lost(const struct tree *tree)
{
    return (tree->hits & (BIT(DROP) | BIT(LATE))) != 0;
}

/* A bolt failed it, or was made to. */
static bool was_failed(const struct tree *tree)
{
    return tree->failed || (tree->hits & BIT(FAIL)) != 0;
}

/* Its DONE was overtaken by the answer to its spout's asking. */
static bool was_overtaken(const struct tree *tree)
{
    return (tree->note_hits & BIT(REORDER)) != 0;
}

/* Did it begin while word went round that an acker had died? */
static bool hears_of_acker(const struct tree *tree)
{
    return model.acker_died_ns != 0 && tree->began_ns - model.acker_died_ns <
                                           (int64_t)model.s->timeout * 2000000;
}

static bool has_cause(const struct tree *tree, gi_why why)
{
    switch (why) {
    case GI_WHY_FAILED:
        return was_failed(tree);
    case GI_WHY_TIMEOUT:
        return tree->forgotten || tuple_lost(tree) || news_lost(tree) ||
               was_overtaken(tree);
    case GI_WHY_LOST:
        return tree->kills != model.kills || tree->revived != model.revived ||
               news_lost(tree) || hears_of_acker(tree) || was_overtaken(tree);
    case GI_WHY_NOMEM:
        return tree->memory != memory_faults();
    case GI_WHY_OVERFLOW:
        for (uint32_t i = 0; i < model.plan->n_edges; i++)
            if (model.plan->edges[i].inner)
                return true;
        return false;
    case GI_WHY_NONE:
        break;
    }
    return false;
}

/* What died with an acker is told by whoever saw it die, at once; without
 * that it takes timeouts until its trees fail. */
static bool is_late_news(const struct tree *tree)
{
    const gi_faults *f = gi_sim_faults(model.sim);

    return tree->acker_died_ns != 0 && tree->note_hits == 0 &&
           gi_faults_count(f, GI_FAULT_SLOW) == 0 &&
           gi_faults_count(f, GI_FAULT_HANG) == 0 &&
           gi_faults_count(f, GI_FAULT_DELAY) == 0 &&
           gi_faults_count(f, GI_FAULT_SUSPEND) == 0 &&
           gi_faults_count(f, GI_FAULT_MEMORY) == 0 &&
           sim_now() - tree->acker_died_ns >
               (int64_t)model.s->timeout * 500000;
}

static const char *comp_name(uint16_t comp)
{
    return comp < model.plan->n_comps ? model.plan->comps[comp].id : "nobody";
}

static void check_failure(const struct tree *tree, gi_why why, uint16_t comp)
{
    double timeout_s = (double)model.s->timeout / 1e3;
    double idle_s = (double)(sim_now() - tree->moved_ns) / 1e9;
    double quiet_s = (double)(sim_now() - tree->spoken_ns) / 1e9;

    if (!has_cause(tree, why))
        wrong("no-cause",
              "root %llx of message %u failed without a cause (%s '%s'): %u "
              "tuples of it unanswered, nothing moved for %.3f s, alive for "
              "%.3f s",
              (unsigned long long)tree->root, tree->message, gi_why_text(why),
              comp_name(comp), tree->left, idle_s,
              (double)(sim_now() - tree->began_ns) / 1e9);
    else if (is_late_news(tree))
        wrong("late-news",
              "root %llx was lost with an acker, and its spout heard of it "
              "%.3f s later",
              (unsigned long long)tree->root,
              (double)(sim_now() - tree->acker_died_ns) / 1e9);
    /* Both are cut to milliseconds.  A lone child moves no clock, nor do lost
     * news; nor is a tuple waited for that looked lost. */
    else if (why == GI_WHY_TIMEOUT && tree->note_hits == 0 &&
             !news_lost(tree) && (tree->hits & BIT(LATE)) == 0 &&
             quiet_s < timeout_s - 0.002)
        wrong(
            "too-early",
            "root %llx timed out %.3f s after it began, was held or touched; "
            "the timeout is %.3f s",
            (unsigned long long)tree->root, quiet_s, timeout_s);
}

static void check_done(const struct tree *tree)
{
    if (tree->left > 0)
        wrong("acked-early",
              "root %llx of message %u is done, and %u of its "
              "tuples are unanswered",
              (unsigned long long)tree->root, tree->message, tree->left);
    else if (tree->failed || (tree->hits & BIT(FAIL)) != 0)
        wrong("acked-early",
              "root %llx of message %u is done, and a bolt "
              "failed it",
              (unsigned long long)tree->root, tree->message);
}

/* ------------------------------------------------------------- answers -- */

static void settled(void *arg, gale_task *t, uint64_t id, uint64_t root,
                    gi_why why, uint16_t comp)
{
    struct tree *tree = tree_of(root);
    struct message *m = shadow_message(t, id);
    struct of_task *of = task_model(t->id);

    (void)arg;
    if (m == NULL)
        return;
    if (tree == NULL || tree->message != id) {
        wrong("answered",
              "root %llx of message %llu was answered, and "
              "nobody waits for it",
              (unsigned long long)root, (unsigned long long)id);
        return;
    }
    tree->open = false;
    of->open--;
    if (why == GI_WHY_NONE) {
        check_done(tree);
        of->done++;
        m->verdict = DONE;
        return;
    }
    check_failure(tree, why, comp);
    of->failed++;
    m->verdict = FAILED;
    if (t->spout->keeps) {
        m->waits = true;
        of->waiting++;
    }
}

static void gave_up(void *arg, gale_task *t, uint64_t id)
{
    struct message *m = shadow_message(t, id);
    struct of_task *of = task_model(t->id);

    (void)arg;
    if (m == NULL)
        return;
    of->gave_up++;
    if (!m->waits || m->state != SENT || model.s->limit == 0 ||
        m->attempts <= model.s->limit)
        wrong("gave-up",
              "message %llu was given up after %u attempts; the "
              "limit of replays is %llu",
              (unsigned long long)id, m->attempts,
              (unsigned long long)model.s->limit);
    if (m->waits)
        of->waiting--;
    m->waits = false;
    shadow_finish(m, DEAD, t->id);
}

/* All that was sent by it and not answered is to be given again. */
static void forgot(void *arg, gale_task *t)
{
    const struct source *src = model.source_of[t->id - 1];
    struct grove *g = &model.grove[t->spout->ordinal];
    struct of_task *of = task_model(t->id);

    (void)arg;
    of->forgot += of->open;
    of->open = of->waiting = 0;
    for (uint32_t i = 0; i < g->n; i++)
        g->at[i].open = false;
    for (uint32_t i = src->first; i < src->first + src->n; i++) {
        struct message *m = &model.message[i];

        m->waits = false;
        if (m->state == SENT)
            m->state = UNSENT;
    }
}

static void emitted(void *arg, gale_task *t, const gi_stream *stream,
                    gale_row row)
{
    (void)arg;
    (void)stream;
    (void)row;
    task_model(t->id)->emitted++;
}

const gi_watcher shadow_watcher = { .emitted = emitted,
                                    .begins = begins,
                                    .launched = launched,
                                    .settled = settled,
                                    .gave_up = gave_up,
                                    .forgot = forgot };

/* -------------------------------------------------------------- faults -- */

/* All trees whose ledgers were on this loop. */
static void acker_died(const gi_loop *l)
{
    model.acker_died_ns = sim_now();
    for (uint32_t g = 0; g < model.n_sources; g++)
        for (uint32_t i = 0; i < model.grove[g].n; i++) {
            struct tree *t = &model.grove[g].at[i];

            if (t->open &&
                l->w->acker_loop[gi_acker_of(l->w, t->root)] == l->no)
                t->acker_died_ns = sim_now();
        }
}

void shadow_hit(void *arg, gi_fault_kind kind, bool acks, uint64_t root,
                uint32_t task)
{
    struct tree *tree = root == 0 ? NULL : tree_of(root);

    (void)arg;
    (void)task;
    model.kills +=
        !acks && (kind == GI_FAULT_KILL || kind == GI_FAULT_RESTART);
    if (kind == GI_FAULT_KILL && acks)
        acker_died(gi_loop_here);
    if (acks)
        model.note_hits |= 1u << kind;
    if (tree != NULL && acks)
        tree->note_hits |= 1u << kind;
    else if (tree != NULL)
        tree->hits |= 1u << kind;
    else if (root == 0 && !acks)
        model.loose_hits |= 1u << kind;
}
