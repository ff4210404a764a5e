/* What a worker's port sends by: a channel to each peer, over the net. */
#include "world.h"

static bool may_send(struct proc *p, struct peer *to)
{
    uint64_t conn = gi_channel_conn(to->channel);

    (void)p;
    return conn != 0;
}

static void do_all(struct proc *p, uint32_t i)
{
    struct peer *to = &p->peer[i];
    gi_act act;

    for (uint32_t n = 0;
         gi_channel_next(to->channel, may_send(p, to), p->world->now, &act);
         n++) {
        if (n > 10000) {
            world_wrong(p->world, "a channel never has enough");
            return;
        }
        if (act.what == GI_DO_DIAL)
            net_dial(p->world, p, i);
        else if (act.what == GI_DO_SEND)
            net_send(p->world, p, act.conn, &act.letter);
        else if (act.what == GI_DO_CLOSE) {
            if (act.say)
                net_send(p->world, p, act.conn, &act.letter);
            net_close(p->world, p, act.conn);
        }
    }
}

static int64_t carrier_turn(void *arg, int64_t now)
{
    struct proc *p = arg;
    int64_t due = INT64_MAX;

    for (uint32_t i = 0; i < p->roster.n_peers; i++) {
        if (p->peer[i].channel == NULL)
            continue;
        gi_channel_tick(p->peer[i].channel, now);
        do_all(p, i);
        int64_t next = gi_channel_due(p->peer[i].channel);
        if (next < due)
            due = next;
    }
    return due;
}

static bool carrier_room(void *arg, uint32_t peer, gi_lane lane,
                         uint32_t bytes)
{
    struct proc *p = arg;

    return p->peer[peer].channel != NULL &&
           gi_channel_room(p->peer[peer].channel, lane, bytes);
}

static gale_err carrier_offer(void *arg, uint32_t peer, gi_lane lane,
                              gi_going *g)
{
    struct proc *p = arg;

    return gi_channel_offer(p->peer[peer].channel, lane, &g->parcel);
}

static gi_going *carrier_back(void *arg, uint32_t peer)
{
    struct proc *p = arg;

    gi_channel **old = &p->peer[peer].old;
    gi_parcel *back = *old == NULL ? NULL : gi_channel_back(*old);

    if (back == NULL && *old != NULL) {
        gi_channel_destroy(*old);
        *old = NULL;
    }
    if (back == NULL && p->peer[peer].channel != NULL)
        back = gi_channel_back(p->peer[peer].channel);
    return (gi_going *)(void *)back;
}

static bool carrier_take(void *arg, uint32_t peer, gi_coming *out)
{
    struct proc *p = arg;
    struct came *c = p->peer[peer].came;

    if (c == NULL)
        return false;
    p->peer[peer].came = c->next;
    out->block = c;
    out->frame = c->frame;
    return true;
}

static void carrier_executed(void *arg, uint32_t peer, uint64_t from,
                             uint64_t no)
{
    struct proc *p = arg;

    if (p->peer[peer].channel != NULL)
        gi_channel_executed(p->peer[peer].channel, from, no, p->world->now);
}

static uint64_t carrier_ended(void *arg, uint32_t peer)
{
    struct proc *p = arg;
    gi_channel_view v;

    if (p->peer[peer].channel == NULL)
        return p->peer[peer].ended;
    gi_channel_look(p->peer[peer].channel, &v);
    return p->peer[peer].ended + v.counts.deaths;
}

gi_carrier carrier_of(struct proc *p)
{
    return (gi_carrier){ .arg = p,
                         .room = carrier_room,
                         .offer = carrier_offer,
                         .back = carrier_back,
                         .take = carrier_take,
                         .executed = carrier_executed,
                         .ended = carrier_ended,
                         .turn = carrier_turn };
}
