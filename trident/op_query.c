/* op_query.c -- rows are kept, and asked for many at a time at the end: where
 * batches are committed in order, each then sees what those before it did. */
#include "trident/op_state.h"

/* Keys that are asked for at a time. */
enum { CHUNK = 512 };

struct query {
    gi_state_step state; /* first */
    gi_view view;
    gale_row *keys, *found; /* CHUNK */
    gale_value *key_values; /* CHUNK * n_in */
};

static gale_err query_open(gi_step *s, gale_diag *why)
{
    struct query *q = s->self;

    q->keys = gi_calloc(CHUNK, sizeof(*q->keys));
    q->found = gi_calloc(CHUNK, sizeof(*q->found));
    q->key_values =
        gi_calloc((size_t)CHUNK * s->op->n_in + 1, sizeof(*q->key_values));
    if (gi_view_open(&q->view, s->op->in, s->op->n_in) != GALE_OK ||
        q->keys == NULL || q->found == NULL || q->key_values == NULL)
        return gi_step_no_memory(why);
    return gi_shared_open(s, why);
}

static void query_close(gi_step *s)
{
    struct query *q = s->self;

    gi_shared_close(s);
    gi_view_close(&q->view);
    gi_free(q->keys);
    gi_free(q->found);
    gi_free(q->key_values);
    *q = (struct query){ .keys = NULL };
}

static void query_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    gi_rows *rows;

    (void)port;
    if (!r->failed && (rows = gi_round_mine(s, r, sizeof(*rows))) != NULL)
        gi_rows_add(rows, r, in);
}

/* False, and the round has failed, if what is stored is not what the query
 * declares: another program may have written it. */
static bool fits(gi_step *s, gi_round *r, gale_row found)
{
    const gale_field *fields = s->op->out + s->op->n_row;

    if (found.n != s->op->n_values) {
        gi_round_fail(r, "state '%s' has %zu values, the query declares %u",
                      s->op->id, found.n, s->op->n_values);
        return false;
    }
    for (uint32_t i = 0; i < found.n; i++)
        if (fields[i].type != GALE_T_ANY &&
            (uint32_t)fields[i].type != found.values[i].type &&
            found.values[i].type != GALE_T_NIL) {
            gi_round_fail(
                r,
                "state '%s' has field '%s' as %s, the query declares "
                "%s",
                s->op->id, fields[i].name,
                gale_type_name(found.values[i].type),
                gale_type_name((uint32_t)fields[i].type));
            return false;
        }
    return true;
}

static void pass_found(gi_step *s, gi_round *r, gale_row row, gale_row found)
{
    uint32_t n = s->op->n_row;

    if (found.values != NULL && !fits(s, r, found))
        return;
    if (n > 0)
        memcpy(s->scratch, row.values, n * sizeof(gale_value));
    for (uint32_t i = 0; i < s->op->n_values; i++)
        s->scratch[n + i] =
            found.values == NULL ? gale_val_nil() : found.values[i];
    gi_pass(s, r, (gale_row){ s->scratch, n + s->op->n_values });
}

/* Ask for the rows from `k` on, at most CHUNK of them; returns the one behind
 * them. */
static gi_kept_row *ask_some(gi_step *s, gi_round *r, gale_map *map,
                             gi_kept_row *k)
{
    struct query *q = s->self;
    gi_kept_row *at = k;
    gale_diag why = { "" };
    size_t n = 0;
    gale_err e;

    for (; at != NULL && n < CHUNK; at = at->next, n++) {
        q->keys[n] =
            gi_view_into(&q->view, at->row, q->key_values + n * s->op->n_in);
        if (s->op->n_in == 0)
            q->keys[n] = (gale_row){ q->key_values, 0 };
    }
    e = gale_map_get(map, q->keys, n, q->found, &why);
    if (e != GALE_OK) {
        gi_shared_failed(s, r, e, &why);
        return NULL;
    }
    for (size_t i = 0; i < n && !r->failed; i++, k = k->next)
        pass_found(s, r, k->row, q->found[i]);
    return at;
}

static void query_finish(gi_step *s, gi_round *r)
{
    const gi_rows *rows = r->mine[s->op->no];
    gale_map *map;

    if (rows == NULL || (map = gi_shared_map(s, r)) == NULL)
        return;
    for (gi_kept_row *k = rows->first; k != NULL && !r->failed;)
        k = ask_some(s, r, map, k);
}

const gi_op_type gi_op_query = {
    .size = sizeof(struct query),
    .open = query_open,
    .row = query_row,
    .finish = query_finish,
    .close = query_close,
};
