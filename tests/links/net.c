/* The transport, which takes whatever it is given and promises nothing. */
#include <stdlib.h>

#include "world.h"

static uint32_t side_of(const struct conn *c, uint32_t n)
{
    return c->node[0] == n ? 0 : 1;
}

void net_dial(struct world *w, uint32_t n, uint32_t peer)
{
    struct node *to = &w->node[peer];
    struct event e = { .at = w->now + world_upto(w, w->chances.delay),
                       .kind = EV_DIAL_FAILED,
                       .node = n,
                       .peer = peer,
                       .life = w->node[n].life };
    struct conn *c;

    if (!w->healing && world_chance(w, w->chances.dead_dial * 10)) {
        if (world_chance(w, 500))
            return; /* no answer, ever */
        world_push(w, e);
        return;
    }
    if (!to->alive) {
        world_push(w, e);
        return;
    }
    if (w->n_conns + 1 >= MOST_CONNS) {
        world_wrong(w, "they dial too often");
        return;
    }
    e.conn = ++w->n_conns;
    c = &w->conn[e.conn];
    *c = (struct conn){ .node = { n, peer },
                        .life = { w->node[n].life, to->life },
                        .up = { true, true },
                        .last = { e.at, e.at } };
    e.kind = EV_UP;
    world_push(w, e);
}

bool net_may_send(const struct world *w, uint32_t n, uint64_t conn)
{
    const struct conn *c = &w->conn[conn];
    uint32_t side = side_of(c, n);

    return conn != 0 && c->queued[side] < 8 && c->clogged[side] <= w->now;
}

static void post(struct world *w, uint32_t conn, uint32_t side,
                 const gi_letter *l, int64_t at)
{
    struct conn *c = &w->conn[conn];
    struct message *m = malloc(sizeof(*m));

    m->letter = *l;
    if (l->n_done + l->greeting.n_open > MOST_NUMBERS)
        abort();
    if (l->n_done != 0)
        memcpy(m->numbers, l->done, l->n_done * sizeof(*l->done));
    if (l->greeting.n_open != 0)
        memcpy(m->numbers, l->greeting.open,
               l->greeting.n_open * sizeof(*l->greeting.open));
    m->letter.done = m->letter.greeting.open = m->numbers;
    c->queued[side]++;
    world_push(w, (struct event){ .at = at,
                                  .kind = EV_ARRIVE,
                                  .node = c->node[1 - side],
                                  .peer = c->node[side],
                                  .life = c->life[1 - side],
                                  .conn = conn,
                                  .side = side,
                                  .message = m });
}

void net_send(struct world *w, uint32_t n, uint64_t conn, const gi_letter *l)
{
    struct conn *c = &w->conn[conn];
    uint32_t side = side_of(c, n);
    int64_t at = w->now + world_upto(w, w->chances.delay);

    if (c->cut || c->hole[side])
        return; /* accepted, and lost */
    if (!w->healing && world_chance(w, w->chances.drop)) {
        c->faulty = true;
        return;
    }
    if (at < c->last[side])
        at = c->last[side];
    if (!w->healing && world_chance(w, w->chances.reorder)) {
        c->faulty = true;
        post(w, (uint32_t)conn, side, l, at + world_upto(w, 2 * MS));
        return; /* what comes after it may overtake it */
    }
    c->last[side] = at;
    post(w, (uint32_t)conn, side, l, at);
    if (!w->healing && world_chance(w, w->chances.duplicate))
        post(w, (uint32_t)conn, side, l, at);
}

/* Takes a message out of the net.  False: it got lost. */
bool net_arrive(struct world *w, const struct event *e)
{
    struct conn *c = &w->conn[e->conn];

    c->queued[e->side]--;
    return c->up[1 - e->side] && !c->hole[e->side] && w->node[e->node].alive &&
           w->node[e->node].life == e->life;
}

/* What is in flight from `side`: some beginning of it still gets through. */
static void cut_short(struct world *w, uint32_t conn, uint32_t side)
{
    int64_t until =
        w->now +
        (world_chance(w, 500) ? 1000 * MS : world_upto(w, w->chances.delay));

    for (uint32_t i = 0; i < w->n_events; i++) {
        struct event *e = &w->heap[i];

        if (e->kind == EV_ARRIVE && e->conn == conn && e->side == side &&
            e->at > until)
            e->life = 0; /* of nobody */
    }
}

static void tell_down(struct world *w, uint32_t conn, uint32_t side)
{
    struct conn *c = &w->conn[conn];
    int64_t at = w->now + world_upto(w, w->chances.delay);

    world_push(w, (struct event){
                      .at = at > c->last[1 - side] ? at : c->last[1 - side],
                      .kind = EV_DOWN,
                      .node = c->node[side],
                      .peer = c->node[1 - side],
                      .life = c->life[side],
                      .conn = conn,
                      .side = side });
}

void net_close(struct world *w, uint32_t n, uint64_t conn)
{
    struct conn *c = &w->conn[conn];
    uint32_t side = side_of(c, n);

    if (!c->up[side])
        return;
    c->up[side] = false;
    if (c->cut || c->hole[side])
        return;
    c->cut = true;
    cut_short(w, (uint32_t)conn, side);
    tell_down(w, (uint32_t)conn, 1 - side);
}

/* It breaks: both sides hear of it, or one, or none (half-open). */
void net_break(struct world *w, uint32_t conn)
{
    struct conn *c = &w->conn[conn];

    c->cut = c->faulty = true;
    for (uint32_t side = 0; side < 2; side++) {
        cut_short(w, conn, side);
        if (world_chance(w, 800))
            tell_down(w, conn, side);
    }
}

/* The process is gone; or the host, and then nobody hears of it. */
void net_died(struct world *w, uint32_t n)
{
    bool host = world_chance(w, 200);

    for (uint32_t i = 1; i <= w->n_conns; i++) {
        struct conn *c = &w->conn[i];
        uint32_t side = side_of(c, n);

        if (c->node[side] != n || !c->up[side] ||
            c->life[side] != w->node[n].life)
            continue;
        c->up[side] = false;
        c->faulty = true;
        if (c->cut)
            continue;
        c->cut = true;
        cut_short(w, i, side);
        if (!host)
            tell_down(w, i, 1 - side);
    }
}
