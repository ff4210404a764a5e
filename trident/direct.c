#include "trident/direct.h"

#include "base/bug.h"
#include "base/mem.h"

gale_err gi_direct_open(gi_direct *d, const gi_op *op, uint32_t first,
                        uint32_t n)
{
    const gale_chooser *c = op->send == GI_SEND_CHOOSER ? op->user : NULL;

    *d = (gi_direct){ .op = op, .first = first, .n = n };
    d->chosen = gi_calloc((size_t)n + 1, sizeof(*d->chosen));
    d->key = gi_calloc((size_t)op->n_keys + 1, sizeof(*d->key));
    if (d->chosen == NULL || d->key == NULL)
        return GALE_ENOMEM;
    if (c == NULL)
        return GALE_OK;

    d->all = gi_calloc((size_t)n + 1, sizeof(*d->all));
    d->self = gi_alloc(c->state_size == 0 ? 1 : c->state_size);
    if (d->all == NULL || d->self == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        d->all[i] = first + i;
    if (c->prepare != NULL)
        c->prepare(d->self, d->all, n);
    return GALE_OK;
}

void gi_direct_close(gi_direct *d)
{
    gi_free(d->self);
    gi_free(d->all);
    gi_free(d->chosen);
    gi_free(d->key);
    *d = (gi_direct){ 0 };
}

static uint32_t by_keys(gi_direct *d, gale_row row)
{
    for (uint32_t i = 0; i < d->op->n_keys; i++)
        d->key[i] = row.values[d->op->keys[i]];
    return gale_state_part(gale_state_group(d->key, d->op->n_keys), d->n);
}

static size_t by_chooser(gi_direct *d, gale_row row)
{
    const gale_chooser *c = d->op->user;
    const char *to = d->op->id;
    size_t n = c->choose(d->self, row, d->chosen);

    if (n > d->n)
        gi_bug("a chooser of rows for '%s' chose %zu tasks, and there are %u",
               to, n, d->n);
    for (size_t i = 0; i < n; i++)
        if (d->chosen[i] - d->first >= d->n)
            gi_bug("a chooser of rows for '%s' chose task %u, which is none "
                   "of its tasks (%u to %u)",
                   to, d->chosen[i], d->first, d->first + d->n - 1);
    return n;
}

size_t gi_direct_pick(gi_direct *d, uint64_t attempt, gale_row row,
                      const uint32_t **tasks)
{
    *tasks = d->chosen;
    switch (d->op->send) {
    case GI_SEND_KEYS:
        d->chosen[0] = d->first + by_keys(d, row);
        return 1;
    case GI_SEND_BATCH:
        d->chosen[0] = d->first + gi_batch_task(attempt, d->n);
        return 1;
    case GI_SEND_CHOOSER:
        return by_chooser(d, row);
    case GI_SEND_GROUPING:
        break;
    }
    gi_bug("a row that the topology's grouping sends was asked for");
}
