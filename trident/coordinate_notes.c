#include "trident/coordinate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/testpoint.h"
#include "trident/counted.h"
#include "trident/emitter.h"

enum {
    ATTEMPTS = 1 << 16, /* are taken at a time */
    WINDOW = 3,
    PAUSE_MS = 10,
    PAUSE_MOST_MS = 5000,
};

int64_t gi_coordinate_now_ns(const gi_coordinate *x)
{
    return gale_task_now_ms(x->task) * 1000000;
}

/* ------------------------------------------------------- what is on record */

bool gi_coordinate_note(gi_coordinate *x, const char *name, uint64_t v)
{
    char bytes[8];

    gi_put_be64(bytes, v);
    return gi_remember_note(&x->notes, name, (gale_str){ bytes, 8 });
}

gale_err gi_coordinate_read(gi_coordinate *x, const char *name, uint64_t *v)
{
    gale_str s;
    gale_err rv = gi_remember_get(&x->notes, name, &s, &x->why);

    if (rv == GALE_OK)
        *v = s.ptr != NULL && s.len == 8 ? gi_get_be64(s.ptr) : 0;
    return rv;
}

static void plan_name(char out[GALE_STATE_KEY_MOST], const gi_planned *s,
                      uint64_t txid)
{
    snprintf(out, GALE_STATE_KEY_MOST, "plan/%.200s/%" PRIu64, s->id, txid);
}

/* Under which the last plan of a source is that counted: the next one begins
 * where it ended, however many batches there were meanwhile without any. */
static void last_name(char out[GALE_STATE_KEY_MOST], const gi_planned *s)
{
    snprintf(out, GALE_STATE_KEY_MOST, "last/%.200s", s->id);
}

static bool set_plan(gi_plan *p, const char *bytes, uint32_t len)
{
    char *copy = gi_alloc(len + 1u);

    if (copy == NULL)
        return false;
    memcpy(copy, bytes, len);
    gi_free(p->bytes);
    *p = (gi_plan){ copy, len };
    return true;
}

gi_plan *gi_coordinate_plan(gi_planned *s, uint64_t txid)
{
    return &s->plans[txid % GI_TXNS];
}

/* The plan under `name`, to *p; what there is not, is left as it was. */
static gale_err read_plan(gi_coordinate *x, const char *name, gi_plan *p)
{
    gale_str v;
    gale_err rv = gi_remember_get(&x->notes, name, &v, &x->why);

    if (rv != GALE_OK || v.ptr == NULL)
        return rv;
    return set_plan(p, v.ptr, v.len) ? GALE_OK : GALE_ENOMEM;
}

/* Plans of one source that were on record when somebody else did this: the
 * last that counted, and those that were under way. */
static gale_err read_plans_of(gi_coordinate *x, gi_planned *s,
                              uint64_t committed, uint32_t *known)
{
    char name[GALE_STATE_KEY_MOST];
    gale_err rv;

    last_name(name, s);
    rv = read_plan(x, name, &s->last);
    for (uint32_t i = 1; rv == GALE_OK && i < GI_TXNS; i++) {
        gi_plan *p = gi_coordinate_plan(s, committed + i);

        plan_name(name, s, committed + i);
        rv = read_plan(x, name, p);
        if (rv != GALE_OK || p->len == 0)
            continue;
        *known = i > *known ? i : *known;
        if (!set_plan(&s->last, p->bytes, p->len))
            rv = GALE_ENOMEM;
    }
    return rv;
}

static gale_err read_plans(gi_coordinate *x, uint64_t committed,
                           uint32_t *known)
{
    gale_err rv = GALE_OK;

    *known = 0;
    for (uint32_t i = 0; rv == GALE_OK && i < x->n; i++)
        rv = read_plans_of(x, &x->sources[i], committed, known);
    return rv;
}

/* What is in it, by one source; with nothing in it there is no plan, also if
 * an attempt to write one down failed and nobody knows how far it came.  False
 * without memory. */
static bool make_plan(gi_coordinate *x, gi_planned *s, uint64_t txid)
{
    gi_plan *p = gi_coordinate_plan(s, txid);
    gale_str before = { s->last.bytes == NULL ? "" : s->last.bytes,
                        s->last.len };
    char name[GALE_STATE_KEY_MOST];
    size_t len;

    p->len = 0;
    if (s->spout->kind != GALE_SPOUT_TRANSACTIONAL)
        return true;
    plan_name(name, s, txid);
    len = s->spout->plan(s->mine, before, x->room, GI_PLAN_MOST);
    if (len == 0 || len > GI_PLAN_MOST)
        return gi_remember_note(&x->notes, name, (gale_str){ NULL, 0 });
    return set_plan(p, x->room, (uint32_t)len) &&
           set_plan(&s->next, x->room, (uint32_t)len) &&
           gi_remember_note(&x->notes, name,
                            (gale_str){ x->room, (uint32_t)len });
}

/* False: nothing (unless others have `any`), or it cannot be written down. */
static bool make_plans(gi_coordinate *x, uint64_t txid, bool any)
{
    for (uint32_t i = 0; i < x->n; i++) {
        gi_planned *s = &x->sources[i];

        if (!make_plan(x, s, txid))
            return false;
        any |= gi_coordinate_plan(s, txid)->len > 0;
    }
    return any;
}

/* From now on the newest batch is this one.  For all sources or none: what one
 * has taken note of and another one not would be left out. */
static void keep_plans(gi_coordinate *x, uint64_t txid)
{
    for (uint32_t i = 0; i < x->n; i++) {
        gi_planned *s = &x->sources[i];
        gi_plan before = s->last;

        if (gi_coordinate_plan(s, txid)->len == 0)
            continue;
        s->last = s->next;
        s->next = before;
    }
}

/* A plan that counted goes; the last of them is known by another name. */
static bool note_counted(gi_coordinate *x, gi_planned *s, uint64_t txid)
{
    const gi_plan *p = gi_coordinate_plan(s, txid);
    char name[GALE_STATE_KEY_MOST];

    if (s->spout->kind != GALE_SPOUT_TRANSACTIONAL || p->len == 0)
        return true;
    plan_name(name, s, txid);
    if (!gi_remember_note(&x->notes, name, (gale_str){ NULL, 0 }))
        return false;
    last_name(name, s);
    return gi_remember_note(&x->notes, name, (gale_str){ p->bytes, p->len });
}

/* On record with the next write: that all up to here counted. */
static bool note_committed(gi_coordinate *x)
{
    if (x->written == x->c.committed)
        return true;
    for (uint32_t i = 0; i < x->n; i++)
        for (uint64_t t = x->written + 1; t <= x->c.committed; t++)
            if (!note_counted(x, &x->sources[i], t))
                return false;
    return gi_coordinate_forget_times(x) &&
           gi_coordinate_note(x, "committed", x->c.committed);
}

static bool note_led(gi_coordinate *x, const gi_part *p)
{
    char name[GALE_STATE_KEY_MOST];

    for (uint32_t i = 0; i < p->n_ops; i++) {
        gi_op_kind kind = p->ops[i].kind;

        if (kind != GI_OP_PERSIST && kind != GI_OP_UPDATE &&
            kind != GI_OP_WINDOW)
            continue;
        gi_counted_name(name, p->ops[i].id);
        if (!gi_coordinate_note(x, name, 1))
            return false;
    }
    return true;
}

/* Attempts before they are used, and whose states batches will come to. */
static bool note_attempts(gi_coordinate *x)
{
    const gi_program *program = x->group->program;

    if (x->c.next_attempt < x->attempts_end)
        return true;
    for (uint32_t i = 0; i < program->n_parts; i++)
        if (program->parts[i].group == x->group->no &&
            !note_led(x, &program->parts[i]))
            return false;
    return gi_coordinate_note(x, "attempts", x->c.next_attempt + ATTEMPTS);
}

static void tell_planners(const gi_coordinate *x)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (x->sources[i].spout->plan_committed != NULL)
            x->sources[i].spout->plan_committed(x->sources[i].mine,
                                                x->written);
}

bool gi_coordinate_write(gi_coordinate *x)
{
    uint64_t committed = x->c.committed;

    if (!note_committed(x) || !note_attempts(x))
        return false;
    if (gi_remember_write(&x->notes, &x->why) != GALE_OK) {
        gale_task_error(x->task, "%.500s", x->why.text);
        return false;
    }
    x->timed = x->time_noted;
    if (x->c.next_attempt >= x->attempts_end)
        x->attempts_end = x->c.next_attempt + ATTEMPTS;
    if (x->written != committed) {
        x->written = committed;
        tell_planners(x);
    }
    return true;
}

bool gi_coordinate_plan_all(gi_coordinate *x, uint64_t txid, bool any)
{
    if (!make_plans(x, txid, any))
        return false;
    gi_coordinate_time(x, txid);
    if (!GI_BUG(PLAN_LATE) && !gi_coordinate_write(x))
        return false;
    keep_plans(x, txid);
    return true;
}

/* ------------------------------------------------------------- opening -- */

static gi_coordinator_opts opts_of(const gi_coordinate *x)
{
    /* The plan of the last that counted is kept beside those under way. */
    enum { MOST = GI_TXNS - 1 };
    int64_t window =
        gale_task_conf_i64(x->task, "topology.max.spout.pending", 0);

    return (gi_coordinator_opts){
        .window = window < 1      ? WINDOW
                  : window > MOST ? MOST
                                  : (uint32_t)window,
        .interval_ns = 1000000 * gale_task_conf_i64(x->task, GI_INTERVAL_KEY,
                                                    GI_INTERVAL_MS),
        .pause_ns = PAUSE_MS * INT64_C(1000000),
        .pause_most_ns = PAUSE_MOST_MS * INT64_C(1000000),
        .commits = x->group->commits,
    };
}

static gale_err open_sources(gi_coordinate *x)
{
    const gi_program *p = x->group->program;

    x->n = x->group->n_sources;
    x->sources = gi_calloc(x->n + 1u, sizeof(*x->sources));
    x->room = gi_alloc(GI_PLAN_MOST);
    if (x->sources == NULL || x->room == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < x->n; i++) {
        const gi_part *part = &p->parts[x->group->sources[i]];
        const gi_op *op = &part->ops[part->source];
        gi_planned *s = &x->sources[i];
        gale_err rv = GALE_OK;

        s->spout = op->user;
        s->id = op->id;
        s->mine = gi_alloc(s->spout->plan_size + 1);
        if (s->mine == NULL)
            return GALE_ENOMEM;
        if (s->spout->plan_open != NULL)
            rv = s->spout->plan_open(s->mine, s->spout->arg, x->task);
        if (rv != GALE_OK)
            return rv;
        s->opened = true;
    }
    return GALE_OK;
}

static gale_err recall(gi_coordinate *x)
{
    gi_coordinator_opts o = opts_of(x);
    uint64_t committed = 0, attempts = 0;
    uint32_t known;
    gale_err rv;

    rv = gi_remember_open(&x->notes, x->group->program->store, x->task,
                          x->group->name, 0, 1, &x->why);
    if (rv == GALE_OK)
        rv = gi_coordinate_read(x, "committed", &committed);
    if (rv == GALE_OK)
        rv = gi_coordinate_read(x, "attempts", &attempts);
    if (rv == GALE_OK)
        rv = read_plans(x, committed, &known);
    if (rv == GALE_OK)
        rv = gi_coordinate_recall_times(x, committed, &known);
    if (rv != GALE_OK)
        return rv;
    if (GI_BUG(ATTEMPTS_ANEW))
        attempts = 0;
    gi_coordinator_init(&x->c, &o, committed, attempts + 1);
    x->c.n = known; /* they wait for their next attempt */
    if (known > 0)
        GI_SEEN(PLANS_RECALLED);
    x->written = x->told = committed;
    x->attempts_end = 0;
    tell_planners(x);
    return GALE_OK;
}

gale_err gi_coordinate_open(gi_coordinate *x, gale_task *task)
{
    gale_err rv;

    x->task = task;
    x->group = gale_task_arg(task);
    rv = open_sources(x);
    if (rv == GALE_OK)
        rv = recall(x);
    if (rv != GALE_OK && x->why.text[0] != '\0')
        gale_task_error(x->task, "%.500s", x->why.text);
    if (rv != GALE_OK)
        gi_coordinate_close(x);
    return rv;
}

void gi_coordinate_close(gi_coordinate *x)
{
    for (uint32_t i = 0; x->sources != NULL && i < x->n; i++) {
        gi_planned *s = &x->sources[i];

        if (s->opened && s->spout->plan_close != NULL)
            s->spout->plan_close(s->mine);
        gi_free(s->mine);
        gi_free(s->last.bytes);
        gi_free(s->next.bytes);
        for (size_t k = 0; k < GI_TXNS; k++)
            gi_free(s->plans[k].bytes);
    }
    gi_free(x->sources);
    gi_free(x->room);
    x->sources = NULL;
    x->room = NULL;
    x->n = 0;
    gi_remember_close(&x->notes);
}
