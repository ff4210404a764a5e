#include <criterion/criterion.h>

#include "house.h"
#include "state/fence.h"

static const gale_store *const stores[] = { &gale_store_memory,
                                            &gale_store_embedded };
enum { N_STORES = 2 };

static gale_map *open_part(const gale_store *s, gale_state_kind kind,
                           uint32_t index, uint32_t count)
{
    gale_store_where w = house_where(index, count);
    gale_diag why = { "" };
    gale_map *m = NULL;

    cr_assert_eq(gale_map_open(&m, s, &w, kind, &why), GALE_OK, "%s",
                 why.text);
    return m;
}

/* Each test twice: over every store, a state of its own. */
static gale_map *fresh(int i, gale_state_kind kind)
{
    if (house_dir[0] != '\0')
        house_remove();
    house_make();
    return open_part(stores[i], kind, 0, 1);
}

static void begin(gale_map *m, uint64_t txid, uint64_t attempt)
{
    gale_diag why = { "" };

    cr_assert_eq(gale_map_begin(m, txid, attempt, &why), GALE_OK, "%s",
                 why.text);
}

static void commit(gale_map *m)
{
    gale_diag why = { "" };

    cr_assert_eq(gale_map_commit(m, &why), GALE_OK, "%s", why.text);
}

#define EACH_STORE(m, kind)                            \
    for (int i_ = 0; i_ < N_STORES; i_++)              \
        for (gale_map *m = fresh(i_, kind); m != NULL; \
             gale_map_close(m), m = NULL)

TestSuite(map, .fini = house_remove);

/* Storm's StateTest.testOpaqueMap. */
Test(map, opaque_counts_a_replay_instead_of_the_first_attempt)
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
Test(map, transactional_skips_what_was_applied)
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

Test(map, keys_and_values_of_every_type_and_size)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        static char large[GALE_STATE_VALUE_MOST - 5], text[300];
        static const char list[] = "\x92\x01\xa1x";
        gale_value keys[] = {
            gale_val_nil(),         gale_val_bool(true),
            gale_val_i64(-5),       gale_val_f64(0.5),
            gale_val_cstr("key"),   gale_val_bytes("\0\1", 2),
            gale_val_list(list, 4), gale_val_str((gale_str){ text, 300 }),
        };
        enum { N = sizeof(keys) / sizeof(keys[0]) };
        gale_row rows[N + 1], values[N + 1], got[N + 1];
        gale_diag why = { "" };

        memset(text, 'x', sizeof(text));
        memset(large, 'y', sizeof(large));
        gale_value big = gale_val_bytes(large, sizeof(large));
        for (int i = 0; i < N; i++) {
            rows[i] = (gale_row){ &keys[i], 1 };
            values[i] = (gale_row){ keys, (size_t)i };
        }
        rows[N] = (gale_row){ keys, 0 }; /* the key without values */
        values[N] = (gale_row){ &big, 1 };
        begin(m, 1, 0);
        cr_assert_eq(gale_map_put(m, rows, values, N + 1, &why), GALE_OK, "%s",
                     why.text);
        commit(m);
        begin(m, 2, 0); /* to be undone: it has to fit as well */
        cr_assert_eq(gale_map_put(m, rows, rows, N + 1, &why), GALE_OK);
        commit(m);
        begin(m, 2, 1);
        cr_assert_eq(gale_map_get(m, rows, N + 1, got, &why), GALE_OK);
        for (int i = 0; i <= N; i++) {
            cr_assert_not_null(got[i].values);
            cr_assert_eq(got[i].n, values[i].n);
            for (size_t k = 0; k < got[i].n; k++)
                cr_assert_eq(got[i].values[k].type, values[i].values[k].type);
        }
        cr_assert_eq(memcmp(got[N].values[0].as.p, large, sizeof(large)), 0);
        commit(m);
    }
}

Test(map, what_is_too_large_is_refused_by_name)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        static char large[GALE_STATE_VALUE_MOST + 1];
        gale_value small = gale_val_i64(1);
        gale_value big = gale_val_bytes(large, sizeof(large));
        gale_row row = { &small, 1 }, huge = { &big, 1 };
        gale_diag why = { "" };

        begin(m, 1, 0);
        cr_expect_eq(gale_map_put(m, &row, &huge, 1, &why), GALE_EINVAL);
        cr_expect(strstr(why.text, "value of more than 8388608") != NULL, "%s",
                  why.text);
        begin(m, 1, 0);
        cr_expect_eq(gale_map_put(m, &huge, &row, 1, &why), GALE_EINVAL);
        cr_expect(strstr(why.text, "key of more than 478") != NULL, "%s",
                  why.text);
    }
}

Test(map, a_key_of_another_part_is_refused)
{
    fresh(0, GALE_STATE_OPAQUE);
    gale_map *m = open_part(&gale_store_memory, GALE_STATE_OPAQUE, 0, 128);
    gale_diag why = { "" };
    unsigned refused = 0;

    for (int64_t i = 0; i < 200; i++) {
        gale_value key = gale_val_i64(i);
        gale_row row = { &key, 1 }, got;
        bool ours = gale_state_group(&key, 1) == 0;

        cr_expect_eq(gale_map_get(m, &row, 1, &got, &why),
                     ours ? GALE_OK : GALE_EINVAL);
        refused += !ours;
    }
    cr_expect_gt(refused, 100);
    cr_expect(strstr(why.text, "gale_state_part") != NULL, "%s", why.text);
    gale_map_close(m);
}

static gale_err count_pair(void *arg, gale_row key, gale_row value)
{
    int64_t *sum = arg;

    cr_expect_eq(key.n, 1);
    cr_expect_eq(value.n, 1);
    *sum += value.values[0].as.i;
    return GALE_OK;
}

Test(map, a_scan_meets_what_is_committed_once)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        int64_t sum = 0;

        begin(m, 1, 0);
        for (int i = 1; i <= 100; i++) {
            char word[16];

            snprintf(word, sizeof(word), "w%d", i);
            house_put(m, word, i);
        }
        commit(m);
        begin(m, 2, 0);
        house_put(m, "w100", 0);
        cr_expect_eq(gale_map_scan(m, count_pair, &sum, NULL), GALE_OK);
        cr_expect_eq(sum, 5050);
        commit(m);
        sum = 0;
        cr_expect_eq(gale_map_scan(m, count_pair, &sum, NULL), GALE_OK);
        cr_expect_eq(sum, 4950);
    }
}

/* What was applied as a transactional one cannot be undone. */
Test(map, a_change_of_the_kind_is_safe)
{
    EACH_STORE(m, GALE_STATE_TRANSACTIONAL)
    {
        gale_diag why = { "" };

        begin(m, 1, 0);
        house_plus(m, "word", 1);
        commit(m);
        gale_map_close(m);
        m = open_part(stores[i_], GALE_STATE_OPAQUE, 0, 1);
        cr_expect_eq(gale_map_txid(m), 1);
        cr_expect_eq(gale_map_begin(m, 1, 1, &why), GALE_EINVAL);
        cr_expect(strstr(why.text, "cannot be undone") != NULL, "%s",
                  why.text);
        begin(m, 2, 0);
        cr_expect_eq(house_plus(m, "word", 1), 2);
        commit(m);
        gale_map_close(m);
        m = open_part(stores[i_], GALE_STATE_NON_TRANSACTIONAL, 0, 1);
        begin(m, 2, 1);
        cr_expect_eq(house_plus(m, "word", 1), 3);
        commit(m);
        gale_map_close(m);
        m = open_part(stores[i_], GALE_STATE_OPAQUE, 0, 1);
        cr_expect_eq(gale_map_txid(m), 0, "nobody knows any more");
    }
}

/* Two parts, of which one committed; then there are three. */
Test(map, a_partial_commit_is_made_whole_by_another_number_of_parts)
{
    EACH_STORE(whole, GALE_STATE_OPAQUE)
    {
        enum { WORDS = 200 };
        char words[WORDS][8];
        uint32_t group[WORDS];

        gale_map_close(whole);
        whole = NULL;
        for (int i = 0; i < WORDS; i++) {
            snprintf(words[i], sizeof(words[i]), "w%d", i);
            gale_value v = gale_val_cstr(words[i]);
            group[i] = gale_state_group(&v, 1);
        }
        for (uint32_t p = 0; p < 2; p++) {
            gale_map *m = open_part(stores[i_], GALE_STATE_OPAQUE, p, 2);

            for (uint64_t txid = 1; txid <= 2; txid++) {
                begin(m, txid, 0);
                for (int i = 0; i < WORDS; i++)
                    if (gale_state_part(group[i], 2) == p)
                        house_plus(m, words[i], 1);
                if (txid == 1 || p == 0)
                    commit(m);
            }
            gale_map_close(m);
        }
        for (uint32_t p = 0; p < 3; p++) {
            gale_map *m = open_part(stores[i_], GALE_STATE_OPAQUE, p, 3);

            begin(m, 2, 1);
            for (int i = 0; i < WORDS; i++)
                if (gale_state_part(group[i], 3) == p)
                    cr_expect_eq(house_plus(m, words[i], 10), 11, "%s",
                                 words[i]);
            commit(m);
            gale_map_close(m);
        }
        whole = open_part(stores[i_], GALE_STATE_OPAQUE, 0, 1);
        for (int i = 0; i < WORDS; i++)
            cr_expect_eq(house_get(whole, words[i]), 11);
        cr_expect_eq(gale_map_txid(whole), 2);
    }
}
