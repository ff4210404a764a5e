#include "nimbus/nimbus_recut.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
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
    if (why != NULL)
        snprintf(why->text, sizeof(why->text), format, id,
                 (unsigned long long)n, most);
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
    for (uint32_t j = 0; j < r->n_components; j++)
        if (r->components[j].cpu > INT32_MAX ||
            r->components[j].memory_mb > INT32_MAX)
            return too_much(why,
                            "'%s' would want more than any machine has (%llu "
                            "MB; %d are the most)",
                            r->components[j].id, r->components[j].memory_mb,
                            INT32_MAX);
    return GALE_OK;
}

gale_err gi_recut_check(const gi_kept *k, const gi_msg_rebalance *r,
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

bool gi_recut_same(const gi_kept *k, const gi_msg_rebalance *r)
{
    const gi_msg_rebalance *now = k->m.rebalance;

    if (k->m.n_rebalance != 1 || now->workers != r->workers ||
        now->now != r->now || now->wait_ms != r->wait_ms ||
        now->n_components != r->n_components)
        return false;
    for (uint32_t i = 0; i < r->n_components; i++) {
        const gi_msg_recut *a = &now->components[i], *b = &r->components[i];

        if (strcmp(a->id, b->id) != 0 || a->n_executors != b->n_executors ||
            a->cpu != b->cpu || a->memory_mb != b->memory_mb)
            return false;
    }
    return true;
}

gale_err gi_recut_set(gi_kept *k, const gi_msg_rebalance *r)
{
    gi_msg_rebalance *copy = gi_pool_take(&k->pool, 1, sizeof(*copy));
    gi_strbuf bytes = { 0 };
    gale_err e = GALE_ENOMEM;

    gi_msg_write(&bytes, GI_M_rebalance, r);
    if (copy != NULL && !bytes.failed)
        e = gi_msg_read(GI_M_rebalance, bytes.at, bytes.len, &k->pool, copy,
                        NULL, NULL);
    gi_strbuf_fini(&bytes);
    if (e != GALE_OK)
        return e;
    k->m.n_rebalance = 1;
    k->m.rebalance = copy;
    return GALE_OK;
}

static void apply(const gi_msg_recut *r, gi_msg_component *c)
{
    if (r->n_executors != 0)
        c->n_executors = r->n_executors;
    if (r->cpu != 0)
        c->cpu = r->cpu;
    if (r->memory_mb != 0)
        c->memory_mb = r->memory_mb;
}

bool gi_recut_plain(const gi_kept *k)
{
    return k->m.n_rebalance == 1 && k->m.rebalance->workers == 0 &&
           k->m.rebalance->n_components == 0;
}

void gi_recut_apply(gi_kept *k)
{
    const gi_msg_rebalance *r = k->m.rebalance;

    if (k->m.n_rebalance == 0)
        return;
    if (r->workers != 0)
        k->m.workers = r->workers;
    for (uint32_t i = 0; i < r->n_components; i++)
        for (uint32_t j = 0; j < k->m.n_components; j++)
            if (strcmp(r->components[i].id, k->m.components[j].id) == 0)
                apply(&r->components[i], &k->m.components[j]);
    k->m.n_rebalance = 0;
    gi_kept_recut(k);
}
