#include "supervisor/order.h"

#include "base/mem.h"

/* Names become parts of paths and of environments. */
bool gi_order_name_ok(const char *s, size_t most)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t len = s == NULL ? 0 : strnlen(s, most + 1);

    return len > 0 && len <= most && s[0] != '.' && strspn(s, letters) == len;
}

static bool sound(const gi_order *o)
{
    if (!gi_order_name_ok(o->topology, GI_TOPOLOGY_ID_MOST) ||
        !gi_order_name_ok(o->program, GI_PROGRAM_MOST) ||
        o->n_executors > GI_ORDER_EXECUTORS_MOST)
        return false;
    for (uint32_t i = 0; i < o->n_executors; i++)
        if (o->executors[i].first >= o->executors[i].end)
            return false;
    return true;
}

/* The order, its executors and its strings in one piece of memory. */
gale_err gi_order_create(gi_order **out, const gi_order *from)
{
    size_t spans, topology, program;
    gi_order *o;
    char *at;

    if (!sound(from))
        return GALE_EINVAL;
    spans = from->n_executors * sizeof(gi_span);
    topology = strlen(from->topology) + 1;
    program = strlen(from->program) + 1;
    o = gi_alloc(sizeof(*o) + spans + topology + program);
    if (o == NULL)
        return GALE_ENOMEM;
    *o = *from;
    o->count = 1;
    at = (char *)(o + 1);
    o->executors = (gi_span *)(void *)at;
    if (spans > 0)
        memcpy(at, from->executors, spans);
    at += spans;
    o->topology = memcpy(at, from->topology, topology);
    at += topology;
    o->program = memcpy(at, from->program, program);
    *out = o;
    return GALE_OK;
}

gi_order *gi_order_keep(gi_order *o)
{
    if (o != NULL)
        o->count++;
    return o;
}

void gi_order_release(gi_order *o)
{
    if (o != NULL && --o->count == 0)
        gi_free(o);
}

bool gi_order_same_worker(const gi_order *a, const gi_order *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->since == b->since && strcmp(a->topology, b->topology) == 0 &&
           strcmp(a->program, b->program) == 0;
}

bool gi_order_same(const gi_order *a, const gi_order *b)
{
    if (!gi_order_same_worker(a, b))
        return false;
    if (a == NULL || a == b)
        return true;
    return a->version == b->version && a->n_executors == b->n_executors &&
           (a->n_executors == 0 ||
            memcmp(a->executors, b->executors,
                   a->n_executors * sizeof(gi_span)) == 0);
}

bool gi_order_older(const gi_order *a, const gi_order *b)
{
    return a != NULL && b != NULL && strcmp(a->topology, b->topology) == 0 &&
           a->version < b->version;
}
