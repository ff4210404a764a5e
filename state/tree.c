#include "state/tree.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/diag.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"
#include "state/stored.h"

enum { FIRST_SIZE = 16 << 20, FULL_BELOW = 1 << 18 };
#define MOST_SIZE ((size_t)1 << 40)

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static gi_tree *trees; /* guarded by registry */

static bool disk_is_full(const char *path)
{
    struct statvfs st;

    return statvfs(path, &st) == 0 &&
           (uint64_t)st.f_bavail * st.f_frsize < FULL_BELOW;
}

gale_err gi_tree_say(const gi_tree *t, int rc, gale_diag *why)
{
    gale_err rv = rc == 0                 ? GALE_OK
                  : rc == ENOMEM          ? GALE_ENOMEM
                  : rc == ENOENT          ? GALE_ENOTFOUND
                  : rc == MDB_MAP_RESIZED ? GALE_ENOTFOUND
                  : rc == MDB_MAP_FULL    ? GALE_ELIMIT
                  : rc < 0                ? GALE_EFORMAT
                                          : GALE_EIO;

    /* Of a write that was cut short LMDB only says that it failed. */
    if (rv != GALE_OK)
        gi_diag_say(why, "%s: %s", t->path,
                    rv == GALE_EIO && (rc == ENOSPC || disk_is_full(t->path))
                        ? "its disk is full"
                    : rv == GALE_ENOMEM ? "out of memory"
                                        : mdb_strerror(rc));
    return rv;
}

int gi_tree_commit(MDB_txn *txn)
{
    int rc;

    if (gi_point_fails(GI_POINT_WRITE)) {
        mdb_txn_abort(txn);
        return ENOSPC;
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 && gi_point_fails(GI_POINT_SYNC) ? EIO : rc;
}

uint64_t gi_tree_bytes(const gi_tree *t, uint64_t *room)
{
    MDB_envinfo info = { 0 };
    MDB_stat pages = { 0 };

    if (mdb_env_info(t->env, &info) != 0 || mdb_env_stat(t->env, &pages) != 0)
        return 0;
    if (room != NULL)
        *room = info.me_mapsize;
    return ((uint64_t)info.me_last_pgno + 1) * pages.ms_psize;
}

/* Pages that the file does not have would be a signal when they are read. */
static int check_length(const gi_tree *t)
{
    MDB_envinfo info;
    struct stat st;
    int rc = mdb_env_info(t->env, &info);

    if (rc != 0)
        return rc;
    if (stat(t->path, &st) != 0)
        return errno;
    return info.me_last_txnid > 0 &&
                   (uint64_t)st.st_size < gi_tree_bytes(t, NULL)
               ? MDB_CORRUPTED
               : 0;
}

static int open_dbi(gi_tree *t)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(t->env, NULL, MDB_RDONLY, &txn);

    if (rc != 0)
        return rc;
    rc = mdb_dbi_open(txn, NULL, 0, &t->dbi);
    mdb_txn_abort(txn);
    return rc;
}

static int open_env(gi_tree *t)
{
    int rc = mdb_env_create(&t->env), dead;

    if (rc == 0)
        rc = mdb_env_set_mapsize(t->env, FIRST_SIZE);
    if (rc == 0)
        rc = mdb_env_open(t->env, t->path, MDB_NOSUBDIR | MDB_NOTLS, 0600);
    if (rc == 0)
        rc = check_length(t);
    if (rc == 0)
        rc = mdb_reader_check(t->env, &dead);
    return rc == 0 ? open_dbi(t) : rc;
}

static void drop(gi_tree *t)
{
    if (t->env != NULL)
        mdb_env_close(t->env);
    gi_free(t->path);
    gi_free(t);
}

static gale_err open_locked(gi_tree **out, const char *dir, bool make,
                            gale_diag *why)
{
    gi_tree *t = gi_alloc(sizeof(*t));
    struct stat st;
    gale_err rv;
    int rc;

    if (t == NULL)
        return GALE_ENOMEM;
    t->path = gi_file_path(dir, "data");
    if (t->path == NULL) {
        drop(t);
        return GALE_ENOMEM;
    }
    rc = stat(t->path, &st) == 0 ? 0 : errno;
    for (gi_tree *o = trees; rc == 0 && o != NULL; o = o->next)
        if (o->dev == st.st_dev && o->ino == st.st_ino) {
            drop(t);
            o->users++;
            *out = o;
            return GALE_OK;
        }
    if (rc == 0 || (rc == ENOENT && make))
        rc = open_env(t);
    if (rc == 0 && stat(t->path, &st) != 0)
        rc = errno;
    rv = gi_tree_say(t, rc, why);
    if (rv != GALE_OK) {
        drop(t);
        return rv;
    }
    t->dev = st.st_dev;
    t->ino = st.st_ino;
    t->users = 1;
    t->next = trees;
    trees = t;
    *out = t;
    return GALE_OK;
}

gale_err gi_tree_open(gi_tree **out, const char *dir, bool make,
                      gale_diag *why)
{
    gale_err rv;

    pthread_mutex_lock(&registry);
    rv = open_locked(out, dir, make, why);
    pthread_mutex_unlock(&registry);
    return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
}

void gi_tree_close(gi_tree *t)
{
    gi_tree **at = &trees;

    if (t == NULL)
        return;
    pthread_mutex_lock(&registry);
    if (--t->users == 0) {
        while (*at != t)
            at = &(*at)->next;
        *at = t->next;
        drop(t);
    }
    pthread_mutex_unlock(&registry);
}

static gale_err grow_locked(gi_tree *t, gale_diag *why)
{
    MDB_envinfo info;
    int rc;

    if (t->users > 1)
        return GALE_EBUSY;
    rc = mdb_env_info(t->env, &info);
    if (rc == 0 && info.me_mapsize >= MOST_SIZE)
        rc = MDB_MAP_FULL;
    if (rc == 0)
        rc = mdb_env_set_mapsize(t->env, info.me_mapsize * 2);
    return gi_tree_say(t, rc, why);
}

gale_err gi_tree_grow(gi_tree *t, gale_diag *why)
{
    gale_err rv;

    pthread_mutex_lock(&registry);
    rv = grow_locked(t, why);
    pthread_mutex_unlock(&registry);
    return rv;
}
