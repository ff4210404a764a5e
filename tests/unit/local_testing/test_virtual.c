/* A topology on a virtual clock: what gale/testing.h promises of it. */
#include <time.h>

#include "bolts.h"

static const int64_t ten = 10;

static const gale_component line[] = {
    { .id = "numbers", .spout = &numbers, .arg = &ten },
    {
        .id = "same",
        .bolt = &same,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
        .tasks = 2,
    },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "line",
    .components = GALE_COMPONENTS(line),
};

static gale_test *make(const gale_test_opts *o)
{
    gale_diag why;
    gale_test *t = NULL;

    OK(gale_test_create(&t, &topology, o, &why));
    return t;
}

static gale_test *make_fed(bool replay)
{
    gale_test_opts o = {
        .mocks = GALE_MOCKS({ .spout = "numbers", .replay = replay }),
    };

    return make(&o);
}

static int64_t real_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ------------------------------------------------------------- going on -- */

Test(virtual, runs_until_all_is_done)
{
    gale_test *t = make(NULL);
    gale_run_result r;
    gale_diag why;

    OK(gale_test_run(t, 1000, &why));
    gale_test_result(t, &r);
    cr_assert_eq(r.acked, 10);
    cr_assert_eq(r.pending, 0);
    cr_assert_eq(gale_test_count(t, "same", NULL), 10);
    gale_test_destroy(t);
}

Test(virtual, begins_at_one_second_and_goes_on_as_told)
{
    gale_test *t = make(NULL);

    cr_assert_eq(gale_test_now_ms(t), 1000);
    gale_test_advance_ms(t, 1234);
    cr_assert_eq(gale_test_now_ms(t), 2234);
    gale_test_advance_ms(t, 0);
    gale_test_advance_ms(t, -5);
    gale_test_settle(t);
    cr_assert_eq(gale_test_now_ms(t), 2234);
    gale_test_destroy(t);
}

Test(virtual, an_hour_passes_in_no_time)
{
    gale_test *t = make_fed(false);
    int64_t began = real_ms();

    cr_assert_eq(gale_test_advance_ms(t, 3600 * 1000), GALE_OK);
    cr_assert_lt(real_ms() - began, 60000);
    gale_test_destroy(t);
}

Test(virtual, no_next_is_called_while_inactive)
{
    gale_test *t = make(&(gale_test_opts){ .inactive = true });
    gale_diag why;

    gale_test_advance_ms(t, 1000);
    cr_assert_eq(gale_test_count(t, "numbers", NULL), 0);
    OK(gale_test_run(t, 0, &why));
    gale_test_activate(t, true);
    OK(gale_test_run(t, 1000, &why));
    cr_assert_eq(gale_test_count(t, "numbers", NULL), 10);
    gale_test_destroy(t);
}

static bool always_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    gale_spout_emit(ctx, 1, GALE_ROW(I64(1)));
    return true;
}

static const gale_spout always = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .next = always_next,
};

static const gale_component endless[] = {
    { .id = "always", .spout = &always },
    {
        .id = "same",
        .bolt = &same,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("always")),
    },
};

static const gale_topology endless_topology = {
    .abi = GALE_ABI,
    .name = "endless",
    .components = GALE_COMPONENTS(endless),
};

Test(virtual, a_spout_without_end_takes_time_and_never_settles)
{
    gale_test_opts o = { .no_rows = true };
    gale_diag why = { "" };
    gale_test *t;

    OK(gale_test_create(&t, &endless_topology, &o, &why));
    OK(gale_test_advance_ms(t, 50));
    cr_assert_eq(gale_test_now_ms(t), 1050);
    cr_assert_gt(gale_test_count(t, "same", NULL), 1000);
    cr_assert_eq(gale_test_rows(t, "same", NULL).n, 0);
    cr_assert_eq(gale_test_run(t, 10, &why), GALE_ETIME);
    cr_assert(strstr(why.text, "not done at 1060 ms") != NULL);
    cr_assert_eq(gale_test_settle(t), GALE_ELIMIT);
    gale_test_destroy(t);
}

/* ---------------------------------------------------------- determinism -- */

/* Everything that a run left behind, as one number. */
static uint64_t history(uint64_t seed, uint32_t loops)
{
    gale_test *t = make(&(gale_test_opts){ .seed = seed, .loops = loops });
    uint64_t h = seed * 0;
    gale_diag why;

    OK(gale_test_run(t, 1000, &why));
    gale_rows rows = gale_test_rows(t, "same", NULL);
    for (size_t i = 0; i < rows.n; i++)
        h = h * 31 + (uint64_t)rows.at[i].values[0].as.i;
    gale_test_destroy(t);
    return h;
}

Test(virtual, the_same_seed_gives_the_same_history)
{
    unsigned different = 0;

    for (uint64_t seed = 0; seed < 20; seed++) {
        cr_assert_eq(history(seed, 3), history(seed, 3));
        different += history(seed, 3) != history(0, 3);
    }
    cr_assert_gt(different, 0);
}

Test(virtual, two_tests_at_once_do_not_disturb_one_another)
{
    gale_test *a = make_fed(false), *b = make_fed(false);
    gale_diag why;

    for (uint64_t i = 1; i <= 5; i++) {
        OK(gale_test_feed(a, "numbers", i, GALE_ROW(I64(1))));
        gale_test_advance_ms(b, 100);
        gale_test_settle(a);
    }
    cr_assert_eq(gale_test_acked(a, "numbers", NULL), 5);
    cr_assert_eq(gale_test_acked(b, "numbers", NULL), 0);
    cr_assert_eq(gale_test_now_ms(a), 1000);
    cr_assert_eq(gale_test_now_ms(b), 1500);
    gale_test_destroy(a);
    gale_test_destroy(b);
}

/* -------------------------------------------------------------- feeders -- */

Test(virtual, a_feeder_gives_what_it_is_fed)
{
    gale_test *t = make_fed(false);
    const uint64_t *ids;
    gale_diag why;

    OK(gale_test_feed(t, "numbers", 7, GALE_ROW(I64(70))));
    OK(gale_test_feed(t, "numbers", 9, GALE_ROW(I64(90))));
    cr_assert_eq(gale_test_pending(t, "numbers"), 2);
    OK(gale_test_settle(t));
    cr_assert_eq(gale_test_pending(t, "numbers"), 0);
    cr_assert_eq(gale_test_acked(t, "numbers", &ids), 2);
    cr_assert_eq(ids[0] + ids[1], 16);
    cr_assert(gale_rows_same(gale_test_rows(t, "same", NULL),
                             GALE_ROWS(GALE_ROW(I64(90)), GALE_ROW(I64(70))),
                             &why),
              "%s", why.text);
    gale_test_forget(t);
    cr_assert_eq(gale_test_acked(t, "numbers", NULL), 0);
    cr_assert_eq(gale_test_count(t, "same", NULL), 0);
    gale_test_destroy(t);
}

Test(virtual, rows_of_a_mock_are_fed_at_once)
{
    gale_test_opts o = {
        .mocks = GALE_MOCKS({
            .spout = "numbers",
            .rows = GALE_ROWS(GALE_ROW(I64(5)), GALE_ROW(I64(6))),
        }),
    };
    gale_test *t = make(&o);
    gale_diag why;

    OK(gale_test_run(t, 0, &why));
    cr_assert_eq(gale_test_acked(t, "numbers", NULL), 2);
    gale_test_destroy(t);
}

Test(virtual, what_does_not_fit_is_not_fed)
{
    gale_test *t = make_fed(false);
    gale_spout_emit_opts direct = { .task = 2 }, other = { .stream = 1 };

    cr_assert_eq(gale_test_feed(t, "nobody", 1, GALE_ROW(I64(1))),
                 GALE_ENOTFOUND);
    cr_assert_eq(gale_test_feed(t, "same", 1, GALE_ROW(I64(1))),
                 GALE_ENOTFOUND);
    cr_assert_eq(gale_test_feed(t, "numbers", 1, GALE_ROW(TEXT("x"))),
                 GALE_EINVAL);
    cr_assert_eq(gale_test_feed(t, "numbers", 1, GALE_ROW(I64(1), I64(2))),
                 GALE_EINVAL);
    cr_assert_eq(gale_test_feed_with(t, "numbers", &direct, GALE_ROW(I64(1))),
                 GALE_EINVAL);
    cr_assert_eq(gale_test_feed_with(t, "numbers", &other, GALE_ROW(I64(1))),
                 GALE_EINVAL);
    cr_assert_eq(gale_test_pending(t, "numbers"), 0);
    gale_test_destroy(t);
}

Test(virtual, a_mock_of_no_spout_is_refused_with_the_nearest_name)
{
    gale_test_opts o = { .mocks = GALE_MOCKS({ .spout = "number" }) };
    gale_test *t = NULL;
    gale_diag why;

    cr_assert_eq(gale_test_create(&t, &topology, &o, &why), GALE_EPLAN);
    cr_assert_str_eq(why.text, "a mock for 'number', which is not a spout "
                               "(did you mean 'numbers'?)");
    o.mocks = GALE_MOCKS({ .spout = "same" });
    cr_assert_eq(gale_test_create(&t, &topology, &o, &why), GALE_EPLAN);
    o.mocks = GALE_MOCKS({ .spout = "numbers" }, { .spout = "numbers" });
    cr_assert_eq(gale_test_create(&t, &topology, &o, &why), GALE_EPLAN);
    o.mocks = GALE_MOCKS(
        { .spout = "numbers", .rows = GALE_ROWS(GALE_ROW(TEXT("x"))) });
    cr_assert_eq(gale_test_create(&t, &topology, &o, &why), GALE_EINVAL);
    cr_assert_str_eq(why.text, "row 1 of the mock for 'numbers' does not fit "
                               "what its default stream declares");
    cr_assert_null(t);
}

Test(virtual, a_wrong_topology_or_setting_is_said)
{
    gale_test_opts o = { .conf = GALE_SETTINGS({ "topology.wokers", "2" }) };
    gale_topology nameless = topology;
    gale_test *t = NULL;
    gale_diag why;

    cr_assert_eq(gale_test_create(&t, &topology, &o, &why), GALE_ECONF);
    cr_assert(strstr(why.text, "topology.workers") != NULL, "%s", why.text);
    nameless.name = NULL;
    cr_assert_eq(gale_test_create(&t, &nameless, NULL, &why), GALE_EPLAN);
    cr_assert_eq(gale_test_create(&t, &nameless, NULL, NULL), GALE_EPLAN);
    cr_assert_null(t);
}

Test(virtual, names_that_do_not_exist_have_nothing)
{
    gale_test *t = make_fed(false);
    gale_test_counts c;

    cr_assert_eq(gale_test_count(t, "x", NULL), 0);
    cr_assert_eq(gale_test_rows(t, "same", "x").n, 0);
    cr_assert_eq(gale_test_acked(t, "x", NULL), 0);
    cr_assert_eq(gale_test_failed(t, "x", NULL), 0);
    cr_assert_eq(gale_test_pending(t, "x"), 0);
    cr_assert_str_eq(gale_test_why(t, "x"), "");
    cr_assert_eq(gale_test_counter(t, "x", "y"), 0);
    cr_assert_eq(gale_test_stats(t, "x", &c), GALE_ENOTFOUND);
    gale_test_destroy(t);
    gale_test_destroy(NULL);
}

/* --------------------------------------------------------- passing time -- */

static gale_verdict slow_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    gale_counter_add(gale_task_counter(gale_bolt_task(ctx), "seen"), 1);
    gale_test_pass_ms(700);
    return GALE_ACK;
}

static const gale_bolt slow = { .execute = slow_execute };

static const gale_component slow_line[] = {
    { .id = "numbers", .spout = &numbers, .arg = &ten },
    {
        .id = "slow",
        .bolt = &slow,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
    },
};

static const gale_topology slow_topology = {
    .abi = GALE_ABI,
    .name = "slow",
    .components = GALE_COMPONENTS(slow_line),
};

Test(virtual, a_callback_can_take_time)
{
    gale_test_counts c;
    gale_run_result r;
    gale_diag why;
    gale_test *t;

    OK(gale_test_create(&t, &slow_topology, NULL, &why));
    OK(gale_test_run(t, 100000, &why));
    cr_assert_geq(gale_test_now_ms(t), 8000);
    gale_test_result(t, &r);
    cr_assert_eq(r.acked, 10);
    cr_assert_geq(r.max_us, 700000);
    OK(gale_test_stats(t, "slow", &c));
    cr_assert_eq(c.executed, 10);
    cr_assert_eq(c.acked, 10);
    cr_assert_eq(gale_test_counter(t, "slow", "seen"), 10);
    cr_assert_eq(gale_test_counter(t, "slow", "unseen"), 0);
    gale_test_destroy(t);
    gale_test_pass_ms(100); /* nobody runs: nothing happens */
}

/* -------------------------------------------------------------- opening -- */

static unsigned opened, closed;

static gale_err open_second(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    if (gale_task_index(gale_bolt_task(ctx)) == 1)
        return GALE_EIO;
    opened++;
    return GALE_OK;
}

static void count_closed(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
    closed++;
}

Test(virtual, when_prepare_refuses_what_was_opened_is_closed)
{
    gale_bolt refuses = same;
    gale_component parts[2] = { line[0], line[1] };
    gale_topology t = topology;
    gale_test *test = NULL;
    gale_diag why;

    refuses.prepare = open_second;
    refuses.cleanup = count_closed;
    parts[1].bolt = &refuses;
    t.components = (gale_components){ parts, 2 };
    cr_assert_eq(gale_test_create(&test, &t, NULL, &why), GALE_EUSER);
    cr_assert(strstr(why.text, "'same/1' could not prepare") != NULL, "%s",
              why.text);
    cr_assert_eq(opened, closed);
    cr_assert_null(test);
}
