/* op_persist.c -- what a fold makes of all batches, by key, in a map.
 *
 * A combiner's part of a batch is folded as its rows come, and is combined
 * with what is stored when the batch is committed.  A reducer's rows are kept
 * until then, since the first of them follows upon what is stored.
 *
 * Also a batch without rows is begun and committed: an earlier attempt of it
 * may have had some, which have to be undone. */
#include "trident/fold_by.h"
#include "trident/op_state.h"

/* Keys that are handed to the map at a time. */
enum { CHUNK = 1024 };

struct persist {
    gi_state_step state; /* first */
    gi_folds folds;      /* a combiner's */
    gi_view view;        /* of a reducer */
    const gale_reducer *reducer;
    const gale_field *output;
    uint32_t n_out;
    uint64_t seed;
    uint32_t expect;
    gale_value *one, *two; /* n_out values each */
    gale_row *keys, *now;  /* CHUNK */
};

static gale_err persist_open(gi_step *s, gale_diag *why)
{
    struct persist *p = s->self;
    const gi_op_fold *spec = &s->op->folds[0];
    bool well;

    p->seed = gi_step_seed(s);
    p->reducer = spec->fold.reducer;
    p->output =
        p->reducer != NULL ? p->reducer->output : spec->fold.combiner->output;
    p->n_out = gi_fields_count(p->output);
    p->one = gi_calloc(p->n_out, sizeof(*p->one));
    p->two = gi_calloc(p->n_out, sizeof(*p->two));
    p->keys = gi_calloc(CHUNK, sizeof(*p->keys));
    p->now = gi_calloc(CHUNK, sizeof(*p->now));
    well = p->reducer != NULL
               ? gi_view_open(&p->view, spec->in, spec->n_in) == GALE_OK
               : gi_folds_open(&p->folds, s) == GALE_OK;
    if (!well || p->one == NULL || p->two == NULL || p->keys == NULL ||
        p->now == NULL)
        return gi_step_no_memory(why);
    return gi_shared_open(s, why);
}

static void persist_close(gi_step *s)
{
    struct persist *p = s->self;

    gi_shared_close(s);
    gi_folds_close(&p->folds);
    gi_view_close(&p->view);
    gi_free(p->one);
    gi_free(p->two);
    gi_free(p->keys);
    gi_free(p->now);
    *p = (struct persist){ .seed = 0 };
}

/* ---------------------------------------------------------------- rows -- */

/* A reducer's rows, by key. */
static gi_keyed *begin_rows(gi_step *s, gi_round *r)
{
    const struct persist *p = s->self;
    gi_keyed *t = gi_pool_piece(&r->pool, sizeof(*t));

    if (t != NULL && gi_keyed_init(t, &r->pool, s->op->n_keys, sizeof(gi_rows),
                                   p->expect, p->seed))
        return t;
    gi_round_fail(r, "out of memory");
    return NULL;
}

static void keep_row(gi_step *s, gi_round *r, gi_keyed *t, gale_row in)
{
    const struct persist *p = s->self;
    bool fresh;
    gi_rows *rows = gi_keyed_at(t, in.values, s->op->keys, &fresh);

    if (rows == NULL)
        gi_round_fail(r, "out of memory");
    else
        gi_rows_add(rows, r, gi_view_of(&p->view, in));
}

static void persist_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    struct persist *p = s->self;
    void **mine = &r->mine[s->op->no];

    (void)port;
    if (r->failed)
        return;
    if (*mine == NULL && p->reducer != NULL)
        *mine = begin_rows(s, r);
    else if (*mine == NULL)
        *mine = gi_fold_by_begin(&p->folds, r, p->expect, p->seed);
    if (*mine == NULL)
        return;
    if (p->reducer != NULL)
        keep_row(s, r, *mine, in);
    else
        gi_fold_by_row(*mine, &p->folds, r, in);
}

/* What this batch has, by key; NULL if there were no rows. */
static const gi_keyed *all_rows(gi_step *s, gi_round *r)
{
    struct persist *p = s->self;
    gi_fold_by *b = r->mine[s->op->no];

    if (b == NULL || p->reducer != NULL)
        return r->mine[s->op->no];
    gi_fold_by_end(b, &p->folds, r);
    return &b->groups;
}

/* -------------------------------------------------------------- commit -- */

/* What is handed to gale_map_update. */
struct putting {
    gi_step *step;
    gi_round *round;
    const gi_keyed *table;
    uint32_t from; /* the group whose key is the first of this call */
};

/* `old` and what this batch has, to p->two. */
static gale_row combined(gi_step *s, const gale_value *cells, gale_row old)
{
    struct persist *p = s->self;

    if (old.values == NULL)
        return (gale_row){ cells, p->n_out };
    memset(p->two, 0, p->n_out * sizeof(*p->two));
    s->op->folds[0].fold.combiner->combine(old.values, cells, p->two);
    return (gale_row){ p->two, p->n_out };
}

/* Row by row; what lasts from one to the next is in p->one, as cells are. */
static gale_row reduced(gi_step *s, gi_round *r, const gi_rows *rows,
                        gale_row old)
{
    struct persist *p = s->self;

    memset(p->one, 0, p->n_out * sizeof(*p->one));
    if (old.values != NULL) {
        gi_fold_keep(r, p->one, old.values, p->n_out);
    } else {
        memset(p->two, 0, p->n_out * sizeof(*p->two));
        p->reducer->init(p->two);
        gi_fields_check(s, p->output, p->n_out,
                        (gale_row){ p->two, p->n_out });
        gi_fold_keep(r, p->one, p->two, p->n_out);
    }
    for (gi_kept_row *k = rows->first; k != NULL && !r->failed; k = k->next) {
        memset(p->two, 0, p->n_out * sizeof(*p->two));
        p->reducer->reduce(p->one, k->row, p->two);
        gi_fields_check(s, p->output, p->n_out,
                        (gale_row){ p->two, p->n_out });
        gi_fold_keep(r, p->one, p->two, p->n_out);
    }
    return (gale_row){ p->one, p->n_out };
}

static gale_err update(void *arg, size_t i, gale_row old, gale_row *now)
{
    const struct putting *u = arg;
    const struct persist *p = u->step->self;
    void *cells = gi_keyed_cells(u->table, u->from + (uint32_t)i);

    if (old.values != NULL && old.n != p->n_out) {
        gi_round_fail(u->round,
                      "state '%s' has values of %zu fields, the fold puts out "
                      "%u",
                      u->step->op->id, old.n, p->n_out);
        return GALE_EUSER;
    }
    gi_step_here = u->step;
    *now = p->reducer != NULL ? reduced(u->step, u->round, cells, old)
                              : combined(u->step, cells, old);
    if (u->round->failed)
        return GALE_ENOMEM;
    gi_fields_check(u->step, p->output, p->n_out, *now);
    return GALE_OK;
}

/* A key and what is stored now, for those who read the new values. */
static void keep_new(gi_step *s, gi_round *r, gale_row key, gale_row value,
                     gi_rows *news)
{
    if (key.n > 0)
        memcpy(s->scratch, key.values, key.n * sizeof(gale_value));
    if (value.n > 0)
        memcpy(s->scratch + key.n, value.values, value.n * sizeof(gale_value));
    gi_rows_add(news, r, (gale_row){ s->scratch, key.n + value.n });
}

/* Groups from u->from on, at most CHUNK of them. */
static gale_err put_some(struct putting *u, gale_map *map, gi_rows *news,
                         gale_diag *why)
{
    gi_step *s = u->step;
    struct persist *p = s->self;
    uint32_t n = u->table->n - u->from < CHUNK ? u->table->n - u->from : CHUNK;
    gale_row *now = s->op->n_next > 0 ? p->now : NULL;
    gale_err e;

    for (uint32_t i = 0; i < n; i++)
        p->keys[i] =
            gi_keyed_key(u->table, gi_keyed_cells(u->table, u->from + i));
    e = gale_map_update(map, p->keys, n, update, u, now, why);
    for (uint32_t i = 0; e == GALE_OK && now != NULL && i < n; i++)
        if (now[i].values != NULL && now[i].n == p->n_out)
            keep_new(s, u->round, p->keys[i], now[i], news);
    u->from += n;
    return e;
}

static void persist_finish(gi_step *s, gi_round *r)
{
    struct persist *p = s->self;
    const gi_keyed *t = all_rows(s, r);
    struct putting u = { s, r, t, 0 };
    gale_map *map = gi_shared_begin(s, r);
    gi_rows news = { NULL, NULL, 0 };
    gale_diag why = { "" };

    if (map == NULL)
        return;
    while (t != NULL && u.from < t->n && !r->failed) {
        gale_err e = put_some(&u, map, &news, &why);

        if (e != GALE_OK) {
            gi_shared_failed(s, r, e, &why);
            return;
        }
    }
    if (r->failed) {
        gi_shared_abandon(s);
        return;
    }
    p->expect = t == NULL ? 0 : t->n;
    if (gi_shared_commit(s, r))
        gi_rows_pass(&news, s, r);
}

const gi_op_type gi_op_persist = {
    .size = sizeof(struct persist),
    .open = persist_open,
    .row = persist_row,
    .finish = persist_finish,
    .close = persist_close,
};
