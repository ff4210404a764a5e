#include "worker/pending.h"

#include "base/mem.h"
#include "base/testpoint.h"

void gi_pending_fini(gi_pending *p)
{
    gi_free(p->at);
    gi_heap_fini(&p->waiting);
    *p = (gi_pending){ 0 };
}

/* ---------------------------------------------------------------- slots -- */

static bool grow(gi_pending *p)
{
    uint32_t cap = p->cap == 0 ? 64 : p->cap * 2;

    if (cap > GI_ROOT_SLOTS)
        return false;
    gi_pending_slot *at = gi_realloc(p->at, cap * sizeof(*at));
    if (at == NULL)
        return false;
    p->at = at;
    p->cap = cap;
    return true;
}

/* Before the tuple leaves, and so before anybody can speak of it. */
static inline void next_gen(gi_pending *p, gi_pending_slot *s)
{
    uint32_t last = atomic_load_explicit(&p->last_gen, memory_order_relaxed);

    s->gen = gi_root_next_gen(s->gen);
    if (gi_root_gen_after(s->gen, last))
        atomic_store_explicit(&p->last_gen, s->gen, memory_order_relaxed);
}

bool gi_pending_take(gi_pending *p, uint32_t *slot)
{
    if (p->free != 0) {
        *slot = p->free - 1;
        p->free = p->at[*slot].next;
    } else {
        if (p->used == p->cap && !grow(p))
            return false;
        *slot = p->used++;
        p->at[*slot] = (gi_pending_slot){ .gen = p->first_gen };
    }
    gi_pending_slot *s = &p->at[*slot];

    next_gen(p, s);
    s->state = GI_FLYING;
    s->attempts = 0;
    s->kept = NULL;
    p->in_use++;
    return true;
}

void gi_pending_free(gi_pending *p, uint32_t slot)
{
    gi_pending_slot *s = &p->at[slot];

    s->state = GI_FREE;
    s->next = p->free;
    p->free = slot + 1;
    p->in_use--;
}

void gi_pending_forget(gi_pending *p)
{
    p->todo_head = p->todo_tail = p->waiting.n = 0;
    for (uint32_t slot = 0; slot < p->used; slot++)
        if (p->at[slot].state != GI_FREE)
            gi_pending_free(p, slot);
}

/* -------------------------------------------------------------- answers -- */

bool gi_pending_answer(gi_pending *p, uint64_t root, gi_pending_state state,
                       gi_why why, uint16_t comp)
{
    uint32_t slot = gi_root_slot(root);

    if (slot >= p->used)
        return false;
    gi_pending_slot *s = &p->at[slot];
    bool same = s->gen == gi_root_gen(root) || GI_BUG(SPOUT_GENERATION);
    if (s->state != GI_FLYING || !same) {
        GI_SEEN(ANSWER_STALE);
        return false;
    }
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

bool gi_pending_todo(gi_pending *p, uint32_t *slot)
{
    if (p->todo_head == 0)
        return false;
    *slot = p->todo_head - 1;
    p->todo_head = p->at[*slot].next;
    if (p->todo_head == 0)
        p->todo_tail = 0;
    return true;
}

/* --------------------------------------------------------------- replay -- */

bool gi_pending_wait(gi_pending *p, uint32_t slot, int64_t at_ns)
{
    p->waiting.size = sizeof(gi_due);
    if (!gi_heap_reserve(&p->waiting))
        return false;
    gi_heap_push(&p->waiting, &(gi_due){ at_ns, slot });
    p->at[slot].state = GI_WAITING;
    return true;
}

int64_t gi_pending_due_ns(const gi_pending *p)
{
    return gi_heap_next(&p->waiting);
}

bool gi_pending_relaunch(gi_pending *p, int64_t now_ns, uint32_t *slot)
{
    gi_due due;

    if (p->waiting.n == 0 || gi_heap_next(&p->waiting) > now_ns)
        return false;
    gi_heap_pop(&p->waiting, &due);
    *slot = (uint32_t)due.order;
    gi_pending_slot *s = &p->at[*slot];

    s->state = GI_FLYING;
    if (!GI_BUG(SAME_ROOT))
        next_gen(p, s);
    s->attempts++;
    return true;
}
