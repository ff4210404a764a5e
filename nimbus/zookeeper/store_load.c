#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/zookeeper/store_inside.h"

enum {
    AT_ONCE = 32,         /* reads that are under way */
    SWEEP_AT_ONCE = 1000, /* pieces that are thrown away in one request */
};

/* A value until all are there; `pairs` has the rest, by the same index until
 * they are sorted. */
typedef struct value {
    char *bytes;    /* to be freed ... */
    const char *at; /* ... and where the value begins in it */
    size_t len;
    gi_zk_pair pair;
} value;

typedef struct loading {
    gi_store_zk *s;
    uint64_t until_ms;
    gi_pool pool;
    gi_zk_call *names; /* below ROOT/state */
    value *values;
    uint32_t n;
    gi_store_sum said; /* the sum as it lies there */
    gale_diag *why;
} loading;

static gale_err damaged(loading *l, const char *what)
{
    gi_diag_say(l->why,
                "ZooKeeper, %s: %s; put back what was there, or remove it "
                "('deleteall %s' in zkCli): then Nimbus begins with nothing, "
                "and topologies have to be submitted again",
                l->s->z->state, what, l->s->z->state);
    return GALE_EFORMAT;
}

/* ----------------------------------------------------------- one value -- */

static gale_err take_pieces(loading *l, value *v, const gi_zk_ref *ref)
{
    size_t at = 0;

    v->bytes = gi_alloc(ref->len);
    if (v->bytes == NULL)
        return GALE_ENOMEM;
    for (uint32_t k = 0; k < ref->n; k++) {
        char *path = gi_zk_path_of_piece(l->s, &l->pool, ref->id, k);
        gi_zk_call *c;
        size_t len;
        int rc = path == NULL
                     ? ZSYSTEMERROR
                     : gi_zk_fetch(l->s, path, false, l->until_ms, &c);

        if (rc == ZNONODE)
            return damaged(l, "a piece of a value is not there");
        if (rc != ZOK)
            return gi_zk_say(l->s, rc, l->why);
        len = c->len;
        if (len <= ref->len - at)
            memcpy(v->bytes + at, c->bytes, len);
        gi_zk_call_free(c);
        if (len > ref->len - at)
            return damaged(l, "a piece of a value is too long");
        at += len;
    }
    if (at != ref->len)
        return damaged(l, "a piece of a value is too short");
    v->at = v->bytes;
    v->len = ref->len;
    return GALE_OK;
}

/* The call's bytes become the value's, if it is whole. */
static gale_err take_value(loading *l, value *v, const char *name,
                           gi_zk_call *c)
{
    char key[GI_STORE_KEY_MOST + 1];
    gale_err rv;

    if (!gi_zk_key_of(name, key))
        return damaged(l, "something lies there that Nimbus never wrote");
    v->pair.key = gi_strdup(key);
    if (v->pair.key == NULL)
        return GALE_ENOMEM;
    if (c->len > 0 && *c->bytes == 'v') {
        v->bytes = c->bytes;
        v->at = c->bytes + 1;
        v->len = c->len - 1;
        c->bytes = NULL;
    } else if (gi_zk_ref_read(&v->pair.ref, c->bytes, c->len)) {
        rv = take_pieces(l, v, &v->pair.ref);
        if (rv != GALE_OK)
            return rv;
    } else {
        return damaged(l, "a value has another layout than this Nimbus knows");
    }
    v->pair.sum = gi_zk_sum_of(key, v->at, v->len);
    return GALE_OK;
}

static char *path_below(loading *l, const char *name)
{
    size_t size = strlen(l->s->z->state) + strlen(name) + 2;
    char *path = gi_pool_take(&l->pool, size, 1);

    if (path != NULL)
        snprintf(path, size, "%s/%s", l->s->z->state, name);
    return path;
}

/* --------------------------------------------------------- all of them -- */

/* Begun; NULL: not so, and whoever wants it fetches it. */
static gi_zk_call *begin_one(loading *l, const char *name)
{
    char *path = path_below(l, name);
    gi_zk_call *c =
        path == NULL ? NULL : gi_zk_call_make(l->s->z, GI_WANT_NOTHING, 0);

    if (c != NULL && gi_zk_begin_get(c, path, false) != ZOK) {
        gi_zk_call_free(c);
        c = NULL;
    }
    return c;
}

static gale_err end_one(loading *l, uint32_t i, gi_zk_call *c)
{
    const char *name = l->names->names[i];
    gale_err rv;
    int rc;

    if (c != NULL && !gi_zk_wait(c, l->until_ms))
        return gi_zk_say(l->s, ZOPERATIONTIMEOUT, l->why);
    if (c == NULL || gi_zk_unknown(c->rc)) {
        char *path = path_below(l, name);

        gi_zk_call_free(c);
        rc = path == NULL ? ZSYSTEMERROR
                          : gi_zk_fetch(l->s, path, false, l->until_ms, &c);
        if (rc != ZOK)
            return gi_zk_say(l->s, rc, l->why);
    }
    rv = c->rc == ZOK ? take_value(l, &l->values[i], name, c)
                      : gi_zk_say(l->s, c->rc, l->why);
    gi_zk_call_free(c);
    return rv;
}

/* What was begun is waited for, also if it is of no use any more. */
static gale_err read_values(loading *l)
{
    gi_zk_call *calls[AT_ONCE] = { NULL };
    gale_err rv = GALE_OK, one;
    uint32_t begun = 0;

    for (uint32_t i = 0; i < l->n; i++) {
        while (rv == GALE_OK && begun < l->n && begun < i + AT_ONCE) {
            calls[begun % AT_ONCE] = begin_one(l, l->names->names[begun]);
            begun++;
        }
        if (i >= begun)
            break;
        one = end_one(l, i, calls[i % AT_ONCE]);
        if (rv == GALE_OK)
            rv = one;
    }
    return rv;
}

static gale_err read_sum(loading *l)
{
    gi_store_zk *s = l->s;
    gi_zk_call *c;
    gale_err rv = GALE_OK;
    int rc = gi_zk_fetch(s, s->z->state, false, l->until_ms, &c);

    if (rc != ZOK)
        return gi_zk_say(s, rc, l->why);
    s->version = c->version;
    l->said = (gi_store_sum){ 0 };
    if (c->len > 0 && !gi_store_sum_read(&l->said, c->bytes, c->len))
        rv = damaged(l, "it is no store of Nimbus, or one of a later version");
    gi_zk_call_free(c);
    return rv;
}

static gale_err read_all(loading *l)
{
    gale_err rv = read_sum(l);
    int rc;

    if (rv != GALE_OK)
        return rv;
    rc = gi_zk_fetch(l->s, l->s->z->state, true, l->until_ms, &l->names);
    if (rc != ZOK)
        return gi_zk_say(l->s, rc, l->why);
    l->n = l->names->n_names;
    l->values = gi_calloc(l->n + 1, sizeof(*l->values));
    return l->values == NULL ? GALE_ENOMEM : read_values(l);
}

/* --------------------------------------------------------- is it whole -- */

/* If somebody else took the office he may have written in between. */
static gale_err still_ours(loading *l)
{
    gi_zk_call *c;
    int rc = gi_zk_fetch(l->s, l->s->z->office, false, l->until_ms, &c);
    int32_t version;

    if (rc != ZOK)
        return gi_zk_say(l->s, rc, l->why);
    version = c->version;
    gi_zk_call_free(c);
    if (version == l->s->office)
        return GALE_OK;
    gi_diag_say(l->why, "ZooKeeper, %s: another Nimbus leads now",
                l->s->z->root);
    return GALE_EIO;
}

static gale_err compare_sums(loading *l)
{
    gi_store_sum sum = { 0 };
    gale_err rv;

    for (uint32_t i = 0; i < l->n; i++)
        gi_zk_sum_add(&sum, &l->values[i].pair.sum);
    l->s->sum = sum;
    if (gi_store_sum_same(&sum, &l->said))
        return GALE_OK;
    rv = still_ours(l);
    return rv != GALE_OK ? rv
                         : damaged(l, "something in it is lost or altered");
}

static bool is_needed(const gi_store_zk *s, const char *piece)
{
    const char *dot = strrchr(piece, '.');
    size_t len = dot == NULL ? 0 : (size_t)(dot - piece);

    for (uint32_t i = 0; i < s->n; i++)
        if (s->pairs[i].ref.n > 0 && strlen(s->pairs[i].ref.id) == len &&
            memcmp(s->pairs[i].ref.id, piece, len) == 0)
            return true;
    return false;
}

/* Pieces that no value names.  If this fails the next leader does it; if the
 * office is not ours any more nothing is done. */
static void sweep(loading *l)
{
    gi_store_zk *s = l->s;
    gi_zk_call *c;
    zoo_op_t *ops;
    uint32_t n = 1, refused;
    bool again = false;

    if (gi_zk_fetch(s, s->z->pieces, true, l->until_ms, &c) != ZOK)
        return;
    ops = gi_pool_take(&l->pool, SWEEP_AT_ONCE, sizeof(*ops));
    if (ops != NULL)
        zoo_check_op_init(&ops[0], s->z->office, s->office);
    for (uint32_t i = 0; ops != NULL && i < c->n_names; i++) {
        size_t size = strlen(s->z->pieces) + strlen(c->names[i]) + 2;
        char *path;

        if (is_needed(s, c->names[i]) || n == SWEEP_AT_ONCE)
            continue;
        path = gi_pool_take(&l->pool, size, 1);
        if (path == NULL)
            break;
        snprintf(path, size, "%s/%s", s->z->pieces, c->names[i]);
        zoo_delete_op_init(&ops[n++], path, -1);
    }
    if (n > 1)
        (void)gi_zk_multi(s, ops, n, l->until_ms, &again, &refused);
    gi_zk_call_free(c);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const value *)a)->pair.key, ((const value *)b)->pair.key);
}

static gale_err take_over(loading *l)
{
    gi_store_zk *s = l->s;
    gale_err rv;

    qsort(l->values, l->n, sizeof(*l->values), by_key);
    gi_zk_forget(s);
    rv = gi_zk_reserve(s, l->n);
    if (rv != GALE_OK)
        return rv;
    for (uint32_t i = 0; i < l->n; i++) {
        gi_zk_pair p = l->values[i].pair;

        p.key = gi_strdup(p.key);
        if (p.key == NULL)
            return GALE_ENOMEM;
        gi_zk_insert(s, i, p);
    }
    s->loaded = true;
    return GALE_OK;
}

gale_err gi_zk_load(void *self, gi_store_pair pair, void *arg, gale_diag *why)
{
    gi_store_zk *s = self;
    loading l = { .s = s, .why = why };
    gale_err rv;

    l.until_ms = gi_zk_now_ms() + 2 * (uint64_t)s->z->l.session_ms;
    s->loaded = false;
    rv = read_all(&l);
    if (rv == GALE_OK)
        rv = compare_sums(&l);
    if (rv == GALE_OK)
        rv = take_over(&l);
    if (rv == GALE_OK)
        sweep(&l);
    for (uint32_t i = 0; rv == GALE_OK && i < l.n; i++)
        rv = pair(arg, l.values[i].pair.key, l.values[i].at, l.values[i].len);
    for (uint32_t i = 0; l.values != NULL && i < l.n; i++) {
        gi_free(l.values[i].bytes);
        gi_free(l.values[i].pair.key);
    }
    gi_free(l.values);
    gi_zk_call_free(l.names);
    gi_pool_fini(&l.pool);
    return rv;
}
