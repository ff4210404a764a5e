/* What would come of it: for the answer to who asks for more than there is. */
#include <stdio.h>
#include <string.h>

#include "nimbus/nimbus_decide.h"
#include "nimbus/nimbus_recut.h"

const char *gi_nimbus_missing(const gi_nimbus *n, const gi_kept *k,
                              uint64_t wanted, gi_pool *pool)
{
    const gi_assignment *a = k->now;
    uint64_t executors = 0;
    char text[2048] = "", most[96] = "";
    char *copy;

    for (uint32_t i = 0; i < k->m.n_components; i++)
        executors += k->m.components[i].n_executors;
    if (wanted > executors && wanted > 1 && !n->opts.by_resources)
        snprintf(most, sizeof(most),
                 "; and not %llu: it has no more executors than %llu",
                 (unsigned long long)wanted, (unsigned long long)executors);
    if (a != NULL && a->why != NULL)
        snprintf(text, sizeof(text), "%.1500s; %s%s", a->why,
                 a->n_workers == 0 ? "it runs as soon as there is room"
                                   : "it runs with what it has, and gets the "
                                     "rest as soon as there is room",
                 most);
    else if (wanted > 1 && n->opts.by_resources)
        snprintf(text, sizeof(text),
                 "%u worker%s, and not %llu: they follow from what its "
                 "executors need (see storm.scheduler)",
                 a == NULL ? 0 : a->n_workers,
                 a != NULL && a->n_workers == 1 ? "" : "s",
                 (unsigned long long)wanted);
    else if (wanted > executors && wanted > 1)
        snprintf(text, sizeof(text),
                 "%llu of %llu workers: it has no more executors",
                 (unsigned long long)executors, (unsigned long long)wanted);
    copy = gi_pool_take(pool, strlen(text) + 1, 1);
    return copy == NULL ? NULL : strcpy(copy, text);
}

static gale_err tell(const gi_nimbus *n, const gi_kept *k,
                     const gi_msg_rebalance *q, gi_pool *pool,
                     gi_msg_rebalanced *out)
{
    const gi_assignment *a = k->now;

    *out = (gi_msg_rebalanced){ .workers = a == NULL ? 0 : a->n_workers };
    for (uint32_t i = 0; a != NULL && i < a->n_workers; i++)
        out->fresh += a->workers[i].since == a->version;
    out->why = gi_nimbus_missing(n, k, q->workers, pool);
    return out->why == NULL ? GALE_ENOMEM : GALE_OK;
}

/* A decision that is never taken. */
gale_err gi_nimbus_preview(gi_nimbus *n, gi_topo *t, const gi_msg_rebalance *q,
                           gi_pool *pool, gi_msg_rebalanced *out)
{
    uint64_t version = t->kept->now == NULL ? 0 : t->kept->now->version;
    gi_decision d;
    gi_kept *kept;
    gale_err e;

    gi_decision_init(&d, n);
    e = gi_decision_change(&d, t, false, &kept);
    if (e == GALE_OK)
        e = gi_recut_set(kept, q);
    if (e == GALE_OK) {
        gi_decision_recut(&d, t);
        e = gi_nimbus_place(&d, NULL);
    }
    if (e == GALE_OK || e == GALE_EINVAL)
        e = tell(n, gi_decision_see(&d, t), q, pool, out);
    if (e == GALE_OK && gi_decision_see(&d, t)->now != NULL &&
        gi_decision_see(&d, t)->now->version == version)
        out->fresh = 0; /* those began with it, and stay */
    gi_decision_fini(&d);
    return e;
}
