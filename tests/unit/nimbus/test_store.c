#include <sys/stat.h>
#include <unistd.h>

#include "store_help.h"

#include "base/mem.h"
#include "nimbus/store/sum.h"

TestSuite(store, .timeout = 60, .init = setup, .fini = teardown);

Test(store, what_was_put_is_there_when_it_is_opened_again)
{
    gi_store s = opened();
    struct stat st;

    cr_expect_str_eq(text_of(&s), "");
    cr_assert_eq(put(&s, "topology/b", "two"), GALE_OK);
    cr_assert_eq(put(&s, "topology/a", "one"), GALE_OK);
    cr_assert_eq(put(&s, "cluster", ""), GALE_OK);
    s.close(s.self);
    s = opened();
    cr_expect_str_eq(text_of(&s), "cluster=;topology/a=one;topology/b=two;");
    s.close(s.self);
    cr_assert_eq(stat(path, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(store, a_batch_puts_replaces_and_deletes)
{
    gi_store s = opened();

    cr_assert_eq(put(&s, "a", "1"), GALE_OK);
    cr_assert_eq(put(&s, "b", "2"), GALE_OK);
    gi_store_change batch[] = {
        { "a", "11", 2 },
        { "b", NULL, 0 },
        { "c", "3", 1 },
        { "was never there", NULL, 0 },
    };
    cr_assert_eq(s.commit(s.self, batch, 4, NULL), GALE_OK);
    cr_expect_str_eq(text_of(&s), "a=11;c=3;");
    s.close(s.self);
    s = opened();
    cr_expect_str_eq(text_of(&s), "a=11;c=3;");
    s.close(s.self);
}

Test(store, an_empty_batch_is_no_work)
{
    gi_store s = opened();

    cr_expect_eq(s.commit(s.self, NULL, 0, NULL), GALE_OK);
    s.close(s.self);
}

Test(store, a_key_that_may_not_be_is_refused_and_the_batch_with_it)
{
    char key[GI_STORE_KEY_MOST + 2];
    gi_store s = opened();
    gale_diag why;

    memset(key, 'k', sizeof(key));
    key[sizeof(key) - 1] = '\0';
    gi_store_change batch[] = { { "good", "1", 1 }, { key, "2", 1 } };
    cr_expect_eq(s.commit(s.self, batch, 2, &why), GALE_EINVAL);
    cr_expect(strstr(why.text, "255") != NULL, "%s", why.text);
    batch[1].key = "";
    cr_expect_eq(s.commit(s.self, batch, 2, &why), GALE_EINVAL);
    batch[1] = (gi_store_change){ "big", "", GI_STORE_VALUE_MOST + 1 };
    cr_expect_eq(s.commit(s.self, batch, 2, &why), GALE_EINVAL);
    cr_expect(strstr(why.text, "'big'") != NULL, "%s", why.text);
    cr_expect_str_eq(text_of(&s), "");
    key[GI_STORE_KEY_MOST] = '\0'; /* the longest that may be */
    cr_expect_eq(put(&s, key, "x"), GALE_OK);
    s.close(s.self);
    s = opened();
    cr_expect_eq(strlen(text_of(&s)), GI_STORE_KEY_MOST + 3);
    s.close(s.self);
}

static gale_err stop_at_b(void *arg, const char *key, const void *bytes,
                          size_t len)
{
    (void)bytes;
    (void)len;
    ++*(int *)arg;
    return *key == 'b' ? GALE_EUSER : GALE_OK;
}

Test(store, loading_ends_when_whoever_listens_has_enough)
{
    gi_store s = opened();
    int n = 0;

    for (const char *k = "a\0b\0c\0"; *k != '\0'; k += 2)
        cr_assert_eq(put(&s, k, ""), GALE_OK);
    cr_expect_eq(s.load(s.self, stop_at_b, &n, NULL), GALE_EUSER);
    cr_expect_eq(n, 2);
    cr_expect_eq(put(&s, "d", ""), GALE_OK, "and it can be written to again");
    s.close(s.self);
}

Test(store, it_grows_as_it_must)
{
    enum { VALUE = 300 << 10, N = 12 };
    gi_store_lmdb_opts opts = { .path = path, .first_size = 1 << 18 };
    char *big = malloc(VALUE), key[8];
    gi_store s = { 0 };
    all a = { .len = 0 };

    memset(big, 'x', VALUE);
    cr_assert_eq(gi_store_lmdb_open(&s, &opts, NULL), GALE_OK);
    for (int i = 0; i < N; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        gi_store_change c = { key, big, VALUE };
        cr_assert_eq(s.commit(s.self, &c, 1, NULL), GALE_OK, "%d", i);
    }
    s.close(s.self);
    /* Less room than there is in the file already: no matter. */
    cr_assert_eq(gi_store_lmdb_open(&s, &opts, NULL), GALE_OK);
    for (int i = 0; i < N; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        cr_assert_eq(put(&s, key, i % 2 == 0 ? "y" : NULL), GALE_OK);
    }
    cr_assert_eq(s.load(s.self, note, &a, NULL), GALE_OK);
    cr_expect_str_eq(a.text, "k0=y;k10=y;k2=y;k4=y;k6=y;k8=y;");
    s.close(s.self);
    free(big);
}

Test(store, beyond_its_limit_it_says_so_and_keeps_what_it_has)
{
    enum { VALUE = 200 << 10 };
    gi_store_lmdb_opts opts = { .path = path,
                                .first_size = 1 << 18,
                                .most = 1 << 19 };
    char *big = calloc(1, VALUE), key[8];
    gale_err rv = GALE_OK;
    gi_store s = { 0 };
    gale_diag why;
    int n = 0;

    cr_assert_eq(gi_store_lmdb_open(&s, &opts, NULL), GALE_OK);
    for (; rv == GALE_OK && n < 10; n++) {
        snprintf(key, sizeof(key), "k%d", n);
        gi_store_change c = { key, big, VALUE };
        rv = s.commit(s.self, &c, 1, &why);
    }
    cr_expect_eq(rv, GALE_ELIMIT);
    cr_expect(strstr(why.text, path) != NULL, "%s", why.text);
    cr_expect(n == 2 || n == 3, "%d", n);
    cr_expect_eq(put(&s, "more", ""), GALE_EIO, "it has to be read anew");
    s.close(s.self);
    s = opened();
    int seen = 0;
    cr_expect_eq(s.load(s.self, stop_at_b, &seen, NULL), GALE_OK);
    cr_expect_eq(seen, n - 1);
    s.close(s.self);
    free(big);
}

Test(store, a_hundred_batches_leave_a_small_file)
{
    gi_store s = opened();
    struct stat st;
    char text[16];

    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "%d", i);
        cr_assert_eq(put(&s, "same", text), GALE_OK);
    }
    s.close(s.self);
    cr_assert_eq(stat(path, &st), 0);
    cr_expect_lt(st.st_size, 100 << 10);
}

Test(store, without_memory_nothing_is_opened_and_nothing_leaks)
{
    gi_store_lmdb_opts opts = { .path = path };
    gale_err rv = GALE_ENOMEM;
    gi_store s = { 0 };

    for (uint64_t n = 0; rv == GALE_ENOMEM; n++) {
        cr_assert_lt(n, 20);
        gi_mem_fail_after(n, 1);
        rv = gi_store_lmdb_open(&s, &opts, NULL);
        gi_mem_fail_after(0, 0);
    }
    cr_assert_eq(rv, GALE_OK);
    s.close(s.self);
}

Test(store, a_directory_that_is_not_there_is_named)
{
    gi_store_lmdb_opts opts = { .path = "/nowhere/state.mdb" };
    gi_store s;
    gale_diag why = { "" };

    cr_expect_eq(gi_store_lmdb_open(&s, &opts, &why), GALE_EIO);
    cr_expect(strstr(why.text, "/nowhere/state.mdb") != NULL, "%s", why.text);
    cr_expect(strstr(why.text, "No such file") != NULL, "%s", why.text);
}

Test(store_sum, does_not_depend_on_the_way_there)
{
    gi_store_sum a = { 0 }, b = { 0 }, back;
    unsigned char raw[GI_STORE_SUM_BYTES];

    gi_store_sum_add(&a, "k", 1, "v", 1);
    gi_store_sum_add(&a, "kk", 2, "vv", 2);
    gi_store_sum_add(&b, "kk", 2, "vv", 2);
    gi_store_sum_add(&b, "x", 1, "", 0);
    gi_store_sum_add(&b, "k", 1, "v", 1);
    cr_expect_not(gi_store_sum_same(&a, &b));
    gi_store_sum_take(&b, "x", 1, "", 0);
    cr_expect(gi_store_sum_same(&a, &b));
    gi_store_sum_write(&a, raw);
    cr_assert(gi_store_sum_read(&back, raw, sizeof(raw)));
    cr_expect(gi_store_sum_same(&a, &back));
    cr_expect_not(gi_store_sum_read(&back, raw, sizeof(raw) - 1));
    raw[7]++; /* a later layout */
    cr_expect_not(gi_store_sum_read(&back, raw, sizeof(raw)));
}

Test(store_sum, key_and_bytes_are_not_one_string)
{
    gi_store_sum a = { 0 }, b = { 0 };

    gi_store_sum_add(&a, "ab", 2, "c", 1);
    gi_store_sum_add(&b, "a", 1, "bc", 2);
    cr_expect_not(gi_store_sum_same(&a, &b));
}
