/* testing.c -- the calls of testing.h: whoever writes a test hears that memory
 * was short from the call that needed it, and no row is half there. */
#include "gale/testing.h"
#include "gale/nested.h"
#include "memory.h"

/* ------------------------------------------------------------- topology -- */

enum { MOST = 300, ASIDE = 1 };

static bool nothing_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static const gale_spout source = {
    .output = GALE_FIELDS(GALE_I64("n"), GALE_ANY("what")),
    .next = nothing_next,
};

/* Emits what it reads with a list around it, and aside its number. */
static gale_verdict pack_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    gale_emit_opts aside = { .stream = ASIDE, .unanchored = true };
    char room[256];
    gale_pack p;

    (void)self;
    gale_pack_init(&p, room, sizeof(room));
    gale_pack_list(&p, 2);
    gale_pack_any(&p, *gale_tuple_at(in, 0));
    gale_pack_any(&p, *gale_tuple_at(in, 1));
    gale_emit(ctx, GALE_ROW(gale_pack_value(&p)));
    gale_emit_with(ctx, &aside, GALE_ROW(*gale_tuple_at(in, 0)));
    return GALE_ACK;
}

static const gale_bolt pack = {
    .output = GALE_FIELDS(GALE_LIST("both")),
    .streams = GALE_STREAMS({ "aside", GALE_FIELDS(GALE_I64("n")), false }),
    .execute = pack_execute,
};

/* Holds all it gets until it is woken, which makes ledgers, kept tuples and
 * queues grow; says how much it had. */
struct hoard {
    gale_held held[MOST];
    size_t n;
    gale_counter *all;
};

static gale_err hoard_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct hoard *h = self;

    h->all = gale_task_counter(gale_bolt_task(ctx), "all");
    return h->all == NULL ? GALE_ENOMEM : GALE_OK;
}

static gale_verdict hoard_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct hoard *h = self;
    gale_held one = gale_hold(ctx, in);

    gale_counter_add(h->all, 1);
    if (one.ref != 0)
        h->held[h->n++] = one;
    return GALE_HOLD;
}

static void hoard_tick(void *self, gale_bolt_ctx *ctx)
{
    struct hoard *h = self;

    for (size_t i = 0; i < h->n; i++) {
        gale_emit_opts o = { .anchors = &h->held[i], .n_anchors = 1 };

        gale_emit_with(ctx, &o, GALE_ROW(gale_val_i64((int64_t)i)));
        gale_ack(ctx, h->held[i]);
    }
    h->n = 0;
}

static const gale_bolt hoard = {
    .state_size = sizeof(struct hoard),
    .output = GALE_FIELDS(GALE_I64("i")),
    .prepare = hoard_prepare,
    .execute = hoard_execute,
    .tick = hoard_tick,
};

static const gale_component components[] = {
    { .id = "source", .spout = &source },
    { .id = "pack",
      .bolt = &pack,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("source")),
      .tasks = 2 },
    { .id = "hoard",
      .bolt = &hoard,
      .inputs = GALE_INPUTS(GALE_GLOBAL("pack")),
      .tick_ms = 1000 },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "memory",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.max.spout.pending", "1000" },
                          { "topology.batch.bytes", "1024" },
                          { "topology.max.error.report.per.interval", "0" }),
};

/* --------------------------------------------------------------- a test -- */

static gale_rows some_rows(void)
{
    static const char list[] = "\x92\x01\xa1x";
    static gale_value values[3][2];
    static gale_row rows[3];

    for (int i = 0; i < 3; i++) {
        values[i][0] = gale_val_i64(i);
        values[i][1] = i == 0   ? gale_val_list(list, sizeof(list) - 1)
                       : i == 1 ? gale_val_cstr("text")
                                : gale_val_f64(0.5);
        rows[i] = (gale_row){ values[i], 2 };
    }
    return (gale_rows){ rows, 3 };
}

/* The rows that were fed are the rows that came out of the source. */
static gale_err check_rows(gale_test *t, bool replay)
{
    gale_diag why;
    gale_rows got = gale_test_rows(t, "source", NULL);

    if (replay) /* replays count again */
        return got.n >= 3 ? GALE_OK : GALE_EINVAL;
    if (gale_rows_same(got, some_rows(), &why))
        return GALE_OK;
    memory_clean(GALE_ENOMEM, &why);
    CHECK(strstr(why.text, gale_err_text(GALE_ENOMEM)) != NULL, "%s",
          why.text);
    return GALE_ENOMEM;
}

static gale_err feed_more(gale_test *t)
{
    gale_spout_emit_opts o = { .id = 99 };
    gale_err rv = gale_test_feed(t, "source", 98,
                                 GALE_ROW(gale_val_i64(98), gale_val_nil()));

    if (rv == GALE_OK)
        rv = gale_test_feed_with(
            t, "source", &o, GALE_ROW(gale_val_i64(99), gale_val_cstr("99")));
    return rv;
}

static gale_err use_test(gale_test *t, bool replay)
{
    gale_test_counts c;
    gale_run_result r;
    gale_diag why = { "" };
    gale_err rv = gale_test_settle(t);

    if (rv == GALE_OK)
        rv = check_rows(t, replay);
    if (rv == GALE_OK)
        rv = feed_more(t);
    gale_test_activate(t, false);
    if (rv == GALE_OK)
        rv = gale_test_advance_ms(t, 1500);
    gale_test_activate(t, true);
    if (rv == GALE_OK)
        rv = gale_test_run(t, 100000, &why);
    CHECK(rv == GALE_OK || rv == GALE_ENOMEM, "%s: %s", gale_err_name(rv),
          why.text);
    if (rv != GALE_OK)
        return rv;

    gale_test_result(t, &r);
    CHECK(gale_test_acked(t, "source", NULL) +
                  gale_test_failed(t, "source", NULL) ==
              5,
          "five were fed");
    CHECK(!replay || gale_test_acked(t, "source", NULL) == 5, "all acked");
    CHECK(r.pending == 0 && r.timed_out == 0, "none left");
    rv = gale_test_stats(t, "hoard", &c);
    CHECK(rv == GALE_OK && c.held == 0, "%s", gale_err_name(rv));
    CHECK(gale_test_counter(t, "hoard", "all") == (int64_t)c.executed,
          "a counter lost something");
    gale_test_forget(t);
    CHECK(gale_test_count(t, "source", NULL) == 0, "forgotten");
    return GALE_OK;
}

static bool run_test(const void *arg)
{
    const bool *replay = arg;
    gale_test_opts o = {
        .mocks = GALE_MOCKS({ "source", *replay, some_rows() }),
        .loops = 3,
        .conf = GALE_SETTINGS({ "topology.acker.executors", "2" }),
    };
    gale_test *t = NULL;
    gale_diag why;
    gale_err rv = gale_test_create(&t, &table, &o, &why);

    CHECK((rv == GALE_OK) == (t != NULL), "%s", gale_err_name(rv));
    if (rv != GALE_OK && rv != GALE_EUSER) /* its prepare gave up */
        memory_clean(rv, &why);
    else if (rv == GALE_EUSER)
        CHECK(strstr(why.text, "hoard") != NULL, "%s", why.text);
    if (rv == GALE_OK)
        rv = use_test(t, *replay);
    gale_test_destroy(t);
    return rv == GALE_OK;
}

/* ---------------------------------------------------------- much of it -- */

/* Hundreds of trees open at once, then all of them done. */
static bool run_much(const void *arg)
{
    const uint32_t *n = arg;
    gale_test_opts o = { .mocks = GALE_MOCKS({ .spout = "source" }),
                         .no_rows = true };
    gale_test *t = NULL;
    gale_diag why;
    gale_err rv = gale_test_create(&t, &table, &o, &why);

    for (uint32_t i = 0; rv == GALE_OK && i < *n; i++)
        rv = gale_test_feed(
            t, "source", i,
            GALE_ROW(gale_val_i64(i), gale_val_cstr("some text")));
    if (rv == GALE_OK)
        rv = gale_test_settle(t);
    if (rv == GALE_OK)
        rv = gale_test_run(t, 100000, &why);
    CHECK(rv == GALE_OK || rv == GALE_ENOMEM || rv == GALE_EUSER, "%s: %s",
          gale_err_name(rv), why.text);
    if (rv == GALE_OK) {
        size_t done = gale_test_acked(t, "source", NULL) +
                      gale_test_failed(t, "source", NULL);

        CHECK(done == *n, "%zu of %u", done, *n);
        CHECK(gale_test_failed(t, "source", NULL) <= 1, "%zu failed",
              gale_test_failed(t, "source", NULL));
    }
    gale_test_destroy(t);
    return rv == GALE_OK;
}

/* ------------------------------------------------------- a bolt by hand -- */

static gale_err use_bolt(gale_test_bolt *b, const gale_bolt *bolt)
{
    uint64_t id = 0, id2 = 0;
    gale_row row = GALE_ROW(gale_val_i64(1), gale_val_cstr("one"));
    gale_err rv = gale_test_bolt_feed(b, "s", NULL, row, &id);

    if (rv == GALE_OK)
        rv = gale_test_bolt_feed(b, "s", "other", row, &id2);
    if (rv != GALE_OK)
        return rv;
    gale_test_bolt_tick(b);
    rv = gale_test_settle(gale_test_bolt_test(b)); /* tick cannot say it */
    if (rv != GALE_OK)
        return rv;
    CHECK(id == 1 && id2 == 2, "%d, %d", (int)id, (int)id2);
    bool acked = gale_test_bolt_answer(b, id) == GALE_ACK &&
                 gale_test_bolt_answer(b, id2) == GALE_ACK;
    CHECK(gale_test_bolt_answer(b, id) != GALE_HOLD, "no answer");
    if (!acked) /* what was short of memory failed */
        return GALE_ENOMEM;
    size_t n = gale_test_bolt_emits(b);
    CHECK(n == (bolt == &pack ? 4 : 2), "%zu rows", n);
    for (size_t i = 0; i < n; i++)
        CHECK(gale_test_bolt_emit(b, i).row.n == 1, "row %zu", i);
    gale_test_bolt_forget(b);
    return GALE_OK;
}

static bool run_bolt(const void *arg)
{
    const gale_bolt *bolt = arg;
    gale_test_bolt_opts o = {
        .sources = GALE_SOURCES(
            { "s", NULL, GALE_FIELDS(GALE_ANY("n"), GALE_ANY("what")) },
            { "s", "other", GALE_FIELDS(GALE_ANY("n"), GALE_ANY("what")) }),
        .conf = GALE_SETTINGS({ "mine", "1" }),
    };
    gale_test_bolt *b = NULL;
    gale_diag why;
    gale_err rv = gale_test_bolt_create(&b, bolt, &o, &why);

    CHECK((rv == GALE_OK) == (b != NULL), "%s", gale_err_name(rv));
    if (rv == GALE_OK)
        rv = use_bolt(b, bolt);
    else
        CHECK(why.text[0] != '\0', "an error without words");
    gale_test_bolt_destroy(b);
    CHECK(rv == GALE_OK || rv == GALE_ENOMEM || rv == GALE_EUSER, "%s",
          gale_err_name(rv));
    return rv == GALE_OK;
}

int main(void)
{
    static const bool replay = true, once = false;
    static const uint32_t much = MOST;

    alarm(600);
    for (uint64_t at_once = 1; at_once <= 4; at_once += 3) {
        memory_every("a test", run_test, &once, at_once);
        memory_every("a test that replays", run_test, &replay, at_once);
        memory_every("a bolt by hand", run_bolt, &pack, at_once);
        memory_every("a bolt that holds", run_bolt, &hoard, at_once);
    }
    memory_every("many trees", run_much, &much, 1);
    return 0;
}
