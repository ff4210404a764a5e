/* trees.c -- oracles asked when a tree begins or is answered, and when a spout
 * hears of it.
 *
 *     root-used    a tree began with a root id that was in use, or used before
 *     acked-early  a tree was called done with work unfinished, or failed
 *     answered     a tree was answered that nobody waits for, or twice
 *     no-cause     a tree failed, and nothing had happened to it
 *     too-early    a tree timed out before the timeout
 *     late-news    it took long to hear of an acker that died
 *     message      a spout heard the wrong thing about a message
 *     gave-up      a tuple was given up too early, or the wrong one
 */
#include "shadow.h"

#include "worker/spout.h"

#define BIT(kind) (1u << GI_FAULT_##kind)

static struct message *message_of(const gale_task *t, uint64_t id)
{
    const struct source *src = model.source_of[t->id - 1];

    if (src == NULL || id < src->first || id >= src->first + src->n) {
        wrong("message", "message %llu is not one of task %u",
              (unsigned long long)id, t->id);
        return NULL;
    }
    return &model.message[id];
}

static uint64_t memory_faults(void)
{
    return gi_faults_count(gi_sim_faults(model.sim), GI_FAULT_MEMORY);
}

/* -------------------------------------------------------------- beginning --
 */

static void check_root(const struct tree *before, uint64_t root)
{
    if (before->root == 0)
        return;
    if (before->open)
        wrong("root-used",
              "root %llx was given to a tree before %llx of the "
              "same slot was answered",
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

static void launched(void *arg, gale_task *t, uint64_t id, uint64_t root,
                     size_t n, bool replay)
{
    struct tree *tree = shadow_slot(root);
    struct message *m = message_of(t, id);

    (void)arg;
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
        .n = (uint32_t)n,
        .left = (uint32_t)n,
        .began_ns = sim_now(),
        .moved_ns = sim_now(),
        .kills = model.kills,
        .revived = model.revived,
        .memory = model.memory,
    };
}

/* ---------------------------------------------------------------- causes --
 */

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
        return tree->forgotten || tuple_lost(tree) || news_lost(tree);
    case GI_WHY_LOST: /* also: its DONE was overtaken by the spout's asking */
        return tree->kills != model.kills || tree->revived != model.revived ||
               news_lost(tree) || hears_of_acker(tree) ||
               (tree->note_hits & BIT(REORDER)) != 0;
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
    /* Both are cut to milliseconds.  Lost news did not move its clock; nor is
     * a tuple waited for that looked lost. */
    else if (why == GI_WHY_TIMEOUT && tree->note_hits == 0 &&
             !news_lost(tree) && (tree->hits & BIT(LATE)) == 0 &&
             idle_s < timeout_s - 0.002)
        wrong("too-early",
              "root %llx timed out after %.3f s in which nothing moved; the "
              "timeout is %.3f s",
              (unsigned long long)tree->root, idle_s, timeout_s);
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

/* --------------------------------------------------------------- answers --
 */

static void settled(void *arg, gale_task *t, uint64_t id, uint64_t root,
                    gi_why why, uint16_t comp)
{
    struct tree *tree = tree_of(root);
    struct message *m = message_of(t, id);
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

static void finish(struct message *m, enum message_state state, uint32_t task)
{
    m->state = (uint8_t)state;
    model.source_of[task - 1]->left--;
    model.n_left--;
}

static void gave_up(void *arg, gale_task *t, uint64_t id)
{
    struct message *m = message_of(t, id);
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
    finish(m, DEAD, t->id);
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
                                    .launched = launched,
                                    .settled = settled,
                                    .gave_up = gave_up,
                                    .forgot = forgot };

/* ------------------------------------------------------ what a spout hears --
 */

/* Without ackers nothing is followed, and each emit is acked at once. */
void shadow_acked(struct source *src, uint64_t id)
{
    const gale_task *t = gi_worker_task(gi_sim_worker(model.sim), src->task);
    struct message *m = message_of(t, id);

    if (m == NULL)
        return;
    if (m->state != SENT || (model.s->ackers != 0 && m->verdict != DONE))
        wrong("message", "message %llu was acked in state %d, verdict %d",
              (unsigned long long)id, m->state, m->verdict);
    else
        finish(m, ACKED, src->task);
}

void shadow_failed(struct source *src, uint64_t id)
{
    const gale_task *t = gi_worker_task(gi_sim_worker(model.sim), src->task);
    struct message *m = message_of(t, id);

    if (m == NULL)
        return;
    if (m->state != SENT || m->verdict != FAILED) {
        wrong("message", "message %llu was failed in state %d, verdict %d",
              (unsigned long long)id, m->state, m->verdict);
        return;
    }
    m->state = UNSENT;
    src->again[(src->back + src->n_back++) % src->n] = (uint32_t)id;
}

/* It begins at the oldest message that is not done with. */
void shadow_opened(struct source *src)
{
    model.revived++;
    src->cursor = src->n_back = 0;
    src->burst = 0;
}

static uint32_t give(struct source *src, uint32_t message)
{
    model.message[message].state = SENT;
    src->burst++;
    return message;
}

bool shadow_next(struct source *src, uint32_t *message)
{
    while (src->n_back > 0) {
        uint32_t back = src->again[src->back];

        src->back = (src->back + 1) % src->n;
        src->n_back--;
        if (model.message[back].state == UNSENT) {
            *message = give(src, back);
            return true;
        }
    }
    for (; src->cursor < src->n; src->cursor++)
        if (model.message[src->first + src->cursor].state == UNSENT) {
            *message = give(src, src->first + src->cursor++);
            return true;
        }
    return false;
}

void shadow_untracked(struct source *src, uint32_t message)
{
    finish(&model.message[message], ACKED, src->task);
}

/* ---------------------------------------------------------------- faults --
 */

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

/* ---------------------------------------------------------- dead letters --
 */

/* There may be none for want of memory, and duplicates may come. */
void shadow_letter(uint64_t message, gale_str reason, int64_t attempts)
{
    model.letters++;
    if (message >= model.n_messages || model.message[message].state != DEAD ||
        reason.len == 0 || attempts < (int64_t)model.s->limit)
        wrong("gave-up",
              "a dead letter of message %llu, attempts %lld, "
              "reason '%.*s'",
              (unsigned long long)message, (long long)attempts,
              (int)reason.len, reason.ptr);
}
