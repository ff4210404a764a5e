/* A node of which Nimbus has heard nothing for long is given up, and its work
 * is done elsewhere; but its workers may live.  What must be true of them. */
#include "world.h"

/* The two may have heard of different assignments; but what a worker takes in
 * is of one that its own assignment knows, and not of one who had its place
 * before. */
void judge_taken(struct world *w, const struct proc *p, const struct conn *c,
                 uint32_t from)
{
    const gi_msg_topology *t = p->duty.topology;

    for (uint32_t i = 0; i < t->n_workers; i++)
        if (t->workers[i].port == c->port[from] &&
            t->workers[i].since == c->since[from] &&
            strcmp(t->workers[i].node, w->host[c->host[from]].id) == 0)
            return;
    world_wrong(w,
                "worker %llu takes something from %s:%u, which was given up",
                (unsigned long long)p->incarnation, w->host[c->host[from]].id,
                c->port[from]);
}

static bool is_one_of(struct world *w, const struct proc *p,
                      const gi_msg_topology_look *look)
{
    for (uint32_t i = 0; i < look->n_workers; i++) {
        const gi_msg_worker_row *row = &look->workers[i];

        if (row->port == p->port && row->n_slot > 0 &&
            row->slot->since == p->since &&
            row->slot->incarnation == p->incarnation &&
            strcmp(row->node, w->host[p->host].id) == 0)
            return true;
    }
    return false;
}

void judge_end(struct world *w)
{
    uint32_t n_tasks = 0, n_living = 0, n_here = 0;
    gi_msg_topology_look look;
    gi_pool pool = { 0 };

    chief_look(w, &pool, &look);
    for (uint32_t i = 0; i < look.n_components; i++)
        n_tasks += (uint32_t)look.components[i].n_tasks;
    for (const struct proc *p = w->procs; p != NULL; p = p->next) {
        if (!p->alive)
            continue;
        n_living++;
        n_here += p->roster.n_here;
        if (!is_one_of(w, p, &look))
            world_wrong(w,
                        "worker %llu at %s:%u lives on, long after its place "
                        "was taken",
                        (unsigned long long)p->incarnation,
                        w->host[p->host].id, p->port);
    }
    if (n_living != look.n_workers || n_here != n_tasks)
        world_wrong(w, "%u workers live and run %u tasks, and not %u and %u",
                    n_living, n_here, look.n_workers, n_tasks);
    gi_pool_fini(&pool);
}
