/* part_write.c -- writing to a part: one record of the log, synced, then the
 * tables; and checkpoints, a slice at a time. */
#include <errno.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/mem.h"
#include "state/hash.h"
#include "state/part.h"

enum {
    SLICE = 8192,          /* cells of a slice, at most ... */
    SLICE_LEAST = 1024,    /* ... however small the write is ... */
    SLICE_BYTES = 2 << 20, /* ... and about so many bytes */
    AHEAD = 16,
    NEAR = 8, /* changes for which memory is asked early */
};

/* ------------------------------------------------------------- writing -- */

static bool room_for(gi_part *p, size_t n)
{
    gi_cell **cells;

    if (n <= p->most_cells)
        return true;
    cells = gi_realloc(p->cells, n * sizeof(gi_cell *));
    if (cells == NULL)
        return false;
    p->cells = cells;
    p->most_cells = n;
    return true;
}

/* The cell of a change, with room for it: one that is too small has a larger
 * one beside the table. */
static gi_cell *cell_for(gi_part *p, const gale_change *c, uint32_t hash)
{
    gi_cells *t = &p->groups[gi_stored_group(c->key)];
    gi_cell *cell = gi_cells_at(t, c->key, hash, c->value.len);

    if (cell == NULL || cell->room >= c->value.len)
        return cell;
    cell = gi_cell_larger(cell, c->value.len);
    if (cell != NULL)
        cell->dirty = UINT64_MAX; /* it is not in the table */
    return cell;
}

/* For each change a cell that has room for it: nothing can fail any more when
 * the record is on the disk.  Memory is asked early for what comes next. */
static gale_err prepare(gi_part *p, const gale_change *c, size_t n,
                        size_t *done)
{
    uint32_t hashes[AHEAD];

    if (!room_for(p, n))
        return GALE_ENOMEM;
    for (size_t i = 0; i < n + AHEAD; i++) {
        if (i >= AHEAD) {
            gi_cell *cell = cell_for(p, &c[i - AHEAD], hashes[i % AHEAD]);

            if (cell == NULL)
                return GALE_ENOMEM;
            p->cells[(*done)++] = cell;
        }
        if (i < n) {
            hashes[i % AHEAD] = gi_state_hash(c[i].key);
            gi_cells_expect(&p->groups[gi_stored_group(c[i].key)],
                            hashes[i % AHEAD]);
        }
        if (i >= NEAR && i - NEAR < n)
            gi_cells_expect_cell(&p->groups[gi_stored_group(c[i - NEAR].key)],
                                 hashes[(i - NEAR) % AHEAD]);
    }
    return GALE_OK;
}

static void install(gi_part *p, const gale_change *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        gi_cells *t = &p->groups[gi_stored_group(c[i].key)];
        gi_cell *cell = p->cells[i];
        const gi_cell *was = cell->dirty == UINT64_MAX
                                 ? gi_cells_find(t, c[i].key, cell->hash)
                                 : cell;

        if (i + NEAR < n)
            __builtin_prefetch(p->cells[i + NEAR]);
        if (gi_cell_clean(was) && p->clean >= gi_cell_size(was))
            p->clean -= gi_cell_size(was);
        if (was != cell)
            gi_cells_put(t, cell);
        gi_cell_set(cell, c[i].value);
        cell->dirty = p->log.generation;
    }
}

static void forget(gi_part *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p->cells[i]->dirty == UINT64_MAX)
            gi_free(p->cells[i]);
}

static gale_err append(gi_part *p, const gale_change *c, size_t n,
                       gale_diag *why)
{
    gale_err rv =
        gi_record_write(&p->record, p->log.generation, p->log.size, c, n);

    if (rv == GALE_ELIMIT)
        gi_diag_say(why, "%s: a write of more than %d bytes", p->dir,
                    GI_RECORD_MOST);
    if (rv != GALE_OK)
        return rv;
    rv = gi_log_append(&p->log, p->record.at, p->record.len, why);
    p->broken = rv != GALE_OK;
    return rv;
}

gale_err gi_part_write(gi_part *p, const gale_change *c, size_t n,
                       gale_diag *why)
{
    size_t done = 0;
    gale_err rv;

    if (p->broken) {
        gi_diag_say(why,
                    "%s: an earlier write failed; it has to be opened anew",
                    p->dir);
        return GALE_EIO;
    }
    gi_part_read_end(p);
    if (n == 0)
        return GALE_OK;
    rv = prepare(p, c, n, &done);
    if (rv == GALE_OK)
        rv = append(p, c, n, why);
    if (rv != GALE_OK) {
        forget(p, done);
        return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
    }
    install(p, c, n);
    p->slice = n < SLICE_LEAST / 4 ? SLICE_LEAST
               : n < SLICE / 4     ? 4 * n
                                   : SLICE;
    rv = gi_part_checkpoint(p, why);
    p->broken = rv != GALE_OK;
    return rv;
}

/* --------------------------------------------------------- checkpoints -- */

static gale_err begin(gi_part *p, gale_diag *why)
{
    gi_log next;
    gale_err rv = gi_log_create(&next, p->dir, p->log.generation + 1, why);

    if (rv != GALE_OK)
        return rv;
    gi_log_close(&p->log);
    p->log = next;
    p->upto = next.generation;
    p->at_group = p->at_slot = 0;
    p->slots = p->groups[0].n_slots;
    return GALE_OK;
}

/* The next cells to be brought to the tree, all of one group. */
static size_t gather(gi_part *p, gi_cell **cells)
{
    size_t n = 0, bytes = 0;

    for (; p->at_group < GALE_STATE_GROUPS && n == 0; p->at_group++) {
        const gi_cells *t = &p->groups[p->at_group];

        /* A table that grew has another order: once more from its start. */
        if (t->n_slots != p->slots)
            p->at_slot = 0;
        p->slots = t->n_slots;
        while (p->at_slot < t->n_slots && n < p->slice &&
               bytes < SLICE_BYTES) {
            gi_cell *c = t->slots[p->at_slot++].cell;

            if (c != NULL && c->dirty != 0 && c->dirty < p->upto) {
                cells[n++] = c;
                bytes += c->len + c->key_len;
            }
        }
        if (p->at_slot < t->n_slots)
            break;
        p->at_slot = 0;
        if (p->at_group + 1 < GALE_STATE_GROUPS)
            p->slots = p->groups[p->at_group + 1].n_slots;
    }
    gi_cells_sort(cells, n);
    return n;
}

static int put_cells(gi_part *p, MDB_txn *txn, gi_cell **cells, size_t n)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n; i++) {
        MDB_val k = gi_tree_val(gi_cell_key(cells[i]));
        MDB_val v = gi_tree_val(gi_cell_value(cells[i]));

        if (cells[i]->state == GI_CELL_SOME)
            rc = mdb_put(txn, p->tree->dbi, &k, &v, 0);
        else
            rc = mdb_del(txn, p->tree->dbi, &k, NULL);
        if (rc == MDB_NOTFOUND)
            rc = 0;
    }
    return rc;
}

static int put_meta(gi_part *p, MDB_txn *txn)
{
    char meta[GI_META_BYTES];
    gale_str value = { meta, sizeof(meta) };
    MDB_val k = gi_tree_val(gi_meta_key()), v = gi_tree_val(value);

    gi_meta_write(meta, p->upto);
    return mdb_put(txn, p->tree->dbi, &k, &v, 0);
}

static int bring(gi_part *p, gi_cell **cells, size_t n, bool last)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(p->tree->env, NULL, 0, &txn);

    if (rc != 0)
        return rc;
    rc = put_cells(p, txn, cells, n);
    if (rc == 0 && last)
        rc = put_meta(p, txn);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    return gi_tree_commit(txn);
}

static void end(gi_part *p)
{
    for (uint64_t n = p->first; n < p->upto; n++)
        gi_log_remove(p->dir, n);
    p->first = p->upto;
    p->upto = 0;
}

/* *again: nothing came of it, and nothing is wrong; another time. */
static gale_err slice(gi_part *p, gi_cell **cells, bool *again, gale_diag *why)
{
    uint32_t group = p->at_group, slot = p->at_slot;
    size_t n = gather(p, cells);
    bool last = p->at_group == GALE_STATE_GROUPS;
    gale_err rv = GALE_OK;
    int rc;

    while ((rc = bring(p, cells, n, last)) == MDB_MAP_FULL &&
           (rv = gi_tree_grow(p->tree, why)) == GALE_OK)
        ;
    *again = rc == ENOMEM || rv == GALE_EBUSY || rv == GALE_ENOMEM;
    if (*again) {
        p->at_group = group;
        p->at_slot = slot;
        return GALE_OK;
    }
    if (rc != 0)
        return rv != GALE_OK ? rv : gi_tree_say(p->tree, rc, why);
    for (size_t i = 0; i < n; i++) {
        cells[i]->dirty = 0;
        p->clean += gi_cell_size(cells[i]);
    }
    if (last)
        end(p);
    return GALE_OK;
}

gale_err gi_part_checkpoint(gi_part *p, gale_diag *why)
{
    gi_cell **cells;
    gale_err rv = GALE_OK;
    bool again = false;
    /* When the new log is nearly as long as that which is being put away, more
     * is done at once. */
    uint64_t slices = 1 + 8 * p->log.size / p->opts.log_bytes;

    if (p->upto == 0) {
        if (p->log.size < p->opts.log_bytes)
            return GALE_OK;
        rv = begin(p, why);
        return rv == GALE_ENOMEM ? GALE_OK : rv;
    }
    cells = gi_calloc(SLICE, sizeof(gi_cell *));
    if (cells == NULL)
        return GALE_OK;
    for (uint64_t i = 0; rv == GALE_OK && p->upto != 0 && !again && i < slices;
         i++)
        rv = slice(p, cells, &again, why);
    gi_free(cells);
    return rv;
}
