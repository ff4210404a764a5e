/* The join of examples/single_join.c, by hand and on a virtual clock. */
int single_join_main(int argc, char **argv);
#define main single_join_main
#include "examples/single_join.c"
#undef main

#include <criterion/criterion.h>
#include <gale/testing.h>

static gale_test_bolt *make_join(void)
{
    const gale_test_bolt_opts opts = {
        .sources = GALE_SOURCES(
            { "genders", NULL,
              GALE_FIELDS(GALE_I64("id"), GALE_STR("gender")) },
            { "ages", NULL, GALE_FIELDS(GALE_I64("id"), GALE_I64("age")) }),
        .conf = GALE_SETTINGS({ "join.patience.ms", "500" }),
        .tick_ms = 100,
    };
    gale_test_bolt *b = NULL;
    gale_diag why;

    cr_assert_eq(gale_test_bolt_create(&b, &join, &opts, &why), GALE_OK, "%s",
                 why.text);
    return b;
}

static uint64_t feed_gender(gale_test_bolt *b, int64_t id, const char *gender)
{
    gale_row row = GALE_ROW(gale_val_i64(id), gale_val_cstr(gender));
    uint64_t fed;

    cr_assert_eq(gale_test_bolt_feed(b, "genders", NULL, row, &fed), GALE_OK);
    return fed;
}

static uint64_t feed_age(gale_test_bolt *b, int64_t id, int64_t age)
{
    gale_row row = GALE_ROW(gale_val_i64(id), gale_val_i64(age));
    uint64_t fed;

    cr_assert_eq(gale_test_bolt_feed(b, "ages", NULL, row, &fed), GALE_OK);
    return fed;
}

static void expect_only(gale_test_bolt *b, gale_row row)
{
    gale_test_emit e = gale_test_bolt_emit(b, 0);
    gale_diag why;

    cr_assert_eq(gale_test_bolt_emits(b), 1);
    cr_assert(
        gale_rows_same((gale_rows){ &e.row, 1 }, (gale_rows){ &row, 1 }, &why),
        "%s", why.text);
    cr_assert(e.anchored);
}

Test(join, holds_one_half_and_acks_both_when_the_other_comes)
{
    gale_test_bolt *b = make_join();
    uint64_t gender = feed_gender(b, 1, "female");

    cr_assert_eq(gale_test_bolt_answer(b, gender), GALE_HOLD);
    cr_assert_eq(gale_test_bolt_emits(b), 0);
    uint64_t age = feed_age(b, 1, 21);
    cr_assert_eq(gale_test_bolt_answer(b, gender), GALE_ACK);
    cr_assert_eq(gale_test_bolt_answer(b, age), GALE_ACK);
    expect_only(b, GALE_ROW(gale_val_i64(1), gale_val_cstr("female"),
                            gale_val_i64(21)));
    gale_test_bolt_destroy(b);
}

Test(join, does_not_mind_which_half_comes_first)
{
    gale_test_bolt *b = make_join();

    feed_age(b, 2, 22);
    feed_gender(b, 2, "male");
    expect_only(
        b, GALE_ROW(gale_val_i64(2), gale_val_cstr("male"), gale_val_i64(22)));
    gale_test_bolt_destroy(b);
}

Test(join, does_not_join_different_persons)
{
    gale_test_bolt *b = make_join();

    feed_age(b, 2, 22);
    feed_gender(b, 3, "male");
    cr_assert_eq(gale_test_bolt_emits(b), 0);
    gale_test_bolt_destroy(b);
}

Test(join, fails_what_nobody_came_for)
{
    gale_test_bolt *b = make_join();
    gale_test *t = gale_test_bolt_test(b);
    uint64_t age = feed_age(b, 10, 30);

    cr_assert_eq(gale_test_advance_ms(t, 450), GALE_OK);
    cr_assert_eq(gale_test_bolt_answer(b, age), GALE_HOLD);
    cr_assert_eq(gale_test_advance_ms(t, 150), GALE_OK);
    cr_assert_eq(gale_test_bolt_answer(b, age), GALE_FAIL);

    feed_gender(b, 10, "male"); /* too late: it waits in turn */
    cr_assert_eq(gale_test_bolt_emits(b), 0);
    gale_test_bolt_destroy(b);
}

Test(join, lets_a_replay_take_the_place_of_what_it_replays)
{
    gale_test_bolt *b = make_join();
    uint64_t first = feed_age(b, 1, 21);
    uint64_t again = feed_age(b, 1, 21);

    cr_assert_eq(gale_test_bolt_answer(b, first), GALE_ACK);
    cr_assert_eq(gale_test_bolt_answer(b, again), GALE_HOLD);
    feed_gender(b, 1, "female");
    cr_assert_eq(gale_test_bolt_answer(b, again), GALE_ACK);
    cr_assert_eq(gale_test_bolt_emits(b), 1);
    gale_test_bolt_destroy(b);
}
