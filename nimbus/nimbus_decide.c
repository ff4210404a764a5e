/* Decisions: prepared aside, stored as a whole, and only then made true. */
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/nimbus_decide.h"
#include "nimbus/nimbus_recut.h"

void gi_decision_init(gi_decision *d, gi_nimbus *n)
{
    *d = (gi_decision){ .n = n, .cluster = n->cluster };
}

void gi_decision_fini(gi_decision *d)
{
    for (uint32_t i = 0; i < d->n_fates; i++) {
        gi_kept_destroy(d->fates[i].kept);
        if (d->fates[i].fresh)
            gi_free(d->fates[i].of);
    }
    gi_free(d->fates);
    *d = (gi_decision){ 0 };
}

static gi_fate *find(const gi_decision *d, const gi_topo *t)
{
    for (uint32_t i = 0; i < d->n_fates; i++)
        if (d->fates[i].of == t)
            return &d->fates[i];
    return NULL;
}

static gi_fate *more(gi_decision *d)
{
    if (d->n_fates == d->cap) {
        uint32_t cap = d->cap == 0 ? 4 : d->cap * 2;
        gi_fate *fates = gi_realloc(d->fates, cap * sizeof(*fates));

        if (fates == NULL)
            return NULL;
        d->fates = fates;
        d->cap = cap;
    }
    d->fates[d->n_fates] = (gi_fate){ 0 };
    return &d->fates[d->n_fates];
}

const gi_kept *gi_decision_see(const gi_decision *d, const gi_topo *t)
{
    const gi_fate *f = find(d, t);

    return f == NULL ? t->kept : f->kept;
}

void gi_decision_recut(gi_decision *d, const gi_topo *t)
{
    gi_fate *f = find(d, t);

    f->spread = gi_recut_plain(f->kept);
    gi_recut_apply(f->kept);
}

bool gi_decision_spreads(const gi_decision *d, const gi_topo *t)
{
    const gi_fate *f = find(d, t);

    return f != NULL && f->spread;
}

gale_err gi_decision_change(gi_decision *d, gi_topo *t, bool tell,
                            gi_kept **out)
{
    gi_fate *f = find(d, t);
    gale_err e;

    if (f == NULL) {
        f = more(d);
        if (f == NULL)
            return GALE_ENOMEM;
        e = gi_kept_copy(&f->kept, t->kept);
        if (e != GALE_OK)
            return e;
        f->of = t;
        d->n_fates++;
    }
    f->tell = f->tell || tell;
    *out = f->kept;
    return GALE_OK;
}

gale_err gi_decision_add(gi_decision *d, gi_kept *kept, gi_topo **out)
{
    gi_fate *f = more(d);
    gi_topo *t = gi_alloc(sizeof(*t));

    if (f == NULL || t == NULL) {
        gi_free(t);
        gi_kept_destroy(kept);
        return GALE_ENOMEM;
    }
    *f = (gi_fate){ .of = t, .kept = kept, .fresh = true, .tell = true };
    d->n_fates++;
    *out = t;
    return GALE_OK;
}

gale_err gi_decision_remove(gi_decision *d, gi_topo *t)
{
    gi_fate *f = find(d, t);

    if (f == NULL) {
        f = more(d);
        if (f == NULL)
            return GALE_ENOMEM;
        f->of = t;
        d->n_fates++;
    }
    gi_kept_destroy(f->kept);
    f->kept = NULL;
    return GALE_OK;
}

static gale_err make_room(gi_nimbus *n, uint32_t more)
{
    uint32_t cap = n->n_topologies + more;
    gi_topo **topologies;

    if (cap <= n->topologies_cap)
        return GALE_OK;
    cap += cap / 2;
    topologies = gi_realloc(n->topologies, cap * sizeof(gi_topo *));
    if (topologies == NULL)
        return GALE_ENOMEM;
    n->topologies = topologies;
    n->topologies_cap = cap;
    return GALE_OK;
}

/* The whole decision as changes of the store; all memory in `pool` but for
 * the bytes, which are in `bytes`. */
static gale_err write_changes(const gi_decision *d, gi_pool *pool,
                              gi_strbuf *bytes, gi_store_change *changes,
                              uint32_t *n_changes)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < d->n_fates; i++, n++) {
        const gi_fate *f = &d->fates[i];
        const char *id = f->kept != NULL ? f->kept->m.id : f->of->kept->m.id;
        size_t len = strlen(GI_KEY_TOPOLOGY) + strlen(id) + 1;
        char *key = gi_pool_take(pool, len, 1);

        if (key == NULL)
            return GALE_ENOMEM;
        snprintf(key, len, GI_KEY_TOPOLOGY "%s", id);
        changes[n].key = key;
        if (f->kept == NULL)
            continue;
        gi_kept_write(&bytes[n], f->kept, pool);
        if (bytes[n].failed)
            return GALE_ENOMEM;
        changes[n].bytes = bytes[n].at;
        changes[n].len = bytes[n].len;
    }
    if (d->cluster_changes) {
        gi_msg_write(&bytes[n], GI_M_kept_cluster, &d->cluster);
        if (bytes[n].failed)
            return GALE_ENOMEM;
        changes[n].key = GI_KEY_CLUSTER;
        changes[n].bytes = bytes[n].at;
        changes[n].len = bytes[n].len;
        n++;
    }
    *n_changes = n;
    return GALE_OK;
}

/* Only when the store refuses a change for what it is, nothing happened. */
static gale_err commit(gi_nimbus *n, const gi_store_change *changes,
                       uint32_t n_changes, gale_diag *why)
{
    gale_diag words = { "" };
    gale_err e;

    e = n->store->commit(n->store->self, changes, n_changes, &words);
    if (e == GALE_OK)
        return GALE_OK;
    if (words.text[0] == '\0')
        snprintf(words.text, sizeof(words.text), "%s", gale_err_text(e));
    gi_diag_say(why, "it cannot be stored: %.1900s", words.text);
    if (e == GALE_EINVAL)
        return GALE_ELIMIT;
    snprintf(n->broken.text, sizeof(n->broken.text),
             "the store failed: %.1900s", words.text);
    gi_nimbus_note(n, true, "%s", n->broken.text);
    return GALE_EIO;
}

static gale_err store(gi_decision *d, gale_diag *why)
{
    uint32_t most = d->n_fates + 1, n = 0;
    gi_pool pool = { 0 };
    gi_strbuf *bytes = gi_pool_take(&pool, most, sizeof(*bytes));
    gi_store_change *changes = gi_pool_take(&pool, most, sizeof(*changes));
    gale_err e = GALE_ENOMEM;

    if (bytes != NULL && changes != NULL)
        e = write_changes(d, &pool, bytes, changes, &n);
    if (e == GALE_OK && n > 0)
        e = commit(d->n, changes, n, why);
    for (uint32_t i = 0; bytes != NULL && i < most; i++)
        gi_strbuf_fini(&bytes[i]);
    gi_pool_fini(&pool);
    return e;
}

void gi_nimbus_tell(gi_nimbus *n, const gi_assignment *a)
{
    for (uint32_t i = 0; a != NULL && i < a->n_workers; i++)
        if (i == 0 || strcmp(a->workers[i].supervisor,
                             a->workers[i - 1].supervisor) != 0)
            gi_nimbus_turn_version(n, a->workers[i].supervisor);
}

/* Those where it still runs, and shall not: they may be waiting with it. */
static void tell_others(gi_nimbus *n, const char *topology)
{
    for (uint32_t i = 0; i < n->n_seen; i++)
        if (gi_seen_runs(n->seen[i], topology))
            gi_nimbus_turn_version(n, n->seen[i]->id);
}

static bool moves(const gi_fate *f)
{
    const gi_assignment *before =
        f->of->kept == NULL ? NULL : f->of->kept->now;
    const gi_assignment *after = f->kept == NULL ? NULL : f->kept->now;

    if (before == NULL || after == NULL)
        return before != after;
    return before->version != after->version;
}

static void drop_topology(gi_nimbus *n, gi_topo *t)
{
    uint32_t i = 0;

    gi_nimbus_absolve(n, t);
    while (n->topologies[i] != t)
        i++;
    memmove(&n->topologies[i], &n->topologies[i + 1],
            (n->n_topologies - i - 1) * sizeof(gi_topo *));
    n->n_topologies--;
    gi_free(t);
}

/* Nothing can fail any more. */
static void make_true(gi_nimbus *n, gi_fate *f)
{
    gi_topo *t = f->of;

    if (f->kept != NULL && f->kept->life.status == GI_STATUS_GONE &&
        t->gone_version == 0)
        t->gone_version = n->version + 1;
    if (f->tell || moves(f)) {
        gi_nimbus_tell(n, t->kept == NULL ? NULL : t->kept->now);
        gi_nimbus_tell(n, f->kept == NULL ? NULL : f->kept->now);
        if (t->kept != NULL)
            tell_others(n, t->kept->m.id);
    }
    gi_kept_destroy(t->kept);
    t->kept = f->kept;
    f->kept = NULL;
    if (t->kept == NULL)
        drop_topology(n, t);
    else if (f->fresh)
        n->topologies[n->n_topologies++] = t;
    f->fresh = false;
}

gale_err gi_decision_take(gi_decision *d, gale_diag *why)
{
    gi_nimbus *n = d->n;
    gale_err e = make_room(n, d->n_fates);

    if (e == GALE_OK)
        e = store(d, why);
    if (e != GALE_OK)
        return e;
    for (uint32_t i = 0; i < d->n_fates; i++)
        make_true(n, &d->fates[i]);
    d->n_fates = 0;
    n->cluster = d->cluster;
    if (d->scheduled)
        n->dirty = false;
    return GALE_OK;
}
