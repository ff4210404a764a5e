#include "world.h"

/* How it stands, when something is wrong. */
void proc_show(const struct proc *p)
{
    fprintf(stderr, "worker %llu of slot %s:%u since %llu%s%s\n",
            (unsigned long long)p->incarnation, p->world->host[p->host].id,
            p->port, (unsigned long long)p->since, p->up ? "" : ", not up",
            p->frozen ? ", frozen" : "");
    for (uint32_t i = 0; p->up && i < gi_worker_n_loops(p->w); i++)
        fprintf(stderr, "  loop %u: %llu pending\n", i,
                (unsigned long long)atomic_load(
                    &gi_worker_loop(p->w, i)->pending));
    if (p->up) {
        gi_port_counts c;

        gi_port_look(p->w, &c);
#define X(name, text) \
    fprintf(stderr, "  " #name " %llu", (unsigned long long)c.name);
        GI_PORT_COUNTS(X)
#undef X
        uint64_t done[GI_EPOCHS];
        uint16_t oldest = 0;
        bool any;

        gi_frontier_done_by_now(&p->w->frontier, done);
        any = gi_frontier_oldest(&p->w->frontier, done, &oldest);
        fprintf(stderr, "\n  epoch %u; %s as old as %u is under way",
                gi_frontier_now(&p->w->frontier), any ? "work" : "nothing",
                oldest);
        fprintf(stderr, "\n  tasks at");
        for (uint32_t i = 0; i < p->roster.n_tasks; i++)
            fprintf(stderr, " %d", (int)p->roster.peer_of[i]);
        fprintf(stderr, "\n");
    }
    for (uint32_t i = 0; i < p->roster.n_peers; i++) {
        gi_channel_view v = { 0 };

        if (p->peer[i].channel != NULL)
            gi_channel_look(p->peer[i].channel, &v);
        fprintf(stderr,
                "  to %s since %llu%s: %s, %u notes and %u data under way, %u "
                "to be executed\n",
                p->roster.peers[i].name,
                (unsigned long long)p->roster.peers[i].since,
                p->roster.peers[i].here ? "" : " (gone)",
                v.open ? "open" : gi_parting_name(v.refused), v.frames[0],
                v.frames[1], v.open_here);
    }
}
