/* A topology is submitted: judged, named, stored and placed as one. */
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "gale/task.h"
#include "nimbus/nimbus_decide.h"

static gale_err name_is_taken(const gi_topo *t, gale_diag *why)
{
    const gi_kept *k = t->kept;

    if (k->life.status == GI_STATUS_KILLED || k->life.status == GI_STATUS_GONE)
        return gi_diag_err(
            why, GALE_EINVAL,
            "a topology '%s' is still being killed (%s): wait until "
            "it is gone, or choose another name (-c topology.name=NAME)",
            k->m.name, k->m.id);
    return gi_diag_err(
        why, GALE_EINVAL,
        "a topology '%s' is there already (%s, %s): kill it first, "
        "or choose another name (-c topology.name=NAME)",
        k->m.name, k->m.id, gi_status_name(k->life.status));
}

/* If supervisors are there, one of them has to be of the right type. */
static gale_err check_machine(const gi_nimbus *n, const gi_msg_submit *q,
                              gale_diag *why)
{
    char types[200] = "";
    size_t len = 0;

    for (uint32_t i = 0; i < n->n_seen; i++) {
        const gi_seen *s = n->seen[i];
        const char *machine;

        if (s->state == GI_SUPERVISOR_SILENT)
            return GALE_OK; /* it may be */
        if (s->state != GI_SUPERVISOR_ALIVE)
            continue;
        machine = s->told->m.machine;
        if (strcmp(machine, q->machine) == 0)
            return GALE_OK;
        if (strstr(types, machine) == NULL && len < 150)
            len += (size_t)snprintf(types + len, sizeof(types) - len,
                                    "%s'%.*s'", len == 0 ? "" : ", ",
                                    GI_MACHINE_MOST, machine);
    }
    if (len == 0)
        return GALE_OK;
    return gi_diag_err(
        why, GALE_EINVAL,
        "the program of '%s' is for '%.60s', and no supervisor is: "
        "they are %s",
        q->name, q->machine, types);
}

static gale_err judge(const gi_nimbus *n, const gi_msg_submit *q,
                      gale_diag *why)
{
    const gi_topo *there;
    gale_err e = gi_name_check(q->name, why);

    if (e != GALE_OK)
        return e;
    there = gi_nimbus_named(n, q->name);
    if (there != NULL)
        return name_is_taken(there, why);
    if (n->n_topologies >= GI_TOPOLOGIES_MOST)
        return gi_diag_err(why, GALE_ELIMIT, "there are %d topologies already",
                           GI_TOPOLOGIES_MOST);
    e = check_machine(n, q, why);
    if (e == GALE_OK && n->opts.program_here != NULL &&
        !n->opts.program_here(n->opts.arg, q->program))
        return gi_diag_err(
            why, GALE_ENOTFOUND,
            "the program of '%s' is not here, or not all of it: "
            "upload it first (%.80s)",
            q->name, q->program);
    return e;
}

static gale_err make(gi_kept **out, const gi_nimbus *n, const gi_msg_submit *q,
                     const char *user, uint64_t number, gale_diag *why)
{
    char id[GI_NAME_MOST + 64];
    gi_msg_kept_topology m = {
        .id = id,
        .name = q->name,
        .owner = user,
        .program = q->program,
        .machine = q->machine,
        .once = q->once,
        .submitted_ms = n->now.wall_ms,
        .workers = q->workers == 0 ? 1 : q->workers,
        .worker_memory_mb = q->worker_memory_mb,
        .priority = q->priority,
        .timeout_ms = q->timeout_ms == 0 ? 30000 : q->timeout_ms,
        .log_level = GALE_LOG_INFO,
        .n_settings = q->n_settings,
        .settings = q->settings,
        .n_words = q->n_words,
        .words = q->words,
        .n_components = q->n_components,
        .components = q->components,
        .n_talks = q->n_talks,
        .talks = q->talks,
    };
    gale_err e = gi_kept_check(&m, why);

    if (e != GALE_OK)
        return e;
    snprintf(id, sizeof(id), "%s-%llu-%llu", q->name,
             (unsigned long long)number,
             (unsigned long long)(n->now.wall_ms / 1000));
    return gi_kept_create(out, &m, !q->inactive, why);
}

static const char *keep(gi_pool *pool, const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = gi_pool_take(pool, n, 1);

    return copy == NULL ? NULL : memcpy(copy, s, n);
}

static gale_err reply(const gi_nimbus *n, const gi_kept *k, gi_pool *pool,
                      gi_msg_submitted *out)
{
    out->id = keep(pool, k->m.id);
    out->why = gi_nimbus_missing(n, k, k->m.workers, pool);
    return out->id == NULL || out->why == NULL ? GALE_ENOMEM : GALE_OK;
}

/* The reply to the first attempt may have been lost. */
static const gi_kept *again(const gi_nimbus *n, const gi_msg_submit *q,
                            const char *user)
{
    const gi_topo *t = gi_nimbus_named(n, q->name);

    if (t == NULL || q->once[0] == '\0' ||
        strcmp(t->kept->m.once, q->once) != 0 ||
        strcmp(t->kept->m.owner, user) != 0)
        return NULL;
    return t->kept;
}

gale_err gi_nimbus_submit(gi_nimbus *n, const gi_msg_submit *q,
                          const char *user, gi_pool *pool,
                          gi_msg_submitted *out, gale_diag *why)
{
    const gi_kept *before = again(n, q, user);
    gi_decision d;
    gi_kept *kept = NULL;
    gi_topo *t;
    gale_err e;

    if (before != NULL)
        return reply(n, before, pool, out);
    e = judge(n, q, why);
    if (e != GALE_OK)
        return e;
    gi_decision_init(&d, n);
    d.cluster.submitted++;
    d.cluster_changes = true;
    e = make(&kept, n, q, user, d.cluster.submitted, why);
    if (e == GALE_OK)
        e = gi_decision_add(&d, kept, &t);
    if (e == GALE_OK)
        e = gi_nimbus_place(&d, why);
    if (e == GALE_OK)
        e = reply(n, gi_decision_see(&d, t), pool, out);
    if (e == GALE_OK)
        e = gi_decision_take(&d, why);
    gi_decision_fini(&d);
    return e;
}
