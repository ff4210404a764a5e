/* Shuffles that stay on their sender's loop, and when they do not. */
#include "grouped.h"

/* The spout is on the first of two loops, and so are the second and fourth of
 * its readers. */
static gale_test *near_and_far(const gale_component *parts,
                               const gale_setting *conf)
{
    const gale_topology topology = { .abi = GALE_ABI,
                                     .name = "test",
                                     .components = { parts, 2 } };
    gale_test *t = start(&topology, &(gale_test_opts){ .mocks = MOCK("source"),
                                                       .loops = 2,
                                                       .conf = conf });
    uint32_t n[4];

    /* Nothing is known yet. */
    n_seen = 0;
    feed_numbers(t, 100);
    count_by_index("sink", n, 4);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(n[i], 25);
    cr_assert_eq(gale_test_advance_ms(t, 1000), GALE_OK);
    n_seen = 0;
    return t;
}

static void expect_shares(uint32_t first, uint32_t second, uint32_t third,
                          uint32_t fourth)
{
    uint32_t n[4];

    count_by_index("sink", n, 4);
    cr_assert(n[0] == first && n[1] == second && n[2] == third &&
                  n[3] == fourth,
              "%u %u %u %u", n[0], n[1], n[2], n[3]);
}

static void feed_more(gale_test *t, uint64_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        feed(t, "source", from + i, ROW(I64(i)));
    settle(t);
}

Test(near, shuffle_is_even_on_its_own_loop_while_that_has_little_to_do)
{
    const gale_grouping ways[] = { GALE_GROUP_SHUFFLE, GALE_GROUP_NONE,
                                   GALE_GROUP_LOCAL };

    for (int i = 0; i < 3; i++) {
        gale_component parts[] =
            ONE_READER(GALE_INPUTS({ .from = "source", .how = ways[i] }));
        gale_test *t = near_and_far(parts, NULL);

        feed_more(t, 100, 1001);
        cr_assert_eq(n_seen, 1001);
        uint32_t n[4];
        count_by_index("sink", n, 4);
        cr_assert(n[1] + n[3] == 1001 && n[1] - n[3] + 1 <= 2, "%u %u", n[1],
                  n[3]);
        gale_test_destroy(t);
    }
}

Test(near, shuffle_can_be_told_to_reach_all_at_all_times)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_SHUFFLE("source")));
    gale_test *t = near_and_far(
        parts, CONF({ "topology.disable.loadaware.messaging", "true" }));

    feed_more(t, 100, 1000);
    expect_shares(250, 250, 250, 250);
    gale_test_destroy(t);
}

/* Takes a millisecond. */
static gale_verdict slow_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    gale_test_pass_ms(1);
    return GALE_ACK;
}

static const gale_bolt slow_sink = { .execute = slow_execute };

Test(near, shuffle_reaches_all_when_its_own_loop_is_busy)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_SHUFFLE("source")));

    parts[1].bolt = &slow_sink;
    gale_test *t = near_and_far(parts, NULL);

    uint32_t n[4] = { 0 };
    uint64_t id = 100;

    while (n[0] + n[2] == 0 && id < 140) {
        feed_more(t, id++, 1);
        count_by_index("sink", n, 4);
    }
    cr_assert_gt(n[0] + n[2], 0, "%u %u", n[1], n[3]);
    n_seen = 0;
    for (int i = 0; i < 8; i++)
        feed_more(t, id++, 1);
    expect_shares(2, 2, 2, 2);

    cr_assert_eq(gale_test_advance_ms(t, 1000), GALE_OK); /* quiet again */
    n_seen = 0;
    feed_more(t, id, 2);
    expect_shares(0, 1, 0, 1);
    gale_test_destroy(t);
}
