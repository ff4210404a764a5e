#include "nimbus/nimbus_recut.h"

#include <string.h>

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
