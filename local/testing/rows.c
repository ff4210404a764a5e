/* rows.c -- what was emitted, by component and stream. */
#include "local/testing/testing.h"

/* -------------------------------------------------------------- keeping -- */

static bool make_room(gi_rows *r)
{
    size_t cap = r->cap == 0 ? 16 : r->cap * 2;

    if (r->n < r->cap)
        return true;
    gale_row *at = gi_realloc(r->at, cap * sizeof(*at));
    if (at == NULL)
        return false;
    r->at = at;
    gale_tuple **tuple = gi_realloc(r->tuple, cap * sizeof(*tuple));
    if (tuple == NULL)
        return false;
    r->tuple = tuple;
    r->cap = cap;
    return true;
}

gale_err gi_rows_add(gi_rows *r, gale_row row)
{
    gale_tuple *copy = make_room(r) ? gi_keep_row(&r->keep, row, 0) : NULL;

    if (copy == NULL)
        return GALE_ENOMEM;
    r->tuple[r->n] = copy;
    r->at[r->n] = gale_tuple_row(copy);
    r->n++;
    return GALE_OK;
}

void gi_rows_forget(gi_rows *r)
{
    for (size_t i = 0; i < r->n; i++)
        gi_keep_drop(&r->keep, r->tuple[i]);
    r->n = 0;
}

void gi_rows_fini(gi_rows *r)
{
    gi_rows_forget(r);
    gi_keep_fini(&r->keep);
    gi_free(r->at);
    gi_free(r->tuple);
    *r = (gi_rows){ 0 };
}

void gi_test_see(void *arg, gale_task *from, const gi_stream *s, gale_row row)
{
    gale_test *t = arg;

    (void)from;
    t->seen[s->no]++;
    if (!t->no_rows && gi_rows_add(&t->emitted[s->no], row) != GALE_OK)
        t->broken = GALE_ENOMEM;
}

/* --------------------------------------------------------------- asking -- */

static const gi_stream *find(const gale_test *t, const char *component,
                             const char *stream)
{
    const gi_comp *c = gi_plan_comp(t->plan, component);

    if (stream == NULL)
        stream = "default";
    for (uint32_t i = 0; c != NULL && i < c->n_streams; i++)
        if (strcmp(t->plan->streams[c->first_stream + i].name, stream) == 0)
            return &t->plan->streams[c->first_stream + i];
    return NULL;
}

size_t gale_test_count(const gale_test *t, const char *component,
                       const char *stream)
{
    const gi_stream *s = find(t, component, stream);

    return s == NULL ? 0 : (size_t)t->seen[s->no];
}

gale_rows gale_test_rows(const gale_test *t, const char *component,
                         const char *stream)
{
    const gi_stream *s = find(t, component, stream);
    gale_rows rows = { NULL, 0 };

    if (s != NULL)
        rows = (gale_rows){ t->emitted[s->no].at, t->emitted[s->no].n };
    return rows;
}

void gale_test_forget(gale_test *t)
{
    for (uint32_t i = 0; i < t->plan->n_streams; i++) {
        gi_rows_forget(&t->emitted[i]);
        t->seen[i] = 0;
    }
    gi_feeders_forget(t);
}
