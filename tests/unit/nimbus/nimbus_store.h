/* A store in memory, which fails when it is told to: for tests of Nimbus. */
#ifndef TESTS_NIMBUS_STORE_H
#define TESTS_NIMBUS_STORE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "nimbus/store/store.h"

struct pair {
    char *key;
    char *bytes;
    size_t len;
};

/* What a commit does that does not do what it should. */
enum store_fault { STORE_WELL, STORE_REFUSES, STORE_LOSES, STORE_KEEPS };

struct memory {
    struct pair *pairs;
    uint32_t n, cap;
    uint32_t commits;
    enum store_fault fault; /* of the next commit */
    gi_store store;
};

static inline uint32_t memory_find(const struct memory *m, const char *key)
{
    uint32_t i = 0;

    while (i < m->n && strcmp(m->pairs[i].key, key) < 0)
        i++;
    return i;
}

static inline bool memory_has(const struct memory *m, const char *key)
{
    uint32_t i = memory_find(m, key);

    return i < m->n && strcmp(m->pairs[i].key, key) == 0;
}

static inline void memory_drop(struct memory *m, const char *key)
{
    uint32_t i = memory_find(m, key);

    if (!memory_has(m, key))
        return;
    free(m->pairs[i].key);
    free(m->pairs[i].bytes);
    memmove(&m->pairs[i], &m->pairs[i + 1],
            (m->n - i - 1) * sizeof(*m->pairs));
    m->n--;
}

/* By malloc: a test that lets memory run out means Nimbus's. */
static inline void memory_put(struct memory *m, const char *key,
                              const void *bytes, size_t len)
{
    uint32_t i;

    memory_drop(m, key);
    i = memory_find(m, key);
    if (m->n == m->cap) {
        m->cap = m->cap == 0 ? 16 : m->cap * 2;
        m->pairs = realloc(m->pairs, m->cap * sizeof(*m->pairs));
    }
    memmove(&m->pairs[i + 1], &m->pairs[i], (m->n - i) * sizeof(*m->pairs));
    m->pairs[i] = (struct pair){ strdup(key), malloc(len + 1), len };
    if (len > 0)
        memcpy(m->pairs[i].bytes, bytes, len);
    m->n++;
}

static inline gale_err memory_commit(void *self, const gi_store_change *c,
                                     size_t n, gale_diag *why)
{
    struct memory *m = self;
    enum store_fault fault = m->fault;

    m->fault = STORE_WELL;
    if (why != NULL && fault != STORE_WELL)
        snprintf(why->text, sizeof(why->text), "the disk is full");
    for (size_t i = 0; i < n; i++) {
        cr_assert(strlen(c[i].key) <= GI_STORE_KEY_MOST);
        cr_assert(c[i].len <= GI_STORE_VALUE_MOST);
        for (size_t k = 0; k < i; k++)
            cr_assert(strcmp(c[i].key, c[k].key) != 0);
    }
    if (fault == STORE_REFUSES || fault == STORE_LOSES)
        return fault == STORE_REFUSES ? GALE_EINVAL : GALE_EIO;
    for (size_t i = 0; i < n; i++) {
        if (c[i].bytes == NULL)
            memory_drop(m, c[i].key);
        else
            memory_put(m, c[i].key, c[i].bytes, c[i].len);
    }
    m->commits++;
    return fault == STORE_KEEPS ? GALE_EIO : GALE_OK;
}

static inline gale_err memory_load(void *self, gi_store_pair pair, void *arg,
                                   gale_diag *why)
{
    struct memory *m = self;

    (void)why;
    for (uint32_t i = 0; i < m->n; i++) {
        gale_err e =
            pair(arg, m->pairs[i].key, m->pairs[i].bytes, m->pairs[i].len);

        if (e != GALE_OK)
            return e;
    }
    return GALE_OK;
}

static inline void memory_init(struct memory *m)
{
    memset(m, 0, sizeof(*m));
    m->store = (gi_store){ m, memory_load, memory_commit, NULL };
}

static inline void memory_fini(struct memory *m)
{
    while (m->n > 0)
        memory_drop(m, m->pairs[0].key);
    free(m->pairs);
}

#endif
