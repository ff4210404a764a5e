#include "nimbus/schedule/spread.h"

/* Of each node: the tenant's workers, and slots that are free. */
struct tally {
    uint32_t mine, free;
};

static void count(const gi_board *b, const gi_tenant *t, struct tally *of)
{
    for (uint32_t i = 0; i < b->n_slots; i++) {
        const gi_seat_slot *s = &b->slots[i];

        of[s->node].mine += s->tenant == t->no;
        of[s->node].free += gi_seat_free(s);
    }
}

/* The node with most of them, of several the one that is fuller: where one is
 * to leave.  GI_NOWHERE: there is none. */
static uint32_t find_from(const gi_board *b, const struct tally *of)
{
    uint32_t best = GI_NOWHERE;

    for (uint32_t i = 0; i < b->n_nodes; i++)
        if (of[i].mine > 0 &&
            (best == GI_NOWHERE || of[i].mine > of[best].mine ||
             (of[i].mine == of[best].mine && of[i].free < of[best].free)))
            best = i;
    return best;
}

/* The node with fewest of them, of several the one that is emptier. */
static uint32_t find_to(const gi_board *b, const struct tally *of)
{
    uint32_t best = GI_NOWHERE;

    for (uint32_t i = 0; i < b->n_nodes; i++)
        if (of[i].free > 0 &&
            (best == GI_NOWHERE || of[i].mine < of[best].mine ||
             (of[i].mine == of[best].mine && of[i].free > of[best].free)))
            best = i;
    return best;
}

static bool is_better(const struct tally *from, const struct tally *to)
{
    return from->mine >= to->mine + 2 ||
           (from->mine == to->mine + 1 && to->free >= from->free + 2);
}

/* Its worker there with the fewest executors, of several the last. */
static uint32_t find_worker(const gi_board *b, const gi_tenant *t,
                            uint32_t node, uint32_t *n)
{
    const gi_seat_node *at = &b->nodes[node];
    uint32_t end = at->first_slot + at->n_slots, best = GI_NOWHERE;

    for (uint32_t i = at->first_slot; i < end; i++)
        n[i] = 0;
    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot != GI_NOWHERE)
            n[t->executors[i].slot]++;
    for (uint32_t i = at->first_slot; i < end; i++)
        if (b->slots[i].tenant == t->no &&
            (best == GI_NOWHERE || n[i] <= n[best]))
            best = i;
    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot != GI_NOWHERE)
            n[t->executors[i].slot] = 0;
    return best;
}

static void move(gi_board *b, const gi_tenant *t, uint32_t slot, uint32_t node)
{
    uint32_t to = b->nodes[node].first_slot;

    while (!gi_seat_free(&b->slots[to]))
        to++;
    b->slots[to].tenant = t->no;
    b->slots[slot].tenant = GI_NOWHERE;
    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot == slot)
            t->executors[i].slot = to;
}

/* Each move makes the sum of the squares of `mine` smaller; or leaves it, and
 * makes that of `free` smaller: so there is an end. */
gale_err gi_schedule_spread(gi_board *b, const gi_tenant *t)
{
    struct tally *of = gi_pool_take(&b->pool, b->n_nodes, sizeof(*of));

    if (of == NULL)
        return GALE_ENOMEM;
    for (;;) {
        uint32_t from, to, slot;

        for (uint32_t i = 0; i < b->n_nodes; i++)
            of[i] = (struct tally){ 0 };
        count(b, t, of);
        from = find_from(b, of);
        to = find_to(b, of);
        if (from == GI_NOWHERE || to == GI_NOWHERE ||
            !is_better(&of[from], &of[to]))
            return GALE_OK;
        slot = find_worker(b, t, from, b->tally);
        move(b, t, slot, to);
    }
}
