/* Killed at every call while the number of parts is changed, and changed again
 * into another one, or back: every key is there, once. */
#define _GNU_SOURCE
#include "crash.h"

TestSuite(crash_move, .init = setup, .fini = house_remove, .timeout = 120);

static uint32_t to_count;

static gale_err move(gale_diag *why)
{
    return run(to_count, 4, 5, 0, why);
}

/* All words, wherever they are: those of a part that was at batch n have what
 * the model has then. */
static void check_words(uint32_t count, const char *what)
{
    gale_store_where w = house_where(0, 1);
    gale_diag why = { "" };
    gale_map *m;
    int64_t sums[3][WORDS];

    w.read_only = true;
    cr_assert_eq(
        gale_map_open(&m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, &why),
        GALE_OK, "%s: %s", what, why.text);
    for (uint64_t t = 3; t <= 5; t++)
        model(t, 0, sums[t - 3]);
    for (int i = 0; i < WORDS; i++) {
        uint32_t p = gale_state_part(groups[i], count);
        uint64_t low = told->committed[p] < 3 ? 3 : told->committed[p];
        uint64_t high = told->begun[p] < 3 ? 3 : told->begun[p];
        int64_t n = house_get(m, words[i]);

        cr_assert(n == sums[low - 3][i] || n == sums[high - 3][i],
                  "%s: '%s' is %ld, not %ld, at %lu", what, words[i], (long)n,
                  (long)sums[low - 3][i], (unsigned long)low);
    }
    gale_map_close(m);
}

/* From what is there on, with `count` parts, to the end. */
static void finish(uint32_t count, const char *what)
{
    gale_diag why = { "" };
    int64_t sums[WORDS];

    memset(told, 0, sizeof(*told));
    cr_assert_eq(run(count, 5, 5, 1, &why), GALE_OK, "%s: %s", what, why.text);
    model(5, 1, sums);
    for (uint32_t p = 0; p < count; p++) {
        gale_map *m;

        cr_assert_eq(open_one(&m, p, count, &why), GALE_OK, "%s", why.text);
        for (int w = 0; w < WORDS; w++)
            if (gale_state_part(groups[w], count) == p)
                cr_assert_eq(house_get(m, words[w]), sums[w],
                             "%s: '%s' is %ld, not %ld in the end", what,
                             words[w], (long)house_get(m, words[w]),
                             (long)sums[w]);
        gale_map_close(m);
    }
}

/* Those that have batch 4 not yet get it; then all have it. */
static void catch_up(uint32_t count, const char *what)
{
    gale_diag why = { "" };

    for (uint32_t p = 0; p < count; p++) {
        gale_map *m;

        cr_assert_eq(open_one(&m, p, count, &why), GALE_OK, "%s: %s", what,
                     why.text);
        if (gale_map_txid(m) < 5)
            cr_assert_eq(one_batch(m, p, count, 4, 0, &why), GALE_OK, "%s: %s",
                         what, why.text);
        gale_map_close(m);
    }
}

/* Parts are changed to `to`, killed on the way, then to `then`. */
static void change(uint32_t from, uint32_t to, uint32_t then, long step)
{
    gale_diag why = { "" };
    bool hit = true;
    long at = 1;

    to_count = to;
    for (; hit; at += step) {
        char what[64];

        clean();
        snprintf(what, sizeof(what), "%u to %u to %u, killed at call %ld",
                 from, to, then, at);
        cr_assert_eq(run(from, 1, 3, 0, &why), GALE_OK, "%s", why.text);
        memset(told, 0, sizeof(*told));
        hit = killed(CALLS_KILL, at, move);
        check_words(to, what);
        catch_up(then, what);
        finish(then, what);
    }
    cr_expect_gt(at, 40);
}

Test(crash_move, to_more_parts)
{
    change(1, 3, 3, 1);
}

Test(crash_move, to_fewer_parts)
{
    change(3, 2, 2, 1);
}

Test(crash_move, and_back_half_way)
{
    change(2, 3, 2, 2);
}

Test(crash_move, to_another_number_half_way)
{
    change(3, 1, 2, 2);
}
