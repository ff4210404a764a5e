#include "trident/op_state.h"

#include "base/diag.h"
#include "base/testpoint.h"

static bool speaks_of_state(const gi_op *op)
{
    return op->kind == GI_OP_PERSIST || op->kind == GI_OP_UPDATE ||
           op->kind == GI_OP_QUERY || op->kind == GI_OP_WINDOW;
}

static bool same_state(const gi_step *a, const gi_step *b)
{
    return speaks_of_state(b->op) && strcmp(a->op->id, b->op->id) == 0;
}

static gi_shared **shared_of(const gi_step *s)
{
    return &((gi_state_step *)s->self)->shared;
}

/* One that was opened before, or a new one. */
static gi_shared *find(const gi_step *s)
{
    gi_shared *m = NULL;
    bool written = false;

    for (uint32_t i = 0; i < s->n_home; i++) {
        const gi_step *other = &s->home[i];

        if (!same_state(s, other))
            continue;
        if (other != s && *shared_of(other) != NULL)
            m = *shared_of(other);
        written = written || other->op->kind != GI_OP_QUERY;
    }
    if (m == NULL) {
        m = gi_alloc(sizeof(*m));
        if (m == NULL)
            return NULL;
        m->read_only = !written;
    }
    m->users++;
    return m;
}

static gale_err open_map(gi_step *s, gale_diag *why)
{
    gi_shared *m = *shared_of(s);
    gale_store_where where = {
        .topology = gale_task_topology(s->task),
        .state = s->op->id,
        .index = gale_task_index(s->task),
        .count = gale_task_count(s->task),
        .task = s->task,
        .read_only = m->read_only,
        .aside = s->op->kind == GI_OP_WINDOW ? GI_WINDOW_ASIDE : 0,
    };

    return gale_map_open(&m->map, s->op->state.store, &where,
                         s->op->state.kind, why);
}

gale_err gi_shared_open(gi_step *s, gale_diag *why)
{
    gale_diag words = { "" };
    gale_err e;

    *shared_of(s) = find(s);
    if (*shared_of(s) == NULL)
        return gi_step_no_memory(why);
    if ((*shared_of(s))->map != NULL)
        return GALE_OK;
    e = open_map(s, &words);
    if (e != GALE_EINVAL && e != GALE_EFORMAT)
        return GALE_OK; /* asked again when it is needed */
    gi_diag_say(why, "%s", words.text[0] != 0 ? words.text : gale_err_text(e));
    return e;
}

void gi_shared_close(gi_step *s)
{
    gi_shared *m = *shared_of(s);

    *shared_of(s) = NULL;
    if (m == NULL || --m->users > 0)
        return;
    gale_map_close(m->map);
    gi_free(m);
}

gale_map *gi_shared_map(gi_step *s, gi_round *r)
{
    gi_shared *m = *shared_of(s);
    gale_diag why = { "" };

    if (r->failed)
        return NULL;
    if (m->map == NULL) {
        gale_err e = open_map(s, &why);

        GI_SEEN(MAP_OPENED_ANEW);
        if (e != GALE_OK) {
            m->map = NULL;
            gi_shared_failed(s, r, e, &why);
        }
    }
    return m->map;
}

gale_map *gi_shared_begin(gi_step *s, gi_round *r)
{
    gale_map *map = gi_shared_map(s, r);
    gale_diag why = { "" };
    gale_err e;

    if (map == NULL)
        return NULL;
    e = gale_map_begin(map, r->txid, r->attempt, &why);
    if (e == GALE_OK)
        return map;
    gi_shared_failed(s, r, e, &why);
    return NULL;
}

void gi_shared_abandon(gi_step *s)
{
    gi_shared *m = *shared_of(s);

    if (m->map != NULL)
        gale_map_abandon(m->map);
}

bool gi_shared_commit(gi_step *s, gi_round *r)
{
    gi_shared *m = *shared_of(s);
    gale_diag why = { "" };
    gale_err e = gale_map_commit(m->map, &why);

    if (e == GALE_OK)
        return true;
    gi_shared_failed(s, r, e, &why);
    gale_map_close(m->map);
    m->map = NULL;
    return false;
}

void gi_shared_failed(gi_step *s, gi_round *r, gale_err e,
                      const gale_diag *why)
{
    gi_shared *m = *shared_of(s);

    gi_round_fail(r, "state '%s': %.150s", s->op->id,
                  why->text[0] != 0 ? why->text : gale_err_text(e));
    if (m->map == NULL)
        return;
    gale_map_abandon(m->map);
    if (e == GALE_ENOMEM || e == GALE_EINVAL || e == GALE_EUSER)
        return; /* the map itself is as it was */
    gale_map_close(m->map);
    m->map = NULL;
}
