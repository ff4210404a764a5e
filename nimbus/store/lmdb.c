#include "nimbus/store/lmdb.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "base/diag.h"
#include "base/failpoint.h"
#include "base/mem.h"
#include "nimbus/store/check.h"
#include "nimbus/store/make.h"
#include "nimbus/store/sum.h"

enum { FIRST_SIZE = 16 << 20, SIZE_UNIT = 1 << 16, FULL_BELOW = 1 << 18 };
#define MOST_SIZE ((uint64_t)64 << 30)

typedef struct lmdb {
    MDB_env *env;
    MDB_dbi dbi;
    char *path;
    size_t size, most; /* of the map: what the file may grow to */
    gi_store_sum sum;
    bool failed; /* a commit did: what is there, nobody here knows */
} lmdb;

static gale_err err_of(int rc)
{
    return rc == 0              ? GALE_OK
           : rc == ENOMEM       ? GALE_ENOMEM
           : rc == MDB_MAP_FULL ? GALE_ELIMIT
           : rc < 0             ? GALE_EFORMAT
                                : GALE_EIO;
}

static gale_err say(gale_diag *why, const char *path, int rc)
{
    if (rc != 0)
        gi_diag_say(why, "%s: %s", path, mdb_strerror(rc));
    return err_of(rc);
}

/* ------------------------------------------------------------- loading -- */

static gale_err pass_on(gi_store_pair pair, void *arg, const MDB_val *key,
                        const MDB_val *bytes)
{
    char text[GI_STORE_KEY_MOST + 1];

    if (key->mv_size > GI_STORE_KEY_MOST)
        return GALE_EFORMAT;
    memcpy(text, key->mv_data, key->mv_size);
    text[key->mv_size] = '\0';
    return pair(arg, text, bytes->mv_data, bytes->mv_size);
}

static gale_err load(void *self, gi_store_pair pair, void *arg, gale_diag *why)
{
    gale_err rv = GALE_OK;
    lmdb *s = self;
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, bytes;
    int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);

    if (rc != 0)
        return say(why, s->path, rc);
    rc = mdb_cursor_open(txn, s->dbi, &cursor);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return say(why, s->path, rc);
    }
    while (rv == GALE_OK &&
           (rc = mdb_cursor_get(cursor, &key, &bytes, MDB_NEXT)) == 0)
        if (key.mv_size > 0 && *(const char *)key.mv_data != '\0')
            rv = pass_on(pair, arg, &key, &bytes);
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    if (rc != 0 && rc != MDB_NOTFOUND)
        rv = say(why, s->path, rc);
    return rv;
}

/* ---------------------------------------------------------- committing -- */

static int change_one(lmdb *s, MDB_txn *txn, const gi_store_change *c,
                      gi_store_sum *sum)
{
    MDB_val key = { strlen(c->key), (void *)(uintptr_t)c->key };
    MDB_val bytes = { c->len, (void *)(uintptr_t)c->bytes }, old;
    int rc = mdb_get(txn, s->dbi, &key, &old);

    if (rc == 0)
        gi_store_sum_take(sum, key.mv_data, key.mv_size, old.mv_data,
                          old.mv_size);
    else if (rc != MDB_NOTFOUND)
        return rc;
    if (c->bytes == NULL)
        return rc == 0 ? mdb_del(txn, s->dbi, &key, NULL) : 0;
    gi_store_sum_add(sum, key.mv_data, key.mv_size, c->bytes, c->len);
    return mdb_put(txn, s->dbi, &key, &bytes, 0);
}

/* A write that fails leaves the old state; a sync that fails leaves either. */
static int end_txn(MDB_txn *txn)
{
    int rc;

    if (gi_point_fails(GI_POINT_WRITE)) {
        mdb_txn_abort(txn);
        return ENOSPC;
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 && gi_point_fails(GI_POINT_SYNC) ? EIO : rc;
}

static int try_commit(lmdb *s, const gi_store_change *changes, size_t n)
{
    gi_store_sum sum = s->sum;
    MDB_txn *txn;
    int rc = mdb_txn_begin(s->env, NULL, 0, &txn);

    if (rc != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = change_one(s, txn, &changes[i], &sum);
    if (rc == 0)
        rc = gi_store_put_sum(txn, s->dbi, &sum);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = end_txn(txn);
    if (rc == 0)
        s->sum = sum;
    return rc;
}

/* No transaction is open now, so the map may change. */
static int grow(lmdb *s)
{
    size_t size = s->size > s->most / 2 ? s->most : s->size * 2;
    int rc;

    if (size <= s->size)
        return MDB_MAP_FULL;
    rc = mdb_env_set_mapsize(s->env, size);
    if (rc == 0)
        s->size = size;
    return rc;
}

static gale_err check(const gi_store_change *changes, size_t n, gale_diag *why)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(changes[i].key);

        if (len == 0 || len > GI_STORE_KEY_MOST ||
            (changes[i].bytes != NULL &&
             changes[i].len > GI_STORE_VALUE_MOST)) {
            gi_diag_say(why,
                        "'%.60s': a key has 1 to %d bytes, and not more than "
                        "%d behind it; here are %zu",
                        changes[i].key, GI_STORE_KEY_MOST, GI_STORE_VALUE_MOST,
                        changes[i].len);
            return GALE_EINVAL;
        }
    }
    return GALE_OK;
}

/* Of a write that was cut short LMDB only says that it failed. */
static bool disk_is_full(const char *path)
{
    struct statvfs st;

    return statvfs(path, &st) == 0 &&
           (uint64_t)st.f_bavail * st.f_frsize < FULL_BELOW;
}

static gale_err commit(void *self, const gi_store_change *changes, size_t n,
                       gale_diag *why)
{
    lmdb *s = self;
    gale_err rv = check(changes, n, why);
    int rc;

    if (rv != GALE_OK || n == 0)
        return rv;
    if (s->failed) {
        gi_diag_say(why,
                    "%s: an earlier write failed; what is there has to be "
                    "read anew",
                    s->path);
        return GALE_EIO;
    }
    do
        rc = try_commit(s, changes, n);
    while (rc == MDB_MAP_FULL && (rc = grow(s)) == 0);
    s->failed = rc != 0;
    rv = say(why, s->path, rc);
    if (rv == GALE_EIO && why != NULL && disk_is_full(s->path))
        gi_diag_say(why, "%s: its disk is full", s->path);
    return rv;
}

/* ---------------------------------------------------- opening, closing -- */

static void shut(void *self)
{
    lmdb *s = self;

    if (s == NULL)
        return;
    if (s->env != NULL)
        mdb_env_close(s->env);
    gi_free(s->path);
    gi_free(s);
}

static int open_env(lmdb *s, const char *path)
{
    int rc = mdb_env_create(&s->env);

    if (rc == 0)
        rc = mdb_env_set_mapsize(s->env, s->size);
    if (rc == 0)
        rc = mdb_env_open(s->env, path, MDB_NOSUBDIR | MDB_NOLOCK, 0600);
    return rc;
}

static gale_err find_or_make(const gi_store_lmdb_opts *opts, gale_diag *why)
{
    gale_diag damage = { "" };
    gale_err rv = gi_store_check(opts->path, &damage);

    if (why != NULL)
        why->text[0] = '\0';
    if (rv == GALE_ENOTFOUND)
        return gi_store_make(opts->path, why);
    if (rv == GALE_EFORMAT && opts->set_aside)
        return gi_store_make_anew(opts->path, damage.text, why);
    if (rv != GALE_OK)
        gi_diag_say(
            why, "%.1500s%s", damage.text,
            rv == GALE_EFORMAT
                ? "; put a copy of it in its place, or start once with "
                  "--set-damaged-aside: then Nimbus begins with nothing, "
                  "and topologies have to be submitted again"
                : "");
    return rv;
}

static int read_sum(lmdb *s)
{
    MDB_val key = { GI_STORE_SUM_KEY_LEN, (void *)GI_STORE_SUM_KEY }, bytes;
    MDB_txn *txn;
    int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);

    if (rc != 0)
        return rc;
    rc = mdb_dbi_open(txn, NULL, 0, &s->dbi);
    if (rc == 0)
        rc = mdb_get(txn, s->dbi, &key, &bytes);
    if (rc == 0 && !gi_store_sum_read(&s->sum, bytes.mv_data, bytes.mv_size))
        rc = MDB_CORRUPTED;
    mdb_txn_abort(txn);
    return rc;
}

static size_t in_units(uint64_t bytes, uint64_t otherwise)
{
    uint64_t n = bytes == 0 ? otherwise : bytes;

    return (size_t)((n + SIZE_UNIT - 1) / SIZE_UNIT * SIZE_UNIT);
}

gale_err gi_store_lmdb_open(gi_store *out, const gi_store_lmdb_opts *opts,
                            gale_diag *why)
{
    gale_err rv = find_or_make(opts, why);
    MDB_envinfo info;
    lmdb *s;
    int rc;

    if (rv != GALE_OK)
        return rv;
    s = gi_alloc(sizeof(*s));
    if (s == NULL)
        return GALE_ENOMEM;
    s->path = gi_strdup(opts->path);
    s->size = in_units(opts->first_size, FIRST_SIZE);
    s->most = in_units(opts->most, MOST_SIZE);
    rc = s->path == NULL ? ENOMEM : open_env(s, opts->path);
    if (rc == 0)
        rc = read_sum(s);
    if (rc == 0)
        rc = mdb_env_info(s->env, &info);
    if (rc != 0) {
        shut(s);
        return say(why, opts->path, rc);
    }
    s->size = info.me_mapsize; /* more, if the file is larger */
    *out = (gi_store){ s, load, commit, shut };
    return GALE_OK;
}
