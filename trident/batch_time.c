#include "trident/batch_time.h"

#include "trident/window.h"

static struct gi_batch_at *slot(gi_batch_time *t, uint64_t txid)
{
    return &t->at[txid % GI_TXNS];
}

static void set(gi_batch_time *t, uint64_t txid, int64_t ms)
{
    *slot(t, txid) = (struct gi_batch_at){ txid, ms };
    if (!t->known || ms > t->last_ms)
        t->last_ms = ms;
    t->known = true;
}

void gi_batch_time_recall(gi_batch_time *t, uint64_t txid, int64_t ms)
{
    set(t, txid, ms);
    gi_batch_time_busy(t, txid);
}

int64_t gi_batch_time_of(gi_batch_time *t, uint64_t txid, int64_t now_ms)
{
    if (slot(t, txid)->txid != txid)
        set(t, txid, t->known && t->last_ms > now_ms ? t->last_ms : now_ms);
    return slot(t, txid)->ms;
}

void gi_batch_time_busy(gi_batch_time *t, uint64_t txid)
{
    if (slot(t, txid)->txid == txid)
        t->busy_ms = slot(t, txid)->ms;
}

bool gi_batch_time_due(const gi_batch_time *t, int64_t now_ms)
{
    return t->every_ms > 0 && t->known &&
           t->last_ms - t->busy_ms <= t->horizon_ms &&
           gi_floor_div(now_ms, t->every_ms) >
               gi_floor_div(t->last_ms, t->every_ms);
}
