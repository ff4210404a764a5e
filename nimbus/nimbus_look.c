/* What people see: LIST, LOOK, CLUSTER, INFO. */
#include <stdlib.h>
#include <string.h>

#include "nimbus/nimbus_show.h"

enum { MISHAPS_MOST = 64 };

gale_err gi_nimbus_list(const gi_nimbus *n, gi_pool *pool,
                        gi_msg_topologies *out)
{
    gale_err e = GALE_OK;

    *out = (gi_msg_topologies){ .n_topologies = n->n_topologies };
    out->topologies =
        gi_pool_take(pool, n->n_topologies, sizeof(*out->topologies));
    if (out->topologies == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n->n_topologies && e == GALE_OK; i++)
        e = gi_nimbus_row(n, n->topologies[i], pool, &out->topologies[i]);
    return e;
}

/* -------------------------------------------------------- sums of LOOK -- */

/* Times of several workers: the usual one is the mean, by how many acks each
 * had; the bad one is the worst. */
static void add_times(gi_msg_tally *to, const gi_msg_tally *t)
{
    double acks = (double)to->acked + (double)t->acked;

    if (acks > 0)
        to->p50_ns = (uint64_t)(((double)to->p50_ns * (double)to->acked +
                                 (double)t->p50_ns * (double)t->acked) /
                                acks);
    if (t->p99_ns > to->p99_ns)
        to->p99_ns = t->p99_ns;
}

static void add_tally(gi_msg_tally *to, const gi_msg_tally *t)
{
    add_times(to, t);
    to->emitted += t->emitted;
    to->transferred += t->transferred;
    to->executed += t->executed;
    to->acked += t->acked;
    to->failed += t->failed;
    to->timed_out += t->timed_out;
    to->replayed += t->replayed;
    to->dead += t->dead;
    to->errors += t->errors;
    to->queued += t->queued;
    to->busy_ns += t->busy_ns;
}

/* The sums of the topology are told, not those of each worker: with many of
 * both they would not fit into a message. */
static void add_tallies(gi_msg_topology_look *out, gi_msg_slot *s)
{
    for (uint32_t i = 0; i < s->n_tallies; i++)
        if (s->tallies[i].component < out->n_tallies)
            add_tally(&out->tallies[s->tallies[i].component], &s->tallies[i]);
    s->n_tallies = 0;
}

static int by_time(const void *a, const void *b)
{
    const gi_msg_mishap *x = a, *y = b;

    if (x->wall_ms != y->wall_ms)
        return x->wall_ms < y->wall_ms ? -1 : 1;
    if (x->task != y->task)
        return x->task < y->task ? -1 : 1;
    return strcmp(x->text, y->text);
}

/* Of all workers, the latest last, and no more than a screen of them. */
static gale_err merge_mishaps(gi_pool *pool, gi_msg_topology_look *out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < out->n_workers; i++)
        if (out->workers[i].n_slot > 0)
            n += out->workers[i].slot->n_mishaps;
    out->mishaps = gi_pool_take(pool, n, sizeof(*out->mishaps));
    if (out->mishaps == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < out->n_workers; i++) {
        const gi_msg_worker_row *w = &out->workers[i];

        for (uint32_t k = 0; w->n_slot > 0 && k < w->slot->n_mishaps; k++)
            out->mishaps[out->n_mishaps++] = w->slot->mishaps[k];
        if (w->n_slot > 0)
            w->slot->n_mishaps = 0; /* they stand there now */
    }
    if (n > 0)
        qsort(out->mishaps, n, sizeof(*out->mishaps), by_time);
    if (n > MISHAPS_MOST) {
        out->mishaps += n - MISHAPS_MOST;
        out->n_mishaps = MISHAPS_MOST;
    }
    return GALE_OK;
}

static gale_err fill_worker(const gi_nimbus *n, const gi_kept *k, uint32_t i,
                            gi_pool *pool, gi_msg_worker_row *out)
{
    const gi_assigned *w = &k->now->workers[i];
    const gi_seen *s = gi_nimbus_seen(n, w->supervisor);
    const gi_msg_slot *slot = gi_nimbus_slot(n, k->m.id, w);

    *out = (gi_msg_worker_row){
        .node = w->supervisor,
        .host = w->host,
        .url = s == NULL || s->told == NULL ? "" : s->told->m.url,
        .port = w->port,
    };
    if (!gi_nimbus_spans(k->now, i, pool, &out->n_executors, &out->executors))
        return GALE_ENOMEM;
    if (slot == NULL)
        return GALE_OK;
    out->slot = gi_pool_take(pool, 1, sizeof(*out->slot));
    if (out->slot == NULL)
        return GALE_ENOMEM;
    *out->slot = *slot;
    out->n_slot = 1;
    return GALE_OK;
}

gale_err gi_nimbus_look(const gi_nimbus *n, const gi_topo *t, gi_pool *pool,
                        gi_msg_topology_look *out)
{
    const gi_kept *k = t->kept;
    uint32_t n_workers = k->now == NULL ? 0 : k->now->n_workers;
    gale_err e;

    *out = (gi_msg_topology_look){
        .n_row = 1,
        .row = gi_pool_take(pool, 1, sizeof(*out->row)),
        .n_settings = k->m.n_settings,
        .settings = k->m.settings,
        .n_components = k->m.n_components,
        .components = k->m.components,
        .n_tallies = k->m.n_components,
        .tallies =
            gi_pool_take(pool, k->m.n_components, sizeof(*out->tallies)),
        .n_workers = n_workers,
        .workers = gi_pool_take(pool, n_workers, sizeof(*out->workers)),
    };
    if (out->row == NULL || out->tallies == NULL || out->workers == NULL)
        return GALE_ENOMEM;
    e = gi_nimbus_row(n, t, pool, out->row);
    for (uint32_t i = 0; i < out->n_tallies; i++)
        out->tallies[i].component = i;
    for (uint32_t i = 0; i < n_workers && e == GALE_OK; i++) {
        e = fill_worker(n, k, i, pool, &out->workers[i]);
        if (e == GALE_OK && out->workers[i].n_slot > 0)
            add_tallies(out, out->workers[i].slot);
    }
    return e == GALE_OK ? merge_mishaps(pool, out) : e;
}

/* ------------------------------------------------------------- CLUSTER -- */

static uint32_t used_on(const gi_nimbus *n, const gi_seen *s)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < n->n_topologies; i++) {
        const gi_kept *k = n->topologies[i]->kept;

        if (k->now == NULL || k->life.status == GI_STATUS_GONE)
            continue;
        for (uint32_t j = 0; j < k->now->n_workers; j++)
            used += strcmp(k->now->workers[j].supervisor, s->id) == 0;
    }
    return used;
}

static void fill_supervisor(const gi_nimbus *n, const gi_seen *s,
                            gi_msg_supervisor_row *out)
{
    static const char *const states[] = {
        [GI_SUPERVISOR_ALIVE] = "ALIVE",
        [GI_SUPERVISOR_SILENT] = "SILENT",
        [GI_SUPERVISOR_DEAD] = "DEAD",
    };

    *out = (gi_msg_supervisor_row){
        .id = s->id,
        .host = s->host,
        .url = "",
        .state = states[s->state],
        .n_slots = s->n_ports,
        .n_used = used_on(n, s),
        .silent_ms = n->awake_ms - s->heard_ms,
    };
    if (s->told == NULL)
        return;
    out->url = s->told->m.url;
    out->cpu = s->told->m.cpu;
    out->memory_mb = s->told->m.memory_mb;
    out->up_ms = s->state == GI_SUPERVISOR_ALIVE ? s->told->m.up_ms : 0;
}

gale_err gi_nimbus_cluster(const gi_nimbus *n, gi_pool *pool,
                           gi_msg_cluster *out)
{
    gi_msg_topologies list;
    gale_err e = gi_nimbus_list(n, pool, &list);

    if (e != GALE_OK)
        return e;
    *out = (gi_msg_cluster){
        .n_nimbuses = 1,
        .nimbuses = gi_pool_take(pool, 1, sizeof(*out->nimbuses)),
        .n_supervisors = n->n_seen,
        .supervisors =
            gi_pool_take(pool, n->n_seen, sizeof(*out->supervisors)),
        .n_topologies = list.n_topologies,
        .topologies = list.topologies,
    };
    if (out->nimbuses == NULL || out->supervisors == NULL)
        return GALE_ENOMEM;
    gi_nimbus_info(n, out->nimbuses);
    for (uint32_t i = 0; i < n->n_seen; i++)
        fill_supervisor(n, n->seen[i], &out->supervisors[i]);
    return GALE_OK;
}

void gi_nimbus_info(const gi_nimbus *n, gi_msg_info *out)
{
    *out = (gi_msg_info){
        .id = n->opts.id,
        .version = gale_version(),
        .host = n->opts.host,
        .up_ms = n->now.ms - n->began.ms,
        .leads = true,
        .leader = n->opts.url,
    };
}
