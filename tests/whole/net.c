/* Connections between workers: in order, and they break.  While a host is cut
 * off, what is sent waits, as TCP would have it. */
#include "world.h"

static struct conn *conn_of(struct world *w, uint64_t id)
{
    return id == 0 || id > w->n_conns ? NULL : &w->conns[id - 1];
}

static int64_t later(const struct world *w, const struct conn *c, int64_t at)
{
    for (unsigned side = 0; side < 2; side++)
        if (c->host[0] != c->host[1] && w->host[c->host[side]].cut_off > at)
            at = w->host[c->host[side]].cut_off;
    return at;
}

static uint32_t side_of(const struct conn *c, const struct proc *p)
{
    return c->incarnation[0] == p->incarnation ? 0 : 1;
}

/* ------------------------------------------------------------- dialing -- */

static void on_up(struct world *w, const struct event *e)
{
    struct conn *c = conn_of(w, e->x);
    struct proc *p = proc_find(w, e->y);

    if (p == NULL || p->peer[e->a].channel == NULL)
        return;
    if (c->cut)
        gi_channel_dial_failed(p->peer[e->a].channel, w->now);
    else
        gi_channel_up(p->peer[e->a].channel, e->x, w->now);
    gi_port_wake(p->w);
    proc_pump(w, p);
}

static void on_dial_failed(struct world *w, const struct event *e)
{
    struct proc *p = proc_find(w, e->y);

    if (p == NULL || p->peer[e->a].channel == NULL)
        return;
    gi_channel_dial_failed(p->peer[e->a].channel, w->now);
    gi_port_wake(p->w);
    proc_pump(w, p);
}

/* Who listens there, if anybody does. */
static struct proc *listener(struct world *w, const char *name)
{
    for (struct proc *p = w->procs; p != NULL; p = p->next) {
        char at[32];

        snprintf(at, sizeof(at), "%s:%u", w->host[p->host].id, p->port);
        if (p->alive && p->up && strcmp(at, name) == 0)
            return p;
    }
    return NULL;
}

void net_dial(struct world *w, struct proc *p, uint32_t peer)
{
    struct proc *to = listener(w, p->roster.peers[peer].name);
    int64_t takes = (int64_t)world_upto(w, 2 * MS);
    struct event e = { .a = peer, .y = p->incarnation };

    e.happens = on_dial_failed;
    if (to == NULL || (to->host != p->host && (host_cut_off(w, p->host) ||
                                               host_cut_off(w, to->host)))) {
        world_after(w, takes, e);
        return;
    }
    if (w->n_conns == w->cap_conns) {
        w->cap_conns = w->cap_conns == 0 ? 64 : 2 * w->cap_conns;
        w->conns = gi_realloc(w->conns, w->cap_conns * sizeof(*w->conns));
    }
    w->conns[w->n_conns++] = (struct conn){
        .incarnation = { p->incarnation, to->incarnation },
        .host = { p->host, to->host },
        .port = { p->port, to->port },
        .since = { p->since, to->since },
        .peer = { peer, UINT32_MAX },
        .up = { true, true },
        .last = { w->now + takes, w->now + takes },
    };
    e.happens = on_up;
    e.x = w->n_conns;
    world_after(w, takes, e);
}

/* ------------------------------------------------------------- letters -- */

struct message {
    gi_letter letter;
    uint32_t payload;
    uint64_t numbers[MOST_NUMBERS];
    unsigned char bytes[];
};

/* A greeting says whose line it is for. */
static bool introduce(struct proc *p, struct conn *c, const gi_letter *l)
{
    if (c->peer[1] != UINT32_MAX)
        return true;
    for (uint32_t i = 0; i < p->roster.n_peers; i++)
        if (p->roster.peers[i].key == l->greeting.key &&
            p->peer[i].channel != NULL) {
            c->peer[1] = i;
            return true;
        }
    return false;
}

static void take(struct proc *p, struct peer *from, const struct message *m)
{
    struct came *c = gi_alloc(sizeof(*c) + m->payload + 1);

    memcpy(c->bytes, m->bytes, m->payload);
    c->next = NULL;
    c->frame = (gi_frame){ .kind = (uint8_t)m->letter.kind,
                           .from = m->letter.from,
                           .seq = m->letter.seq,
                           .raw = m->payload,
                           .stored = m->payload,
                           .payload = c->bytes };
    if (from->came == NULL)
        from->came = c;
    else
        from->last->next = c;
    from->last = c;
    (void)p;
}

static void on_letter(struct world *w, const struct event *e)
{
    struct conn *c = conn_of(w, e->x);
    const struct message *m = e->own;
    uint32_t side = e->a;
    struct proc *p = proc_find(w, c->incarnation[side]);

    if (p == NULL || !c->up[side] || !p->up)
        return;
    if (p->frozen) { /* it lies in a buffer of the system's */
        struct event again = *e;
        size_t size = sizeof(*m) + m->payload;

        again.own = gi_alloc(size);
        memcpy(again.own, m, size);
        ((struct message *)again.own)->letter.done =
            ((struct message *)again.own)->numbers;
        ((struct message *)again.own)->letter.greeting.open =
            ((struct message *)again.own)->numbers;
        world_after(w, 10 * MS, again);
        return;
    }
    if (side == 1 && !introduce(p, c, &m->letter)) {
        net_close(w, p, e->x); /* a stranger, so far */
        return;
    }
    struct peer *from = &p->peer[c->peer[side]];
    if (from->channel == NULL)
        return;
    if (gi_channel_arrived(from->channel, e->x, &m->letter, w->now)) {
        judge_taken(w, p, c, 1 - side);
        take(p, from, m);
    }
    gi_port_wake(p->w);
    proc_pump(w, p);
}

void net_send(struct world *w, struct proc *p, uint64_t conn,
              const gi_letter *l)
{
    struct conn *c = conn_of(w, conn);
    uint32_t side = side_of(c, p);
    const gi_going *g = (const gi_going *)(const void *)l->parcel;
    uint32_t payload =
        l->kind == GI_FRAME_DATA && g != NULL ? g->parcel.bytes : 0;
    uint32_t n = l->kind == GI_FRAME_HELLO ? l->greeting.n_open : l->n_done;
    int64_t at = w->now + 20000 + (int64_t)world_upto(w, 2 * MS);

    if (c->cut || !c->up[side])
        return;
    if (n > MOST_NUMBERS) {
        world_wrong(w, "a letter of %u numbers", n);
        return;
    }
    struct message *m = gi_alloc(sizeof(*m) + payload);

    m->letter = *l;
    m->letter.parcel = NULL;
    m->payload = payload;
    if (payload > 0)
        memcpy(m->bytes, g->frame + GI_FRAME_HEAD, payload);
    if (l->kind == GI_FRAME_HELLO && n > 0)
        memcpy(m->numbers, l->greeting.open, n * sizeof(*m->numbers));
    else if (n > 0)
        memcpy(m->numbers, l->done, n * sizeof(*m->numbers));
    m->letter.done = m->letter.greeting.open = m->numbers;
    at = later(w, c, at);
    if (at < c->last[side])
        at = c->last[side];
    c->last[side] = at;
    world_after(
        w, at - w->now,
        (struct event){
            .happens = on_letter, .a = 1 - side, .x = conn, .own = m });
}

/* ------------------------------------------------------------- the end -- */

static void on_down(struct world *w, const struct event *e)
{
    struct conn *c = conn_of(w, e->x);
    struct proc *p = proc_find(w, c->incarnation[e->a]);

    if (p == NULL || !c->up[e->a] || !p->up)
        return;
    c->up[e->a] = false;
    if (c->peer[e->a] == UINT32_MAX || p->peer[c->peer[e->a]].channel == NULL)
        return;
    gi_channel_down(p->peer[c->peer[e->a]].channel, e->x, w->now);
    gi_port_wake(p->w);
    proc_pump(w, p);
}

static void tell_down(struct world *w, uint64_t id, uint32_t side)
{
    struct conn *c = conn_of(w, id);
    int64_t at = later(w, c, w->now + (int64_t)world_upto(w, 2 * MS));

    if (at < c->last[1 - side])
        at = c->last[1 - side];
    world_after(w, at - w->now,
                (struct event){ .happens = on_down, .a = side, .x = id });
}

void net_close(struct world *w, struct proc *p, uint64_t conn)
{
    struct conn *c = conn_of(w, conn);
    uint32_t side = side_of(c, p);

    if (!c->up[side])
        return;
    c->up[side] = false;
    if (!c->cut)
        tell_down(w, conn, 1 - side);
    c->cut = true;
}

void net_died(struct world *w, const struct proc *p)
{
    for (uint32_t i = 0; i < w->n_conns; i++) {
        struct conn *c = &w->conns[i];
        uint32_t side = side_of(c, p);

        if (c->incarnation[side] != p->incarnation || !c->up[side])
            continue;
        c->up[side] = false;
        if (!c->cut)
            tell_down(w, i + 1, 1 - side);
        c->cut = true;
    }
}

void net_cut(struct world *w)
{
    for (uint32_t tries = 0; tries < 20 && w->n_conns > 0; tries++) {
        uint32_t i = (uint32_t)gi_rng_below(&w->rng, w->n_conns);
        struct conn *c = &w->conns[i];

        if (c->cut || !c->up[0] || !c->up[1])
            continue;
        c->cut = true;
        w->cuts++;
        world_note(w, "cut", i + 1, 0);
        tell_down(w, i + 1, 0);
        tell_down(w, i + 1, 1);
        return;
    }
}
