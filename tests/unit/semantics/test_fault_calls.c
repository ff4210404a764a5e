/* Faults inside of callbacks: writes, syncs, and answers that come later. */
#include "faulty.h"

/* Holds every other tuple until the next one comes. */
static gale_verdict pairing_execute(void *self, const gale_tuple *in,
                                    gale_bolt_ctx *ctx)
{
    gale_held *held = self;

    if (held->ref == 0) {
        *held = gale_hold(ctx, in);
        return GALE_HOLD;
    }
    gale_ack(ctx, *held);
    held->ref = 0;
    return GALE_ACK;
}

static void pairing_tick(void *self, gale_bolt_ctx *ctx)
{
    gale_held *held = self;

    if (held->ref != 0)
        gale_ack(ctx, *held);
    held->ref = 0;
}

static const gale_bolt pairing = {
    .state_size = sizeof(gale_held),
    .execute = pairing_execute,
    .tick = pairing_tick,
};

/* -------------------------------------------------------- writes, syncs -- */

/* Writes each tuple down, unless that fails. */
static int n_written, n_synced;

static gale_verdict writer_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);

    (void)self;
    (void)in;
    if (gale_task_write_fails(t))
        return GALE_FAIL;
    n_written++;
    if (gale_task_sync_fails(t))
        return GALE_FAIL;
    n_synced++;
    return GALE_ACK;
}

static const gale_bolt writer = { .execute = writer_execute };

/* A test of the source and one bolt that reads it. */
static gale_test *start_with(const char *id, const gale_bolt *bolt,
                             uint32_t tasks, uint32_t loops,
                             const char *faults)
{
    const gale_component two[] = {
        { .id = "src", .spout = &src },
        { .id = id,
          .bolt = bolt,
          .tasks = tasks,
          .tick_ms = bolt->tick == NULL ? 0 : 100,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("src")) },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "two",
                              .components = GALE_COMPONENTS(two) };
    gale_test_opts o = { .conf = conf, .loops = loops, .faults = faults };

    forget();
    return start(&t, &o);
}

Test(faults, writes_and_syncs_of_tasks_fail_when_the_plan_says_so)
{
    gale_test *test = start_with("writer", &writer, 1, 2,
                                 "write=@10+100, sync=@5, until=1h");

    n_written = n_synced = 0;
    run(test, 1000000);
    cr_assert_eq(n_synced, N);
    cr_assert_eq(gale_test_faults(test, "sync"), 1);
    cr_assert_eq(gale_test_faults(test, "write"), 4);
    cr_assert_eq(n_written, N + 1);
    cr_assert_eq(result(test).failed, 5);
    gale_test_destroy(test);
}

Test(faults, several_plans_for_one_call_stand_side_by_side)
{
    gale_test *test =
        start_with("writer", &writer, 1, 2, "write=@2, write=@5");

    run(test, 1000000);
    cr_assert_eq(gale_test_faults(test, "write"), 2);
    gale_test_destroy(test);
}

Test(faults, a_held_tuple_may_be_made_to_fail_when_it_is_answered)
{
    gale_test *test = start_with("pairs", &pairing, 1, 2, "fail=pairs@1");

    run(test, 1000000);
    cr_assert_eq(gale_test_faults(test, "fail"), 1);
    cr_assert_eq(result(test).failed, 1);
    cr_assert_eq(result(test).acked, N);
    gale_test_destroy(test);
}

/* Half of all answers: about as many fail as are acked. */
Test(faults, held_answers_fail_as_often_as_others)
{
    gale_test *test = start_with("pairs", &pairing, 1, 2, "fail=pairs:50%");

    run(test, 1000000);
    cr_assert_eq(result(test).acked, N);
    cr_assert(result(test).failed > N * 3 / 4, "%d failed",
              (int)result(test).failed);
    cr_assert_eq(result(test).failed, gale_test_faults(test, "fail"));
    gale_test_destroy(test);
}

Test(faults, times_without_end_do_not_go_round)
{
    gale_test *test =
        start_with("sink", &sink, 3, 1, "hang=sink:1000000h@1ms");

    advance(test, 3600000);
    cr_assert_eq(gale_test_faults(test, "hang"), 3);
    cr_assert(result(test).acked < N);
    gale_test_destroy(test);
}
