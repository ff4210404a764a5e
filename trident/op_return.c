/* op_return.c -- the rows of a request become its answer: a JSON list of rows,
 * given by the one task that has all of the batch. */
#include <stdio.h>

#include "base/json.h"
#include "drpc/seat.h"
#include "gale/nested.h"
#include "trident/direct.h"
#include "trident/host.h"
#include "trident/op_inside.h"

enum {
    ANSWER_MOST = 3 << 20, /* bytes; a message between processes has 4 MB */
    DEPTH_MOST = 24,       /* of lists and maps in one another */
};

struct answer {
    gi_json json;
    bool begun;
};

/* ------------------------------------------------------------- as JSON -- */

/* JSON has no keys but texts: others are written as text. */
static void put_key(char to[64], gale_value key)
{
    gi_json one = { 0 };
    char *text;

    if (key.type == GALE_T_I64)
        gi_json_i64(&one, NULL, key.as.i);
    else if (key.type == GALE_T_F64)
        gi_json_f64(&one, NULL, key.as.f);
    else if (key.type == GALE_T_BOOL)
        gi_json_bool(&one, NULL, key.as.b);
    else
        gi_json_null(&one, NULL);
    text = gi_json_take(&one);
    snprintf(to, 64, "%s", text == NULL ? "null" : text);
    gi_free(text);
}

static bool put(gi_json *j, const char *key, const gale_value *v, int depth);

static bool put_pair(gi_json *j, gale_value key, const gale_value *v,
                     int depth)
{
    char other[64], *name;
    bool well;

    if (key.type < GALE_T_STR) {
        put_key(other, key);
        return put(j, other, v, depth);
    }
    name = gi_alloc(key.len + 1u);
    if (name == NULL) {
        j->text.failed = true;
        return false;
    }
    if (key.len > 0)
        memcpy(name, key.as.p, key.len);
    well = put(j, name, v, depth);
    gi_free(name);
    return well;
}

static bool put_nested(gi_json *j, const char *key, const gale_value *v,
                       int depth)
{
    gale_unpack u = gale_unpack_of(*v);
    gale_value a, b;
    bool well = depth < DEPTH_MOST;

    if (v->type == GALE_T_MAP)
        gi_json_object(j, key);
    else
        gi_json_list(j, key);
    while (well && gale_unpack_next(&u, &a))
        if (v->type == GALE_T_LIST)
            well = put(j, NULL, &a, depth + 1);
        else if (gale_unpack_next(&u, &b))
            well = put_pair(j, a, &b, depth + 1);
    gi_json_end(j);
    return well;
}

/* False: nested too deeply. */
static bool put(gi_json *j, const char *key, const gale_value *v, int depth)
{
    switch (v->type) {
    case GALE_T_BOOL:
        gi_json_bool(j, key, v->as.b);
        return true;
    case GALE_T_I64:
        gi_json_i64(j, key, v->as.i);
        return true;
    case GALE_T_F64:
        gi_json_f64(j, key, v->as.f);
        return true;
    case GALE_T_STR:
    case GALE_T_BYTES:
        gi_json_run(j, key, (gale_str){ v->as.p, v->len });
        return true;
    case GALE_T_LIST:
    case GALE_T_MAP:
        return put_nested(j, key, v, depth);
    default:
        gi_json_null(j, key);
        return true;
    }
}

/* ------------------------------------------------------------ the step -- */

static struct answer *answer_of(gi_step *s, gi_round *r)
{
    struct answer *a = gi_round_mine(s, r, sizeof(*a));

    if (a != NULL && !a->begun) {
        gi_json_list(&a->json, NULL);
        a->begun = true;
    }
    return a;
}

static void return_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    struct answer *a;
    bool well = true;

    (void)port;
    if (r->failed || (a = answer_of(s, r)) == NULL)
        return;
    gi_json_list(&a->json, NULL);
    for (uint32_t i = 0; i < s->op->n_in; i++) {
        s->scratch[i] = in.values[s->op->in[i]];
        well = put(&a->json, NULL, &s->scratch[i], 0) && well;
    }
    gi_json_end(&a->json);
    if (!well)
        gi_round_fail(r, "the answer has lists in lists, more than %d deep",
                      (int)DEPTH_MOST);
    else if (a->json.text.len > ANSWER_MOST)
        gi_round_fail(r, "the answer has more than %d bytes",
                      (int)ANSWER_MOST);
    else
        gi_pass(s, r, (gale_row){ s->scratch, s->op->n_in });
}

/* Has this task all of the batch? */
static bool speaks(const gi_step *s, const gi_round *r)
{
    return gale_task_index(s->task) ==
           (s->op->at == GI_FOLD_AT_FIRST
                ? 0
                : gi_batch_task(r->attempt, gale_task_count(s->task)));
}

static void return_finish(gi_step *s, gi_round *r)
{
    gi_host *h = s->host;
    struct answer *a;
    char *text;

    if (r->failed || !speaks(s, r) || (a = answer_of(s, r)) == NULL)
        return;
    gi_json_end(&a->json);
    text = gi_json_take(&a->json);
    if (text == NULL)
        gi_round_fail(r, "out of memory");
    else if (h->seat != NULL)
        gi_seat_answer(h->seat, r->txid, gale_cstr(text));
    gi_free(text);
}

static void return_drop(gi_step *s, gi_round *r)
{
    struct answer *a = r->mine[s->op->no];

    if (a != NULL)
        gi_strbuf_fini(&a->json.text);
}

const gi_op_type gi_op_return = {
    .row = return_row,
    .finish = return_finish,
    .drop = return_drop,
};
