/* What real tasks send each other survives the wire.  A worker of two loops is
 * turned by hand; whatever passes from loop to loop is written, read again,
 * and compared: tuples of several trees, those of a cycle, nested values, and
 * every note. */
#include <criterion/criterion.h>

#include "gale/nested.h"
#include "wire/notes.h"
#include "wire/tuples.h"
#include "worker/loop.h"

#include <stdlib.h>

enum { ROOTS = 3000, HOPS = 3 };

struct passing {
    gi_rules rules;
    uint64_t tuples, notes, of_many_trees, along_cycles;
};

/* ------------------------------------------------------------- topology -- */

static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    uint64_t *n = self;
    char room[40];
    gale_pack p;

    if (*n == ROOTS)
        return false;
    gale_pack_init(&p, room, sizeof(room));
    gale_pack_list(&p, 2);
    gale_pack_str(&p, gale_cstr("no"));
    gale_pack_i64(&p, (int64_t)*n);
    gale_spout_emit(
        ctx, *n,
        GALE_ROW(gale_val_i64((int64_t)(*n * *n)),
                 gale_val_cstr(*n % 2 ? "odd" : "and a longer one"),
                 gale_pack_value(&p)));
    ++*n;
    return true;
}

static const gale_spout numbers = {
    .state_size = sizeof(uint64_t),
    .output =
        GALE_FIELDS(GALE_I64("n"), GALE_STR("text"), GALE_LIST("nested")),
    .next = numbers_next,
};

struct pair {
    gale_held first;
    bool has_first;
};

/* Holds every other tuple, and emits one of the two. */
static gale_verdict pair_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct pair *s = self;

    if (!s->has_first) {
        s->first = gale_hold(ctx, in);
        s->has_first = true;
        return GALE_HOLD;
    }
    const gale_held both[] = { GALE_INPUT, s->first };
    const gale_emit_opts opts = { .anchors = both, .n_anchors = 2 };
    gale_emit_with(ctx, &opts, GALE_ROW(gale_val_i64(HOPS), gale_val_nil()));
    gale_ack(ctx, s->first);
    s->has_first = false;
    return GALE_ACK;
}

static const gale_bolt pair = {
    .state_size = sizeof(struct pair),
    .output = GALE_FIELDS(GALE_I64("hops"), GALE_ANY("what")),
    .execute = pair_execute,
};

/* Once round less. */
static gale_verdict round_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    int64_t hops = gale_tuple_i64(in, 0);

    (void)self;
    if (hops > 0)
        gale_emit(ctx, GALE_ROW(gale_val_i64(hops - 1), gale_val_f64(0.5)));
    return GALE_ACK;
}

static const gale_bolt around = {
    .output = GALE_FIELDS(GALE_I64("hops"), GALE_ANY("what")),
    .execute = round_execute,
};

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers, .tasks = 2 },
    {
        .id = "pair",
        .bolt = &pair,
        .inputs = GALE_INPUTS(GALE_GLOBAL("numbers")),
    },
    {
        .id = "here",
        .bolt = &around,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("pair"), GALE_SHUFFLE("there")),
        .tasks = 2,
    },
    {
        .id = "there",
        .bolt = &around,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("here")),
        .tasks = 3,
    },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "wire",
    .components = GALE_COMPONENTS(components),
};

/* -------------------------------------------------------------- passing -- */

static void same_values(const gale_tuple *a, const gale_tuple *b)
{
    for (uint32_t i = 0; i < a->n; i++) {
        const gale_value *x = &a->values[i], *y = &b->values[i];

        cr_assert(x->type == y->type && x->len == y->len);
        if (gi_type_has_bytes(x->type))
            cr_assert_eq(memcmp(x->as.p, y->as.p, x->len), 0);
        else if (x->type != GALE_T_NIL)
            cr_assert_eq(x->as.i, y->as.i);
    }
}

static void pass_tuples(struct passing *p, gi_batch *b)
{
    unsigned char *room = malloc(gi_tuples_bound(b));
    gi_batch *back = calloc(1, sizeof(*b) + b->used);
    size_t len = gi_tuples_write(b, room), consumed;
    gi_tuples head;
    gi_refusal why = gi_tuples_peek(&p->rules, room, len, &head);

    cr_assert_eq(why, GI_TAKEN, "%s", gi_refusal_name(why));
    cr_assert(head.bytes == b->used && head.n == b->n && head.to == b->to);
    why = gi_tuples_read(&p->rules, &head, back, &consumed);
    cr_assert_eq(why, GI_TAKEN, "%s", gi_refusal_name(why));
    cr_assert(back->inner == b->inner && back->epoch == b->epoch);
    for (uint32_t at = 0; at < b->used; at += gi_batch_at(b, at)->size) {
        const gale_tuple *x = gi_batch_at(b, at), *y = gi_batch_at(back, at);

        cr_assert(x->size == y->size && x->n == y->n && x->task == y->task &&
                  x->stream == y->stream &&
                  gi_tuple_more(x) == gi_tuple_more(y));
        cr_assert_eq(gi_tuple_known_hash(y), 0); /* it stays at home */
        cr_assert(x->link.root == y->link.root &&
                  x->link.edge == y->link.edge);
        cr_assert_eq(memcmp(gi_tuple_links(x), gi_tuple_links(y),
                            gi_tuple_more(x) * sizeof(gi_link)),
                     0);
        same_values(x, y);
        p->of_many_trees += gi_tuple_more(x) > 0;
    }
    p->tuples += b->n;
    p->along_cycles += b->inner;
    free(back);
    free(room);
}

static void pass_notes(struct passing *p, gi_batch *b)
{
    const gi_note *notes = (const gi_note *)(const void *)b->bytes;
    unsigned char *room = malloc(gi_notes_size(b->n));
    size_t len = gi_notes_write(notes, b->n, room), consumed;
    gi_notes s;
    gi_refusal why = gi_notes_check(&p->rules, room, len, &s, &consumed);

    cr_assert_eq(why, GI_TAKEN, "%s", gi_refusal_name(why));
    cr_assert(s.n == b->n && consumed == len);
    for (uint32_t i = 0; i < s.n; i++) {
        gi_note n = gi_notes_at(&s, i);
        cr_assert_eq(memcmp(&n, &notes[i], sizeof(n)), 0);
    }
    p->notes += s.n;
    free(room);
}

static void arrived(void *arg, gi_loop *l, uint32_t from, gi_batch *b)
{
    if (b->to == GI_TO_ACKERS)
        pass_notes(arg, b);
    else
        pass_tuples(arg, b);
    gi_link_deliver(l, from, b);
}

static bool fails_never(void *arg, gale_task *t, const gale_tuple *in)
{
    (void)arg;
    (void)t;
    (void)in;
    return false;
}

static bool nothing_due(void *arg, gi_loop *l)
{
    (void)arg;
    (void)l;
    return false;
}

static int64_t never(void *arg, const gi_loop *l)
{
    (void)arg;
    (void)l;
    return INT64_MAX;
}

static void nothing_kept(void *arg, gi_loop *l)
{
    (void)arg;
    (void)l;
}

Test(wire, what_tasks_and_ackers_send_comes_out_as_it_went_in)
{
    struct passing p = { 0 };
    const gi_between between = { .arg = &p,
                                 .all = true,
                                 .arrived = arrived,
                                 .fails = fails_never,
                                 .turn = nothing_due,
                                 .next_ns = never,
                                 .end = nothing_kept };
    const gi_worker_opts opts = { .env = &gi_env_real,
                                  .loops = 2,
                                  .between = &between };
    gi_plan *plan = NULL;
    gi_worker *w = NULL;
    gale_run_result r = { 0 };

    cr_assert_eq(gi_plan_of(&plan, &topology, NULL, NULL, NULL), GALE_OK);
    p.rules = gi_rules_of(plan);
    cr_assert_eq(gi_worker_create(&w, plan, &opts), GALE_OK);
    for (uint32_t i = 0; i < 2; i++)
        cr_assert(gi_loop_open(gi_worker_loop(w, i)));
    gi_worker_set_active(w, true);
    for (uint64_t turns = 0; !gi_worker_quiet(w); turns++) {
        gi_loop_turn(gi_worker_loop(w, turns % 2));
        cr_assert_lt(turns, 1000000);
    }
    gi_worker_result(w, &r);
    cr_expect_eq(r.acked, 2 * ROOTS);
    cr_expect_eq(p.tuples, 2 * ROOTS + ROOTS * (HOPS + 1));
    cr_expect_eq(p.of_many_trees, ROOTS * (HOPS + 1));
    cr_expect_gt(p.along_cycles, 0);
    cr_expect_geq(p.notes, 4 * ROOTS);
    bool closed[2] = { false, false };
    for (uint64_t i = 0; !closed[0] || !closed[1]; i++)
        closed[i % 2] = gi_loop_close(gi_worker_loop(w, i % 2));
    gi_worker_destroy(w);
    gi_plan_destroy(plan);
}
