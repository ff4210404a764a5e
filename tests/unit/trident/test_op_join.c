/* Joins within a batch. */
#include "tests/unit/trident/steps.h"

#include "base/mix.h"

/* Left: (key, x), right: (y, z, key): key, x, y, z. */
static void joining(world *w, gale_join_kind how)
{
    static uint32_t left[] = { 0 }, right[] = { 2 };

    *w = (world){ .n = 0 };
    add(w, (gi_op){ .kind = GI_OP_JOIN,
                    .join = how,
                    .keys = left,
                    .right_keys = right,
                    .n_keys = 1,
                    .n_row = 2,
                    .n_right = 3,
                    .n_out = 4 });
    add(w, (gi_op){ .kind = GI_OP_SEND });
    chain(w);
    start(w);
}

static void left(world *w, const char *key, int64_t x)
{
    feed_at(w, 0, 0, GALE_ROW(S(key), I(x)));
}

static void right(world *w, int64_t y, const char *key)
{
    feed_at(w, 0, 1, GALE_ROW(I(y), S("z"), S(key)));
}

static const char *play(gale_join_kind how)
{
    const char *text;
    world w;

    joining(&w, how);
    right(&w, 10, "b");
    left(&w, "a", 1);
    left(&w, "b", 2);
    right(&w, 11, "c");
    right(&w, 12, "b");
    left(&w, "b", 3);
    cr_assert(finish(&w));
    text = came();
    cr_assert(finish(&w), "an empty batch");
    cr_assert_eq(n_said, 0);
    stop(&w);
    return text;
}

Test(op_join, inner_has_the_rows_that_meet)
{
    cr_expect_str_eq(play(GALE_JOIN_INNER),
                     "b 2 10 z\nb 2 12 z\nb 3 10 z\nb 3 12 z\n");
}

Test(op_join, left_has_each_left_row)
{
    cr_expect_str_eq(play(GALE_JOIN_LEFT),
                     "b 2 10 z\nb 2 12 z\nb 3 10 z\nb 3 12 z\na 1 nil nil\n");
}

Test(op_join, right_has_each_right_row)
{
    cr_expect_str_eq(play(GALE_JOIN_RIGHT),
                     "b 2 10 z\nb 2 12 z\nb 3 10 z\nb 3 12 z\nc nil 11 z\n");
}

Test(op_join, full_has_all)
{
    cr_expect_str_eq(play(GALE_JOIN_FULL),
                     "b 2 10 z\nb 2 12 z\nb 3 10 z\nb 3 12 z\na 1 nil nil\n"
                     "c nil 11 z\n");
}

Test(op_join, keys_may_be_several_in_any_places)
{
    static uint32_t a[] = { 2, 0 }, b[] = { 0, 1 };
    world w = { .n = 0 };

    add(&w, (gi_op){ .kind = GI_OP_JOIN,
                     .keys = a,
                     .right_keys = b,
                     .n_keys = 2,
                     .n_row = 3,
                     .n_right = 3,
                     .n_out = 4 });
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    chain(&w);
    start(&w);
    feed_at(&w, 0, 0, GALE_ROW(I(1), S("left"), I(2)));
    feed_at(&w, 0, 1, GALE_ROW(I(1), I(2), S("other")));
    feed_at(&w, 0, 1, GALE_ROW(I(2), I(1), S("right")));
    cr_assert(finish(&w));
    cr_expect_str_eq(came(), "2 1 left right\n");
    stop(&w);
}

/* ---------------------------------------------------------- at random -- */

enum { SIDE = 60 };

struct side {
    uint64_t n;
    int64_t key[SIDE];
};

/* How often each pair of rows has to come: once, if the keys are equal; rows
 * without a partner as the join says.  Order aside. */
static void check(const struct side *l, const struct side *r,
                  gale_join_kind how, const char *text)
{
    size_t lines = 0, expected = 0;
    char line[100];

    for (const char *c = text; *c != 0; c++)
        lines += *c == '\n';
    for (uint64_t i = 0; i <= l->n; i++)
        for (uint64_t k = 0; k <= r->n; k++) {
            bool met_l = false, met_r = false;

            for (uint64_t j = 0; i < l->n && j < r->n; j++)
                met_l = met_l || r->key[j] == l->key[i];
            for (uint64_t j = 0; k < r->n && j < l->n; j++)
                met_r = met_r || l->key[j] == r->key[k];
            if (i < l->n && k < r->n && l->key[i] == r->key[k])
                snprintf(line, sizeof(line), "\nk%d %d %d z\n", (int)l->key[i],
                         (int)i, (int)k);
            else if (i < l->n && k == r->n && !met_l && (how & 1))
                snprintf(line, sizeof(line), "\nk%d %d nil nil\n",
                         (int)l->key[i], (int)i);
            else if (i == l->n && k < r->n && !met_r && (how & 2))
                snprintf(line, sizeof(line), "\nk%d nil %d z\n",
                         (int)r->key[k], (int)k);
            else
                continue;
            expected++;
            cr_assert_not_null(strstr(text - 1, line), "%s in %s", line, text);
        }
    cr_assert_eq(lines, expected);
}

Test(op_join, is_what_two_loops_say)
{
    static char with_newline[STEPS_TEXT] = "\n";
    gi_rng rng = { 9 };

    _Static_assert(GALE_JOIN_LEFT == 1 && GALE_JOIN_RIGHT == 2 &&
                       GALE_JOIN_FULL == 3,
                   "bits");
    for (int round = 0; round < 80; round++) {
        gale_join_kind how = (gale_join_kind)(round % 4);
        struct side l = { gi_rng_below(&rng, SIDE), { 0 } };
        struct side r = { gi_rng_below(&rng, SIDE), { 0 } };
        uint64_t i = 0, k = 0;
        char key[16];
        world w;

        joining(&w, how);
        while (i < l.n || k < r.n) {
            int64_t v = (int64_t)gi_rng_below(&rng, 40);

            snprintf(key, sizeof(key), "k%d", (int)v);
            if (k == r.n || (i < l.n && gi_rng_below(&rng, 2))) {
                left(&w, key, (int64_t)i);
                l.key[i++] = v;
            } else {
                right(&w, (int64_t)k, key);
                r.key[k++] = v;
            }
        }
        cr_assert(finish(&w));
        strcpy(with_newline + 1, came());
        check(&l, &r, how, with_newline + 1);
        stop(&w);
    }
}

static bool play_join(void)
{
    world w = { .n = 0 };
    static uint32_t keys[] = { 0 };
    bool well;

    add(&w, (gi_op){ .kind = GI_OP_JOIN,
                     .join = GALE_JOIN_FULL,
                     .keys = keys,
                     .right_keys = keys,
                     .n_keys = 1,
                     .n_row = 2,
                     .n_right = 2,
                     .n_out = 3 });
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    chain(&w);
    well = try_start(&w, NULL) == GALE_OK;
    for (int i = 0; well && i < 200; i++)
        feed_at(&w, 0, (unsigned)i % 2,
                GALE_ROW(I(i % 70), S("some text of a row")));
    if (well) {
        well = finish(&w);
        cr_expect(well || strcmp(w.why, "out of memory") == 0);
    }
    stop(&w);
    return well;
}

Test(op_join, a_batch_without_memory_fails_and_nothing_else)
{
    fail_each_allocation(play_join);
}
