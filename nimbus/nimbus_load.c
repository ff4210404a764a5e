/* What the store has, at the start.  An entry that cannot be read is put
 * aside, where a person may look at it, and the others go on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/nimbus_state.h"

struct entry {
    const char *key;
    const void *bytes;
    size_t len;
    bool corrupt;
};

struct load {
    gi_nimbus *n;
    gi_pool pool;
    struct entry *entries;
    uint32_t n_entries, cap, n_corrupt;
    bool knows_cluster;
};

static gale_err take_entry(void *arg, const char *key, const void *bytes,
                           size_t len)
{
    struct load *l = arg;
    size_t key_len = strlen(key) + 1;
    char *copy;

    if (strncmp(key, GI_KEY_ASIDE, strlen(GI_KEY_ASIDE)) == 0)
        return GALE_OK;
    if (l->n_entries == l->cap) {
        uint32_t cap = l->cap == 0 ? 16 : l->cap * 2;
        struct entry *entries = gi_realloc(l->entries, cap * sizeof(*entries));

        if (entries == NULL)
            return GALE_ENOMEM;
        l->entries = entries;
        l->cap = cap;
    }
    copy = gi_pool_take(&l->pool, key_len + len, 1);
    if (copy == NULL)
        return GALE_ENOMEM;
    memcpy(copy, key, key_len);
    if (len > 0)
        memcpy(copy + key_len, bytes, len);
    l->entries[l->n_entries++] =
        (struct entry){ copy, copy + key_len, len, false };
    return GALE_OK;
}

/* ------------------------------------------------------------- reading -- */

static gale_err add_topology(gi_nimbus *n, gi_kept *kept)
{
    gi_topo *t;

    if (n->n_topologies == n->topologies_cap) {
        uint32_t cap = n->topologies_cap == 0 ? 16 : n->topologies_cap * 2;
        gi_topo **all = gi_realloc(n->topologies, cap * sizeof(gi_topo *));

        if (all == NULL)
            return GALE_ENOMEM;
        n->topologies = all;
        n->topologies_cap = cap;
    }
    t = gi_alloc(sizeof(*t));
    if (t == NULL)
        return GALE_ENOMEM;
    t->kept = kept;
    n->topologies[n->n_topologies++] = t;
    return GALE_OK;
}

static gale_err read_topology(gi_nimbus *n, const struct entry *e,
                              gale_diag *why)
{
    gi_kept *kept;
    gale_err err = gi_kept_read(&kept, e->bytes, e->len, why);

    if (err != GALE_OK)
        return err;
    if (strcmp(e->key + strlen(GI_KEY_TOPOLOGY), kept->m.id) != 0 ||
        gi_nimbus_named(n, kept->m.name) != NULL) {
        gi_diag_say(why, "it says that it is '%s'", kept->m.id);
        err = GALE_EFORMAT;
    } else {
        err = add_topology(n, kept);
    }
    if (err != GALE_OK)
        gi_kept_destroy(kept);
    return err;
}

static gale_err read_entry(struct load *l, const struct entry *e,
                           gale_diag *why)
{
    gi_nimbus *n = l->n;
    gale_err err;

    if (strncmp(e->key, GI_KEY_TOPOLOGY, strlen(GI_KEY_TOPOLOGY)) == 0)
        return read_topology(n, e, why);
    if (strcmp(e->key, GI_KEY_CLUSTER) != 0)
        return GALE_OK; /* of a later version, perhaps */
    err = gi_msg_read(GI_M_kept_cluster, e->bytes, e->len, &l->pool,
                      &n->cluster, NULL, why);
    if (err == GALE_OK && n->cluster.begun >= INT32_MAX) {
        gi_diag_say(why, "it began too often");
        err = GALE_EFORMAT;
    }
    l->knows_cluster = err == GALE_OK;
    return err;
}

static gale_err read_all(struct load *l)
{
    for (uint32_t i = 0; i < l->n_entries; i++) {
        struct entry *e = &l->entries[i];
        gale_diag words = { "" };
        gale_err err = read_entry(l, e, &words);

        if (err == GALE_ENOMEM)
            return err;
        e->corrupt = err != GALE_OK;
        l->n_corrupt += e->corrupt;
        if (e->corrupt)
            gi_nimbus_note(l->n, true,
                           "'%s' in the store cannot be read, and is put "
                           "aside: %s",
                           e->key, words.text);
    }
    return GALE_OK;
}

/* Numbers that are higher than any before, if the store lost them: from the
 * names of what is there, and the clock. */
static void guess_cluster(gi_nimbus *n)
{
    n->cluster.submitted = n->cluster.begun = 0;
    for (uint32_t i = 0; i < n->n_topologies; i++) {
        const gi_msg_kept_topology *m = &n->topologies[i]->kept->m;
        uint64_t number = strtoull(m->id + strlen(m->name) + 1, NULL, 10);

        if (number > n->cluster.submitted && number < INT64_MAX)
            n->cluster.submitted = number;
    }
    n->cluster.begun = n->now.wall_ms / 60000 % INT32_MAX;
}

/* ------------------------------------------------------------- writing -- */

static gale_err put_aside(const struct load *l, const struct entry *e,
                          gi_pool *pool, gi_store_change *changes)
{
    enum { SIZE = GI_STORE_KEY_MOST + 1 };
    char *key = gi_pool_take(pool, SIZE, 1);

    if (key == NULL)
        return GALE_ENOMEM;
    snprintf(key, SIZE, GI_KEY_ASIDE "%llu/%.200s",
             (unsigned long long)l->n->cluster.begun, e->key);
    changes[0] = (gi_store_change){ key, e->bytes, e->len };
    changes[1] = (gi_store_change){ .key = e->key };
    return GALE_OK;
}

/* That it began, and what is put aside. */
static gale_err write_start(struct load *l, gale_diag *why)
{
    gi_nimbus *n = l->n;
    gi_strbuf bytes = { 0 };
    gi_store_change *changes =
        gi_pool_take(&l->pool, 2 * (size_t)l->n_corrupt + 1, sizeof(*changes));
    uint32_t k = 0;
    gale_err e = changes == NULL ? GALE_ENOMEM : GALE_OK;

    for (uint32_t i = 0; i < l->n_entries && e == GALE_OK; i++) {
        /* The one of the cluster is written anew below. */
        if (!l->entries[i].corrupt)
            continue;
        e = put_aside(l, &l->entries[i], &l->pool, &changes[k]);
        k += strcmp(l->entries[i].key, GI_KEY_CLUSTER) == 0 ? 1 : 2;
    }
    gi_msg_write(&bytes, GI_M_kept_cluster, &n->cluster);
    if (e == GALE_OK && bytes.failed)
        e = GALE_ENOMEM;
    if (e == GALE_OK) {
        changes[k++] =
            (gi_store_change){ GI_KEY_CLUSTER, bytes.at, bytes.len };
        e = n->store->commit(n->store->self, changes, k, why);
    }
    gi_strbuf_fini(&bytes);
    return e;
}

/* ------------------------------------------------------- what it means -- */

static gale_err meet_all(gi_nimbus *n, const gi_assignment *a)
{
    for (uint32_t i = 0; a != NULL && i < a->n_workers; i++) {
        gi_seen *s;
        gale_err e;

        if (gi_nimbus_seen(n, a->workers[i].supervisor) != NULL)
            continue;
        e = gi_nimbus_meet(n, a->workers[i].supervisor, a->workers[i].host,
                           &s);
        if (e != GALE_OK)
            return e;
    }
    return GALE_OK;
}

/* Waits begin anew, and the rest of a level's time goes on. */
static gale_err resume(gi_nimbus *n, gi_topo *t)
{
    uint64_t until = t->kept->m.log_until_ms;

    gi_life_resume(&t->kept->life, n->now.ms);
    if (until != 0)
        t->log_until_ms =
            n->now.ms + (until > n->now.wall_ms ? until - n->now.wall_ms : 0);
    if (until != 0 && t->log_until_ms == 0)
        t->log_until_ms = 1;
    return meet_all(n, t->kept->now);
}

gale_err gi_nimbus_load(gi_nimbus *n, gale_diag *why)
{
    struct load l = { .n = n };
    gale_err e = n->store->load(n->store->self, take_entry, &l, why);

    if (e == GALE_OK)
        e = read_all(&l);
    if (e == GALE_OK) {
        if (!l.knows_cluster && l.n_entries > 0)
            guess_cluster(n);
        n->cluster.begun++;
        n->version = n->cluster.begun << 32;
        e = write_start(&l, why);
    }
    for (uint32_t i = 0; i < n->n_topologies && e == GALE_OK; i++)
        e = resume(n, n->topologies[i]);
    gi_free(l.entries);
    gi_pool_fini(&l.pool);
    return e;
}
