/* part.c -- opening a part, and reading it. */
#include "state/part.h"

#include <stdio.h>

#include "base/diag.h"
#include "base/mem.h"
#include "state/hash.h"

enum { META_VERSION = 1 };
#define LOG_BYTES   ((uint64_t)64 << 20)
#define CACHE_BYTES ((uint64_t)64 << 20)

/* ---------------------------------------------------------------- meta -- */

gale_str gi_meta_key(void)
{
    static const char key[] = "\xff\xffmeta"; /* of no group */

    return (gale_str){ key, sizeof(key) - 1 };
}

void gi_meta_write(char meta[GI_META_BYTES], uint64_t first_log)
{
    gi_put_le64(meta, META_VERSION);
    gi_put_le64(meta + 8, first_log);
}

bool gi_meta_read(gale_str meta, uint64_t *first_log)
{
    if (meta.len != GI_META_BYTES || gi_get_le64(meta.ptr) != META_VERSION)
        return false;
    *first_log = gi_get_le64(meta.ptr + 8);
    return true;
}

static gale_err read_meta(gi_part *p, gale_diag *why)
{
    MDB_val key = gi_tree_val(gi_meta_key()), value;
    int rc = mdb_get(p->txn, p->tree->dbi, &key, &value);
    gale_str meta;

    if (rc != 0)
        return gi_tree_say(p->tree, rc, why);
    meta = (gale_str){ value.mv_data, (uint32_t)value.mv_size };
    return gi_meta_read(meta, &p->first)
               ? GALE_OK
               : gi_tree_say(p->tree, MDB_VERSION_MISMATCH, why);
}

/* ------------------------------------------------------------- opening -- */

int gi_part_read_begin(gi_part *p)
{
    int rc = 0;

    if (p->txn == NULL)
        rc = mdb_txn_begin(p->tree->env, NULL, MDB_RDONLY, &p->txn);
    else if (!p->reading)
        rc = mdb_txn_renew(p->txn);
    p->reading = rc == 0;
    return rc;
}

void gi_part_read_end(gi_part *p)
{
    if (p->reading && !p->opts.read_only)
        mdb_txn_reset(p->txn);
    p->reading = p->reading && p->opts.read_only;
}

typedef struct replaying {
    gi_part *p;
    uint64_t generation;
} replaying;

static gale_err replay_one(void *arg, const gale_change *c)
{
    replaying *r = arg;
    gi_cells *t = &r->p->groups[gi_stored_group(c->key)];
    gi_cell *cell =
        gi_cells_at(t, c->key, gi_state_hash(c->key), c->value.len);

    if (cell != NULL && cell->room < c->value.len) {
        cell = gi_cell_larger(cell, c->value.len);
        if (cell != NULL)
            gi_cells_put(t, cell);
    }
    if (cell == NULL)
        return GALE_ENOMEM;
    gi_cell_set(cell, c->value);
    cell->dirty = r->generation;
    return GALE_OK;
}

static gale_err replay_log(gi_part *p, uint64_t n, uint64_t *last,
                           gale_diag *why)
{
    replaying r = { p, n };
    bool highest = n == p->highest;

    return gi_log_replay(p->dir, n, highest, highest ? p->seen : UINT64_MAX,
                         replay_one, &r, &p->good, last, why);
}

/* Nothing was in the highest log yet, and those below are whole. */
static bool just_begun(const gi_part *p, uint64_t n)
{
    return n == p->highest && n > p->first &&
           (!p->opts.read_only || p->seen <= GI_LOG_HEAD);
}

/* A writer that lost a log has lost it for good. */
static gale_err not_there(const gi_part *p, uint64_t n, gale_diag *why)
{
    if (p->opts.read_only)
        return GALE_ENOTFOUND;
    gi_diag_say(why, "%s: damaged: log.%llu is not there", p->dir,
                (unsigned long long)n);
    return GALE_EFORMAT;
}

static gale_err replay(gi_part *p, gale_diag *why)
{
    uint64_t n = p->first, last = GI_LOG_HEAD;
    gale_err rv = replay_log(p, n, &last, why);

    while (rv == GALE_OK && n < p->highest)
        rv = replay_log(p, ++n, &last, why);
    if (rv == GALE_ENOTFOUND && !just_begun(p, n))
        return not_there(p, n, why);
    if (rv == GALE_ENOTFOUND)
        return p->opts.read_only ? GALE_OK
                                 : gi_log_create(&p->log, p->dir, n, why);
    return rv != GALE_OK || p->opts.read_only
               ? rv
               : gi_log_continue(&p->log, p->dir, n, p->good, last, why);
}

static void remove_old_logs(gi_part *p)
{
    uint64_t lowest, highest;

    if (gi_log_range(p->dir, 0, &lowest, &highest) == GALE_OK)
        for (uint64_t n = lowest; n < p->first; n++)
            gi_log_remove(p->dir, n);
}

static gale_err pin_logs(gi_part *p, gale_diag *why)
{
    uint64_t lowest;
    gale_err rv = gi_log_range(p->dir, p->first, &lowest, &p->highest);

    if (rv == GALE_OK && lowest != p->first)
        rv = GALE_ENOTFOUND;
    if (rv == GALE_ENOTFOUND)
        return not_there(p, p->first, why);
    p->seen = UINT64_MAX;
    if (rv == GALE_OK && p->opts.read_only)
        rv = gi_log_bytes(p->dir, p->highest, &p->seen);
    return rv;
}

/* What is there at this moment: the tree's snapshot, and so much of the logs.
 */
static gale_err pin(gi_part *p, gale_diag *why)
{
    gale_err rv = gi_tree_open(&p->tree, p->dir, false, why);

    if (rv == GALE_OK)
        rv = gi_tree_say(p->tree, gi_part_read_begin(p), why);
    if (rv == GALE_OK)
        rv = read_meta(p, why);
    if (rv != GALE_OK)
        return rv;
    return pin_logs(p, why);
}

gale_err gi_part_pin_again(gi_part *p, bool *moved)
{
    uint64_t highest = p->highest, seen = p->seen;
    gale_err rv = pin_logs(p, NULL);

    *moved = p->highest != highest || p->seen != seen;
    return rv;
}

/* Behind what was good there was, when the reader looked, a record that was
 * not whole.  If it is gone since, others may have come in its place, and he
 * has seen of them what was not there yet. */
static gale_err look_behind(gi_part *p)
{
    bool moved = false;
    gale_err rv = GALE_OK;

    if (p->opts.read_only && p->good < p->seen)
        rv = gi_part_pin_again(p, &moved);
    return moved ? GALE_ENOTFOUND : rv;
}

gale_err gi_part_load(gi_part *p, gale_diag *why)
{
    gale_err rv = replay(p, why);

    if (rv == GALE_OK)
        rv = look_behind(p);
    if (rv == GALE_OK && p->highest > p->first)
        p->upto = p->highest; /* a checkpoint was under way */
    gi_part_read_end(p);
    if (rv == GALE_OK && !p->opts.read_only)
        remove_old_logs(p);
    return rv;
}

gale_err gi_part_pin(gi_part **out, const char *dir, const gi_part_opts *opts,
                     gale_diag *why)
{
    gi_part *p = gi_alloc(sizeof(*p));
    gale_err rv;

    if (p == NULL)
        return gi_stored_no_memory(why);
    p->log.fd = -1;
    p->opts = *opts;
    if (p->opts.log_bytes == 0)
        p->opts.log_bytes = LOG_BYTES;
    if (p->opts.cache_bytes == 0)
        p->opts.cache_bytes = CACHE_BYTES;
    p->dir = gi_strdup(dir);
    rv = p->dir == NULL ? gi_stored_no_memory(why) : pin(p, why);
    if (rv != GALE_OK) {
        gi_part_close(p);
        return rv;
    }
    *out = p;
    return GALE_OK;
}

gale_err gi_part_open(gi_part **out, const char *dir, const gi_part_opts *opts,
                      gale_diag *why)
{
    gi_part *p;
    gale_err rv = gi_part_pin(&p, dir, opts, why);

    if (rv != GALE_OK)
        return rv;
    rv = gi_part_load(p, why);
    if (rv != GALE_OK) {
        gi_part_close(p);
        return rv;
    }
    *out = p;
    return GALE_OK;
}

void gi_part_close(gi_part *p)
{
    if (p == NULL)
        return;
    if (p->txn != NULL)
        mdb_txn_abort(p->txn);
    gi_tree_close(p->tree);
    gi_log_close(&p->log);
    for (int i = 0; i < GALE_STATE_GROUPS; i++)
        gi_cells_fini(&p->groups[i]);
    gi_bytes_fini(&p->record);
    gi_free(p->cells);
    gi_free(p->dir);
    gi_free(p);
}

/* ------------------------------------------------------------- reading -- */

/* The clean cells of some groups, if there are too many in all. */
static void forget_some(gi_part *p)
{
    enum {
        ALL = 1u << GI_CELL_UNKNOWN | 1u << GI_CELL_NONE | 1u << GI_CELL_SOME
    };

    if (p->scanning || p->opts.read_only)
        return;
    for (int i = 0; p->clean > p->opts.cache_bytes && i < 4; i++) {
        gi_cells *t = &p->groups[p->sweep_at];
        uint64_t bytes = t->bytes;

        /* A checkpoint is in the midst of one of them. */
        if (p->upto == 0 || p->at_group != p->sweep_at)
            gi_cells_sweep(t, ALL);
        bytes -= t->bytes;
        p->clean -= bytes < p->clean ? bytes : p->clean;
        p->sweep_at = (p->sweep_at + 1) % GALE_STATE_GROUPS;
    }
}

/* What the tree has; kept for the next time, if there is room. */
static int ask_tree(gi_part *p, gale_str key, uint32_t hash, gale_str *value)
{
    MDB_val k = gi_tree_val(key), v;
    int rc = gi_part_read_begin(p);
    gi_cell *c;

    if (rc == 0)
        rc = mdb_get(p->txn, p->tree->dbi, &k, &v);
    *value = (gale_str){ NULL, 0 };
    if (rc == 0)
        *value = (gale_str){ v.mv_data, (uint32_t)v.mv_size };
    else if (rc != MDB_NOTFOUND)
        return rc;
    if (p->opts.read_only || value->len > p->opts.cache_bytes / 64)
        return 0;
    c = gi_cells_at(&p->groups[gi_stored_group(key)], key, hash, value->len);
    if (c != NULL && c->room >= value->len) {
        p->clean += gi_cell_clean(c) ? 0 : gi_cell_size(c);
        gi_cell_set(c, *value);
    }
    return 0;
}

static int get_one(gi_part *p, gale_str key, uint32_t hash, gale_str *value)
{
    const gi_cell *c =
        gi_cells_find(&p->groups[gi_stored_group(key)], key, hash);

    if (c == NULL || c->state == GI_CELL_UNKNOWN)
        return ask_tree(p, key, hash, value);
    *value = gi_cell_value(c);
    return 0;
}

/* A few keys ahead memory is asked for, so that nobody waits for it. */
gale_err gi_part_get(gi_part *p, const gale_str *keys, size_t n,
                     gale_str *values, gale_diag *why)
{
    enum { AHEAD = 16, NEAR = 8 };
    uint32_t hashes[AHEAD];

    forget_some(p);
    gi_part_read_end(p); /* of the call before: its values are given back */
    for (size_t i = 0; i < n + AHEAD; i++) {
        int rc = 0;

        if (i >= AHEAD)
            rc = get_one(p, keys[i - AHEAD], hashes[i % AHEAD],
                         &values[i - AHEAD]);
        if (rc != 0)
            return gi_tree_say(p->tree, rc, why);
        if (i < n) {
            hashes[i % AHEAD] = gi_state_hash(keys[i]);
            gi_cells_expect(&p->groups[gi_stored_group(keys[i])],
                            hashes[i % AHEAD]);
        }
        if (i >= NEAR && i - NEAR < n)
            gi_cells_expect_cell(&p->groups[gi_stored_group(keys[i - NEAR])],
                                 hashes[(i - NEAR) % AHEAD]);
    }
    return GALE_OK;
}
