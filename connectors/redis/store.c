/* store.c -- gale_store_redis: opening a part, and asking it. */
#include "connectors/redis/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "connectors/redis/open.h"
#include "gale/redis.h"
#include "state/layout.h"

enum { ASK = 32 }; /* keys of a question, so that no answer is too large */

/* ---------------------------------------------------- opening, closing -- */

static void give_back(gi_redis *r)
{
    for (size_t i = 0; i < r->n_held; i++)
        freeReplyObject(r->held[i]);
    gi_free(r->held);
    r->held = NULL;
    r->n_held = 0;
}

static void redis_close(void *self)
{
    gi_redis *r = self;

    if (r == NULL)
        return;
    give_back(r);
    gi_redis_hang_up(&r->link);
    gi_redis_opts_fini(&r->o);
    gi_free(r);
}

static gale_err name_it(gi_redis *r, const gale_store_where *where,
                        gale_diag *why)
{
    char *topology = gi_layout_escape(where->topology);
    char *state = gi_layout_escape(where->state);
    int n = -1;

    if (topology != NULL && state != NULL)
        n = snprintf(r->base, sizeof(r->base), "%s{%s/%s}", r->o.prefix,
                     topology, state);
    gi_free(topology);
    gi_free(state);
    snprintf(r->state, sizeof(r->state), "%s", where->state);
    if (n < 0)
        return gi_stored_no_memory(why);
    if (n < GI_REDIS_BASE)
        return GALE_OK;
    gi_diag_say(why,
                "the names of the state, its topology and the prefix are "
                "longer than %d bytes",
                GI_REDIS_BASE - 1);
    return GALE_EINVAL;
}

static gale_err redis_open(void **out, const gale_store_where *where,
                           gale_diag *why)
{
    gale_err rv = gi_stored_check_where(where, why);
    gi_redis *r;

    if (rv != GALE_OK)
        return rv;
    r = gi_alloc(sizeof(*r));
    if (r == NULL)
        return gi_stored_no_memory(why);
    r->link.fd = -1;
    r->read_only = where->read_only;
    gale_state_range(where->index, where->count, &r->from, &r->to);
    rv = gi_redis_opts_read(&r->o, where, why);
    if (rv == GALE_OK)
        rv = name_it(r, where, why);
    if (rv == GALE_OK)
        rv = gi_redis_connect(&r->link, &r->o, why);
    if (rv == GALE_OK)
        rv = gi_redis_take(r, where, why);
    if (rv != GALE_OK) {
        redis_close(r);
        return rv;
    }
    *out = r;
    return GALE_OK;
}

/* --------------------------------------------------------------- asking -- */

typedef struct asking {
    gi_redis *r;
    const gale_str *keys;
    gale_str *values;
    gi_redis_sorted s;
} asking;

/* The end of the question that begins at `from`: in one bucket. */
static size_t end_of(const asking *a, uint32_t bucket, size_t from)
{
    size_t end = a->s.start[bucket + 1];

    return end - from > ASK ? from + ASK : end;
}

static void ask(asking *a, uint32_t bucket, size_t from, size_t to)
{
    gi_redis_link *l = &a->r->link;
    char key[GI_REDIS_KEY];

    gi_redis_say(l, 2 + (to - from));
    gi_redis_text(l, "HMGET");
    gi_redis_text(l, gi_redis_key(a->r, bucket, key));
    for (size_t i = from; i < to; i++)
        gi_redis_word(l, gi_redis_field(a->keys[a->s.order[i]]));
}

static gale_err odd(const gi_redis *r, uint32_t bucket, gale_diag *why)
{
    char key[GI_REDIS_KEY];

    return gi_redis_failed(&r->link, GALE_EFORMAT, why,
                           "what is under '%.200s' is not of a state",
                           gi_redis_key(r, bucket, key));
}

static gale_err take(asking *a, uint32_t bucket, size_t from, size_t to,
                     gale_diag *why)
{
    redisReply *answer;
    gale_err rv = gi_redis_hear(&a->r->link, &answer, why);

    if (rv != GALE_OK)
        return rv;
    a->r->held[a->r->n_held++] = answer;
    if (answer->type == REDIS_REPLY_ERROR)
        return gi_redis_refused(&a->r->link, answer, why);
    if (answer->type != REDIS_REPLY_ARRAY || answer->elements != to - from)
        return odd(a->r, bucket, why);
    for (size_t i = from; i < to; i++) {
        const redisReply *v = answer->element[i - from];

        if (v->type != REDIS_REPLY_STRING && v->type != REDIS_REPLY_NIL)
            return odd(a->r, bucket, why);
        a->values[a->s.order[i]] =
            v->type == REDIS_REPLY_NIL
                ? (gale_str){ NULL, 0 }
                : (gale_str){ v->str, (uint32_t)v->len };
    }
    return GALE_OK;
}

/* All questions go before the first answer is waited for. */
static gale_err ask_all(asking *a, size_t n, gale_diag *why)
{
    size_t to;
    gale_err rv = GALE_OK;

    a->r->held = gi_calloc(n + 1, sizeof(*a->r->held));
    if (a->r->held == NULL)
        return gi_stored_no_memory(why);
    for (uint32_t b = 0; b < GI_REDIS_BUCKETS; b++)
        for (size_t i = a->s.start[b]; i < a->s.start[b + 1]; i = to) {
            to = end_of(a, b, i);
            ask(a, b, i, to);
        }
    for (uint32_t b = 0; b < GI_REDIS_BUCKETS; b++)
        for (size_t i = a->s.start[b]; rv == GALE_OK && i < a->s.start[b + 1];
             i = to) {
            to = end_of(a, b, i);
            rv = take(a, b, i, to, why);
        }
    if (rv != GALE_OK)
        gi_redis_hang_up(&a->r->link); /* answers may still come */
    return rv;
}

static gale_err redis_get(void *self, const gale_str *keys, size_t n,
                          gale_str *values, gale_diag *why)
{
    asking a = { .r = self, .keys = keys, .values = values };
    gale_err rv = gi_stored_check_keys(keys, n, a.r->from, a.r->to, why);

    give_back(a.r);
    if (rv == GALE_OK && n > 0)
        rv = gi_redis_ready(a.r, why);
    if (rv != GALE_OK || n == 0)
        return rv;
    if (gi_redis_sort(&a.s, keys, n, sizeof(*keys)) != GALE_OK)
        return gi_stored_no_memory(why);
    rv = ask_all(&a, n, why);
    gi_free(a.s.order);
    return rv;
}

const gale_store gale_store_redis = {
    .name = "redis",
    .durable = true,
    .open = redis_open,
    .get = redis_get,
    .write = gi_redis_write,
    .scan = gi_redis_scan,
    .close = redis_close,
};
