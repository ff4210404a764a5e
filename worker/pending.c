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

bool gi_pending_grow(gi_pending *p)
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

void gi_pending_move_first(gi_pending *p)
{
    uint32_t first = atomic_load_explicit(&p->first_gen, memory_order_relaxed);
    uint32_t last = atomic_load_explicit(&p->last_gen, memory_order_relaxed);

    if (((last - first) & GI_ROOT_GEN_MASK) > GI_ROOT_GENS)
        atomic_store_explicit(&p->first_gen,
                              (last - GI_ROOT_GENS) & GI_ROOT_GEN_MASK,
                              memory_order_relaxed);
}

void gi_pending_forget(gi_pending *p)
{
    p->todo_head = p->todo_tail = p->waiting.n = 0;
    for (uint32_t slot = 0; slot < p->used; slot++)
        if (p->at[slot].state != GI_FREE)
            gi_pending_free(p, slot);
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
        gi_pending_next_gen(p, s);
    s->attempts++;
    return true;
}
