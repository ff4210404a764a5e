/* request_spout.c -- requests become batches; requests.h decides which. */
#include "trident/request_spout.h"

#include "base/bytes.h"
#include "base/mem.h"
#include "drpc/seat.h"
#include "gale/nested.h"
#include "trident/direct.h"
#include "trident/remember.h"
#include "trident/requests.h"

enum {
    ATTEMPTS = 1 << 16, /* are taken at a time, as in coordinate_notes.c */
    TRIES = 3,
    A_TURN = 8, /* requests that are begun in one */
};

typedef struct asking {
    const gi_group *group;
    gale_task *task;
    gi_requests q;
    gi_remember notes;
    uint64_t attempts_end; /* attempts below may be used */
    gi_seat *seat;
    gale_diag why;
} asking;

/* ------------------------------------------------------- what is on record */

static bool more_attempts(asking *x)
{
    char bytes[8];

    if (x->q.next_attempt < x->attempts_end)
        return true;
    gi_put_be64(bytes, x->q.next_attempt + ATTEMPTS);
    if (!gi_remember_note(&x->notes, "attempts", (gale_str){ bytes, 8 }))
        return false;
    if (gi_remember_write(&x->notes, &x->why) != GALE_OK) {
        gale_task_error(x->task, "%.500s", x->why.text);
        return false;
    }
    x->attempts_end = x->q.next_attempt + ATTEMPTS;
    return true;
}

static gale_err recall(asking *x)
{
    gale_str s = { NULL, 0 };
    gale_err rv = gi_remember_open(&x->notes, x->group->program->store,
                                   x->task, x->group->name, 0, 1, &x->why);

    if (rv == GALE_OK)
        rv = gi_remember_get(&x->notes, "attempts", &s, &x->why);
    x->q.next_attempt =
        1 + (s.ptr != NULL && s.len == 8 ? gi_get_be64(s.ptr) : 0);
    return rv;
}

/* ----------------------------------------------------------- the requests */

static void take(asking *x)
{
    uint64_t id;
    uint32_t len;
    char *args;

    while (x->q.n < GALE_DRPC_UNDER_WAY &&
           gi_seat_take(x->seat, &id, &args, &len)) {
        gi_asked *a = gi_requests_add(&x->q, id);

        a->args = args;
        a->len = len;
    }
}

static bool say(asking *x, gale_spout_ctx *ctx, const gi_asked *a)
{
    gale_spout_emit_opts o = { .id = a->attempt };
    char *room = gi_alloc(2 * (a->len + 16u)), *plan;
    gale_pack p;

    if (room == NULL)
        return false;
    plan = room + a->len + 16;
    plan[0] = 'a';
    if (a->len > 0)
        memcpy(plan + 1, a->args, a->len);
    gale_pack_init(&p, room, a->len + 16u);
    gale_pack_list(&p, 1);
    gale_pack_bytes(&p, plan, a->len + 1u);
    gale_spout_emit_with(
        ctx, &o,
        GALE_ROW(gale_val_i64((int64_t)a->id),
                 gale_val_i64((int64_t)a->attempt),
                 gale_val_i64((int64_t)gi_requests_floor(&x->q)),
                 gale_pack_value(&p), gale_val_i64(0)));
    gi_free(room);
    return true;
}

static void failed(asking *x, gi_asked *a, const char *why)
{
    if (gi_requests_failed(&x->q, a, gale_task_now_ms(x->task)))
        return;
    gi_seat_fail(x->seat, a->id, gale_cstr(why));
    gi_requests_remove(&x->q, a);
}

static bool next(void *self, gale_spout_ctx *ctx)
{
    asking *x = self;
    gi_asked *a;

    gi_seat_turn(x->seat);
    take(x);
    for (int i = 0; i < A_TURN && more_attempts(x); i++) {
        a = gi_requests_begin(&x->q, gale_task_now_ms(x->task));
        if (a == NULL)
            break;
        if (!say(x, ctx, a))
            failed(x, a, gale_err_text(GALE_ENOMEM));
    }
    return x->q.n > 0 || !gi_seat_ended(x->seat);
}

static void ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    asking *x = self;
    gi_asked *a = gi_requests_find(&x->q, id);

    (void)ctx;
    if (a == NULL)
        return;
    gi_seat_done(x->seat, a->id);
    gi_requests_remove(&x->q, a);
    gale_task_wake(x->task); /* there is room for another */
}

static void fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    asking *x = self;
    gi_asked *a = gi_requests_find(&x->q, id);

    if (a != NULL)
        failed(x, a, gale_spout_why(ctx));
}

/* --------------------------------------------------------- made, unmade -- */

static void give_back(asking *x)
{
    for (size_t i = 0; i < GALE_DRPC_UNDER_WAY; i++)
        if (x->q.all[i].id != 0)
            gi_requests_remove(&x->q, &x->q.all[i]);
    gi_seat_close(x->seat);
    x->seat = NULL;
    gi_remember_close(&x->notes);
}

static gale_err open(void *self, gale_spout_ctx *ctx)
{
    asking *x = self;
    int64_t tries;
    gale_err rv;

    x->task = gale_spout_task(ctx);
    x->group = gale_task_arg(x->task);
    tries = gale_task_conf_i64(x->task, "topology.drpc.attempts", TRIES);
    x->q.attempts = tries < 1 ? 1 : (uint32_t)tries;
    rv = recall(x);
    if (rv == GALE_OK)
        rv = gi_seat_open(&x->seat, x->group->hub, x->task, x,
                          x->group->function, true, &x->why);
    if (rv == GALE_OK)
        return GALE_OK;
    gale_task_error(x->task, "%.500s",
                    x->why.text[0] == '\0' ? gale_err_text(rv) : x->why.text);
    give_back(x); /* nobody closes what could not be opened */
    return rv;
}

static void close(void *self, gale_spout_ctx *ctx)
{
    (void)ctx;
    give_back(self);
}

/* The streams of gi_group_spout, whose readers this has. */
static const gale_field batch_fields[] = {
    GALE_I64("txid"),   GALE_I64("attempt"), GALE_I64("floor"),
    GALE_LIST("plans"), GALE_I64("after"),   { 0, GALE_T_ANY }
};
static const gale_field word_fields[] = {
    GALE_I64("txid"), GALE_I64("attempt"), GALE_I64("floor"), { 0, GALE_T_ANY }
};
static const gale_stream streams[] = { { "commit", word_fields, false },
                                       { "success", word_fields, false },
                                       { 0, 0, false } };

const gale_spout gi_request_spout = {
    .state_size = sizeof(asking),
    .output = batch_fields,
    .streams = streams,
    .open = open,
    .next = next,
    .ack = ack,
    .fail = fail,
    .close = close,
};

/* -------------------------------------------------------------- the source */

/* One row, in the batch's task. */
static bool emit(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    (void)self;
    if (part->from.len > 0 &&
        gi_batch_task(part->attempt, part->partitions) == part->partition)
        gale_batch_emit(ctx, GALE_ROW(gale_val_str((gale_str){
                                 part->from.ptr + 1, part->from.len - 1 })));
    return false;
}

static const gale_field source_fields[] = { GALE_STR("args"),
                                            { 0, GALE_T_ANY } };

const gale_batch_spout gi_request_source = {
    .kind = GALE_SPOUT_TRANSACTIONAL,
    .output = source_fields,
    .emit = emit,
};

size_t gi_requests_of(const gale_topology *t, gi_group **to, size_t most)
{
    size_t n = 0;

    for (size_t i = 0; i < t->components.n && n < most; i++) {
        const gale_component *c = &t->components.at[i];

        if (c->spout != NULL && c->spout->next == gi_request_spout.next)
            to[n++] = (gi_group *)(uintptr_t)c->arg;
    }
    return n;
}
