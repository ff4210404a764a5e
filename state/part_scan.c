/* part_scan.c -- all pairs of a group by key: those in the B-tree and those in
 * memory, which count where both have one. */
#include "base/mem.h"
#include "state/part.h"

typedef struct merge {
    gi_part *p;
    gale_str prefix;
    gale_store_pair pair;
    void *arg;
    gi_cell **cells;
    size_t n, at;
} merge;

/* Cells below `key`, or all of them (ptr NULL), and whether there was one for
 * it, too. */
static gale_err cells_below(merge *m, gale_str key, bool *met)
{
    gale_err rv = GALE_OK;

    *met = false;
    while (rv == GALE_OK && m->at < m->n && !*met) {
        const gi_cell *c = m->cells[m->at];
        int order = key.ptr == NULL ? -1 : gi_key_compare(gi_cell_key(c), key);

        if (order > 0)
            break;
        *met = order == 0;
        m->at++;
        if (c->state == GI_CELL_SOME)
            rv = m->pair(m->arg, gi_cell_key(c), gi_cell_value(c));
    }
    return rv;
}

static gale_err walk(merge *m, MDB_cursor *cursor, int *rc)
{
    MDB_val k = gi_tree_val(m->prefix), v;
    gale_err rv = GALE_OK;
    bool met;

    for (*rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); *rc == 0;
         *rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
        gale_str key = { k.mv_data, (uint32_t)k.mv_size };
        gale_str value = { v.mv_data, (uint32_t)v.mv_size };

        if (key.len < m->prefix.len ||
            memcmp(key.ptr, m->prefix.ptr, m->prefix.len) != 0)
            break;
        rv = cells_below(m, key, &met);
        if (rv == GALE_OK && !met)
            rv = m->pair(m->arg, key, value);
        if (rv != GALE_OK)
            return rv;
    }
    if (*rc == MDB_NOTFOUND)
        *rc = 0;
    return *rc == 0 ? cells_below(m, (gale_str){ NULL, 0 }, &met) : GALE_OK;
}

static gale_err with_txn(merge *m, MDB_txn *txn, gale_diag *why)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, m->p->tree->dbi, &cursor);
    gale_err rv = GALE_OK;

    if (rc != 0)
        return gi_tree_say(m->p->tree, rc, why);
    rv = walk(m, cursor, &rc);
    mdb_cursor_close(cursor);
    return rc != 0 ? gi_tree_say(m->p->tree, rc, why) : rv;
}

/* A reader has one transaction for good, whose moment counts. */
static gale_err merge_all(merge *m, gale_diag *why)
{
    MDB_txn *txn = m->p->txn;
    gale_err rv = GALE_OK;

    if (!m->p->opts.read_only)
        rv = gi_tree_say(
            m->p->tree, mdb_txn_begin(m->p->tree->env, NULL, MDB_RDONLY, &txn),
            why);
    if (rv != GALE_OK)
        return rv;
    rv = with_txn(m, txn, why);
    if (!m->p->opts.read_only)
        mdb_txn_abort(txn);
    return rv;
}

gale_err gi_part_scan(gi_part *p, uint32_t group, gale_str prefix,
                      gale_store_pair pair, void *arg, gale_diag *why)
{
    char bytes[GI_STORED_GROUP];
    merge m = { .p = p, .prefix = prefix, .pair = pair, .arg = arg };
    gale_err rv;

    gi_put_be16(bytes, (uint16_t)group);
    if (prefix.len < sizeof(bytes))
        m.prefix = (gale_str){ bytes, sizeof(bytes) };
    rv = gi_cells_sorted(&p->groups[group], m.prefix, &m.cells, &m.n);
    if (rv != GALE_OK)
        return gi_stored_no_memory(why);
    p->scanning = true;
    rv = merge_all(&m, why);
    p->scanning = false;
    gi_free(m.cells);
    return rv;
}
