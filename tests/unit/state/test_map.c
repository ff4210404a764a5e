#define _GNU_SOURCE /* nftw */
#include "house_map.h"

TestSuite(map, .fini = house_remove);

/* Storm's StateTest.testOpaqueMap. */
Test(map, opaque_as_storm_1_3_then_a_replay_2_then_5_6)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        begin(m, 1, 0);
        cr_expect_eq(house_plus(m, "word", 1), 1);
        cr_expect_eq(house_plus(m, "word", 2), 3);
        commit(m);

        begin(m, 1, 1);
        cr_expect_eq(house_get(m, "word"), 0, "undone already");
        cr_expect_eq(house_plus(m, "word", 2), 2);
        commit(m);
        cr_expect_eq(house_get(m, "word"), 2);

        begin(m, 2, 0);
        cr_expect_eq(house_get(m, "word"), 2);
        cr_expect_eq(house_plus(m, "word", 3), 5);
        cr_expect_eq(house_plus(m, "word", 1), 6);
        commit(m);
        cr_expect_eq(gale_map_txid(m), 2);
    }
}

/* Storm's StateTest.testTransactionalMap. */
Test(map, transactional_as_storm_1_3_then_a_replay_3_3_then_6_7)
{
    EACH_STORE(m, GALE_STATE_TRANSACTIONAL)
    {
        begin(m, 1, 0);
        cr_expect_eq(house_plus(m, "word", 1), 1);
        cr_expect_eq(house_plus(m, "word", 2), 3);
        commit(m);

        begin(m, 1, 1);
        cr_expect_eq(house_plus(m, "word", 1), 3);
        cr_expect_eq(house_plus(m, "word", 2), 3);
        commit(m);

        begin(m, 2, 0);
        cr_expect_eq(house_plus(m, "word", 3), 6);
        cr_expect_eq(house_plus(m, "word", 1), 7);
        commit(m);
    }
}

Test(map, non_transactional_applies_twice)
{
    EACH_STORE(m, GALE_STATE_NON_TRANSACTIONAL)
    {
        for (uint64_t attempt = 0; attempt < 2; attempt++) {
            begin(m, 1, attempt);
            house_plus(m, "word", 1);
            commit(m);
        }
        cr_expect_eq(house_get(m, "word"), 2);
        cr_expect_eq(gale_map_txid(m), 0);
    }
}

/* The hole in Storm's opaque states: a key that only the first attempt had,
 * and a later transaction that would make its wrong value the right one. */
Test(map, opaque_undoes_keys_that_the_replay_does_not_have)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        begin(m, 1, 0);
        for (int i = 0; i < 300; i++) {
            char word[16];

            snprintf(word, sizeof(word), "old%d", i);
            house_plus(m, word, 7);
        }
        commit(m);
        begin(m, 2, 0);
        for (int i = 0; i < 300; i++) {
            char word[16];

            snprintf(word, sizeof(word), i % 2 == 0 ? "old%d" : "new%d", i);
            house_plus(m, word, 1);
        }
        commit(m);
        begin(m, 2, 1); /* moved to another key altogether */
        house_plus(m, "else", 1);
        commit(m);
        begin(m, 3, 0);
        cr_expect_eq(house_plus(m, "old0", 1), 8);
        commit(m);
        cr_expect_eq(house_get(m, "old2"), 7);
        cr_expect_eq(house_get(m, "new1"), 0);
        cr_expect_eq(house_get(m, "else"), 1);
    }
}

Test(map, opaque_undoes_also_when_the_replay_puts_nothing)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        begin(m, 1, 0);
        house_plus(m, "word", 1);
        commit(m);
        begin(m, 1, 1);
        commit(m);
        cr_expect_eq(house_get(m, "word"), 0);
        begin(m, 1, 2);
        cr_expect_eq(house_plus(m, "word", 5), 5);
        commit(m);
    }
}

Test(map, what_is_abandoned_was_never_there)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        begin(m, 1, 0);
        house_plus(m, "word", 1);
        commit(m);
        begin(m, 2, 0);
        house_plus(m, "word", 1);
        house_put(m, "other", 4);
        cr_expect_eq(house_get(m, "word"), 2);
        gale_map_abandon(m);
        cr_expect_eq(house_get(m, "word"), 1);
        cr_expect_eq(house_get(m, "other"), 0);
        begin(m, 1, 1); /* undone in memory, and then not */
        cr_expect_eq(house_get(m, "word"), 0);
        gale_map_abandon(m);
        cr_expect_eq(house_get(m, "word"), 1);
    }
}

/* Storm's StateTest.testMemoryMapStateRemove, and more. */
Test(map, removals_are_undone_too)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        begin(m, 1, 0);
        house_put(m, "a", 1);
        house_put(m, "b", 2);
        commit(m);
        begin(m, 2, 0);
        house_put(m, "a", 0);
        cr_expect_eq(house_get(m, "a"), 0);
        commit(m);
        cr_expect_eq(house_get(m, "a"), 0);
        begin(m, 2, 1);
        cr_expect_eq(house_get(m, "a"), 1);
        house_put(m, "b", 0);
        commit(m);
        cr_expect_eq(house_get(m, "a"), 1);
        cr_expect_eq(house_get(m, "b"), 0);
        begin(m, 2, 2);
        house_put(m, "nobody", 0);
        commit(m);
        cr_expect_eq(house_get(m, "b"), 2);
    }
}

Test(map, who_comes_late_is_refused)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        gale_diag why = { "" };

        begin(m, 5, 3);
        house_plus(m, "word", 1);
        commit(m);
        cr_expect_eq(gale_map_begin(m, 4, 9, &why), GALE_EINVAL);
        cr_expect(strstr(why.text, "transaction 4") != NULL, "%s", why.text);
        cr_expect_eq(gale_map_begin(m, 5, 2, &why), GALE_EINVAL);
        cr_expect(strstr(why.text, "attempt 2") != NULL, "%s", why.text);
        cr_expect_eq(gale_map_begin(m, 0, 0, &why), GALE_EINVAL);
        cr_expect_eq(house_get(m, "word"), 1);
        begin(m, 5, 3);
        cr_expect_eq(house_plus(m, "word", 1), 1);
        commit(m);
    }
}

Test(map, nothing_is_put_outside_a_batch)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        cr_expect_eq(house_put(m, "word", 1), GALE_EINVAL);
        cr_expect_eq(gale_map_commit(m, NULL), GALE_EINVAL);
        begin(m, 1, 0);
        commit(m);
        cr_expect_eq(gale_map_txid(m), 0, "nothing was put");
        cr_expect_eq(house_put(m, "word", 1), GALE_EINVAL);
    }
}

static gale_err refuse(void *arg, size_t i, gale_row old, gale_row *now)
{
    (void)arg;
    (void)i;
    (void)old;
    (void)now;
    return GALE_EUSER;
}

Test(map, a_batch_in_which_something_failed_cannot_be_committed)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        gale_value key = gale_val_cstr("word");
        gale_row row = { &key, 1 };

        begin(m, 1, 0);
        house_plus(m, "other", 1);
        cr_expect_eq(gale_map_update(m, &row, 1, refuse, NULL, NULL, NULL),
                     GALE_EUSER);
        cr_expect_eq(house_put(m, "word", 1), GALE_EINVAL);
        cr_expect_eq(gale_map_commit(m, NULL), GALE_EINVAL);
        gale_map_abandon(m);
        cr_expect_eq(house_get(m, "other"), 0);
        begin(m, 1, 1);
        house_plus(m, "other", 1);
        commit(m);
    }
}
