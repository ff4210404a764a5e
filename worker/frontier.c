#include "worker/frontier.h"

#include "acker/ledger.h"
#include "base/testpoint.h"

gale_err gi_frontier_init(gi_frontier *f, uint32_t n_sides,
                          uint32_t timeout_ms, uint16_t epoch)
{
    f->side = gi_alloc_aligned(128, n_sides * sizeof(*f->side));
    if (f->side == NULL)
        return GALE_ENOMEM;
    f->n_sides = n_sides;
    atomic_init(&f->epoch, epoch);
    f->length_ns = (int64_t)timeout_ms * 1000000 / 32;
    if (f->length_ns < 1000000)
        f->length_ns = 1000000;
    return GALE_OK;
}

void gi_frontier_fini(gi_frontier *f)
{
    gi_free(f->side);
    f->side = NULL;
}

static uint64_t sum(const gi_frontier *f, unsigned slot, bool made)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < f->n_sides; i++)
        n += atomic_load_explicit(made ? &f->side[i].made[slot]
                                       : &f->side[i].done[slot],
                                  memory_order_acquire);
    return n;
}

/* Done first: see frontier.h. */
static bool under_way(const gi_frontier *f, unsigned slot)
{
    uint64_t done = sum(f, slot, false);

    return sum(f, slot, true) != done;
}

/* Fenced on both sides, so that whoever counts something and then still sees
 * the epoch before this one has counted it before we look at what is in use:
 * see gi_frontier_made_elsewhere. */
static bool go_on(gi_frontier *f)
{
    uint16_t next = (uint16_t)(gi_frontier_now(f) + 1);

    atomic_thread_fence(memory_order_seq_cst);
    if (under_way(f, next % GI_EPOCHS))
        return false;
    atomic_store_explicit(&f->epoch, next, memory_order_relaxed);
    return true;
}

/* As far as others are, or until an epoch is in the way that is in use. */
static void catch_up(gi_frontier *f)
{
    uint32_t seen = atomic_load_explicit(&f->seen, memory_order_relaxed);

    while (seen != 0 &&
           gi_epoch_before(gi_frontier_now(f), (uint16_t)(seen - 1)))
        if (!go_on(f))
            return;
}

void gi_frontier_tick(gi_frontier *f, int64_t now_ns)
{
    catch_up(f);
    if (now_ns < f->next_ns)
        return;
    f->next_ns = now_ns + f->length_ns;
    if (!go_on(f))
        GI_SEEN(EPOCH_STANDS);
}

void gi_frontier_saw(gi_frontier *f, uint16_t epoch)
{
    uint32_t seen = atomic_load_explicit(&f->seen, memory_order_relaxed);

    while ((seen == 0 || gi_epoch_before((uint16_t)(seen - 1), epoch)) &&
           !atomic_compare_exchange_weak_explicit(
               &f->seen, &seen, (uint32_t)epoch + 1, memory_order_relaxed,
               memory_order_relaxed))
        continue;
}

/* Counted first and looked at then: should the timekeeper have gone on between
 * the two, and the counter stand for a later epoch now, it is done over.  As
 * well if it stands for the next one: the timekeeper may have found it unused
 * just before, and be about to go on. */
uint16_t gi_frontier_made_elsewhere(gi_frontier *f, uint32_t side,
                                    uint16_t epoch)
{
    for (;;) {
        uint16_t now = gi_frontier_now(f), e = epoch;

        if (gi_epoch_before(now, e))
            e = now;
        if ((uint16_t)(now - e) > GI_EPOCHS_FAR)
            e = (uint16_t)(now - GI_EPOCHS_FAR);
        gi_frontier_made(f, side, e);
        atomic_thread_fence(memory_order_seq_cst);
        if ((uint16_t)(gi_frontier_now(f) - e) < GI_EPOCHS - 1)
            return e;
        gi_frontier_done(f, side, e, 1);
    }
}

void gi_frontier_done_by_now(const gi_frontier *f, uint64_t done[GI_EPOCHS])
{
    for (unsigned slot = 0; slot < GI_EPOCHS; slot++)
        done[slot] = sum(f, slot, false);
}

bool gi_frontier_oldest(const gi_frontier *f, const uint64_t done[GI_EPOCHS],
                        uint16_t *oldest)
{
    uint16_t now = gi_frontier_now(f);

    for (unsigned back = GI_EPOCHS; back-- > 0;) {
        uint16_t e = (uint16_t)(now - back);

        if (sum(f, e % GI_EPOCHS, true) != done[e % GI_EPOCHS]) {
            *oldest = e;
            return true;
        }
    }
    return false;
}

uint16_t gi_frontier_horizon(const gi_frontier *f)
{
    uint16_t now = gi_frontier_now(f);

    for (unsigned back = GI_EPOCHS - 1; back > 0; back--) {
        uint16_t e = (uint16_t)(now - back);
        if (under_way(f, e % GI_EPOCHS))
            return e;
    }
    return under_way(f, now % GI_EPOCHS) ? now : (uint16_t)(now + 1);
}

/* All epochs as one: the same argument with longer sums. */
bool gi_frontier_quiet(const gi_frontier *f)
{
    uint64_t done = 0, made = 0;

    for (unsigned slot = 0; slot < GI_EPOCHS; slot++)
        done += sum(f, slot, false);
    for (unsigned slot = 0; slot < GI_EPOCHS; slot++)
        made += sum(f, slot, true);
    return made == done;
}
