/* feed.c -- spouts replaced by feeders.
 *
 * The plan is made of the topology as it stands, so that everything is checked
 * and numbered as it will be; then a mocked component's callbacks are changed
 * in the plan.  Nothing else learns that it is not a real spout.
 */
#include <stdio.h>

#include "base/diag.h"
#include "base/msgpack.h"
#include "base/nearest.h"
#include "local/testing/testing.h"

/* --------------------------------------------------- in place of spouts -- */

static gi_feeder *feeder_of(gale_spout_ctx *ctx)
{
    return (gi_feeder *)(uintptr_t)gale_task_arg(gale_spout_task(ctx));
}

static void record(gi_feeder *f, gi_ids *ids, uint64_t id)
{
    if (ids->n == ids->cap) {
        size_t cap = ids->cap == 0 ? 64 : ids->cap * 2;
        uint64_t *at = gi_realloc(ids->at, cap * sizeof(*at));

        if (at == NULL) {
            f->t->broken = GALE_ENOMEM;
            return;
        }
        ids->at = at;
        ids->cap = cap;
    }
    ids->at[ids->n++] = id;
}

static bool feeder_next(void *self, gale_spout_ctx *ctx)
{
    gi_feeder *f = feeder_of(ctx);

    (void)self;
    if (f->next == f->n)
        return true;
    gi_fed fed = f->fed[f->next++];
    gale_spout_emit_with(ctx, &fed.opts, gale_tuple_row(fed.tuple));
    gi_keep_drop(&f->keep, fed.tuple);
    if (f->next == f->n)
        f->next = f->n = 0;
    return true;
}

static void feeder_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    gi_feeder *f = feeder_of(ctx);

    (void)self;
    record(f, &f->acked, id);
}

static void feeder_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    gi_feeder *f = feeder_of(ctx);

    (void)self;
    record(f, &f->failed, id);
    snprintf(f->why, sizeof(f->why), "%s", gale_spout_why(ctx));
}

static const gale_spout recording = {
    .next = feeder_next,
    .ack = feeder_ack,
    .fail = feeder_fail,
};

static const gale_spout replaying = {
    .next = feeder_next,
    .ack = feeder_ack,
};

/* --------------------------------------------------------------- making -- */

static gale_err no_such_spout(const gale_test *t, const char *id,
                              gale_diag *why)
{
    const char **names = gi_calloc(t->plan->n_comps, sizeof(*names));
    size_t n = 0;

    if (names == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < t->plan->n_comps; i++)
        if (t->plan->comps[i].is_spout)
            names[n++] = t->plan->comps[i].id;
    const char *near = gi_nearest(id, names, n);
    if (near != NULL)
        gi_diag_say(why,
                    "a mock for '%s', which is not a spout (did you mean "
                    "'%s'?)",
                    id, near);
    else
        gi_diag_say(why, "a mock for '%s', which is not a spout", id);
    gi_free(names);
    return GALE_EPLAN;
}

static gale_err replace(gale_test *t, const gale_test_mock *m, gale_diag *why)
{
    gi_comp *c = (gi_comp *)(uintptr_t)gi_plan_comp(t->plan, m->spout);

    if (c == NULL || !c->is_spout)
        return no_such_spout(t, m->spout, why);
    for (size_t i = 0; i < t->n_feeders; i++)
        if (t->feeders[i].comp == c) {
            gi_diag_say(why, "two mocks for '%s'", m->spout);
            return GALE_EPLAN;
        }
    gi_feeder *f = &t->feeders[t->n_feeders++];
    f->t = t;
    f->comp = c;
    c->spout = m->replay ? replaying : recording;
    c->arg = f;
    return GALE_OK;
}

gale_err gi_feeders_make(gale_test *t, const gale_test_mock *mocks,
                         gale_diag *why)
{
    gale_err rv = GALE_OK;
    size_t n = 0;

    while (mocks != NULL && mocks[n].spout != NULL)
        n++;
    t->feeders = gi_calloc(n + 1, sizeof(*t->feeders));
    if (t->feeders == NULL)
        return GALE_ENOMEM;
    for (size_t i = 0; i < n && rv == GALE_OK; i++)
        rv = replace(t, &mocks[i], why);
    return rv;
}

gale_err gi_feeders_fill(gale_test *t, const gale_test_mock *mocks,
                         gale_diag *why)
{
    for (; mocks != NULL && mocks->spout != NULL; mocks++)
        for (size_t i = 0; i < mocks->rows.n; i++) {
            gale_err rv =
                gale_test_feed(t, mocks->spout, i + 1, mocks->rows.at[i]);
            if (rv == GALE_EINVAL)
                gi_diag_say(why,
                            "row %zu of the mock for '%s' does not fit "
                            "what its default stream declares",
                            i + 1, mocks->spout);
            if (rv != GALE_OK)
                return rv;
        }
    return GALE_OK;
}

void gi_feeders_forget(gale_test *t)
{
    for (size_t i = 0; i < t->n_feeders; i++) {
        t->feeders[i].acked.n = 0;
        t->feeders[i].failed.n = 0;
        t->feeders[i].why[0] = '\0';
    }
}

void gi_feeders_drop(gale_test *t)
{
    for (size_t i = 0; i < t->n_feeders; i++) {
        gi_feeder *f = &t->feeders[i];

        while (f->next < f->n)
            gi_keep_drop(&f->keep, f->fed[f->next++].tuple);
        gi_keep_fini(&f->keep);
        gi_free(f->fed);
        gi_free(f->acked.at);
        gi_free(f->failed.at);
    }
    gi_free(t->feeders);
}

/* -------------------------------------------------------------- feeding -- */

static gi_feeder *find(const gale_test *t, const char *spout)
{
    for (size_t i = 0; i < t->n_feeders; i++)
        if (strcmp(t->feeders[i].comp->id, spout) == 0)
            return &t->feeders[i];
    return NULL;
}

static bool value_fits(const gale_field *f, const gale_value *v)
{
    if (f->type != GALE_T_ANY && (uint32_t)f->type != v->type)
        return false;
    if (v->type == GALE_T_LIST)
        return gi_msgpack_is_list(v->as.p, v->len);
    if (v->type == GALE_T_MAP)
        return gi_msgpack_is_map(v->as.p, v->len);
    return v->type != GALE_T_ANY && v->type <= GALE_T_MAP;
}

/* What the runtime would end the process for is an error here: it is the
 * test's mistake, not that of the code under test. */
static bool fits(const gi_feeder *f, const gale_spout_emit_opts *o,
                 gale_row row)
{
    const gi_plan *p = f->t->plan;

    if (o->stream >= f->comp->n_streams - 1) /* the last: dead letters */
        return false;
    const gi_stream *s = &p->streams[f->comp->first_stream + o->stream];
    if (row.n != s->n_fields || (o->task != 0) != s->direct ||
        o->task > p->n_tasks || gi_tuple_need(row, 0) > p->set.tuple_max_bytes)
        return false;
    for (uint32_t i = 0; i < s->n_fields; i++)
        if (!value_fits(&s->fields[i], &row.values[i]))
            return false;
    return true;
}

static bool make_room(gi_feeder *f)
{
    size_t cap = f->cap == 0 ? 16 : f->cap * 2;

    if (f->n < f->cap)
        return true;
    gi_fed *fed = gi_realloc(f->fed, cap * sizeof(*fed));
    if (fed == NULL)
        return false;
    f->fed = fed;
    f->cap = cap;
    return true;
}

gale_err gale_test_feed_with(gale_test *t, const char *spout,
                             const gale_spout_emit_opts *opts, gale_row row)
{
    gi_feeder *f = find(t, spout);
    gale_spout_emit_opts o;

    if (f == NULL)
        return GALE_ENOTFOUND;
    gi_widen(&o, sizeof(o), opts, t->plan->abi.spout_emit_opts);
    o.sent_to = NULL;
    o.sent_to_cap = 0;
    if (!fits(f, &o, row))
        return GALE_EINVAL;
    gale_tuple *copy = make_room(f) ? gi_keep_row(&f->keep, row, 0) : NULL;
    if (copy == NULL)
        return GALE_ENOMEM;
    f->fed[f->n++] = (gi_fed){ .tuple = copy, .opts = o };
    return GALE_OK;
}

gale_err gale_test_feed(gale_test *t, const char *spout, uint64_t id,
                        gale_row row)
{
    gale_spout_emit_opts o = { .id = id };

    return gale_test_feed_with(t, spout, &o, row);
}

/* -------------------------------------------------------------- answers -- */

static size_t give(const gi_ids *list, const uint64_t **ids)
{
    if (ids != NULL)
        *ids = list->at;
    return list->n;
}

size_t gale_test_acked(const gale_test *t, const char *spout,
                       const uint64_t **ids)
{
    const gi_feeder *f = find(t, spout);

    return f == NULL ? 0 : give(&f->acked, ids);
}

size_t gale_test_failed(const gale_test *t, const char *spout,
                        const uint64_t **ids)
{
    const gi_feeder *f = find(t, spout);

    return f == NULL ? 0 : give(&f->failed, ids);
}

size_t gale_test_pending(const gale_test *t, const char *spout)
{
    const gi_feeder *f = find(t, spout);

    if (f == NULL)
        return 0;
    size_t n = f->n - f->next;
    for (uint32_t i = 0; i < f->comp->n_tasks; i++) {
        gale_task *task =
            gi_worker_task(gi_virtual_worker(t->v), f->comp->first_task + i);
        n += gale_spout_pending((gale_spout_ctx *)(void *)task);
    }
    return n;
}

const char *gale_test_why(const gale_test *t, const char *spout)
{
    const gi_feeder *f = find(t, spout);

    return f == NULL ? "" : f->why;
}
