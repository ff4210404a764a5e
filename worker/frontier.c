#include "worker/frontier.h"

#include "base/testpoint.h"

gale_err gi_frontier_init(gi_frontier *f, uint32_t n_sides,
                          uint32_t timeout_ms)
{
    f->side = gi_alloc_aligned(128, n_sides * sizeof(*f->side));
    if (f->side == NULL)
        return GALE_ENOMEM;
    f->n_sides = n_sides;
    atomic_init(&f->epoch, 1);
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

static bool under_way(const gi_frontier *f, unsigned slot)
{
    uint64_t done = 0, made = 0;

    for (uint32_t i = 0; i < f->n_sides; i++)
        done +=
            atomic_load_explicit(&f->side[i].done[slot], memory_order_acquire);
    for (uint32_t i = 0; i < f->n_sides; i++)
        made +=
            atomic_load_explicit(&f->side[i].made[slot], memory_order_acquire);
    return made != done;
}

void gi_frontier_tick(gi_frontier *f, int64_t now_ns)
{
    if (now_ns < f->next_ns)
        return;
    uint16_t next = (uint16_t)(gi_frontier_now(f) + 1);

    f->next_ns = now_ns + f->length_ns;
    if (under_way(f, next % GI_EPOCHS))
        GI_SEEN(EPOCH_STANDS);
    else
        atomic_store_explicit(&f->epoch, next, memory_order_relaxed);
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

    for (uint32_t i = 0; i < f->n_sides; i++)
        for (unsigned e = 0; e < GI_EPOCHS; e++)
            done += atomic_load_explicit(&f->side[i].done[e],
                                         memory_order_acquire);
    for (uint32_t i = 0; i < f->n_sides; i++)
        for (unsigned e = 0; e < GI_EPOCHS; e++)
            made += atomic_load_explicit(&f->side[i].made[e],
                                         memory_order_acquire);
    return made == done;
}
