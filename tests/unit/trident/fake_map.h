/* fake_map.h -- a map of a state, in memory, small and simple: what steps are
 * tested against.  It survives being closed, says what was called, and fails
 * when told to.  What it hands out is gone with the next call, as promised. */
#ifndef TESTS_UNIT_TRIDENT_FAKE_MAP_H
#define TESTS_UNIT_TRIDENT_FAKE_MAP_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "gale/state.h"
#include "trident/values.h"

enum { FAKE_PAIRS = 4096 };

typedef struct fake_pair {
    gale_row key, value; /* value.values NULL: removed */
} fake_pair;

typedef struct fake_pairs {
    fake_pair at[FAKE_PAIRS];
    size_t n;
} fake_pairs;

/* What lies in the store: now, and before the last transaction. */
static struct {
    fake_pairs now, before;
    uint64_t txid, attempt;
    char said[4096]; /* the calls, with blanks between */
    gale_err open, begin, get, update, commit; /* what the next one returns */
    int n_open;
    gale_store_where where; /* of the last open */
} fake;

struct gale_map {
    gale_state_kind kind;
    fake_pairs now;
    uint64_t txid, attempt;
    bool under_way, broken, skips;
    void *lent[2 * FAKE_PAIRS];
    size_t n_lent;
};

static void fake_say(const char *what)
{
    if (strlen(fake.said) + strlen(what) + 2 < sizeof(fake.said)) {
        strcat(fake.said, fake.said[0] == 0 ? "" : " ");
        strcat(fake.said, what);
    }
}

static gale_row fake_copy(gale_row row, struct gale_map *lender)
{
    size_t bytes = 1 + row.n * sizeof(gale_value);
    gale_value *v;
    char *at;

    if (row.values == NULL)
        return row;
    for (size_t i = 0; i < row.n; i++)
        bytes += row.values[i].type >= GALE_T_STR ? row.values[i].len : 0;
    v = malloc(bytes);
    at = (char *)(v + row.n);
    for (size_t i = 0; i < row.n; i++) {
        v[i] = row.values[i];
        if (v[i].type < GALE_T_STR)
            continue;
        if (v[i].len > 0)
            memcpy(at, v[i].as.p, v[i].len);
        v[i].as.p = at;
        at += v[i].len;
    }
    if (lender != NULL) {
        cr_assert_lt(lender->n_lent, 2 * FAKE_PAIRS);
        lender->lent[lender->n_lent++] = v;
    }
    return (gale_row){ v, row.n };
}

static fake_pair *fake_find(fake_pairs *pairs, gale_row key)
{
    for (size_t i = 0; i < pairs->n; i++) {
        bool same = pairs->at[i].key.n == key.n;

        for (size_t k = 0; same && k < key.n; k++)
            same = gi_value_same(&pairs->at[i].key.values[k], &key.values[k]);
        if (same)
            return &pairs->at[i];
    }
    return NULL;
}

static void fake_set(fake_pairs *pairs, gale_row key, gale_row value)
{
    fake_pair *p = fake_find(pairs, key);
    gale_row had = { NULL, 0 };

    if (p == NULL) {
        cr_assert_lt(pairs->n, FAKE_PAIRS);
        p = &pairs->at[pairs->n++];
        p->key = fake_copy(key, NULL);
    } else {
        had = p->value;
    }
    p->value = fake_copy(value, NULL);
    free((void *)(uintptr_t)had.values);
}

static void fake_clear(fake_pairs *pairs)
{
    for (size_t i = 0; i < pairs->n; i++) {
        free((void *)(uintptr_t)pairs->at[i].key.values);
        free((void *)(uintptr_t)pairs->at[i].value.values);
    }
    pairs->n = 0;
}

static void fake_assign(fake_pairs *to, const fake_pairs *from)
{
    fake_clear(to);
    for (size_t i = 0; i < from->n; i++)
        fake_set(to, from->at[i].key, from->at[i].value);
}

static void fake_forget(struct gale_map *m)
{
    while (m->n_lent > 0)
        free(m->lent[--m->n_lent]);
}

/* What the next call of a kind returns, once. */
static gale_err fake_once(gale_err *e, const char *words, gale_diag *why)
{
    gale_err rv = *e;

    *e = GALE_OK;
    if (rv != GALE_OK && why != NULL)
        strcpy(why->text, words);
    return rv;
}

gale_err gale_map_open(gale_map **out, const gale_store *store,
                       const gale_store_where *where, gale_state_kind kind,
                       gale_diag *why)
{
    gale_err e = fake_once(&fake.open, "cannot be opened", why);

    (void)store;
    fake_say(e == GALE_OK ? "open" : "open!");
    fake.where = *where;
    if (e != GALE_OK)
        return e;
    *out = calloc(1, sizeof(**out));
    (*out)->kind = kind;
    (*out)->txid = fake.txid;
    (*out)->attempt = fake.attempt;
    fake_assign(&(*out)->now, &fake.now);
    fake.n_open++;
    cr_assert_eq(fake.n_open, 1, "a state is open twice");
    return GALE_OK;
}

void gale_map_close(gale_map *m)
{
    if (m == NULL)
        return;
    fake_say("close");
    fake.n_open--;
    fake_forget(m);
    fake_clear(&m->now);
    free(m);
}

gale_err gale_map_begin(gale_map *m, uint64_t txid, uint64_t attempt,
                        gale_diag *why)
{
    gale_err e = fake_once(&fake.begin, "a later one was applied", why);

    cr_assert(!m->broken, "used after a commit that failed");
    fake_forget(m);
    fake_say(e == GALE_OK ? "begin" : "begin!");
    if (e != GALE_OK)
        return e;
    m->under_way = true;
    m->skips = m->kind == GALE_STATE_TRANSACTIONAL && txid == fake.txid;
    fake_assign(&m->now, m->kind == GALE_STATE_OPAQUE && txid == fake.txid
                             ? &fake.before
                             : &fake.now);
    m->txid = txid;
    m->attempt = attempt;
    return GALE_OK;
}

gale_err gale_map_get(gale_map *m, const gale_row *keys, size_t n,
                      gale_row *values, gale_diag *why)
{
    gale_err e = fake_once(&fake.get, "cannot be read", why);

    cr_assert(!m->broken, "used after a commit that failed");
    fake_forget(m);
    fake_say(e == GALE_OK ? "get" : "get!");
    for (size_t i = 0; e == GALE_OK && i < n; i++) {
        const fake_pair *p = fake_find(&m->now, keys[i]);

        values[i] = p == NULL ? (gale_row){ NULL, 0 } : fake_copy(p->value, m);
    }
    return e;
}

gale_err gale_map_update(gale_map *m, const gale_row *keys, size_t n,
                         gale_map_update_fn update, void *arg, gale_row *now,
                         gale_diag *why)
{
    gale_err e = fake_once(&fake.update, "cannot be written", why);

    cr_assert(m->under_way);
    fake_forget(m);
    fake_say(e == GALE_OK ? "update" : "update!");
    for (size_t i = 0; e == GALE_OK && i < n; i++) {
        const fake_pair *p = fake_find(&m->now, keys[i]);
        gale_row old =
            p == NULL ? (gale_row){ NULL, 0 } : fake_copy(p->value, m);
        gale_row to = { NULL, 0 };

        if (!m->skips) {
            e = update(arg, i, old, &to);
            if (e == GALE_OK)
                fake_set(&m->now, keys[i], to);
        }
    }
    for (size_t i = 0; e == GALE_OK && now != NULL && i < n; i++) {
        const fake_pair *p = fake_find(&m->now, keys[i]);

        now[i] = p == NULL ? (gale_row){ NULL, 0 } : fake_copy(p->value, m);
    }
    return e;
}

struct fake_put {
    const gale_row *values;
};

static gale_err fake_put_one(void *arg, size_t i, gale_row old, gale_row *now)
{
    (void)old;
    *now = ((const struct fake_put *)arg)->values[i];
    return GALE_OK;
}

gale_err gale_map_put(gale_map *m, const gale_row *keys,
                      const gale_row *values, size_t n, gale_diag *why)
{
    struct fake_put put = { values };

    return gale_map_update(m, keys, n, fake_put_one, &put, NULL, why);
}

gale_err gale_map_commit(gale_map *m, gale_diag *why)
{
    gale_err e = fake_once(&fake.commit, "disk full", why);

    cr_assert(m->under_way);
    fake_forget(m);
    fake_say(e == GALE_OK ? "commit" : "commit!");
    m->under_way = false;
    m->broken = e != GALE_OK;
    if (e != GALE_OK)
        return e;
    if (m->txid != fake.txid)
        fake_assign(&fake.before, &fake.now);
    fake_assign(&fake.now, &m->now);
    fake.txid = m->txid;
    fake.attempt = m->attempt;
    return GALE_OK;
}

void gale_map_abandon(gale_map *m)
{
    if (m->under_way)
        fake_say("abandon");
    m->under_way = false;
    fake_assign(&m->now, &fake.now);
}

gale_err gale_map_scan(gale_map *m, gale_map_pair pair, void *arg,
                       gale_diag *why)
{
    gale_err e = GALE_OK;

    (void)m;
    (void)why;
    for (size_t i = 0; e == GALE_OK && i < fake.now.n; i++)
        if (fake.now.at[i].value.values != NULL)
            e = pair(arg, fake.now.at[i].key, fake.now.at[i].value);
    return e;
}

uint64_t gale_map_txid(const gale_map *m)
{
    (void)m;
    return fake.txid;
}

/* The calls since it was asked last. */
static inline bool fake_called(const char *what)
{
    bool same = strcmp(fake.said, what) == 0;

    if (!same)
        fprintf(stderr, "called: %s\n", fake.said);
    fake.said[0] = 0;
    return same;
}

static inline void fake_reset(void)
{
    fake_clear(&fake.now);
    fake_clear(&fake.before);
    fake.txid = fake.attempt = 0;
    fake.said[0] = 0;
}

#endif
