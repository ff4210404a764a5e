/* What a task is told and can say: settings, counters, errors, chance; and
 * the order in which its callbacks come. */
#include "semantics.h"

/* ------------------------------------------------------------- settings -- */

static gale_err conf_prepare(void *self, gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    bool one = strcmp(gale_task_component(t), "one") == 0;

    (void)self;
    cr_assert_str_eq(gale_task_conf_str(t, "my.text", "none"),
                     one ? "of the component" : "of the topology");
    cr_assert_eq(gale_task_conf_i64(t, "my.number", 0), 42);
    cr_assert_eq(gale_task_conf_i64(t, "my.text", -1), -1);
    cr_assert_float_eq(gale_task_conf_f64(t, "my.real", 0), 2.5, 1e-9);
    cr_assert_eq(gale_task_conf_bool(t, "my.flag", false), true);
    cr_assert_str_eq(gale_task_conf_str(t, "nobody.said", "so"), "so");
    cr_assert_eq(gale_task_conf_i64(t, "topology.message.timeout.secs", 0),
                 77);
    cr_assert_eq(gale_task_conf_i64(t, "topology.max.spout.pending", 0),
                 one ? 9 : 5);
    return GALE_OK;
}

Test(words, see_settings_of_component_call_and_topology)
{
    gale_bolt bolt = sink;
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "one",
          .bolt = &bolt,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .conf = CONF({ "my.text", "of the component" },
                       { "topology.max.spout.pending", "9" }) },
        { .id = "two", .bolt = &bolt, .inputs = GALE_INPUTS(GALE_ALL("a")) },
    };
    const gale_topology topology = {
        .abi = GALE_ABI,
        .name = "test",
        .components = GALE_COMPONENTS(parts),
        .conf =
            CONF({ "my.text", "of the topology" }, { "my.number", "41" },
                 { "my.flag", "true" }, { "topology.max.spout.pending", "5" }),
    };
    gale_test_opts o = {
        .conf =
            CONF({ "my.number", "42" }, { "my.real", "2.5" }, TIMEOUT("77")),
    };

    bolt.prepare = conf_prepare;
    gale_test_destroy(start(&topology, &o));
}

/* ------------------------------------------------------------- counters -- */

static gale_verdict counting_execute(void *self, const gale_tuple *in,
                                     gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    char name[16];

    (void)self;
    gale_counter_add(gale_task_counter(t, "sum"), gale_tuple_i64(in, 0));
    gale_counter_add(gale_task_counter(t, "tuples"), 1);
    for (int i = 2; i < 64; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        cr_assert_not_null(gale_task_counter(t, name));
    }
    cr_assert_null(gale_task_counter(t, "one too many"));
    gale_counter_add(NULL, 1);
    return GALE_ACK;
}

static const gale_bolt counting = { .execute = counting_execute };

Test(words, counters_are_summed_over_tasks)
{
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &counting,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .tasks = 3 },
    };
    gale_test *t = START(parts, .mocks = MOCK("a"), .loops = 2);

    for (int64_t i = 1; i <= 10; i++)
        feed(t, "a", 1, ROW(I64(i)));
    settle(t);
    cr_assert_eq(gale_test_counter(t, "b", "sum"), 55);
    cr_assert_eq(gale_test_counter(t, "b", "tuples"), 10);
    cr_assert_eq(gale_test_counter(t, "b", "n63"), 0);
    gale_test_destroy(t);
}

/* --------------------------------------------------------------- errors -- */

static gale_verdict wailing_execute(void *self, const gale_tuple *in,
                                    gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    gale_task_error(gale_bolt_task(ctx), "woe number %d",
                    (int)gale_tuple_i64(in, 0));
    return GALE_ACK;
}

static const gale_bolt wailing = { .execute = wailing_execute };

static void wail(void)
{
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &wailing,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .tasks = 4 },
    };
    gale_test *t = START(parts, .mocks = MOCK("a"));

    for (int i = 0; i < 100; i++)
        feed(t, "a", 1, ROW(I64(i)));
    settle(t);
    cr_assert_eq(stats(t, "b").errors, 100);
    cr_assert_eq(result(t).errors, 100);
    cr_assert_eq(acked(t, "a"), 100);
    advance(t, 9000);
    feed(t, "a", 1, ROW(I64(100))); /* still within the window */
    advance(t, 2000);
    feed(t, "a", 1, ROW(I64(101)));
    settle(t);
    fputs("wailed\n", stderr);
    abort(); /* which dies_saying expects */
}

Test(words, errors_are_all_counted_and_few_of_them_said)
{
    dies_saying(wail, "woe number 101 (and 96 more not shown)\nwailed\n");
}

/* --------------------------------------------------------------- chance -- */

static uint64_t drawn[4];

static gale_err drawing_prepare(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    drawn[gale_task_index(gale_bolt_task(ctx))] =
        gale_task_random(gale_bolt_task(ctx));
    return GALE_OK;
}

Test(words, chance_is_the_same_for_the_same_seed_and_differs_by_task)
{
    gale_bolt bolt = sink;
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &bolt,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .tasks = 4 },
    };
    uint64_t before[4];

    bolt.prepare = drawing_prepare;
    gale_test_destroy(START(parts, .seed = 1));
    memcpy(before, drawn, sizeof(drawn));
    gale_test_destroy(START(parts, .seed = 1));
    cr_assert_eq(memcmp(before, drawn, sizeof(drawn)), 0);
    gale_test_destroy(START(parts, .seed = 2));
    cr_assert_neq(memcmp(before, drawn, sizeof(drawn)), 0);
    cr_assert_neq(drawn[0], drawn[1]);
}

/* -------------------------------------------------- opening and closing -- */

static char story[256];

static void tell(const char *what, const gale_task *t)
{
    size_t at = strlen(story);

    snprintf(story + at, sizeof(story) - at, "%s%u ", what, gale_task_id(t));
}

static gale_err telling_open(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    tell("open", gale_spout_task(ctx));
    return GALE_OK;
}

static void telling_activate(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    tell("on", gale_spout_task(ctx));
}

static void telling_deactivate(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    tell("off", gale_spout_task(ctx));
}

static bool telling_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    tell("next", gale_spout_task(ctx));
    return false;
}

static void telling_close(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    tell("close", gale_spout_task(ctx));
}

static void telling_cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    tell("cleanup", gale_bolt_task(ctx));
}

static const gale_spout telling = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .open = telling_open,
    .activate = telling_activate,
    .deactivate = telling_deactivate,
    .next = telling_next,
    .close = telling_close,
};

Test(words, are_opened_activated_asked_deactivated_and_closed_in_order)
{
    gale_bolt bolt = sink;
    const gale_component parts[] = {
        { .id = "a", .spout = &telling },
        { .id = "b",
          .bolt = &bolt,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .tasks = 4 },
    };

    bolt.cleanup = telling_cleanup;
    gale_test *t = START(parts, .inactive = true, .loops = 3);
    settle(t);
    gale_test_activate(t, true);
    settle(t);
    gale_test_activate(t, false);
    settle(t);
    gale_test_destroy(t);
    cr_assert_str_eq(story, "open1 on1 next1 off1 close1 cleanup2 cleanup3 "
                            "cleanup4 cleanup5 ");
}
