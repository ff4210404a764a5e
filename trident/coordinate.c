/* coordinate.c -- the spout that begins batches and commits them:
 * coordinator.h decides, and here its words become tuples. */
#include "trident/coordinate.h"

#include "base/mem.h"
#include "base/testpoint.h"
#include "gale/nested.h"
#include "trident/program.h"

enum { BATCH = 0, COMMIT = 1 }; /* what an id is about: attempt * 2 + this */

/* -------------------------------------------------------------- saying -- */

static void say(gi_coordinate *x, gale_spout_ctx *ctx, unsigned stream,
                uint64_t txid, uint64_t attempt)
{
    gale_spout_emit_opts o = { .stream = stream, .untracked = true };

    gale_spout_emit_with(
        ctx, &o,
        GALE_ROW(gale_val_i64((int64_t)txid), gale_val_i64((int64_t)attempt),
                 gale_val_i64((int64_t)gi_coordinator_floor(&x->c))));
}

static void say_commit(gi_coordinate *x, gale_spout_ctx *ctx, uint64_t txid,
                       uint64_t attempt)
{
    gale_spout_emit_opts o = { .stream = GI_STREAM_COMMIT,
                               .id = attempt * 2 + COMMIT };

    gale_spout_emit_with(
        ctx, &o,
        GALE_ROW(gale_val_i64((int64_t)txid), gale_val_i64((int64_t)attempt),
                 gale_val_i64((int64_t)gi_coordinator_floor(&x->c)),
                 gale_val_i64(gi_coordinate_time(x, txid))));
}

/* A batch, with the plans for its sources; false: they do not fit. */
static bool say_batch(gi_coordinate *x, gale_spout_ctx *ctx, uint64_t txid,
                      uint64_t attempt)
{
    gale_spout_emit_opts o = { .id = attempt * 2 + BATCH };
    size_t size = 16;
    gale_pack p;
    char *room;

    for (uint32_t i = 0; i < x->n; i++)
        size += gi_coordinate_plan(&x->sources[i], txid)->len + 8u;
    room = gi_alloc(size);
    if (room == NULL)
        return false;
    gale_pack_init(&p, room, size);
    gale_pack_list(&p, x->n);
    for (uint32_t i = 0; i < x->n; i++) {
        const gi_plan *one = gi_coordinate_plan(&x->sources[i], txid);

        gale_pack_bytes(&p, one->bytes == NULL ? "" : one->bytes, one->len);
    }
    gale_spout_emit_with(
        ctx, &o,
        GALE_ROW(gale_val_i64((int64_t)txid), gale_val_i64((int64_t)attempt),
                 gale_val_i64((int64_t)gi_coordinator_floor(&x->c)),
                 gale_pack_value(&p),
                 gale_val_i64((int64_t)gi_coordinator_before(&x->c, txid))));
    gi_free(room);
    return true;
}

/* ----------------------------------------------------------- beginning -- */

/* A batch without rows is begun for windows that may close. */
static bool is_due(const gi_coordinate *x)
{
    return x->time.every_ms > 0 &&
           gi_batch_time_due(&x->time, gale_task_wall_ms(x->task));
}

static bool has_plans(gi_coordinate *x, uint64_t txid)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (gi_coordinate_plan(&x->sources[i], txid)->len > 0)
            return true;
    return false;
}

static bool is_at_its_end(const gi_coordinate *x, const gi_planned *s)
{
    return s->spout->ended != NULL && s->spout->ended(s->mine, x->task);
}

/* Is there anything for another batch, as far as those say who plan, or the
 * others?  Plans say so themselves; other sources that cannot say are asked by
 * interval. */
static bool is_ready(gi_coordinate *x, bool plans)
{
    bool due = gi_coordinate_now_ns(x) - x->c.begun_ns >= x->c.o.interval_ns;

    for (uint32_t i = 0; i < x->n; i++) {
        const gi_planned *s = &x->sources[i];

        if ((s->spout->kind == GALE_SPOUT_TRANSACTIONAL) == plans &&
            (s->spout->ready != NULL ? s->spout->ready(s->mine, x->task)
                                     : plans || (due && !is_at_its_end(x, s))))
            return true;
    }
    return false;
}

/* False: there is none to begin. */
static bool begin(gi_coordinate *x, gale_spout_ctx *ctx)
{
    int64_t now = gi_coordinate_now_ns(x);
    uint64_t txid = gi_coordinator_may_begin(&x->c, now), attempt;
    bool others = txid != 0 && is_ready(x, false),
         due = txid != 0 && is_due(x);

    if (txid == 0 || (!others && !due && !is_ready(x, true)) ||
        !gi_coordinate_plan_all(x, txid, others || due))
        return false;
    if (others || has_plans(x, txid))
        gi_batch_time_busy(&x->time, txid);
    attempt = gi_coordinator_begin(&x->c, now);
    if (!say_batch(x, ctx, txid, attempt))
        gi_coordinator_failed(&x->c, attempt, now);
    return true;
}

/* --------------------------------------------------------------- the spout */

static bool has_ended(gi_coordinate *x)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (!is_at_its_end(x, &x->sources[i]))
            return false;
    return x->c.n == 0;
}

static void commit_next(gi_coordinate *x, gale_spout_ctx *ctx)
{
    uint64_t attempt, txid = x->c.committed + 1;

    if (!gi_coordinator_may_commit(&x->c))
        return;
    /* Whoever comes after us begins at most one batch before this one. */
    gi_coordinate_time(x, txid);
    if (!gi_coordinate_noted(x, txid) &&
        (!gi_coordinate_write(x) || !gi_coordinate_noted(x, txid)))
        return;
    txid = gi_coordinator_commit(&x->c, &attempt);
    if (txid != 0)
        say_commit(x, ctx, txid, attempt);
}

/* The sources hear of what has counted once that is on record, and so never
 * comes again. */
static void tell(gi_coordinate *x, gale_spout_ctx *ctx)
{
    while (x->told < x->written)
        say(x, ctx, GI_STREAM_SUCCESS, ++x->told, 0);
}

static bool go_on(gi_coordinate *x, gale_spout_ctx *ctx)
{
    uint64_t attempt, txid;

    commit_next(x, ctx);
    if (x->c.next_attempt >= x->attempts_end && !gi_coordinate_write(x))
        return true;
    txid = gi_coordinator_again(&x->c, gi_coordinate_now_ns(x), &attempt);
    if (txid != 0) {
        if (!say_batch(x, ctx, txid, attempt))
            gi_coordinator_failed(&x->c, attempt, gi_coordinate_now_ns(x));
        return true;
    }
    if (!begin(x, ctx) && x->c.n == 0 && x->written != x->c.committed)
        gi_coordinate_write(x);
    return !has_ended(x) || x->written != x->c.committed;
}

static bool next(void *self, gale_spout_ctx *ctx)
{
    bool more = go_on(self, ctx);

    tell(self, ctx);
    return more;
}

static void ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    gi_coordinate *x = self;
    uint64_t txid = id % 2 == BATCH ? gi_coordinator_processed(&x->c, id / 2)
                                    : gi_coordinator_done(&x->c, id / 2);

    while (txid != 0)
        txid = gi_coordinator_counts(&x->c);
    commit_next(x, ctx);
    tell(x, ctx);
}

static void fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    gi_coordinate *x = self;

    if (gi_coordinator_failed(&x->c, id / 2, gi_coordinate_now_ns(x)))
        gale_task_log(x->task, GALE_LOG_WARN, "a batch is done again: %s",
                      gale_spout_why(ctx));
}

static gale_err open(void *self, gale_spout_ctx *ctx)
{
    return gi_coordinate_open(self, gale_spout_task(ctx));
}

static void close(void *self, gale_spout_ctx *ctx)
{
    (void)ctx;
    gi_coordinate_close(self);
}

static const gale_field batch_fields[] = {
    GALE_I64("txid"),   GALE_I64("attempt"), GALE_I64("floor"),
    GALE_LIST("plans"), GALE_I64("after"),   { 0, GALE_T_ANY }
};
static const gale_field word_fields[] = {
    GALE_I64("txid"), GALE_I64("attempt"), GALE_I64("floor"), { 0, GALE_T_ANY }
};
static const gale_field commit_fields[] = { GALE_I64("txid"),
                                            GALE_I64("attempt"),
                                            GALE_I64("floor"),
                                            GALE_I64("time"),
                                            { 0, GALE_T_ANY } };
static const gale_stream streams[] = { { "commit", commit_fields, false },
                                       { "success", word_fields, false },
                                       { 0, 0, false } };

const gale_spout gi_group_spout = {
    .state_size = sizeof(gi_coordinate),
    .output = batch_fields,
    .streams = streams,
    .open = open,
    .next = next,
    .ack = ack,
    .fail = fail,
    .close = close,
};
