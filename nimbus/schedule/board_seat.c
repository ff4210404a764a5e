/* Who may stay where it is: the rules at the head of schedule.h. */
#include "nimbus/schedule/board_order.h"

/* The slot of a worker that may stay; or GI_NOWHERE. */
static uint32_t may_stay(const gi_board *b, const gi_tenant *t,
                         const gi_assigned *w)
{
    uint32_t node = gi_board_node(b, w->supervisor), slot;
    const gi_supervisor *s;

    if (node == GI_NOWHERE)
        return GI_NOWHERE;
    slot = gi_board_slot(b, node, w->port);
    if (slot == GI_NOWHERE || b->slots[slot].tenant != GI_NOWHERE)
        return GI_NOWHERE;
    if (t->of->leaving)
        return slot; /* until it is gone nobody else gets it */
    if (b->slots[slot].bad)
        return GI_NOWHERE;
    s = b->nodes[node].of;
    if ((s == NULL || s->state == GI_SUPERVISOR_DEAD) &&
        !gi_board_lives(b, t->of->id, w))
        return GI_NOWHERE;
    return slot;
}

static uint32_t both(const gi_seated *e, const gi_executor *f)
{
    uint32_t first = e->first_task, end = e->end_task;

    if (first < f->first_task)
        first = f->first_task;
    if (end > f->end_task)
        end = f->end_task;
    return first < end ? end - first : 0;
}

/* The slot that has most of e's tasks, of several the one with the first of
 * them.  Executors from old[from] on can have some. */
static void find_home(gi_board *b, gi_seated *e, const gi_executor *old,
                      uint32_t from, uint32_t n, const uint32_t *slot_of)
{
    uint32_t end = from;

    for (; end < n && old[end].first_task < e->end_task; end++)
        if (old[end].worker != GI_NOWHERE &&
            slot_of[old[end].worker] != GI_NOWHERE)
            b->tally[slot_of[old[end].worker]] += both(e, &old[end]);
    for (uint32_t i = from; i < end; i++) {
        uint32_t slot =
            old[i].worker == GI_NOWHERE ? GI_NOWHERE : slot_of[old[i].worker];

        if (slot == GI_NOWHERE)
            continue;
        if (b->tally[slot] > e->stay) {
            e->stay = b->tally[slot];
            e->home = slot;
        }
        b->tally[slot] = 0;
    }
    e->slot = e->home;
    e->same = e->home != GI_NOWHERE && old[from].first_task == e->first_task &&
              old[from].end_task == e->end_task;
}

gale_err gi_board_seat(gi_board *b, gi_tenant *t)
{
    const gi_assignment *now = t->of->now;
    uint32_t *slot_of, from = 0;

    if (now == NULL)
        return GALE_OK;
    slot_of = gi_pool_take(&b->pool, now->n_workers, sizeof(*slot_of));
    if (slot_of == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < now->n_workers; i++) {
        uint32_t slot = slot_of[i] = may_stay(b, t, &now->workers[i]);

        if (slot != GI_NOWHERE) {
            b->slots[slot].tenant = b->slots[slot].was = t->no;
            b->slots[slot].since = now->workers[i].since;
            b->slots[slot].host = now->workers[i].host;
        }
    }
    for (uint32_t i = 0; i < t->n_executors; i++) {
        gi_seated *e = &t->executors[i];

        while (from < now->n_executors &&
               now->executors[from].end_task <= e->first_task)
            from++;
        find_home(b, e, now->executors, from, now->n_executors, slot_of);
    }
    return GALE_OK;
}
