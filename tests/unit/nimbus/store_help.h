/* store_help.h -- what the tests of the store share: a directory, a store in
 * it, and what is in that as text. */
#ifndef TEST_STORE_HELP_H
#define TEST_STORE_HELP_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "nimbus/store/lmdb.h"

static char dir[64], path[96];

static inline void setup(void)
{
    snprintf(dir, sizeof(dir), P_tmpdir "/gale-store-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/state.mdb", dir);
}

static inline void teardown(void)
{
    char cmd[96];

    snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
    cr_assert_eq(system(cmd), 0);
}

static inline gi_store opened(void)
{
    gi_store_lmdb_opts opts = { .path = path };
    gi_store s = { 0 };
    gale_diag why = { "" };
    gale_err rv = gi_store_lmdb_open(&s, &opts, &why);

    cr_assert_eq(rv, GALE_OK, "%s", why.text);
    return s;
}

static inline gale_err put(gi_store *s, const char *key, const char *text)
{
    gi_store_change c = { key, text, text == NULL ? 0 : strlen(text) };

    return s->commit(s->self, &c, 1, NULL);
}

/* "key=bytes;" for each, by key. */
typedef struct all {
    char text[4096];
    size_t len;
} all;

static inline gale_err note(void *arg, const char *key, const void *bytes,
                            size_t len)
{
    all *a = arg;

    a->len += (size_t)snprintf(a->text + a->len, sizeof(a->text) - a->len,
                               "%s=%.*s;", key, (int)len, (const char *)bytes);
    cr_assert_lt(a->len, sizeof(a->text));
    return GALE_OK;
}

static inline const char *text_of(gi_store *s)
{
    static all a;

    a = (all){ .len = 0 };
    cr_assert_eq(s->load(s->self, note, &a, NULL), GALE_OK);
    return a.text;
}

#endif
