/* A topology in one line. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nimbus/nimbus_show.h"

/* What spouts emitted, and what became of those trees. */
static void add_tallies(const gi_kept *k, const gi_msg_slot *s,
                        gi_msg_topology_row *out)
{
    for (uint32_t i = 0; i < s->n_tallies; i++) {
        const gi_msg_tally *t = &s->tallies[i];

        if (t->component >= k->m.n_components ||
            !k->m.components[t->component].spout)
            continue;
        out->emitted += t->emitted;
        out->acked += t->acked;
        out->failed += t->failed;
    }
}

static bool runs(const gi_msg_slot *s)
{
    return s != NULL && strcasecmp(s->state, "running") == 0;
}

/* What is wrong with the first worker with which something is. */
static const char *trouble(const gi_nimbus *n, const gi_kept *k, gi_pool *pool)
{
    for (uint32_t i = 0; k->now != NULL && i < k->now->n_workers; i++) {
        const gi_assigned *w = &k->now->workers[i];
        const gi_msg_slot *s = gi_nimbus_slot(n, k->m.id, w);
        size_t size;
        char *text;

        if (s == NULL || s->words[0] == '\0' || (runs(s) && !s->poisoned))
            continue;
        size = strlen(w->host) + strlen(s->words) + 64;
        text = gi_pool_take(pool, size, 1);
        if (text != NULL)
            snprintf(text, size, "worker %s:%u: %s", w->host, w->port,
                     s->words);
        return text;
    }
    return "";
}

gale_err gi_nimbus_row(const gi_nimbus *n, const gi_topo *t, gi_pool *pool,
                       gi_msg_topology_row *out)
{
    const gi_kept *k = t->kept;
    gi_status status = k->life.status;

    /* To those outside, one whose workers are being stopped is killed. */
    if (status == GI_STATUS_GONE)
        status = GI_STATUS_KILLED;
    *out = (gi_msg_topology_row){
        .id = k->m.id,
        .name = k->m.name,
        .status = gi_status_name(status),
        .owner = k->m.owner,
        .up_ms = n->now.wall_ms > k->m.submitted_ms
                     ? n->now.wall_ms - k->m.submitted_ms
                     : 0,
        .n_workers = k->now == NULL ? 0 : k->now->n_workers,
    };
    for (uint32_t i = 0; i < k->m.n_components; i++) {
        out->n_executors += k->m.components[i].n_executors;
        out->n_tasks += k->m.components[i].n_tasks;
    }
    for (uint32_t i = 0; i < out->n_workers; i++) {
        const gi_msg_slot *s = gi_nimbus_slot(n, k->m.id, &k->now->workers[i]);

        if (s == NULL)
            continue;
        out->n_running += runs(s);
        out->pending += s->pending;
        add_tallies(k, s, out);
    }
    out->why = k->now != NULL && k->now->why != NULL ? k->now->why
                                                     : trouble(n, k, pool);
    return out->why == NULL ? GALE_ENOMEM : GALE_OK;
}
