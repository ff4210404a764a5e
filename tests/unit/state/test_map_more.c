#define _GNU_SOURCE /* nftw */
#include "house_map.h"

TestSuite(map_more, .fini = house_remove);

Test(map_more, keys_and_values_of_every_type_and_size)
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

Test(map_more, what_is_too_large_is_refused_by_name)
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

Test(map_more, a_key_of_another_part_is_refused)
{
    gale_map_close(fresh(0, GALE_STATE_OPAQUE));
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

Test(map_more, a_scan_meets_what_is_committed_once)
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
Test(map_more, a_change_of_the_kind_is_safe)
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
Test(map_more, a_partial_commit_is_made_whole_by_another_number_of_parts)
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

static gale_err count_fences(void *arg, gale_str key, gale_str value)
{
    unsigned *n = arg;

    (void)value;
    *n += key.len > 2 && (unsigned char)key.ptr[2] == 0xc1;
    return GALE_OK;
}

/* What is kept to undo a batch goes with the next one. */
Test(map_more, what_undoes_a_batch_is_kept_as_long_as_it_may_be_needed)
{
    EACH_STORE(m, GALE_STATE_OPAQUE)
    {
        enum { KEYS = 8, LONG = 100 << 10 };
        static char large[LONG];
        gale_value keys[KEYS], value = gale_val_bytes(large, LONG);
        gale_value small = gale_val_i64(1);
        gale_row rows[KEYS], values[KEYS], got;
        gale_store_where w = house_where(0, 1);
        unsigned n = 0;
        void *self;
        int found = 0;

        for (int64_t i = 0; found < KEYS; i++) {
            gale_value key = gale_val_i64(i);

            if (gale_state_group(&key, 1) != 5)
                continue;
            keys[found] = key;
            rows[found] = (gale_row){ &keys[found], 1 };
            values[found++] = (gale_row){ &value, 1 };
        }
        begin(m, 1, 0);
        cr_assert_eq(gale_map_put(m, rows, values, KEYS, NULL), GALE_OK);
        commit(m);
        begin(m, 2, 0);
        for (int i = 0; i < KEYS; i++)
            values[i] = (gale_row){ &small, 1 };
        cr_assert_eq(gale_map_put(m, rows, values, KEYS, NULL), GALE_OK);
        commit(m);
        begin(m, 2, 1);
        cr_assert_eq(gale_map_get(m, &rows[7], 1, &got, NULL), GALE_OK);
        cr_expect_eq(got.values[0].len, LONG);
        cr_assert_eq(gale_map_put(m, rows, values, KEYS, NULL), GALE_OK);
        commit(m);
        gale_map_close(m);
        m = open_part(stores[i_], GALE_STATE_OPAQUE, 0, 1);
        begin(m, 3, 0);
        cr_assert_eq(gale_map_put(m, rows, values, 1, NULL), GALE_OK);
        commit(m);
        w.read_only = true;
        cr_assert_eq(stores[i_]->open(&self, &w, NULL), GALE_OK);
        cr_assert_eq(stores[i_]->scan(self, (gale_str){ "\0\5", 2 },
                                      count_fences, &n, NULL),
                     GALE_OK);
        cr_expect_eq(n, 1, "a fence, and nothing to undo: it is the same");
        stores[i_]->close(self);
    }
}
