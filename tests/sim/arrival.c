/* arrival.c -- oracles asked when a tuple comes to a bolt: was it sent here,
 * once, in its order, by its grouping, and standing in its own trees?
 *
 *     twice      it came before, and no fault made two of it
 *     stray      it came to a task to which it was not sent
 *     links      it stands in other trees than those it was anchored to
 *     order      it was overtaken on the way from one task to another
 *     grouping   its grouping would have chosen another task
 *     hash       it hands over another hash than its key's
 */
#include "work.h"

static bool happened(gi_fault_kind kind)
{
    return gi_faults_count(gi_sim_faults(model.sim), kind) > 0;
}

/* Mark that task got it.  False: it did before. */
static bool mark(uint64_t *came, uint32_t task)
{
    uint64_t bit = (uint64_t)1 << (task - 1);
    bool first = (*came & bit) == 0;

    *came |= bit;
    return first;
}

/* Of a tuple that a fault made two of, one stands in no tree. */
static void came_again(hand *h, const gale_tuple *in)
{
    h->again = true;
    if (!happened(GI_FAULT_DUPLICATE))
        wrong("twice", "a tuple of task %u came to task %u twice", in->task,
              h->task);
}

static void check_count(uint64_t came, uint32_t sent, const gale_tuple *in)
{
    if ((uint32_t)__builtin_popcountll(came) > sent)
        wrong("stray",
              "a tuple of task %u came to more tasks than it was sent to",
              in->task);
}

static void came_from_spout(const gale_tuple *in, hand *h)
{
    struct tree *t = tree_of(h->root);

    if (h->root == 0) {
        came_again(h, in);
        return;
    }
    if (gi_tuple_more(in) > 0)
        wrong("links", "a spout's tuple stands in %u trees",
              gi_tuple_more(in) + 1);
    if (t == NULL)
        return;
    if (!mark(&t->came, h->task))
        wrong("twice", "root %llx came to task %u twice",
              (unsigned long long)h->root, h->task);
    check_count(t->came, t->n, in);
}

static bool stands_in(const gale_tuple *in, uint64_t root)
{
    if (in->link.root == root)
        return true;
    for (uint32_t i = 0; i < gi_tuple_more(in); i++)
        if (gi_tuple_links(in)[i].root == root)
            return true;
    return false;
}

static void check_links(const gale_tuple *in, const struct record *r)
{
    uint32_t n = in->link.root == 0 ? 0 : gi_tuple_more(in) + 1;
    bool same = n == r->n_roots;

    for (uint32_t i = 0; i < r->n_roots && same; i++)
        same = stands_in(in, r->roots[i]);
    if (!same)
        wrong("links",
              "a tuple of task %u stands in %u trees, and was anchored to %u",
              in->task, n, r->n_roots);
}

static void came_from_bolt(const gale_tuple *in, hand *h)
{
    struct record *r = record_of(h->ref);

    if (r == NULL || (r->n_roots > 0 && in->link.root == 0)) {
        came_again(h, in);
        return;
    }
    check_links(in, r);
    if (!mark(&r->came, h->task))
        came_again(h, in);
    check_count(r->came, r->sent, in);
}

/* --------------------------------------------------------------- order -- */

#define BIT(kind) (1u << GI_FAULT_##kind)
enum { DISORDER = BIT(REORDER) | BIT(LATE) };

/* Of a tuple in no tree and its duplicate nobody can say which it is. */
static bool loose_disorder(void)
{
    return (model.loose_hits & DISORDER) != 0 || happened(GI_FAULT_DUPLICATE);
}

/* A tuple in a tree that was hit, or that the runtime sent anew. */
static bool may_be_late(const hand *h)
{
    uint32_t n;
    const uint64_t *roots = shadow_roots(h, &n);

    if (h->again || (n == 0 && loose_disorder()))
        return true;
    for (uint32_t i = 0; i < n; i++) {
        const struct tree *t = tree_of(roots[i]);

        if (t == NULL
                ? h->ref == 0 || happened(GI_FAULT_REORDER) ||
                      happened(GI_FAULT_LATE)
                : (h->ref == 0 && t->replay) || (t->hits & DISORDER) != 0)
            return true;
    }
    return false;
}

static void check_order(const gale_tuple *in, const hand *h)
{
    int64_t *seen = &task_model(h->task)->seen[in->task - 1];
    int64_t seq = gale_tuple_i64(in, AT_SEQ);

    /* What was put off on its own may also overtake what was delayed. */
    if (may_be_late(h))
        return;
    if (seq > *seen)
        *seen = seq;
    else
        wrong("order", "number %lld of task %u came to task %u after %lld",
              (long long)seq, in->task, h->task, (long long)*seen);
}

/* ------------------------------------------------------------ grouping -- */

static const gi_edge *edge_to(const gale_task *t, const gale_tuple *in)
{
    const gi_stream *s = &model.plan->streams[in->stream];

    for (uint32_t i = 0; i < s->n_edges; i++)
        if (s->edges[i].to == t->comp->no)
            return &s->edges[i];
    return NULL;
}

/* The tasks that ever got this key. */
static int takers(const gi_edge *e, uint64_t key, uint32_t index)
{
    uint64_t *tasks = &model.keys[e->no * N_KEYS + key % N_KEYS];

    *tasks |= (uint64_t)1 << index;
    return __builtin_popcountll(*tasks);
}

static bool rightly_here(const gale_task *t, const gi_edge *e, uint64_t key)
{
    switch (e->how) {
    case GALE_GROUP_FIELDS:
        return takers(e, key, t->index) == 1;
    case GALE_GROUP_PARTIAL_KEY:
        return takers(e, key, t->index) <= 2;
    case GALE_GROUP_GLOBAL:
        return t->index == 0;
    case GALE_GROUP_DIRECT:
        return key == t->id;
    case GALE_GROUP_CUSTOM:
        return work_chooses(key, t->index, t->comp->n_tasks);
    default:
        return true;
    }
}

static void check_hash(const gale_task *t, const gi_edge *e,
                       const gale_tuple *in)
{
    bool by_key =
        e->how == GALE_GROUP_FIELDS || e->how == GALE_GROUP_PARTIAL_KEY;
    uint32_t expected =
        by_key ? (uint32_t)gale_hash(gale_tuple_at(in, AT_KEY), 1) : 0;

    if (gale_tuple_hash(in) != expected)
        wrong("hash", "'%s' got the hash %x with key %lld, not %x",
              t->comp->id, gale_tuple_hash(in),
              (long long)gale_tuple_i64(in, AT_KEY), expected);
}

static void check_grouping(const gale_task *t, const gale_tuple *in)
{
    const gi_edge *e = edge_to(t, in);
    int64_t key = gale_tuple_i64(in, AT_KEY);

    if (e == NULL)
        wrong("stray", "'%s' got a tuple of a stream that it does not read",
              t->comp->id);
    else if (!rightly_here(t, e, (uint64_t)key))
        wrong("grouping", "key %lld came to task %u by grouping %s",
              (long long)key, t->id, gi_grouping_name(e->how));
    else
        check_hash(t, e, in);
}

void shadow_came(gale_task *t, const gale_tuple *in, hand *h)
{
    *h = (hand){ .ref = (uint64_t)gale_tuple_i64(in, AT_REF),
                 .root = in->link.root,
                 .task = t->id };
    task_model(t->id)->executed++;
    if (h->ref == 0)
        came_from_spout(in, h);
    else
        came_from_bolt(in, h);
    check_order(in, h);
    check_grouping(t, in);
}
