/* A worker: what happens to it, and what it does. */
#include "wire/channel.h"
#include "world.h"

static void add_counts(struct world *w, const gi_channel_counts *counts)
{
#define X(name, text) w->counts.name += counts->name;
    GI_CHANNEL_COUNTS(X)
#undef X
}

/* What a worker reads off its clock. */
static int64_t clock_of(const struct world *w)
{
    return w->now + w->leapt;
}

static void take_back(struct world *w, struct end *end)
{
    gi_parcel *p;

    while ((p = gi_channel_back(end->channel)) != NULL) {
        struct item *i = (struct item *)(void *)p;

        world_note(w, p->executed ? "executed" : "lost",
                   (uint64_t)(i - w->item) + 1, p->no, i->to);
        judge_back(w, i);
    }
}

void node_birth(struct world *w, uint32_t n)
{
    struct node *node = &w->node[n];

    *node = (struct node){ .alive = true,
                           .life = ++w->lives,
                           .assignment = w->assignment };
    w->owner[node->life] = n;
    world_note(w, "birth", n, node->life, 0);
    for (uint32_t p = 0; p < w->n_nodes; p++) {
        gi_channel_opts o = {
            .me = node->life,
            .assignment = node->assignment,
            .key = n + 1,
            .peer_key = p + 1,
            .dials = n < p,
            .lane = { { .frames = 4, .bytes = 400 },
                      { .frames = 8, .bytes = 800 } },
            .seed = gi_rng_next(&w->rng),
        };

        node->end[p].due = INT64_MAX;
        if (p == n)
            continue;
        if (gi_channel_create(&node->end[p].channel, &o, clock_of(w)) !=
            GALE_OK)
            world_wrong(w, "out of memory");
        else
            node_pump(w, n, p);
    }
    world_push(w, (struct event){ .at = w->now + world_upto(w, 10 * MS),
                                  .kind = EV_WORK,
                                  .node = n,
                                  .life = node->life });
}

void node_death(struct world *w, uint32_t n)
{
    struct node *node = &w->node[n];

    world_note(w, "death", n, node->life, 0);
    node->alive = false;
    w->dead[node->life] = true;
    net_died(w, n);
    for (uint32_t p = 0; p < w->n_nodes; p++) {
        gi_channel_view view;

        if (p == n)
            continue;
        gi_channel_look(node->end[p].channel, &view);
        add_counts(w, &view.counts);
        gi_channel_abandon(node->end[p].channel);
        while (gi_channel_back(node->end[p].channel) != NULL)
            ; /* whoever asks for them is dead */
        gi_channel_destroy(node->end[p].channel);
        node->end[p].channel = NULL;
        if (world_chance(w, 500)) /* a supervisor tells */
            world_push(w,
                       (struct event){ .at = w->now + world_upto(w, 300 * MS),
                                       .kind = EV_NEWS,
                                       .node = p,
                                       .peer = n,
                                       .number = node->life });
    }
}

static void act(struct world *w, uint32_t n, uint32_t peer, const gi_act *a)
{
    switch (a->what) {
    case GI_DO_DIAL:
        world_note(w, "dial", n, peer, 0);
        net_dial(w, n, peer);
        break;
    case GI_DO_SEND:
        world_note(w, gi_frame_kind_name(a->letter.kind), n, a->conn,
                   a->letter.seq);
        net_send(w, n, a->conn, &a->letter);
        break;
    case GI_DO_CLOSE:
        world_note(w, gi_parting_name(a->why), n, a->conn, 0);
        judge_closed(w, peer, a);
        if (a->say)
            net_send(w, n, a->conn, &a->letter);
        net_close(w, n, a->conn);
        break;
    case GI_DO_NOTHING:
        break;
    }
}

/* Everything that is to be done, and what follows from it. */
void node_pump(struct world *w, uint32_t n, uint32_t peer)
{
    struct end *end = &w->node[n].end[peer];
    uint32_t turns = 0;
    int64_t due;
    gi_act a;

    while (gi_channel_next(end->channel,
                           net_may_send(w, n, gi_channel_conn(end->channel)),
                           clock_of(w), &a)) {
        act(w, n, peer, &a);
        if (++turns > 200 || w->wrong[0] != '\0') {
            world_wrong(w, "it never has enough");
            return;
        }
    }
    take_back(w, end);
    judge_bounds(w, n, peer);
    due = gi_channel_due(end->channel);
    if (due != INT64_MAX && due - w->leapt < end->due) {
        end->due = due - w->leapt;
        if (end->due <= w->now)
            end->due = w->now + 1;
        world_push(w, (struct event){ .at = end->due,
                                      .kind = EV_DUE,
                                      .node = n,
                                      .peer = peer,
                                      .life = w->node[n].life });
    }
}

/* Offer a few frames; more than there is room for, at times. */
void node_work(struct world *w, uint32_t n)
{
    struct node *node = &w->node[n];

    for (uint64_t many = gi_rng_below(&w->rng, 6); many > 0; many--) {
        uint32_t p = (uint32_t)gi_rng_below(&w->rng, w->n_nodes);
        gi_lane lane = world_chance(w, 300) ? GI_LANE_NOTES : GI_LANE_DATA;
        struct item *i = &w->item[w->n_items];
        gi_channel_view view;

        if (p == n || w->n_items >= MOST_ITEMS)
            continue;
        gi_channel_look(node->end[p].channel, &view);
        *i = (struct item){
            .from = n, .to = p, .from_life = node->life, .to_life = view.peer
        };
        i->parcel.bytes = (uint32_t)world_upto(w, 200);
        if (gi_channel_offer(node->end[p].channel, lane, &i->parcel) !=
            GALE_OK)
            continue;
        w->n_items++;
        world_note(w, "offer", w->n_items, n, p);
        node_pump(w, n, p);
    }
}

void node_leave(struct world *w, uint32_t n)
{
    world_note(w, "leave", n, 0, 0);
    for (uint32_t p = 0; p < w->n_nodes; p++) {
        if (p == n)
            continue;
        gi_channel_leave(w->node[n].end[p].channel, clock_of(w));
        node_pump(w, n, p);
    }
}

void node_assign(struct world *w, uint32_t n, uint64_t version)
{
    struct node *node = &w->node[n];

    if (node->assignment >= version)
        return;
    node->assignment = version;
    for (uint32_t p = 0; p < w->n_nodes; p++) {
        if (p == n)
            continue;
        gi_channel_assign(node->end[p].channel, version, clock_of(w));
        node_pump(w, n, p);
    }
}

static void arrive(struct world *w, const struct event *e)
{
    struct node *node = &w->node[e->node];
    struct end *end = &node->end[e->peer];
    const gi_letter *l = &e->message->letter;
    int64_t takes;
    bool taken;

    world_note(w, "arrived", e->node, e->conn, l->seq);
    taken = gi_channel_arrived(end->channel, e->conn, l, clock_of(w));
    if (l->kind == GI_FRAME_HELLO)
        judge_greeted(w, e->node, e->peer, l);
    if (!taken)
        return;
    judge_taken(w, e->node, e->peer, l);
    takes = world_upto(w, w->chances.execute);
    if (world_chance(w, w->chances.slow))
        takes += 25000 * MS;
    world_push(
        w, (struct event){
               .at = w->now + takes,
               .kind = EV_EXECUTED,
               .node = e->node,
               .peer = e->peer,
               .life = node->life,
               .number = l->seq,
               .item = (uint32_t)((struct item *)(void *)l->parcel - w->item),
           });
}

/* e->node is alive and awake. */
void node_event(struct world *w, const struct event *e)
{
    struct node *node = &w->node[e->node];
    struct end *end = &node->end[e->peer];
    struct conn *c = &w->conn[e->conn];

    switch (e->kind) {
    case EV_ARRIVE:
        arrive(w, e);
        break;
    case EV_UP:
        gi_channel_up(end->channel, e->conn, clock_of(w));
        break;
    case EV_DIAL_FAILED:
        gi_channel_dial_failed(end->channel, clock_of(w));
        break;
    case EV_DOWN:
        c->up[e->side] = false;
        gi_channel_down(end->channel, e->conn, clock_of(w));
        break;
    case EV_DUE:
        if (end->due <= w->now)
            end->due = INT64_MAX;
        gi_channel_tick(end->channel, clock_of(w));
        break;
    case EV_EXECUTED:
        judge_executed(w, &w->item[e->item]);
        gi_channel_executed(end->channel, w->item[e->item].from_life,
                            e->number, clock_of(w));
        break;
    case EV_NEWS:
        if (end->told < e->number)
            end->told = e->number;
        gi_channel_peer_ended(end->channel, e->number, clock_of(w));
        break;
    case EV_PUMP:
        break;
    default:
        return;
    }
    node_pump(w, e->node, e->peer);
}
