/* What goes wrong, and how often: a different mixture for each seed. */
#include "world.h"

static uint32_t some(struct world *w, uint32_t most)
{
    if (world_chance(w, 500))
        return 0;
    return (uint32_t)gi_rng_below(&w->rng, most + 1);
}

void faults_choose(struct world *w)
{
    static const int64_t delays[] = { MS / 10, 2 * MS, 20 * MS, 100 * MS };
    static const int64_t executes[] = { MS / 10, 5 * MS, 50 * MS, 700 * MS };

    w->chances = (struct chances){
        .drop = some(w, 20),
        .duplicate = some(w, 50),
        .reorder = some(w, 20),
        .dead_dial = some(w, 50),
        .slow = some(w, 20),
        .delay = delays[gi_rng_below(&w->rng, 4)],
        .execute = executes[gi_rng_below(&w->rng, 4)],
        .work = 2 * MS + world_upto(w, 40 * MS),
        .fault = 20 * MS + world_upto(w, 300 * MS),
    };
}

static void doze(struct world *w, uint32_t n, int64_t ns)
{
    if (w->node[n].asleep_until < w->now + ns)
        w->node[n].asleep_until = w->now + ns;
}

static void kill(struct world *w, uint32_t n)
{
    if (!w->node[n].alive || w->lives + 1 >= MOST_LIVES / 2)
        return;
    node_death(w, n);
    world_push(w, (struct event){ .at = w->now + world_upto(w, 600 * MS),
                                  .kind = EV_BIRTH,
                                  .node = n });
}

static void reassign(struct world *w)
{
    w->assignment++;
    for (uint32_t n = 0; n < w->n_nodes; n++)
        world_push(w, (struct event){ .at = w->now + world_upto(w, 400 * MS),
                                      .kind = EV_ASSIGN,
                                      .node = n,
                                      .number = w->assignment });
}

/* Something for one of the latest connections. */
static void disturb(struct world *w)
{
    uint32_t back = (uint32_t)gi_rng_below(&w->rng, w->n_nodes * 2);
    uint32_t side = (uint32_t)gi_rng_below(&w->rng, 2);
    struct conn *c;

    if (w->n_conns <= back)
        return;
    c = &w->conn[w->n_conns - back];
    switch (gi_rng_below(&w->rng, 4)) {
    case 0:
    case 1:
        if (!c->cut)
            net_break(w, w->n_conns - back);
        break;
    case 2: /* one way only */
        c->hole[side] = c->faulty = true;
        break;
    default:
        c->clogged[side] = w->now + world_upto(w, 2500 * MS);
        c->faulty = true;
        world_push(w, (struct event){ .at = c->clogged[side],
                                      .kind = EV_PUMP,
                                      .node = c->node[side],
                                      .peer = c->node[1 - side],
                                      .life = c->life[side] });
    }
}

void faults_one(struct world *w)
{
    uint32_t n = (uint32_t)gi_rng_below(&w->rng, w->n_nodes);
    uint64_t kind = gi_rng_below(&w->rng, 20);

    world_note(w, "fault", kind, n, 0);
    if (w->healing) {
        disturb(w);
    } else if (kind < 11) {
        disturb(w);
    } else if (kind < 15) {
        kill(w, n);
    } else if (kind < 18) {
        doze(w, n, world_upto(w, kind == 15 ? 6000 * MS : 400 * MS));
    } else if (kind < 19) {
        reassign(w);
    } else { /* all of them stood still, and nobody knows */
        w->leapt += world_upto(w, 3600 * 1000 * MS);
    }
}
