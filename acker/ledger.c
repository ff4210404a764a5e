#include "acker/ledger.h"

#include "base/mem.h"
#include "base/testpoint.h"

enum {
    CLOSED = 0, /* finished, or never used (then gen is 0) */
    OPEN = 1,   /* heard of */
    HEARD = 2,  /* by its spout */
    DATED = 4,  /* epoch is valid */
};

enum { LONG_AGO = 1 << 14 }; /* epochs; they are compared modulo 2^16 */

struct entry {
    uint64_t sum;
    uint32_t gen : 28;
    uint32_t state : 4;
    uint32_t moved; /* when the last update came */
    uint16_t epoch; /* when it began; valid once DATED */
    uint16_t comp;  /* who moved it last */
    uint32_t spare;
};

_Static_assert(sizeof(struct entry) == 24, "ledger.h promises 24 bytes");

struct gi_ledger {
    struct entry *at;
    uint32_t cap;   /* slots there is memory for */
    uint32_t used;  /* slots ever touched: the sweep goes no further */
    uint32_t sweep; /* where it goes on */
    uint32_t spout; /* of all roots here; learned from the first one */
    uint32_t first; /* generations are after this ... */
    const _Atomic uint32_t *last; /* ... up to this; NULL: any */
    size_t open;
};

gale_err gi_ledger_create(gi_ledger **out, uint32_t slots)
{
    gi_ledger *l = gi_alloc(sizeof(*l));

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
    struct entry *at = gi_realloc(l->at, cap * sizeof(*at));
    if (at == NULL)
        return false;
    l->at = at;
    l->cap = cap;
    return true;
}

void gi_ledger_bound(gi_ledger *l, uint32_t first,
                     const _Atomic uint32_t *last)
{
    l->first = first;
    l->last = last;
}

/* Did the spout give it? */
static bool given(const gi_ledger *l, uint32_t gen)
{
    uint32_t last;

    if (l->last == NULL)
        return true;
    last = atomic_load_explicit(l->last, memory_order_relaxed);
    return gi_root_gen_after(gen, l->first) && !gi_root_gen_after(gen, last);
}

/* The root's entry, opened for its generation if that is news; NULL if the
 * root is of a tree already finished.  *nomem tells the two NULLs apart. */
static inline struct entry *find(gi_ledger *l, uint64_t root, bool *nomem)
{
    uint32_t slot = gi_root_slot(root);
    uint32_t gen = gi_root_gen(root);

    *nomem = false;
    if (__builtin_expect(slot >= l->used, 0)) {
        if (slot >= l->cap && !grow(l, slot)) {
            *nomem = true;
            return NULL;
        }
        /* Only now, so that what is never used takes no memory. */
        memset(&l->at[l->used], 0, (slot + 1 - l->used) * sizeof(*l->at));
        l->used = slot + 1;
        l->spout = gi_root_spout(root);
    }

    struct entry *e = &l->at[slot];
    if (e->gen == gen || (GI_BUG(LEDGER_GENERATION) && e->gen != 0))
        return e->state == CLOSED && !GI_BUG(LEDGER_GENERATION) ? NULL : e;
    if (e->gen != 0 && !gi_root_gen_after(gen, e->gen)) {
        GI_SEEN(OLD_GENERATION);
        return NULL;
    }

    if (!given(l, gen))
        return NULL;

    /* The spout uses a slot again only when it has done with the tree before;
     * so whatever is still open here is of no interest to anybody. */
    if (e->state == CLOSED)
        l->open++;
    else
        GI_SEEN(SLOT_TAKEN_OVER);
    *e = (struct entry){ .gen = gen & GI_ROOT_GEN_MASK,
                         .state = OPEN,
                         .comp = GI_NOBODY };
    return e;
}

static inline gi_tree not_found(bool nomem)
{
    return nomem ? GI_TREE_NOMEM : GI_TREE_STALE;
}

static inline void finish(gi_ledger *l, struct entry *e)
{
    e->state = CLOSED;
    l->open--;
}

/* The whole algorithm: two questions after every update. */
static inline gi_tree settle(gi_ledger *l, struct entry *e)
{
    if (e->sum != 0 || (!(e->state & HEARD) && !GI_BUG(UNHEARD_DONE)))
        return GI_TREE_OPEN;
    finish(l, e);
    return GI_TREE_DONE;
}

/* Of several dates the latest counts, in whatever order they come. */
static inline void date(struct entry *e, uint16_t epoch)
{
    if (!(e->state & DATED) || gi_epoch_before(e->epoch, epoch))
        e->epoch = epoch;
    e->state |= DATED;
}

gi_tree gi_ledger_init(gi_ledger *l, uint64_t root, uint64_t sum, uint32_t now,
                       uint16_t epoch)
{
    bool nomem;
    struct entry *e = find(l, root, &nomem);

    if (e == NULL) {
        GI_SEEN(INIT_AFTER_END);
        return not_found(nomem);
    }
    e->sum ^= sum;
    e->state |= HEARD;
    e->moved = now;
    date(e, epoch);
    return settle(l, e);
}

gi_tree gi_ledger_ack(gi_ledger *l, uint64_t root, uint64_t sum, uint32_t now,
                      uint16_t comp)
{
    bool nomem;
    struct entry *e = find(l, root, &nomem);

    if (e == NULL) {
        GI_SEEN(ACK_AFTER_END);
        return not_found(nomem);
    }
    if (!(e->state & HEARD))
        GI_SEEN(ACK_BEFORE_INIT);
    e->sum ^= sum;
    e->moved = now;
    e->comp = comp;
    return settle(l, e);
}

gi_tree gi_ledger_fail(gi_ledger *l, uint64_t root, uint32_t now)
{
    bool nomem;
    struct entry *e = find(l, root, &nomem);

    if (e == NULL)
        return not_found(nomem);
    if (!(e->state & HEARD))
        GI_SEEN(FAIL_BEFORE_INIT);
    e->moved = now;
    finish(l, e);
    return GI_TREE_FAILED;
}

gi_tree gi_ledger_touch(gi_ledger *l, uint64_t root, uint32_t now,
                        uint16_t epoch)
{
    bool nomem;
    struct entry *e = find(l, root, &nomem);

    if (e == NULL)
        return not_found(nomem);
    e->moved = now;
    date(e, epoch);
    return GI_TREE_OPEN;
}

bool gi_ledger_knows(const gi_ledger *l, uint64_t root)
{
    uint32_t slot = gi_root_slot(root);

    return slot < l->used && l->at[slot].gen == gi_root_gen(root) &&
           l->at[slot].state != CLOSED;
}

/* Did it begin before the horizon?  One that began long ago is dated anew,
 * lest it seem yet to come when half of all epochs have gone by. */
static inline bool is_old(struct entry *e, uint16_t horizon)
{
    if (!gi_epoch_before(e->epoch, horizon))
        return false;
    if ((uint16_t)(horizon - e->epoch) > LONG_AGO)
        e->epoch = (uint16_t)(horizon - LONG_AGO);
    return true;
}

static inline bool is_lost(struct entry *e, const gi_judge *j)
{
    if (e->state == CLOSED)
        return false;

    /* More than the timeout: both are cut to whole milliseconds. */
    bool overdue = (int32_t)(j->now - e->moved) > (int32_t)j->timeout;
    if (!(e->state & DATED)) {
        if (overdue)
            date(e, j->epoch);
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
        struct entry *e = &l->at[l->sweep];
        if (is_lost(e, j)) {
            uint64_t root = gi_root(l->spout, l->sweep, e->gen);
            uint16_t comp = e->comp;

            if (!(e->state & HEARD))
                GI_SEEN(UNHEARD_EXPIRED);
            finish(l, e);
            expired(arg, root, comp);
        }
        soon += e->state != CLOSED && j->clock - e->moved > j->soon;
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
