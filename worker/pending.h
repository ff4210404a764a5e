/* pending.h -- the tuples a spout task waits for: one slot each.
 *
 *     FREE -> FLYING -> DONE   -> FREE              its tree is complete
 *                    -> FAILED -> FREE              the spout replays itself
 *                              -> WAITING -> FLYING the runtime replays it
 *
 * A slot's number and generation make the root id (acker/root.h), so an
 * answer finds it without a search, and one for an earlier use of the slot is
 * recognised.  Pure: no clock, no I/O.
 */
#ifndef GI_WORKER_PENDING_H
#define GI_WORKER_PENDING_H

#include <stdatomic.h>

#include "acker/ledger.h"
#include "base/heap.h"
#include "base/testpoint.h"
#include "topology/batch.h"

typedef enum gi_pending_state {
    GI_FREE = 0,
    GI_FLYING,
    GI_DONE,
    GI_FAILED,
    GI_WAITING,
} gi_pending_state;

typedef struct gi_pending_slot {
    uint64_t id;      /* the spout's message id */
    gale_tuple *kept; /* NULL: the spout replays by itself */
    int64_t since_ns; /* first emitted */
    uint32_t gen;
    union {
        uint32_t next;     /* of a list: slot + 1; 0 ends it */
        uint32_t heard_ms; /* FLYING: launched, or last asked about, then */
    };
    uint32_t attempts; /* replays */
    uint8_t state;
    uint8_t why; /* a gi_why: FAILED: it is; FLYING: it is, if its acker does
                    not know of it */
    union {
        uint16_t comp;  /* FAILED: who */
        uint16_t epoch; /* FLYING: launched in it */
    };
} gi_pending_slot;

_Static_assert(sizeof(gi_pending_slot) == 40,
               "40 bytes a pending root, 24 more once its acker knows of it");

typedef struct gi_pending {
    gi_pending_slot *at;
    uint32_t cap, used;
    uint32_t in_use;               /* not FREE */
    uint32_t free;                 /* list: slot + 1 */
    _Atomic uint32_t first_gen;    /* all that matter are after this, ... */
    _Atomic uint32_t last_gen;     /* ... up to this; read by others */
    uint32_t todo_head, todo_tail; /* DONE and FAILED, as they came */

    gi_heap waiting; /* of gi_due; its order is the slot */
} gi_pending;

/* A zeroed gi_pending is an empty one; kept tuples are the caller's. */
void gi_pending_fini(gi_pending *p);

/* Room for more slots; false without memory or when there are
 * GI_ROOT_SLOTS. */
bool gi_pending_grow(gi_pending *p);

/* The latest has gone on so far that others may have to. */
void gi_pending_move_first(gi_pending *p);

/* Before the tuple leaves, and so before anybody can speak of it. */
static inline void gi_pending_next_gen(gi_pending *p, gi_pending_slot *s)
{
    uint32_t last = atomic_load_explicit(&p->last_gen, memory_order_relaxed);

    s->gen = gi_root_next_gen(s->gen);

    uint32_t behind = (last - s->gen) & GI_ROOT_GEN_MASK;

    if (behind < GI_ROOT_GENS_BEHIND)
        return;
    if (__builtin_expect(behind < GI_ROOT_GEN_MASK - 1, 0)) {
        s->gen = last;
        return;
    }
    atomic_store_explicit(&p->last_gen, s->gen, memory_order_relaxed);
    if (__builtin_expect(s->gen % GI_ROOT_GENS_STEP == 0, 0))
        gi_pending_move_first(p);
}

/* A slot that is FLYING, with the next generation; false without memory or
 * when all GI_ROOT_SLOTS are in use. */
static inline bool gi_pending_take(gi_pending *p, uint32_t *slot)
{
    if (p->free != 0) {
        *slot = p->free - 1;
        p->free = p->at[*slot].next;
    } else {
        if (p->used == p->cap && !gi_pending_grow(p))
            return false;
        *slot = p->used++;
        p->at[*slot] = (gi_pending_slot){
            .gen = atomic_load_explicit(&p->first_gen, memory_order_relaxed)
        };
    }
    gi_pending_slot *s = &p->at[*slot];

    gi_pending_next_gen(p, s);
    s->state = GI_FLYING;
    s->attempts = 0;
    s->kept = NULL;
    p->in_use++;
    return true;
}

static inline void gi_pending_free(gi_pending *p, uint32_t slot)
{
    gi_pending_slot *s = &p->at[slot];

    s->state = GI_FREE;
    s->next = p->free;
    p->free = slot + 1;
    p->in_use--;
}

/* The slot of a tree that is FLYING now; NULL: it is not. */
static inline gi_pending_slot *gi_pending_flying(gi_pending *p, uint64_t root)
{
    uint32_t slot = gi_root_slot(root);

    if (slot >= p->used)
        return NULL;
    gi_pending_slot *s = &p->at[slot];
    bool same = s->gen == gi_root_gen(root) || GI_BUG(SPOUT_GENERATION);
    if (s->state == GI_FLYING && same)
        return s;
    GI_SEEN(ANSWER_STALE);
    return NULL;
}

/* An answer for a root: DONE or FAILED.  False: it is not for a tree that is
 * FLYING now. */
static inline bool gi_pending_answer(gi_pending *p, uint64_t root,
                                     gi_pending_state state, gi_why why,
                                     uint16_t comp)
{
    gi_pending_slot *s = gi_pending_flying(p, root);
    uint32_t slot = gi_root_slot(root);

    if (s == NULL)
        return false;
    s->state = (uint8_t)state;
    s->why = (uint8_t)why;
    s->comp = comp;
    s->next = 0;
    if (p->todo_tail != 0)
        p->at[p->todo_tail - 1].next = slot + 1;
    else
        p->todo_head = slot + 1;
    p->todo_tail = slot + 1;
    return true;
}

/* The next answered slot, oldest first; false: none.  It stays in its
 * state. */
static inline bool gi_pending_todo(gi_pending *p, uint32_t *slot)
{
    if (p->todo_head == 0)
        return false;
    *slot = p->todo_head - 1;
    p->todo_head = p->at[*slot].next;
    if (p->todo_head == 0)
        p->todo_tail = 0;
    return true;
}

/* All slots become FREE: whoever waited for them has died.  Their generations
 * go on, so nobody mistakes an answer for one of theirs. */
void gi_pending_forget(gi_pending *p);

/* FAILED -> WAITING until `at_ns`; false without memory, nothing changed. */
bool gi_pending_wait(gi_pending *p, uint32_t slot, int64_t at_ns);

/* When the first one falls due; INT64_MAX: none waits. */
int64_t gi_pending_due_ns(const gi_pending *p);

/* WAITING -> FLYING, with a new generation: the first one due by `now_ns`.
 * False: none. */
bool gi_pending_relaunch(gi_pending *p, int64_t now_ns, uint32_t *slot);

#endif
