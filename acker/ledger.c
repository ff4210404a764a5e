#include "acker/inside.h"

#include "base/mem.h"

enum { LONG_AGO = 1 << 14 }; /* epochs; they are compared modulo 2^16 */

gale_err gi_ledger_create(gi_ledger **out, uint32_t slots)
{
    gi_ledger *l = gi_alloc_apart(sizeof(*l));

    if (l == NULL)
        return GALE_ENOMEM;
    l->cap = slots < 16 ? 16 : slots;
    l->at = gi_alloc_blank(l->cap * sizeof(*l->at));
    if (l->at == NULL) {
        gi_free(l);
        return GALE_ENOMEM;
    }
    *out = l;
    return GALE_OK;
}

void gi_ledger_destroy(gi_ledger *l)
{
    if (l == NULL)
        return;
    gi_free(l->at);
    gi_free(l);
}

static bool grow(gi_ledger *l, uint32_t slot)
{
    uint32_t cap = l->cap;

    while (cap <= slot)
        cap *= 2;
    gi_entry *at = gi_realloc(l->at, cap * sizeof(*at));
    if (at == NULL)
        return false;
    l->at = at;
    l->cap = cap;
    return true;
}

void gi_ledger_bound(gi_ledger *l, const _Atomic uint32_t *first,
                     const _Atomic uint32_t *last)
{
    l->first = first;
    l->last = last;
}

bool gi_ledger_use(gi_ledger *l, uint64_t root)
{
    uint32_t slot = gi_root_slot(root);

    if (slot >= l->cap && !grow(l, slot))
        return false;
    /* Only now, so that what is never used takes no memory. */
    memset(&l->at[l->used], 0, (slot + 1 - l->used) * sizeof(*l->at));
    l->used = slot + 1;
    l->spout = gi_root_spout(root);
    return true;
}

gi_tree gi_ledger_init(gi_ledger *l, uint64_t root, uint64_t sum, uint32_t now,
                       uint16_t epoch)
{
    return gi_ledger_init_here(l, root, sum, now, GI_NOBODY, epoch, false);
}

gi_tree gi_ledger_ack(gi_ledger *l, uint64_t root, uint64_t sum, uint32_t now,
                      uint16_t comp)
{
    return gi_ledger_ack_here(l, root, sum, now, comp);
}

gi_tree gi_ledger_fail(gi_ledger *l, uint64_t root, uint32_t now)
{
    bool nomem;
    gi_entry *e = gi_ledger_find(l, root, false, &nomem);

    if (e == NULL)
        return gi_ledger_not_found(nomem);
    if (!(e->state & GI_ENTRY_HEARD))
        GI_SEEN(FAIL_BEFORE_INIT);
    e->moved = now;
    gi_ledger_finish(l, e);
    return GI_TREE_FAILED;
}

gi_tree gi_ledger_touch(gi_ledger *l, uint64_t root, uint32_t now,
                        uint16_t epoch)
{
    bool nomem;
    gi_entry *e = gi_ledger_find(l, root, false, &nomem);

    if (e == NULL)
        return gi_ledger_not_found(nomem);
    e->moved = now;
    gi_ledger_date(e, epoch);
    return GI_TREE_OPEN;
}

bool gi_ledger_knows(const gi_ledger *l, uint64_t root)
{
    uint32_t slot = gi_root_slot(root);

    return slot < l->used && l->at[slot].gen == gi_root_gen(root) &&
           l->at[slot].state != GI_ENTRY_CLOSED;
}

/* Did it begin before the horizon?  One that began long ago is dated anew,
 * lest it seem yet to come when half of all epochs have gone by. */
static inline bool is_old(gi_entry *e, uint16_t horizon)
{
    if (!gi_epoch_before(e->epoch, horizon))
        return false;
    if ((uint16_t)(horizon - e->epoch) > LONG_AGO)
        e->epoch = (uint16_t)(horizon - LONG_AGO);
    return true;
}

static inline bool is_lost(gi_entry *e, const gi_judge *j)
{
    if (e->state == GI_ENTRY_CLOSED)
        return false;

    /* More than the timeout: both are cut to whole milliseconds. */
    bool overdue = (int32_t)(j->now - e->moved) > (int32_t)j->timeout;
    if (!(e->state & GI_ENTRY_DATED)) {
        if (overdue)
            gi_ledger_date(e, j->epoch);
        return false;
    }
    bool old = is_old(e, j->horizon);
    if (overdue && !old)
        GI_SEEN(HORIZON_HELD);
    return old && overdue && !GI_BUG(NEVER_EXPIRES);
}

uint32_t gi_ledger_sweep(gi_ledger *l, uint32_t n, const gi_judge *j,
                         gi_expired expired, void *arg)
{
    uint32_t soon = 0;

    if (n > l->used)
        n = l->used;
    while (n-- > 0) {
        if (l->sweep >= l->used)
            l->sweep = 0;
        gi_entry *e = &l->at[l->sweep];
        if (is_lost(e, j)) {
            uint64_t root = gi_root(l->spout, l->sweep, e->gen);
            uint16_t comp = e->comp;

            if (!(e->state & GI_ENTRY_HEARD))
                GI_SEEN(UNHEARD_EXPIRED);
            gi_ledger_finish(l, e);
            expired(arg, root, comp);
        }
        soon += e->state != GI_ENTRY_CLOSED && j->clock - e->moved > j->soon;
        l->sweep++;
    }
    return soon;
}

size_t gi_ledger_open(const gi_ledger *l)
{
    return l->open;
}

uint32_t gi_ledger_slots(const gi_ledger *l)
{
    return l->used;
}

const char *gi_why_text(gi_why why)
{
    switch (why) {
    case GI_WHY_FAILED:
        return "failed by";
    case GI_WHY_TIMEOUT:
        return "timed out after";
    case GI_WHY_LOST:
        return "lost with";
    case GI_WHY_NOMEM:
        return "out of memory in";
    case GI_WHY_OVERFLOW:
        return "the cycle overflowed at";
    case GI_WHY_NONE:
        break;
    }
    return "unknown after";
}
