/* spout_numbered.c -- rows that have numbers: made from them (gale_generate),
 * or there already (gale_fixed).
 *
 * A plan is a run of numbers.  Each emitter takes an equal share of the run;
 * so whatever is asked again comes again, with any number of tasks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gale/batch.h"

enum {
    BATCH_ROWS = 1000, /* if nothing else is said */
    ROWS_A_CALL = 256, /* of emit: others have theirs soon */
    PLAN_TEXT = 48,
};

/* What both spouts come down to. */
typedef struct numbered {
    uint64_t n;     /* of all rows; 0: no end */
    uint64_t round; /* batches end at its multiples; 0: there are none */
    uint64_t batch; /* rows, at most */
    double rate;    /* rows a second; 0: as many as there are */
} numbered;

typedef struct run {
    uint64_t from, to;
} run;

static bool run_read(run *r, gale_str s)
{
    char text[PLAN_TEXT];

    if (s.len == 0 || s.len >= sizeof(text))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return sscanf(text, "%" SCNu64 " %" SCNu64, &r->from, &r->to) == 2 &&
           r->from <= r->to;
}

/* ------------------------------------------------------------------- plans */

typedef struct planner {
    numbered what;
    gale_task *task;
    int64_t since_ms; /* rows are dealt out from here on ... */
    uint64_t dealt;   /* ... and so many were */
    bool ended;
} planner;

static bool rate_is_wrong(double rate, gale_task *task, const char *spout)
{
    if (rate >= 0 && rate <= 1e12)
        return false;
    gale_task_error(task, "%s: the rate is %g rows a second", spout, rate);
    return true;
}

static gale_err plan_numbered(planner *p, numbered what, gale_task *task)
{
    p->what = what;
    p->task = task;
    p->since_ms = gale_task_now_ms(task);
    return GALE_OK;
}

/* How many rows of the next `most` the rate lets through by now.  Whoever
 * falls behind by more than a second does not make up for it. */
static uint64_t due(planner *p, uint64_t most)
{
    int64_t now = gale_task_now_ms(p->task);
    double is;

    if (p->what.rate <= 0)
        return most;
    is = p->what.rate * (double)(now - p->since_ms) / 1000 - (double)p->dealt;
    if (is > p->what.rate + (double)most) {
        p->since_ms = now - 1000;
        p->dealt = 0;
        is = p->what.rate;
    }
    return is < 1 ? 0 : is < (double)most ? (uint64_t)is : most;
}

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    planner *p = c;
    run last = { 0, 0 };
    uint64_t most = p->what.batch, n;

    run_read(&last, before);
    p->ended = p->what.n > 0 && last.to >= p->what.n;
    if (p->ended)
        return 0;
    if (p->what.n > 0 && p->what.n - last.to < most)
        most = p->what.n - last.to;
    if (p->what.round > 0 && p->what.round - last.to % p->what.round < most)
        most = p->what.round - last.to % p->what.round;
    n = due(p, most);
    p->dealt += n;
    return n == 0 ? 0
                  : (size_t)snprintf(now, room, "%" PRIu64 " %" PRIu64,
                                     last.to, last.to + n);
}

static bool ended(void *c, gale_task *task)
{
    (void)task;
    return ((planner *)c)->ended;
}

/* ---------------------------------------------------------------- emitters */

typedef struct giver {
    const void *opts;
    uint64_t at, end; /* of the batch that is being emitted */
} giver;

/* The next rows of this task's share; false: none is left. */
static bool next_rows(giver *g, const gale_batch_part *p, gale_batch_ctx *ctx,
                      run *now)
{
    run r;

    if (p->first) {
        uint64_t share;

        if (!run_read(&r, p->from)) {
            gale_batch_fail(ctx, "'%.*s' is no plan of numbers",
                            (int)(p->from.len < 60 ? p->from.len : 60),
                            p->from.ptr);
            return false;
        }
        share = (r.to - r.from + p->partitions - 1) / p->partitions;
        g->at = r.from + share * p->partition;
        g->end = g->at + share < r.to ? g->at + share : r.to;
    }
    if (g->at >= g->end)
        return false;
    now->from = g->at;
    now->to = g->end - g->at < ROWS_A_CALL ? g->end : g->at + ROWS_A_CALL;
    g->at = now->to;
    return true;
}

static gale_err open(void *self, const void *arg, gale_task *task)
{
    (void)task;
    ((giver *)self)->opts = arg;
    return GALE_OK;
}

/* ---------------------------------------------------------------- generate */

static gale_err generate_plan_open(void *c, const void *arg, gale_task *task)
{
    const gale_generate_opts *o = arg;

    if (o == NULL || o->row == NULL) {
        gale_task_error(task, "gale_generate: %s",
                        o == NULL ? "arg is NULL, not a gale_generate_opts"
                                  : "opts->row is NULL, so nothing is made");
        return GALE_EUSER;
    }
    if (rate_is_wrong(o->rate, task, "gale_generate"))
        return GALE_EUSER;
    return plan_numbered(
        c,
        (numbered){ .n = o->rows,
                    .batch = o->batch_rows > 0 ? o->batch_rows : BATCH_ROWS,
                    .rate = o->rate },
        task);
}

static bool generate_emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    giver *g = self;
    const gale_generate_opts *o = g->opts;
    run r;

    if (!next_rows(g, p, ctx, &r))
        return false;
    for (uint64_t i = r.from; i < r.to; i++)
        o->row(o->arg, i, ctx);
    return g->at < g->end;
}

const gale_batch_spout gale_generate = {
    .kind = GALE_SPOUT_TRANSACTIONAL,
    .plan_size = sizeof(planner),
    .plan_open = generate_plan_open,
    .plan = plan,
    .ended = ended,
    .state_size = sizeof(giver),
    .open = open,
    .emit = generate_emit,
};

/* ------------------------------------------------------------------- fixed */

static gale_err fixed_plan_open(void *c, const void *arg, gale_task *task)
{
    const gale_fixed_opts *o = arg;

    if (o == NULL || o->rows == NULL || o->n == 0) {
        gale_task_error(task, "gale_fixed: %s",
                        o == NULL ? "arg is NULL, not a gale_fixed_opts"
                                  : "opts has no rows");
        return GALE_EUSER;
    }
    if (rate_is_wrong(o->rate, task, "gale_fixed"))
        return GALE_EUSER;
    return plan_numbered(
        c,
        (numbered){ .n = o->cycle ? 0 : o->n,
                    .round = o->n,
                    .batch = o->batch_rows > 0 ? o->batch_rows : o->n,
                    .rate = o->rate },
        task);
}

static bool fixed_emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    giver *g = self;
    const gale_fixed_opts *o = g->opts;
    run r;

    if (!next_rows(g, p, ctx, &r))
        return false;
    for (uint64_t i = r.from; i < r.to; i++)
        gale_batch_emit(ctx, o->rows[i % o->n]);
    return g->at < g->end;
}

const gale_batch_spout gale_fixed = {
    .kind = GALE_SPOUT_TRANSACTIONAL,
    .plan_size = sizeof(planner),
    .plan_open = fixed_plan_open,
    .plan = plan,
    .ended = ended,
    .state_size = sizeof(giver),
    .open = open,
    .emit = fixed_emit,
};
