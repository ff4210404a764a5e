/* Updaters, queries, and steps that share a state. */
#include "tests/unit/trident/states.h"

static uint32_t slot_1[] = { 1 };

/* --------------------------------------------------------------- update -- */

static gale_err updates_with;
static bool update_fails;
static size_t updates;

/* Puts key and number of each row, and emits the sum. */
static gale_err put_rows(gale_map *map, const gale_row *in, size_t n,
                         gale_batch_ctx *ctx)
{
    int64_t sum = 0;

    updates++;
    cr_expect_gt(n, 0);
    for (size_t i = 0; i < n; i++) {
        gale_row key = { in[i].values, 1 }, value = { in[i].values + 1, 1 };

        sum += gale_row_i64(in[i], 1);
        cr_expect_eq(in[i].n, 2);
        if (gale_map_put(map, &key, &value, 1, NULL) != GALE_OK)
            return GALE_EIO;
    }
    gale_batch_emit(ctx, GALE_ROW(I(sum)));
    if (update_fails)
        gale_batch_fail(ctx, "the sum is %d", (int)sum);
    return updates_with;
}

static const gale_updater updater = {
    .output = GALE_FIELDS(GALE_I64("sum")),
    .update = put_rows,
};

static uint32_t slots_2_0[] = { 2, 0 };

static gi_op update_op(void)
{
    return (gi_op){ .kind = GI_OP_UPDATE,
                    .id = "counts",
                    .user = &updater,
                    .in = slots_2_0,
                    .n_in = 2,
                    .n_row = 3,
                    .n_out = 1 };
}

Test(op_update, rows_are_handed_over_and_what_is_emitted_goes_on)
{
    world w;

    persisting(&w, update_op());
    FEED(&w, I(1), S("x"), S("a"));
    FEED(&w, I(2), S("x"), S("b"));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "3\n");
    cr_expect(fake_called("open begin update update commit"));
    cr_expect(finish(&w), "without rows");
    cr_expect(fake_called("begin commit"));
    cr_expect_eq(updates, 1);
    cr_expect_eq(fake.now.n, 2);
    stop(&w);
    fake_reset();
}

Test(op_update, an_updater_that_fails_leaves_nothing_behind)
{
    world w;

    persisting(&w, update_op());
    updates_with = GALE_EUSER;
    FEED(&w, I(1), S("x"), S("a"));
    cr_expect(!finish(&w));
    cr_expect_not_null(strstr(w.why, "the updater says: a callback"));
    cr_expect(fake_called("open begin update abandon"));
    updates_with = GALE_OK;
    update_fails = true;
    FEED(&w, I(1), S("x"), S("a"));
    cr_expect(!finish(&w));
    cr_expect_str_eq(w.why, "the sum is 1");
    cr_expect(fake_called("begin update abandon"));
    cr_expect_str_eq(came(), "");
    cr_expect_eq(fake.now.n, 0);
    stop(&w);
    fake_reset();
}

/* ---------------------------------------------------------------- query -- */

static const gale_field asked[] = { { "n", GALE_T_I64 },
                                    { "key", GALE_T_STR },
                                    { "count", GALE_T_I64 },
                                    { NULL, GALE_T_ANY } };

static gi_op query(void)
{
    return (gi_op){ .kind = GI_OP_QUERY,
                    .id = "counts",
                    .in = slot_1,
                    .n_in = 1,
                    .n_row = 2,
                    .n_out = 3,
                    .n_values = 1,
                    .out = (gale_field *)(uintptr_t)asked };
}

Test(op_query, rows_get_what_is_stored_or_nil)
{
    world w;

    fake_set(&fake.now, GALE_ROW(S("a")), GALE_ROW(I(7)));
    persisting(&w, query());
    cr_expect(fake.where.read_only, "nobody writes it in this part");
    for (int i = 0; i < 1200; i++)
        FEED(&w, I(i), S(i == 1100 || i < 2 ? "a" : "b"));
    cr_expect(finish(&w));
    const char *text = came();
    cr_expect_eq(strncmp(text, "0 a 7\n1 a 7\n2 b nil\n3 b nil\n", 28), 0);
    cr_expect_not_null(strstr(text, "\n1099 b nil\n1100 a 7\n1101 b nil\n"));
    cr_expect_not_null(strstr(text, "\n1199 b nil\n"));
    cr_expect(fake_called("open get get get"));
    stop(&w);
    fake_reset();
}

Test(op_query, shares_the_map_of_who_keeps_it_and_sees_what_was_committed)
{
    world w = { .n = 0 };

    add(&w, query());
    add(&w, persist(GALE_STATE_OPAQUE));
    add(&w, query());
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    link_to(&w, 0, 3, 0);
    link_to(&w, 2, 3, 0);
    start(&w);
    cr_expect(!fake.where.read_only);
    cr_expect(fake_called("open"));
    for (int i = 0; i < 2; i++) {
        feed_at(&w, 0, 0, GALE_ROW(I(1), S("a")));
        feed_at(&w, 1, 0, GALE_ROW(S("a")));
        feed_at(&w, 2, 0, GALE_ROW(I(2), S("a")));
        cr_expect(finish(&w));
        cr_expect_str_eq(came(),
                         i == 0 ? "1 a nil\n2 a 1\n" : "1 a 1\n2 a 2\n");
    }
    fake.said[0] = 0;
    fake.commit = GALE_EIO;
    feed_at(&w, 1, 0, GALE_ROW(S("a")));
    cr_expect(!finish(&w));
    feed_at(&w, 0, 0, GALE_ROW(I(3), S("a")));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "3 a 2\n");
    cr_expect(fake_called("begin update commit! close open get begin commit"));
    stop(&w);
    cr_expect(fake_called("close"));
    fake_reset();
}

Test(op_query, what_is_not_as_declared_fails_the_batch)
{
    world w;

    fake_set(&fake.now, GALE_ROW(S("a")), GALE_ROW(S("text")));
    fake_set(&fake.now, GALE_ROW(S("b")), GALE_ROW(I(1), I(2)));
    persisting(&w, query());
    FEED(&w, I(1), S("a"));
    cr_expect(!finish(&w));
    cr_expect_str_eq(w.why, "state 'counts' has field 'count' as str, the "
                            "query declares i64");
    FEED(&w, I(1), S("b"));
    cr_expect(!finish(&w));
    cr_expect_str_eq(w.why,
                     "state 'counts' has 2 values, the query declares 1");
    fake.get = GALE_EIO;
    FEED(&w, I(1), S("c"));
    cr_expect(!finish(&w));
    cr_expect_str_eq(w.why, "state 'counts': cannot be read");
    FEED(&w, I(1), S("c"));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "1 c nil\n");
    stop(&w);
    fake_reset();
}

/* ------------------------------------------------------- without memory -- */

static void all_init(gale_value *out)
{
    *out = S("");
}

static void last_reduce(const gale_value *so_far, gale_row in, gale_value *out)
{
    *out = so_far->len > in.values[0].len ? *so_far : in.values[0];
}

static const gale_reducer longest = {
    .output = GALE_FIELDS(GALE_STR("longest")),
    .init = all_init,
    .reduce = last_reduce,
};

static gi_op_fold reducing[] = { { { .reducer = &longest }, slot_1, 1, 1 } };

static bool play_states(void)
{
    static gale_field texts[] = {
        { "n", GALE_T_I64 },
        { "key", GALE_T_STR },
        { "all", GALE_T_STR },
        { NULL, GALE_T_ANY },
    };
    world w = { .n = 0 };
    gi_op op = persist(GALE_STATE_OPAQUE);
    bool well;

    fake_reset();
    add(&w, (gi_op){ .kind = GI_OP_ENTRY });
    op.keys = slot_1;
    op.folds = reducing;
    add(&w, op);
    op = query();
    op.out = texts;
    add(&w, op);
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    link_to(&w, 0, 1, 0);
    link_to(&w, 0, 2, 0);
    link_to(&w, 1, 3, 0);
    well = try_start(&w, NULL) == GALE_OK;
    for (int round = 0; well && round < 2; round++) {
        for (int i = 0; i < 50; i++)
            FEED(&w, I(i), S(i % 7 ? "k" : "a long key, not beside others"));
        well = finish(&w);
        cr_expect(well || strcmp(w.why, "out of memory") == 0, "%s", w.why);
    }
    stop(&w);
    cr_expect_eq(fake.n_open, 0);
    fake_reset();
    return well;
}

Test(op_state, a_batch_without_memory_fails_and_nothing_else)
{
    fail_each_allocation(play_states);
}
