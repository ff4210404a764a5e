/* embedded.c -- gale_store_embedded: a part of a state in its directory, found
 * or made; or, to be read only, wherever its groups are now. */
#include "state/embedded.h"

#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "state/holder.h"
#include "state/make.h"

enum {
    TRIES = 100,     /* of a reader that meets checkpoints and removals */
    ROUNDS = 100000, /* until no part has moved: a few calls for each part */
};

typedef struct embedded {
    uint32_t from, to;
    bool read_only;
    gi_holder *holder; /* of a writer's part, and that; a reader's: NULL */
    gi_part *of[GALE_STATE_GROUPS]; /* the part that has a group, or NULL */
    gi_part *parts[GALE_STATE_GROUPS];
    size_t n;
} embedded;

static void embedded_close(void *self)
{
    embedded *e = self;

    if (e == NULL)
        return;
    for (size_t i = 0; e->holder == NULL && i < e->n; i++)
        gi_part_close(e->parts[i]);
    gi_hold_end(e->holder);
    gi_free(e);
}

/* ------------------------------------------------------- to be written -- */

static gale_err open_part(embedded *e, const char *dir, const gi_place *p,
                          const gi_part_opts *opts, gale_diag *why)
{
    char name[GI_PLACE_NAME], *path;
    gale_err rv = GALE_OK;

    gi_place_name(name, p);
    path = gi_file_path(dir, name);
    if (path == NULL)
        return gi_stored_no_memory(why);
    if (!e->read_only)
        rv = gi_hold(&e->holder, path, why);
    if (rv == GALE_OK)
        rv = e->read_only ? gi_part_pin(&e->parts[e->n], path, opts, why)
                          : gi_part_open(&e->parts[e->n], path, opts, why);
    if (rv == GALE_OK && e->holder != NULL)
        e->holder->part = e->parts[e->n];
    if (rv == GALE_OK)
        e->n++;
    gi_free(path);
    return rv;
}

static gale_err open_or_make(embedded *e, const char *dir,
                             const gale_store_where *where, gale_diag *why)
{
    gi_part_opts opts;
    gi_layout l;
    gi_place place = { where->index, where->count, 0 };
    const gi_place *p;
    gale_err rv = gi_layout_read(&l, dir, why);

    if (rv != GALE_OK)
        return rv;
    p = gi_layout_part(&l, where->index, where->count);
    place.edition = p != NULL ? p->edition : gi_layout_next_edition(&l);
    if (p == NULL)
        rv = gi_part_make(dir, &l, &place, why);
    gi_embedded_opts(&opts, where);
    if (rv == GALE_OK)
        rv = open_part(e, dir, &place, &opts, why);
    gi_layout_fini(&l);
    for (uint32_t g = e->from; rv == GALE_OK && g < e->to; g++)
        e->of[g] = e->parts[0];
    if (rv == GALE_OK && gi_layout_read(&l, dir, NULL) == GALE_OK) {
        gi_parts_tidy(dir, &l);
        gi_layout_fini(&l);
    }
    return rv;
}

/* One at a time in a state: whoever looks which parts there are makes his own
 * before anybody else looks. */
static gale_err open_writer(embedded *e, const char *dir,
                            const gale_store_where *where, gale_diag *why)
{
    gale_err rv = gi_make_dirs(dir, why);
    int lock;

    if (rv == GALE_OK)
        rv = gi_lock(&lock, dir, true, why);
    if (rv != GALE_OK)
        return rv;
    rv = open_or_make(e, dir, where, why);
    close(lock);
    return rv;
}

/* ---------------------------------------------------------- to be read -- */

/* All of them at one moment. */
static gale_err pin_at_once(embedded *e, gale_diag *why)
{
    bool moved = e->n > 1;
    gale_err rv = GALE_OK;

    for (int i = 0; rv == GALE_OK && moved && i < ROUNDS; i++) {
        moved = false;
        for (size_t k = 0; rv == GALE_OK && k < e->n; k++) {
            bool it_has = false;

            rv = gi_part_pin_again(e->parts[k], &it_has);
            moved = moved || it_has;
        }
    }
    if (rv != GALE_OK || !moved)
        return rv;
    gi_diag_say(why, "it is written to without a pause");
    return GALE_EBUSY;
}

/* Parts may have been made since it was looked which there are, and written to
 * before the others were pinned.  ENOTFOUND: so it is. */
static gale_err are_all(const char *dir, const gi_layout *l, gale_diag *why)
{
    gi_layout now;
    gale_err rv = gi_layout_read(&now, dir, why);

    if (rv == GALE_OK && !gi_layout_same(l, &now))
        rv = GALE_ENOTFOUND;
    gi_layout_fini(&now);
    return rv;
}

/* All parts that have something of the groups, as they are at one moment. */
static gale_err open_places(embedded *e, const char *dir, const gi_layout *l,
                            gale_diag *why)
{
    const gi_place *places[GALE_STATE_GROUPS];
    gi_part_opts opts = { .read_only = true };
    gale_err rv = GALE_OK;

    for (uint32_t g = e->from; rv == GALE_OK && g < e->to; g++) {
        const gi_place *p = gi_layout_of(l, g);
        size_t i = 0;

        if (p == NULL)
            continue;
        while (i < e->n && places[i] != p)
            i++;
        if (i == e->n) {
            places[i] = p;
            rv = open_part(e, dir, p, &opts, why);
        }
        if (rv == GALE_OK)
            e->of[g] = e->parts[i];
    }
    if (rv == GALE_OK)
        rv = pin_at_once(e, why);
    if (rv == GALE_OK)
        rv = are_all(dir, l, why);
    for (size_t i = 0; rv == GALE_OK && i < e->n; i++)
        rv = gi_part_load(e->parts[i], why);
    return rv;
}

static void close_places(embedded *e)
{
    while (e->n > 0)
        gi_part_close(e->parts[--e->n]);
    memset(e->of, 0, sizeof(e->of));
}

static gale_err open_reader(embedded *e, const char *dir, gale_diag *why)
{
    gale_err rv = GALE_ENOTFOUND;
    gi_layout l;

    for (int i = 0; rv == GALE_ENOTFOUND && i < TRIES; i++) {
        close_places(e);
        rv = gi_layout_read(&l, dir, why);
        if (rv != GALE_OK)
            return rv;
        if (l.n == 0) {
            gi_diag_say(why, "%s: there is no such state", dir);
            return GALE_ENOTFOUND;
        }
        rv = open_places(e, dir, &l, why);
        gi_layout_fini(&l);
    }
    if (rv == GALE_ENOTFOUND)
        gi_diag_say(why, "%s: damaged: not all files of its parts are there",
                    dir);
    return rv == GALE_ENOTFOUND ? GALE_EFORMAT : rv;
}

static gale_err embedded_open(void **out, const gale_store_where *where,
                              gale_diag *why)
{
    gale_err rv = gi_stored_check_where(where, why);
    embedded *e;
    char *dir = NULL;

    if (rv != GALE_OK)
        return rv;
    e = gi_alloc(sizeof(*e));
    if (e == NULL)
        return gi_stored_no_memory(why);
    e->read_only = where->read_only;
    gale_state_range(where->index, where->count, &e->from, &e->to);
    rv = gi_embedded_dir(&dir, where, why);
    if (rv == GALE_OK)
        rv = where->read_only ? open_reader(e, dir, why)
                              : open_writer(e, dir, where, why);
    gi_free(dir);
    if (rv != GALE_OK) {
        embedded_close(e);
        return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
    }
    *out = e;
    return GALE_OK;
}

/* --------------------------------------------------------------- calls -- */

static gale_err begin(embedded *e, gale_diag *why)
{
    return e->holder == NULL ? GALE_OK : gi_hold_begin_call(e->holder, why);
}

static gale_err end(embedded *e, gale_err rv)
{
    if (e->holder != NULL)
        gi_hold_end_call(e->holder);
    return rv;
}

/* Readers cache nothing, and have one transaction for good: values that were
 * handed out stay while others are asked for. */
static gale_err get_here(embedded *e, const gale_str *keys, size_t n,
                         gale_str *values, gale_diag *why)
{
    gale_err rv = GALE_OK;

    if (!e->read_only)
        return gi_part_get(e->parts[0], keys, n, values, why);
    for (size_t i = 0; rv == GALE_OK && i < n; i++) {
        gi_part *p = e->of[gi_stored_group(keys[i])];

        values[i] = (gale_str){ NULL, 0 };
        if (p != NULL)
            rv = gi_part_get(p, &keys[i], 1, &values[i], why);
    }
    return rv;
}

static gale_err embedded_get(void *self, const gale_str *keys, size_t n,
                             gale_str *values, gale_diag *why)
{
    embedded *e = self;
    gale_err rv = gi_stored_check_keys(keys, n, e->from, e->to, why);

    if (rv == GALE_OK)
        rv = begin(e, why);
    return rv == GALE_OK ? end(e, get_here(e, keys, n, values, why)) : rv;
}

static gale_err embedded_write(void *self, const gale_change *c, size_t n,
                               gale_diag *why)
{
    embedded *e = self;
    gale_err rv =
        gi_stored_check_changes(c, n, e->from, e->to, e->read_only, why);

    if (rv == GALE_OK)
        rv = begin(e, why);
    return rv == GALE_OK ? end(e, gi_part_write(e->parts[0], c, n, why)) : rv;
}

static gale_err embedded_scan(void *self, gale_str prefix,
                              gale_store_pair pair, void *arg, gale_diag *why)
{
    embedded *e = self;
    gale_err rv = begin(e, why);

    if (rv != GALE_OK)
        return rv;
    for (uint32_t g = e->from; rv == GALE_OK && g < e->to; g++)
        if (e->of[g] != NULL && gi_stored_group_may_have(g, prefix))
            rv = gi_part_scan(e->of[g], g, prefix, pair, arg, why);
    return end(e, rv);
}

const gale_store gale_store_embedded = {
    .name = "embedded",
    .durable = true,
    .open = embedded_open,
    .get = embedded_get,
    .write = embedded_write,
    .scan = embedded_scan,
    .close = embedded_close,
};
