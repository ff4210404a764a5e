#include "base/mem.h"
#include "nimbus/schedule/board.h"

#include <string.h>

/* tally[slot] counts the tenant's executors; the number of slots with any. */
static uint32_t count_workers(const gi_board *b, const gi_tenant *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot != GI_NOWHERE &&
            b->tally[t->executors[i].slot]++ == 0)
            n++;
    return n;
}

/* A slot becomes a worker; tally[slot] its number. */
static bool name_workers(const gi_board *b, const gi_tenant *t,
                         gi_assignment *a)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < b->n_slots; i++) {
        const gi_seat_slot *s = &b->slots[i];
        const gi_seat_node *node = &b->nodes[s->node];
        gi_assigned *w;

        if (b->tally[i] == 0)
            continue;
        b->tally[i] = n;
        w = &a->workers[n++];
        w->port = s->port;
        w->since = s->was == t->no ? s->since : a->version;
        w->supervisor = gi_assignment_keep(a, node->id);
        w->host =
            gi_assignment_keep(a, node->of != NULL ? node->of->host : s->host);
        if (w->supervisor == NULL || w->host == NULL)
            return false;
    }
    return true;
}

static gi_assignment *read_tenant(const gi_board *b, const gi_tenant *t)
{
    const gi_assignment *now = t->of->now;
    uint32_t n_workers = count_workers(b, t);
    gi_assignment *a = gi_assignment_create(n_workers, t->n_executors);
    bool done = a != NULL;

    if (done) {
        a->version = now == NULL ? 1 : now->version + 1;
        done = name_workers(b, t, a);
    }
    for (uint32_t i = 0; i < t->n_executors; i++) {
        const gi_seated *e = &t->executors[i];
        gi_executor to = { e->first_task, e->end_task, GI_NOWHERE };

        if (e->slot != GI_NOWHERE)
            to.worker = b->tally[e->slot];
        if (done)
            a->executors[i] = to;
    }
    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot != GI_NOWHERE)
            b->tally[t->executors[i].slot] = 0;
    if (done && t->why.len > 0)
        done = (a->why = gi_assignment_keep(a, t->why.at)) != NULL;
    if (!done || t->why.failed) {
        gi_assignment_destroy(a);
        return NULL;
    }
    if (now != NULL && gi_assignment_same(now, a))
        a->version = now->version;
    return a;
}

/* One that is leaving stays what it was. */
static gi_assignment *leave(const gi_assignment *now)
{
    gi_assignment *a;

    if (now != NULL)
        return gi_assignment_copy(now);
    a = gi_assignment_create(0, 0);
    if (a != NULL)
        a->version = 1;
    return a;
}

gale_err gi_board_result(gi_schedule *out, const gi_board *b)
{
    gi_schedule s = { 0 };

    s.of = gi_calloc(b->n_tenants + 1, sizeof(*s.of)); /* none is one too */
    if (s.of == NULL)
        return GALE_ENOMEM;
    for (s.n = 0; s.n < b->n_tenants; s.n++) {
        const gi_tenant *t = &b->tenants[s.n];

        s.of[s.n] = t->of->leaving ? leave(t->of->now) : read_tenant(b, t);
        if (s.of[s.n] == NULL) {
            gi_schedule_fini(&s);
            return GALE_ENOMEM;
        }
    }
    *out = s;
    return GALE_OK;
}

void gi_schedule_fini(gi_schedule *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        gi_assignment_destroy(s->of[i]);
    gi_free(s->of);
    *s = (gi_schedule){ 0 };
}
