#include "state/make.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "state/holder.h"

enum { TXN_KEYS = 50000 }; /* copied by one transaction */

/* -------------------------------------------------- directories, locks -- */

/* With its name on the disk. */
static gale_err make_dir(char *dir, gale_diag *why)
{
    char *slash = strrchr(dir, '/');
    gale_err rv;

    if (mkdir(dir, 0700) != 0)
        return errno == EEXIST ? GALE_OK : gi_io_failed(dir, why);
    if (slash == NULL || slash == dir)
        return gi_dir_sync(slash == NULL ? "." : "/", why);
    *slash = '\0';
    rv = gi_dir_sync(dir, why);
    *slash = '/';
    return rv;
}

gale_err gi_make_dirs(const char *dir, gale_diag *why)
{
    char *part = gi_strdup(dir);
    gale_err rv = GALE_OK;

    if (part == NULL)
        return gi_stored_no_memory(why);
    for (char *at = part + 1; rv == GALE_OK; at++) {
        char was = *at;

        if (was != '/' && was != '\0')
            continue;
        *at = '\0';
        rv = make_dir(part, why);
        *at = was;
        if (was == '\0')
            break;
    }
    gi_free(part);
    return rv;
}

gale_err gi_lock(int *out, const char *dir, bool waits, gale_diag *why)
{
    char *path = gi_file_path(dir, "lock");
    int fd, rc;

    if (path == NULL)
        return gi_stored_no_memory(why);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    gi_free(path);
    if (fd < 0)
        return errno == ENOENT ? GALE_ENOTFOUND : gi_io_failed(dir, why);
    do
        rc = flock(fd, waits ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (rc != 0 && errno == EINTR);
    if (rc == 0) {
        *out = fd;
        return GALE_OK;
    }
    rc = errno;
    close(fd);
    errno = rc;
    if (rc != EWOULDBLOCK)
        return gi_io_failed(dir, why);
    gi_diag_say(why, "%s: another task or process still writes to it", dir);
    return GALE_EBUSY;
}

/* Only files are in it. */
static void remove_dir(const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *e;

    while (d != NULL && (e = readdir(d)) != NULL)
        unlinkat(dirfd(d), e->d_name, 0);
    if (d != NULL)
        closedir(d);
    rmdir(dir);
}

/* ------------------------------------------------------------- copying -- */

typedef struct copying {
    gi_tree *tree;
    MDB_txn *txn;
    size_t n;
    int rc;
} copying;

/* The transaction so far, and a new one. */
static int turn(copying *c)
{
    int rc = c->txn == NULL ? 0 : gi_tree_commit(c->txn);

    c->txn = NULL;
    c->n = 0;
    return rc == 0 ? mdb_txn_begin(c->tree->env, NULL, 0, &c->txn) : rc;
}

static gale_err copy_one(void *arg, gale_str key, gale_str value)
{
    copying *c = arg;
    MDB_val k = gi_tree_val(key), v = gi_tree_val(value);

    if (c->n++ == TXN_KEYS)
        c->rc = turn(c);
    if (c->rc == 0)
        c->rc = mdb_put(c->txn, c->tree->dbi, &k, &v, MDB_APPEND);
    return c->rc == 0 ? GALE_OK : GALE_EIO;
}

/* The parts that have something of the new one's groups, locked. */
typedef struct sources {
    gi_part *part[GALE_STATE_GROUPS]; /* of each group; or NULL */
    gi_holder *holders[GALE_STATE_GROUPS];
    gi_part *parts[GALE_STATE_GROUPS];
    size_t n, n_locks;
} sources;

static void sources_fini(sources *s)
{
    for (size_t i = 0; i < s->n; i++)
        gi_part_close(s->parts[i]);
    for (size_t i = 0; i < s->n_locks; i++)
        gi_hold_end(s->holders[i]);
}

static gale_err open_source(sources *s, const char *dir, const gi_place *p,
                            gale_diag *why)
{
    gi_part_opts opts = { .read_only = true };
    char name[GI_PLACE_NAME], *path;
    gale_err rv;

    gi_place_name(name, p);
    path = gi_file_path(dir, name);
    rv = path == NULL ? gi_stored_no_memory(why)
                      : gi_hold(&s->holders[s->n_locks], path, why);
    if (rv == GALE_OK) {
        s->n_locks++;
        rv = gi_part_open(&s->parts[s->n], path, &opts, why);
    }
    if (rv == GALE_OK)
        s->n++;
    if (rv == GALE_ENOTFOUND) {
        gi_diag_say(why, "%s: damaged: not all of its files are there", path);
        rv = GALE_EFORMAT;
    }
    gi_free(path);
    return rv;
}

static gale_err open_sources(sources *s, const char *dir, const gi_layout *l,
                             const gi_place *place, gale_diag *why)
{
    const gi_place *of[GALE_STATE_GROUPS] = { NULL };
    gale_err rv = GALE_OK;

    for (uint32_t g = 0; rv == GALE_OK && g < GALE_STATE_GROUPS; g++) {
        const gi_place *p = gi_place_has(place, g) ? gi_layout_of(l, g) : NULL;

        if (p == NULL)
            continue;
        for (size_t i = 0; i < s->n && s->part[g] == NULL; i++)
            if (of[i] == p)
                s->part[g] = s->parts[i];
        if (s->part[g] != NULL)
            continue;
        of[s->n] = p;
        rv = open_source(s, dir, p, why);
        if (rv == GALE_OK)
            s->part[g] = s->parts[s->n - 1];
    }
    return rv;
}

static gale_err copy_groups(sources *s, copying *c, gale_diag *why)
{
    gale_err rv = GALE_OK;

    for (uint32_t g = 0; rv == GALE_OK && g < GALE_STATE_GROUPS; g++)
        if (s->part[g] != NULL)
            rv = gi_part_scan(s->part[g], g, (gale_str){ "", 0 }, copy_one, c,
                              why);
    return c->rc != 0 ? gi_tree_say(c->tree, c->rc, why) : rv;
}

/* Once, with the room there is.  ELIMIT: it was not enough. */
static gale_err fill(sources *s, gi_tree *tree, gale_diag *why)
{
    char meta[GI_META_BYTES];
    gale_str bytes = { meta, sizeof(meta) };
    MDB_val k = gi_tree_val(gi_meta_key()), v = gi_tree_val(bytes);
    copying c = { .tree = tree };
    gale_err rv;

    c.rc = turn(&c);
    if (c.rc == 0) /* what an attempt without enough room left */
        c.rc = mdb_drop(c.txn, tree->dbi, 0);
    rv = c.rc == 0 ? copy_groups(s, &c, why) : gi_tree_say(tree, c.rc, why);
    if (rv == GALE_OK) {
        gi_meta_write(meta, 1);
        c.rc = mdb_put(c.txn, tree->dbi, &k, &v, 0);
    }
    if (rv != GALE_OK || c.rc != 0) {
        if (c.txn != NULL)
            mdb_txn_abort(c.txn);
        return rv != GALE_OK ? rv : gi_tree_say(tree, c.rc, why);
    }
    return gi_tree_say(tree, gi_tree_commit(c.txn), why);
}

/* Without room it has to be filled from the beginning, so there is plenty. */
static gale_err grow_first(const sources *s, gi_tree *tree, gale_diag *why)
{
    uint64_t need = 0, room;
    gale_err rv = GALE_OK;

    for (size_t i = 0; i < s->n; i++) {
        need += gi_tree_bytes(s->parts[i]->tree, NULL);
        for (int g = 0; g < GALE_STATE_GROUPS; g++)
            need += s->parts[i]->groups[g].bytes;
    }
    while (rv == GALE_OK && (gi_tree_bytes(tree, &room), room < 2 * need))
        rv = gi_tree_grow(tree, why);
    return rv;
}

static gale_err build(const char *dir, sources *s, gale_diag *why)
{
    gi_tree *tree;
    gi_log log;
    gale_err rv = gi_tree_open(&tree, dir, true, why);

    if (rv != GALE_OK)
        return rv;
    rv = grow_first(s, tree, why);
    while (rv == GALE_OK && (rv = fill(s, tree, why)) == GALE_ELIMIT)
        rv = gi_tree_grow(tree, why); /* GALE_OK: once more */
    gi_tree_close(tree);
    if (rv != GALE_OK)
        return rv;
    rv = gi_log_create(&log, dir, 1, why); /* and all names are on the disk */
    if (rv == GALE_OK)
        gi_log_close(&log);
    return rv;
}

static gale_err make_in(const char *dir, const char *half, const char *whole,
                        sources *s, gale_diag *why)
{
    gale_err rv;

    remove_dir(half);
    rv = gi_make_dirs(half, why);
    if (rv == GALE_OK)
        rv = build(half, s, why);
    if (rv == GALE_OK && rename(half, whole) != 0)
        rv = gi_io_failed(whole, why);
    if (rv == GALE_OK)
        rv = gi_dir_sync(dir, why);
    return rv;
}

gale_err gi_part_make(const char *dir, const gi_layout *l,
                      const gi_place *place, gale_diag *why)
{
    char name[GI_PLACE_NAME], beside[GI_PLACE_NAME + 8], *half, *whole;
    sources s = { .n = 0 };
    gale_err rv;

    gi_place_name(name, place);
    snprintf(beside, sizeof(beside), "%s.new", name);
    whole = gi_file_path(dir, name);
    half = gi_file_path(dir, beside);
    rv = whole == NULL || half == NULL ? gi_stored_no_memory(why)
                                       : open_sources(&s, dir, l, place, why);
    if (rv == GALE_OK)
        rv = make_in(dir, half, whole, &s, why);
    sources_fini(&s);
    gi_free(half);
    gi_free(whole);
    return rv;
}

/* ------------------------------------------------------------- tidying -- */

static void put_away(const char *dir, const gi_place *p)
{
    char name[GI_PLACE_NAME], beside[GI_PLACE_NAME + 8];
    char *path, *gone;
    gi_holder *h;

    gi_place_name(name, p);
    snprintf(beside, sizeof(beside), "%s.gone", name);
    path = gi_file_path(dir, name);
    gone = gi_file_path(dir, beside);
    if (path != NULL && gone != NULL && gi_hold(&h, path, NULL) == GALE_OK) {
        /* With that it is not there any more, however much of it is left. */
        if (rename(path, gone) == 0)
            remove_dir(gone);
        gi_hold_end(h);
    }
    gi_free(path);
    gi_free(gone);
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n > m && strcmp(name + n - m, end) == 0;
}

void gi_parts_tidy(const char *dir, const gi_layout *l)
{
    DIR *d = opendir(dir);
    const struct dirent *e;

    while (d != NULL && (e = readdir(d)) != NULL)
        if (ends_with(e->d_name, ".new") || ends_with(e->d_name, ".gone")) {
            char *path = gi_file_path(dir, e->d_name);

            if (path != NULL)
                remove_dir(path);
            gi_free(path);
        }
    if (d != NULL)
        closedir(d);
    for (size_t i = 0; i < l->n; i++)
        if (gi_layout_outdated(l, &l->at[i]))
            put_away(dir, &l->at[i]);
}
