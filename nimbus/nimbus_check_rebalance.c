/* What a rebalance may ask for, whether a client or the store says it. */
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/nimbus_keep.h"
#include "nimbus/schedule/rebalance.h"

static uint32_t wanted(uint64_t n)
{
    if (n == 0)
        return GI_AS_IT_IS;
    return n < GI_AS_IT_IS ? (uint32_t)n : GI_AS_IT_IS - 1;
}

static gale_err too_much(gale_diag *why, const char *format, const char *id,
                         uint64_t n, int most)
{
    gi_diag_say(why, format, id, (unsigned long long)n, most);
    return GALE_ELIMIT;
}

/* What gi_rebalance_check does not know of. */
static gale_err check_limits(const gi_kept *k, const gi_msg_rebalance *r,
                             gale_diag *why)
{
    uint64_t n = 0;

    if (r->workers > GI_WORKERS_MOST)
        return too_much(why, "'%s' cannot have %llu workers; %d are the most",
                        k->m.id, r->workers, GI_WORKERS_MOST);
    for (uint32_t i = 0; i < k->m.n_components; i++) {
        uint64_t now = k->m.components[i].n_executors;

        for (uint32_t j = 0; j < r->n_components; j++)
            if (r->components[j].n_executors != 0 &&
                strcmp(r->components[j].id, k->m.components[i].id) == 0)
                now = r->components[j].n_executors;
        n += now;
    }
    if (n > GI_EXECUTORS_MOST)
        return too_much(why, "'%s' would have %llu executors; %d are the most",
                        k->m.id, n, GI_EXECUTORS_MOST);
    for (uint32_t j = 0; j < r->n_components; j++) {
        const gi_msg_recut *c = &r->components[j];

        if (c->cpu > INT32_MAX)
            return too_much(why,
                            "'%s' would want more than any machine has (cpu "
                            "%llu; %d is the most)",
                            c->id, c->cpu, INT32_MAX);
        if (c->memory_mb > INT32_MAX)
            return too_much(why,
                            "'%s' would want more than any machine has (%llu "
                            "MB; %d are the most)",
                            c->id, c->memory_mb, INT32_MAX);
    }
    return GALE_OK;
}

gale_err gi_kept_check_rebalance(const gi_kept *k, const gi_msg_rebalance *r,
                                 gale_diag *why)
{
    gi_rebalance_component *components =
        gi_calloc((size_t)r->n_components + 1, sizeof(*components));
    gi_rebalance plain = { wanted(r->workers), r->n_components, components };
    gi_topology t = { .id = k->m.name,
                      .n_components = k->m.n_components,
                      .components = k->components };
    gale_err e;

    if (components == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < r->n_components; i++)
        components[i] = (gi_rebalance_component){
            .id = r->components[i].id,
            .n_executors = wanted(r->components[i].n_executors),
            .cpu = wanted(r->components[i].cpu),
            .memory_mb = wanted(r->components[i].memory_mb),
        };
    e = gi_rebalance_check(&plain, &t, why);
    gi_free(components);
    return e == GALE_OK ? check_limits(k, r, why) : e;
}
