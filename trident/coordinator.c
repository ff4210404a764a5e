#include "trident/coordinator.h"

#include "base/testpoint.h"

static gi_txn *txn(gi_coordinator *c, uint64_t txid)
{
    return &c->txns[txid % GI_TXNS];
}

static const gi_txn *look(const gi_coordinator *c, uint64_t txid)
{
    return &c->txns[txid % GI_TXNS];
}

void gi_coordinator_init(gi_coordinator *c, const gi_coordinator_opts *o,
                         uint64_t committed, uint64_t next_attempt)
{
    *c = (gi_coordinator){ .o = *o };
    c->committed = committed;
    c->next_attempt = next_attempt;
    c->begun_ns = GI_LONG_AGO;
    c->resume_ns = GI_LONG_AGO;
}

/* Of those known, the first that waits; 0: none does. */
static uint64_t waiting(const gi_coordinator *c)
{
    for (uint64_t t = c->committed + 1; t <= c->committed + c->n; t++)
        if (look(c, t)->state == GI_TXN_WAITS)
            return t;
    return 0;
}

/* Is one being processed, and not only committed? */
static bool is_busy(const gi_coordinator *c)
{
    for (uint64_t t = c->committed + 1; t <= c->committed + c->n; t++)
        if (look(c, t)->state == GI_TXN_PROCESSING)
            return true;
    return false;
}

uint64_t gi_coordinator_may_begin(const gi_coordinator *c, int64_t now_ns)
{
    if (c->n >= c->o.window || waiting(c) != 0)
        return 0;
    if (is_busy(c) && now_ns - c->begun_ns < c->o.interval_ns)
        return 0;
    return c->committed + c->n + 1;
}

static uint64_t start(gi_coordinator *c, uint64_t txid)
{
    gi_txn *t = txn(c, txid);

    t->attempt = c->next_attempt++;
    t->state = GI_TXN_PROCESSING;
    return t->attempt;
}

uint64_t gi_coordinator_begin(gi_coordinator *c, int64_t now_ns)
{
    c->begun_ns = now_ns;
    c->n++;
    return start(c, c->committed + c->n);
}

uint64_t gi_coordinator_again(gi_coordinator *c, int64_t now_ns,
                              uint64_t *attempt)
{
    uint64_t txid = now_ns < c->resume_ns ? 0 : waiting(c);

    if (txid != 0)
        *attempt = start(c, txid);
    return txid;
}

/* The one whose turn it is to be committed. */
static uint64_t in_turn(const gi_coordinator *c)
{
    uint64_t t = c->committed + 1;

    while (GI_BUG(COMMIT_ORDER) && t < c->committed + c->n &&
           look(c, t)->state != GI_TXN_PROCESSED)
        t++;
    return t;
}

bool gi_coordinator_may_commit(const gi_coordinator *c)
{
    return c->o.commits && c->n > 0 &&
           look(c, in_turn(c))->state == GI_TXN_PROCESSED;
}

uint64_t gi_coordinator_commit(gi_coordinator *c, uint64_t *attempt)
{
    uint64_t txid = in_turn(c);
    gi_txn *t = txn(c, txid);

    if (!gi_coordinator_may_commit(c))
        return 0;
    t->state = GI_TXN_COMMITTING;
    *attempt = t->attempt;
    return txid;
}

/* The number of an attempt that is under way; 0: it is over. */
static uint64_t find(const gi_coordinator *c, uint64_t attempt)
{
    for (uint64_t t = c->committed + 1; t <= c->committed + c->n; t++)
        if (look(c, t)->attempt == attempt && attempt != 0)
            return t;
    return 0;
}

static uint64_t count(gi_coordinator *c)
{
    *txn(c, c->committed + 1) = (gi_txn){ 0, GI_TXN_WAITS };
    c->failures = 0;
    c->n--;
    return ++c->committed;
}

uint64_t gi_coordinator_processed(gi_coordinator *c, uint64_t attempt)
{
    uint64_t txid = find(c, attempt);

    if (txid != 0 && txn(c, txid)->state == GI_TXN_PROCESSING)
        txn(c, txid)->state = GI_TXN_PROCESSED;
    return gi_coordinator_counts(c);
}

uint64_t gi_coordinator_counts(gi_coordinator *c)
{
    if (c->o.commits || c->n == 0 ||
        txn(c, c->committed + 1)->state != GI_TXN_PROCESSED)
        return 0;
    return count(c);
}

uint64_t gi_coordinator_done(gi_coordinator *c, uint64_t attempt)
{
    uint64_t txid = find(c, attempt);

    if (txid != c->committed + 1 || txn(c, txid)->state != GI_TXN_COMMITTING)
        return 0;
    return count(c);
}

static int64_t pause_after(const gi_coordinator *c)
{
    int64_t ns = c->o.pause_ns;

    for (uint32_t i = 1; i < c->failures && ns < c->o.pause_most_ns; i++)
        ns *= 2;
    return ns < c->o.pause_most_ns ? ns : c->o.pause_most_ns;
}

bool gi_coordinator_failed(gi_coordinator *c, uint64_t attempt, int64_t now_ns)
{
    uint64_t txid = find(c, attempt), last = c->committed + c->n;

    if (txid == 0)
        GI_SEEN(STALE_NEWS);
    if (txid == 0 && GI_BUG(STALE_FAILS) && c->n > 0)
        txid = c->committed + 1;
    if (txid == 0)
        return false;
    for (uint64_t t = txid; t <= (GI_BUG(LATER_STAY) ? txid : last); t++)
        *txn(c, t) = (gi_txn){ 0, GI_TXN_WAITS };
    c->failures++;
    c->resume_ns = now_ns + pause_after(c);
    return true;
}

uint64_t gi_coordinator_before(const gi_coordinator *c, uint64_t txid)
{
    return txid <= c->committed + 1 ? 0 : look(c, txid - 1)->attempt;
}

uint64_t gi_coordinator_floor(const gi_coordinator *c)
{
    uint64_t floor = c->next_attempt;

    for (uint64_t t = c->committed + 1; t <= c->committed + c->n; t++)
        if (look(c, t)->attempt != 0 && look(c, t)->attempt < floor)
            floor = look(c, t)->attempt;
    return floor;
}

int64_t gi_coordinator_due(const gi_coordinator *c)
{
    if (waiting(c) != 0)
        return c->resume_ns;
    if (is_busy(c) && c->n < c->o.window)
        return c->begun_ns + c->o.interval_ns;
    return INT64_MAX;
}
