/* What must always be true, looked at after every step. */
#include "world.h"

void judge_taken(struct world *w, uint32_t n, uint32_t peer,
                 const gi_letter *l)
{
    struct item *i = (struct item *)(void *)l->parcel;
    struct end *end = &w->node[n].end[peer];
    uint32_t no = (uint32_t)(i - w->item) + 1;

    if (i->to != n || i->from != peer)
        world_wrong(w, "frame %u went astray", no);
    if (i->taken++ != 0)
        world_wrong(w, "frame %u was taken twice", no);
    if (l->from != i->from_life)
        world_wrong(w, "frame %u changed its sender", no);
    if (end->life != l->from) {
        if (end->life > l->from)
            world_wrong(w, "an older incarnation was listened to");
        end->life = l->from;
        end->number = 0;
        memset(end->order, 0, sizeof(end->order));
    }
    if (l->seq <= end->number)
        world_wrong(w, "number %lu came after %lu", (unsigned long)l->seq,
                    (unsigned long)end->number);
    end->number = l->seq;
    if (no <= end->order[i->parcel.lane])
        world_wrong(w, "frame %u was overtaken in its lane", no);
    end->order[i->parcel.lane] = no;
}

void judge_executed(struct world *w, struct item *i)
{
    if (i->executed++ != 0)
        world_wrong(w, "a frame was executed twice");
    i->executed_at = w->now;
}

/* Lost is only what a dead incarnation may have had. */
static bool may_be_lost(const struct world *w, const struct item *i)
{
    for (uint64_t life = i->to_life > 0 ? i->to_life : 1; life <= w->lives;
         life++) {
        if (w->owner[life] == i->to && w->dead[life])
            return true;
    }
    return false;
}

void judge_back(struct world *w, struct item *i)
{
    unsigned no = (unsigned)(i - w->item) + 1;

    if (i->back++ != 0)
        world_wrong(w, "frame %u came back twice", no);
    if (i->parcel.executed && i->executed == 0)
        world_wrong(w, "frame %u was not executed, and came back as if", no);
    if (!i->parcel.executed && !may_be_lost(w, i))
        world_wrong(w, "frame %u was lost, and nobody had died", no);
}

void judge_greeted(struct world *w, uint32_t n, uint32_t peer,
                   const gi_letter *l)
{
    struct end *end = &w->node[n].end[peer];
    gi_channel_view view;

    gi_channel_look(end->channel, &view);
    if (view.counts.connections == end->connections)
        return;
    end->connections = view.counts.connections;
    if (l->greeting.assignment != w->node[n].assignment)
        world_wrong(w, "one of another assignment was let in");
    if (l->from <= end->told)
        world_wrong(w, "one that had ended was let in");
}

/* Who accuses the peer of silence must have a reason, other than having been
 * asleep himself. */
void judge_closed(struct world *w, uint32_t peer, const gi_act *act)
{
    const struct conn *c = &w->conn[act->conn];
    const struct node *p = &w->node[peer];
    int64_t then = w->now - 10000 * MS;
    if (act->why != GI_PART_SILENT)
        return;
    if (c->faulty || !p->alive || c->life[c->node[1] == peer] != p->life ||
        p->asleep_until > 0 || (p->slept > 0 && p->slept > then))
        return;
    world_wrong(w, "a peer that was well was accused of silence");
}

/* Did nothing happen to the latest connection between these two? */
static bool is_sound(const struct world *w, uint32_t n, uint32_t peer)
{
    uint32_t i = w->n_conns;

    while (i > 0 && w->conn[i].node[0] + w->conn[i].node[1] != n + peer)
        i--;
    return i > 0 && !w->conn[i].faulty;
}

/* When all has been well for long, who offered a frame knows what became of
 * it, whatever else is still to be executed. */
static bool is_late(const struct world *w, const struct item *i)
{
    int64_t since = w->now - 10000 * MS;

    return w->healing && since > w->heal_at && i->executed != 0 &&
           i->executed_at < since && w->node[i->to].alive &&
           is_sound(w, i->from, i->to);
}

void judge_bounds(struct world *w, uint32_t n, uint32_t peer)
{
    static const uint32_t most[GI_N_LANES] = { 4, 8 };
    const struct end *end = &w->node[n].end[peer];
    uint32_t frames[GI_N_LANES] = { 0 };
    uint64_t bytes[GI_N_LANES] = { 0 };
    gi_channel_view view;

    gi_channel_look(end->channel, &view);
    for (uint32_t i = 0; i < w->n_items; i++) {
        const struct item *t = &w->item[i];

        if (t->from_life == w->node[n].life && t->to == peer && t->back == 0) {
            frames[t->parcel.lane]++;
            bytes[t->parcel.lane] += t->parcel.bytes;
            if (is_late(w, t))
                world_wrong(w, "frame %u was executed, and nobody hears of it",
                            i + 1);
        }
    }
    for (int lane = 0; lane < GI_N_LANES; lane++) {
        if (view.frames[lane] > most[lane] ||
            view.bytes[lane] > most[lane] * 100)
            world_wrong(w, "more is under way than may be");
        if (view.frames[lane] != frames[lane] ||
            view.bytes[lane] != bytes[lane])
            world_wrong(w, "lane %d counts %u frames of %u", lane,
                        view.frames[lane], frames[lane]);
    }
    if (view.open_here > most[0] + most[1])
        world_wrong(w, "more was taken than may be");
}

bool judge_all_back(const struct world *w)
{
    for (uint32_t i = 0; i < w->n_items; i++) {
        if (w->item[i].back == 0 && !w->dead[w->item[i].from_life])
            return false;
    }
    return true;
}

bool judge_all_over(const struct world *w)
{
    for (uint32_t n = 0; n < w->n_nodes; n++) {
        for (uint32_t p = 0; p < w->n_nodes; p++) {
            gi_channel_view view;

            if (p == n)
                continue;
            gi_channel_look(w->node[n].end[p].channel, &view);
            if (!view.over)
                return false;
        }
    }
    return true;
}
