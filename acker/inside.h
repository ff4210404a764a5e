/* inside.h -- the inside of a ledger and of an acker, so that the two updates
 * that every tree gets can be made in line: acker/ and worker/track.c.
 */
#ifndef GI_ACKER_INSIDE_H
#define GI_ACKER_INSIDE_H

#include "acker/acker.h"
#include "base/testpoint.h"

/* ------------------------------------------------------------- a ledger -- */

enum {
    GI_ENTRY_CLOSED = 0, /* finished, or never used (then gen is 0) */
    GI_ENTRY_OPEN = 1,   /* heard of */
    GI_ENTRY_HEARD = 2,  /* by its spout */
    GI_ENTRY_DATED = 4,  /* epoch is valid */
};

typedef struct gi_entry {
    uint64_t sum;
    uint32_t gen : 28;
    uint32_t state : 4;
    uint32_t moved; /* when the last update came */
    uint16_t epoch; /* when it began; valid once DATED */
    uint16_t comp;  /* who moved it last */
    uint32_t spare;
} gi_entry;

_Static_assert(sizeof(gi_entry) == 24, "ledger.h promises 24 bytes");

struct gi_ledger {
    gi_entry *at;
    uint32_t cap;   /* slots there is memory for */
    uint32_t used;  /* slots ever touched: the sweep goes no further */
    uint32_t sweep; /* where it goes on */
    uint32_t spout; /* of all roots here; learned from the first one */
    const _Atomic uint32_t *first; /* generations are after this ... */
    const _Atomic uint32_t *last;  /* ... up to this; NULL: any */
    size_t open;
};

/* Slots up to this one become used; false without memory. */
bool gi_ledger_use(gi_ledger *l, uint64_t root);

/* Did the spout give it? */
static inline bool gi_ledger_given(const gi_ledger *l, uint32_t gen)
{
    if (l->last == NULL)
        return true;
    return gi_root_gen_after(
               gen, atomic_load_explicit(l->first, memory_order_relaxed)) &&
           !gi_root_gen_after(
               gen, atomic_load_explicit(l->last, memory_order_relaxed));
}

/* The root's entry, opened for its generation if that is news; NULL if the
 * root is of a tree already finished.  *nomem tells the two NULLs apart.
 * `given`: whoever asks is the spout that gave it. */
static inline gi_entry *gi_ledger_find(gi_ledger *l, uint64_t root, bool given,
                                       bool *nomem)
{
    uint32_t slot = gi_root_slot(root);
    uint32_t gen = gi_root_gen(root);

    *nomem = false;
    if (__builtin_expect(slot >= l->used, 0) && !gi_ledger_use(l, root)) {
        *nomem = true;
        return NULL;
    }

    gi_entry *e = &l->at[slot];
    if (e->gen == gen || (GI_BUG(LEDGER_GENERATION) && e->gen != 0))
        return e->state == GI_ENTRY_CLOSED && !GI_BUG(LEDGER_GENERATION) ? NULL
                                                                         : e;
    /* What was here long ago cannot be compared any more. */
    if (e->gen != 0 && !gi_root_gen_after(gen, e->gen) &&
        gi_ledger_given(l, e->gen)) {
        GI_SEEN(OLD_GENERATION);
        return NULL;
    }

    if (!given && !gi_ledger_given(l, gen))
        return NULL;

    /* The spout uses a slot again only when it has done with the tree before;
     * so whatever is still open here is of no interest to anybody. */
    if (e->state == GI_ENTRY_CLOSED)
        l->open++;
    else
        GI_SEEN(SLOT_TAKEN_OVER);
    *e = (gi_entry){ .gen = gen & GI_ROOT_GEN_MASK,
                     .state = GI_ENTRY_OPEN,
                     .comp = GI_NOBODY };
    return e;
}

static inline gi_tree gi_ledger_not_found(bool nomem)
{
    return nomem ? GI_TREE_NOMEM : GI_TREE_STALE;
}

static inline void gi_ledger_finish(gi_ledger *l, gi_entry *e)
{
    e->state = GI_ENTRY_CLOSED;
    l->open--;
}

/* The whole algorithm: two questions after every update. */
static inline gi_tree gi_ledger_settle(gi_ledger *l, gi_entry *e)
{
    if (e->sum != 0 || (!(e->state & GI_ENTRY_HEARD) && !GI_BUG(UNHEARD_DONE)))
        return GI_TREE_OPEN;
    gi_ledger_finish(l, e);
    return GI_TREE_DONE;
}

/* Of several dates the latest counts, in whatever order they come. */
static inline void gi_ledger_date(gi_entry *e, uint16_t epoch)
{
    if (!(e->state & GI_ENTRY_DATED) || gi_epoch_before(e->epoch, epoch))
        e->epoch = epoch;
    e->state |= GI_ENTRY_DATED;
}

/* gi_ledger_init and gi_ledger_ack, in line. */
static inline gi_tree gi_ledger_init_here(gi_ledger *l, uint64_t root,
                                          uint64_t sum, uint32_t now,
                                          uint16_t comp, uint16_t epoch,
                                          bool given)
{
    bool nomem;
    gi_entry *e = gi_ledger_find(l, root, given, &nomem);

    if (e == NULL) {
        GI_SEEN(INIT_AFTER_END);
        return gi_ledger_not_found(nomem);
    }
    e->sum ^= sum;
    e->state |= GI_ENTRY_HEARD;
    e->moved = now;
    if (e->comp == GI_NOBODY)
        e->comp = comp;
    gi_ledger_date(e, epoch);
    return gi_ledger_settle(l, e);
}

static inline gi_tree gi_ledger_ack_here(gi_ledger *l, uint64_t root,
                                         uint64_t sum, uint32_t now,
                                         uint16_t comp)
{
    bool nomem;
    gi_entry *e = gi_ledger_find(l, root, false, &nomem);

    if (e == NULL) {
        GI_SEEN(ACK_AFTER_END);
        return gi_ledger_not_found(nomem);
    }
    if (!(e->state & GI_ENTRY_HEARD))
        GI_SEEN(ACK_BEFORE_INIT);
    e->sum ^= sum;
    e->moved = now;
    e->comp = comp;
    return gi_ledger_settle(l, e);
}

/* ------------------------------------------------------------- an acker -- */

/* The generations that a spout gives. */
typedef struct gi_bound {
    const _Atomic uint32_t *first, *last;
} gi_bound;

struct gi_acker {
    gi_ledger **ledger; /* [n_spouts]; made when first needed */
    gi_bound *bound;    /* [n_spouts] */
    uint32_t n_spouts;
    uint32_t slots;
    uint32_t swept; /* when the sweep last moved on */
    gi_acker_stats stats;
};

gi_ledger *gi_acker_make_ledger(gi_acker *a, uint32_t spout);

/* NULL: of a stranger (*nomem false) or no memory. */
static inline gi_ledger *gi_acker_ledger(gi_acker *a, uint64_t root,
                                         bool *nomem)
{
    uint32_t spout = gi_root_spout(root);

    *nomem = false;
    if (__builtin_expect(spout >= a->n_spouts, 0))
        return NULL; /* there is nobody to tell */
    if (__builtin_expect(a->ledger[spout] != NULL, 1))
        return a->ledger[spout];
    gi_ledger *l = gi_acker_make_ledger(a, spout);
    *nomem = l == NULL;
    return l;
}

static inline gi_tree gi_acker_count(gi_acker *a, gi_tree tree)
{
    if (tree == GI_TREE_DONE)
        a->stats.done++;
    else if (__builtin_expect(tree != GI_TREE_OPEN, 0)) {
        a->stats.failed += tree != GI_TREE_STALE;
        a->stats.stale += tree == GI_TREE_STALE;
    }
    return tree;
}

/* INIT and ACK without a note, for who sits beside acker and spout and tells
 * the spout himself what came of it: nearly all updates.  FAILED does not. */
static inline gi_tree gi_acker_init(gi_acker *a, uint64_t root, uint64_t sum,
                                    uint32_t now, uint16_t comp,
                                    uint16_t epoch, bool given)
{
    bool nomem;
    gi_ledger *l = gi_acker_ledger(a, root, &nomem);

    if (__builtin_expect(l == NULL, 0))
        return gi_acker_count(a, gi_ledger_not_found(nomem));
    return gi_acker_count(
        a, gi_ledger_init_here(l, root, sum, now, comp, epoch, given));
}

static inline gi_tree gi_acker_ack(gi_acker *a, uint64_t root, uint64_t sum,
                                   uint32_t now, uint16_t comp)
{
    bool nomem;
    gi_ledger *l = gi_acker_ledger(a, root, &nomem);

    if (__builtin_expect(l == NULL, 0))
        return gi_acker_count(a, gi_ledger_not_found(nomem));
    return gi_acker_count(a, gi_ledger_ack_here(l, root, sum, now, comp));
}

#endif
