/* A window step by hand: random streams in random batches, done again, with
 * other rows the first time, and taken up by another process, against a plain
 * loop over all rows. */
#include "tests/unit/trident/windowing.h"

/* ----------------------------------------------------------- the proof -- */

static int order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Its lines, sorted. */
static void sort_lines(const char *text, char *to)
{
    static char copy[STEPS_TEXT];
    static char *lines[1 << 16];
    size_t n = 0;

    strcpy(copy, text);
    for (char *l = strtok(copy, "\n"); l != NULL; l = strtok(NULL, "\n"))
        lines[n++] = l;
    qsort(lines, n, sizeof(*lines), order);
    *to = 0;
    for (size_t i = 0; i < n; i++) {
        to += strlen(strcpy(to, lines[i]));
        strcpy(to++, "\n");
    }
}

static void play(const spec *c, uint64_t with)
{
    static char right[STEPS_TEXT], a[STEPS_TEXT], b[STEPS_TEXT];
    static plain p;
    int64_t now = 0;
    world w;

    seed = with;
    p = (plain){ .mark = INT64_MIN / 2 };
    counted = 0;
    make(&w, c);
    for (uint64_t txid = 1; txid <= BATCHES; txid++) {
        batch other = batch_at(now + any(50)), real = batch_at(now);
        uint64_t attempt = 1;
        bool again = any(4) == 0;

        other.ms = real.ms; /* a batch keeps its time */
        for (int times = (int)any(3); again && times >= 0; times--) {
            int64_t before = counted;

            begin(&w, txid, attempt++);
            feed(&w, c, &other);
            cr_assert(finish(&w), "%s", w.why);
            counted = before;
        }
        if (any(5) == 0) {
            stop(&w);
            make(&w, c);
        }
        came();
        begin(&w, txid, attempt);
        feed(&w, c, &real);
        cr_assert(finish(&w), "%s", w.why);
        right[0] = 0;
        (c->by_rows ? plain_rows : plain_time)(&p, c, &real, right);
        sort_lines(right, a);
        sort_lines(came(), b);
        cr_assert_str_eq(b, a,
                         "length %d, slide %d, lateness %d, %s, folds %d, "
                         "seed %d, batch %d",
                         (int)c->length, (int)c->slide, (int)c->lateness,
                         c->by_rows   ? "rows"
                         : c->of_rows ? "time"
                                      : "clock",
                         (int)c->folds, (int)with, (int)txid);
        cr_assert_eq(counted, c->of_rows ? p.late : 0);
        now += any(30);
    }
    cr_assert_eq(alive, 0);
    stop(&w);
    fake_reset();
}

Test(op_window, random_streams_come_out_as_of_a_plain_loop)
{
    for (uint64_t i = 1; i <= 200; i++) {
        int64_t length = 1 + (int64_t)(gi_mix64(i) % 60);
        uint64_t kind = gi_mix64(i + 1000) % 3;
        spec c = { .length = length,
                   .slide =
                       1 + (int64_t)(gi_mix64(i + 2000) % (uint64_t)length),
                   .by_rows = kind == 0,
                   .of_rows = kind == 1,
                   .folds = (folds)(gi_mix64(i + 3000) % 4) };

        if (c.by_rows && c.folds == FOLDED)
            c.folds = COMBINED;
        c.lateness = c.of_rows ? (int64_t)(gi_mix64(i + 4000) % 60) : 0;
        play(&c, i);
    }
}

/* ---------------------------------------------------------- by the way -- */

static const spec sliding = { 30, 10, 5, false, true, COMBINED };

Test(op_window, other_windows_under_the_same_id_are_refused)
{
    spec other = sliding;
    world w;

    make(&w, &sliding);
    FEED(&w, I(1), I(7), I(1));
    cr_assert(finish(&w));
    stop(&w);
    other.slide = 15;
    make(&w, &other);
    begin(&w, 2, 1);
    cr_expect(!finish(&w));
    cr_expect_str_eq(w.why,
                     "state 'recent': it has windows of length 30 and slide "
                     "10 by the time of rows; other windows need another id");
    stop(&w);
    fake_reset();
}

Test(op_window, what_another_step_kept_is_refused)
{
    world w;

    make(&w, &sliding);
    fake_set(&fake.now, GALE_ROW(S("word"), S("x"), I(1)), GALE_ROW(I(5)));
    begin(&w, 1, 1);
    cr_expect(!finish(&w));
    cr_expect_str_eq(w.why,
                     "state 'recent': it was kept by another kind of step; "
                     "windows need an id of their own");
    stop(&w);
    fake_reset();
}

Test(op_window, a_commit_that_failed_is_done_again_from_what_there_is)
{
    world w;

    make(&w, &sliding);
    begin(&w, 1, 1);
    FEED(&w, I(1), I(7), I(100));
    feed_at(&w, 0, 1, GALE_ROW(I(7)));
    cr_assert(finish(&w));
    begin(&w, 2, 1);
    FEED(&w, I(1), I(8), I(10));
    feed_at(&w, 0, 1, GALE_ROW(I(8)));
    fake.commit = GALE_EIO;
    cr_expect(!finish(&w));
    begin(&w, 2, 2);
    FEED(&w, I(1), I(9), I(1));
    feed_at(&w, 0, 1, GALE_ROW(I(36)));
    cr_assert(finish(&w));
    cr_expect_str_eq(came(), "1 -20 10 101 2\n1 -10 20 101 2\n1 0 30 101 2\n");
    stop(&w);
    fake_reset();
}

Test(op_window, keys_that_are_over_take_no_memory)
{
    enum { MANY = 1200 };
    spec c = { 10, 10, 0, false, true, COMBINED };
    world w;
    size_t live = 0;

    make(&w, &c);
    for (int round = 0; round < 3; round++) {
        begin(&w, (uint64_t)round + 1, 1);
        for (int i = 0; i < MANY; i++)
            FEED(&w, I(MANY * round + i), I(10 * round), I(1));
        feed_at(&w, 0, 1, GALE_ROW(I(10 * round)));
        cr_assert(finish(&w));
        came();
    }
    for (size_t i = 0; i < fake.now.n; i++)
        live += fake.now.at[i].value.values != NULL &&
                fake.now.at[i].key.values[0].type == GALE_T_I64;
    cr_expect_eq(live, MANY, "only those of the window that is open");
    stop(&w);
    fake_reset();
}

static bool play_without_memory(folds kind)
{
    spec c = sliding;
    gale_diag why = { "" };
    world w = { .n = 0 };
    bool well;

    c.folds = kind;
    add(&w, op_of(&c));
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    chain(&w);
    well = try_start(&w, &why) == GALE_OK;
    for (uint64_t txid = 1; well && txid <= 3; txid++) {
        begin(&w, txid, 1);
        for (int i = 0; i < 3; i++)
            FEED(&w, I(i), I((int64_t)txid * 20), I(1));
        feed_at(&w, 0, 1, GALE_ROW(I((int64_t)txid * 20)));
        well = finish(&w);
        cr_assert(well || strstr(w.why, "memory") != NULL, "%s", w.why);
    }
    stop(&w);
    fake_reset();
    return well;
}

static bool combined_without_memory(void)
{
    return play_without_memory(COMBINED);
}

static bool gathered_without_memory(void)
{
    return play_without_memory(GATHERED);
}

Test(op_window, each_allocation_may_fail)
{
    fail_each_allocation(combined_without_memory);
    fail_each_allocation(gathered_without_memory);
}
