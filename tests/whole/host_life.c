/* Supervisors are born, with what their disk says, and die. */
#include "world.h"

static void adopt(struct world *w, struct host *h, const gi_record *r)
{
    for (struct proc *p = w->procs; p != NULL; p = p->next) {
        gi_placed as = { .port = p->port,
                         .order = { .since = p->since,
                                    .topology = p->topology,
                                    .program = "unknown" } };

        if (!p->alive || p->host != h->no)
            continue;
        for (uint32_t i = 0; r != NULL && i < r->n_running; i++)
            if (r->running[i].incarnation == p->incarnation)
                as = r->running[i].as;
        gale_err rv = gi_node_adopt(h->node, &as, p->incarnation,
                                    (int32_t)(p->incarnation & 0xffff) + 1,
                                    p->incarnation, w->now);
        if (rv != GALE_OK)
            world_wrong(w, "a worker cannot be adopted: %s",
                        gale_err_name(rv));
    }
}

void host_birth(struct world *w, uint32_t no)
{
    struct host *h = &w->host[no];
    gi_record record = { 0 };
    uint16_t ports[MOST_SLOTS];
    bool known, taken;

    for (uint32_t i = 0; i < w->n_slots; i++)
        ports[i] = (uint16_t)(6700 + i);
    h->no = no;
    snprintf(h->id, sizeof(h->id), "node%u", no + 1);
    h->supervisor = ++w->lives;
    h->report = 0;
    h->asking = false;
    h->due = INT64_MAX;
    known = h->record != NULL &&
            gi_record_decode(&record, h->record, h->record_len) == GALE_OK;
    gi_node_opts o = {
        .seed = gi_rng_next(&w->rng),
        .last = known ? record.last : (uint64_t)(w->now / MS) << 24 | no << 20
    };
    world_note(w, "supervisor", no, h->supervisor);
    if (gi_node_create(&h->node, &o, ports, w->n_slots) != GALE_OK) {
        world_wrong(w, "a node cannot be made");
        return;
    }
    adopt(w, h, known ? &record : NULL);
    if (known && gi_node_assign(h->node, record.version, record.placed,
                                record.n_placed, w->now, &taken) != GALE_OK)
        world_wrong(w, "a record cannot be obeyed");
    gi_record_fini(&record);
    gi_node_nimbus(h->node, true);
    host_pump(w, h);
    if (!h->asking)
        host_report(w, h);
}

void host_death(struct world *w, uint32_t no)
{
    struct host *h = &w->host[no];

    world_note(w, "supervisor dies", no, h->supervisor);
    gi_node_destroy(h->node);
    h->node = NULL;
    h->nimbus[0] = '\0'; /* it was in memory */
    h->version = 0;
}

void host_end(struct world *w, uint32_t no)
{
    gi_node_destroy(w->host[no].node);
    gi_free(w->host[no].record);
    gi_free(w->host[no].told);
}
