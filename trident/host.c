/* host.c -- a part in a task: made, and unmade. */
#include "trident/host.h"

#include <stdio.h>

#include "base/mem.h"
#include "drpc/seat.h"

/* --------------------------------------------------------------- peers -- */

static gi_peers *peers(const gi_host *h, const uint32_t *parts, uint32_t n,
                       uint32_t *all)
{
    gi_peers *list = gi_calloc(n + 1u, sizeof(*list));

    *all = 0;
    for (uint32_t i = 0; list != NULL && i < n; i++) {
        gi_peers *p = &list[i];

        p->part = &h->part->program->parts[parts[i]];
        p->base = *all;
        p->n = gale_task_peers(h->task, p->part->name, &p->first);
        *all += p->n;
    }
    return list;
}

const gi_peers *gi_peers_of(const gi_peers *list, uint32_t n, uint32_t part)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i].part->no == part)
            return &list[i];
    return NULL;
}

static gale_err open_peers(gi_host *h)
{
    const gi_part *p = h->part;

    h->from = peers(h, p->upstream, p->n_upstream, &h->n_from);
    h->to = peers(h, p->readers, p->n_readers, &h->n_to);
    h->sent_to = gi_calloc(h->n_to + 1u, sizeof(*h->sent_to));
    if (h->from == NULL || h->to == NULL || h->sent_to == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < p->n_upstream; i++)
        if (gi_host_is_early(h, h->from[i].part))
            h->n_early += h->from[i].n;
    return GALE_OK;
}

/* --------------------------------------------------------------- steps -- */

static gale_err make_steps(gi_host *h, gi_step *steps, uint32_t n_steps)
{
    const gi_part *p = h->part;

    for (uint32_t i = 0; i < p->n_ops; i++) {
        const gi_op *op = &p->ops[i];
        gi_step *s = &h->steps[i];

        *s = (gi_step){ .op = op,
                        .type = gi_op_types[op->kind],
                        .all = h->steps,
                        .n_all = p->n_ops,
                        .home = steps,
                        .n_home = n_steps,
                        .task = h->task,
                        .host = h };
        s->self = gi_alloc(s->type->size + 1);
        s->scratch = gi_calloc(op->n_out + 1u, sizeof(*s->scratch));
        if (s->self == NULL || s->scratch == NULL)
            return GALE_ENOMEM;
    }
    return GALE_OK;
}

gale_err gi_host_open_steps(gi_host *h)
{
    for (uint32_t i = 0; i < h->part->n_ops; i++) {
        gi_step *s = &h->steps[i];
        gale_err rv =
            s->type->open == NULL ? GALE_OK : s->type->open(s, &h->why);

        if (rv != GALE_OK) {
            if (h->why.text[0] == '\0')
                snprintf(h->why.text, sizeof(h->why.text), "%s",
                         gale_err_text(rv));
            gale_task_error(h->task, "%s: %.500s", gi_step_named(s).text,
                            h->why.text);
            return rv;
        }
    }
    return GALE_OK;
}

/* ----------------------------------------------------------------- all -- */

/* Where answers go, and why there are none. */
static gale_err open_seat(gi_host *h, const void *owner)
{
    const gi_group *g = &h->part->program->groups[h->part->group];
    gale_err rv = GALE_OK;

    if (g->function != NULL)
        rv = gi_seat_open(&h->seat, g->hub, h->task, owner, g->function, false,
                          &h->why);
    if (rv != GALE_OK)
        gale_task_error(h->task, "%.500s",
                        h->why.text[0] == '\0' ? gale_err_text(rv)
                                               : h->why.text);
    return rv;
}

gale_err gi_host_open(gi_host *h, const gi_part *part, gale_bolt_ctx *ctx,
                      gi_step *steps, uint32_t first, uint32_t n_steps)
{
    gale_err rv;

    h->ctx = ctx;
    h->task = gale_bolt_task(ctx);
    h->part = part;
    h->steps = steps + first;
    gale_task_peers(h->task, part->program->groups[part->group].name,
                    &h->coordinator);
    rv = open_seat(h, steps); /* others each time */
    if (rv == GALE_OK)
        rv = make_steps(h, steps, n_steps);
    if (rv == GALE_OK)
        rv = open_peers(h);
    if (rv == GALE_OK)
        gi_tracker_init(&h->tracker, h->n_from, gi_stay_drop, h);
    return rv;
}

void gi_host_close(gi_host *h)
{
    h->ctx = NULL;
    if (h->tracker.drop != NULL)
        gi_tracker_fini(&h->tracker);
    for (uint32_t i = 0; h->steps != NULL && i < h->part->n_ops; i++) {
        gi_step *s = &h->steps[i];

        if (s->type != NULL && s->type->close != NULL && s->self != NULL)
            s->type->close(s);
        gi_free(s->self);
        gi_free(s->scratch);
        *s = (gi_step){ .op = NULL };
    }
    gi_seat_close(h->seat);
    gi_free(h->from);
    gi_free(h->to);
    gi_free(h->sent_to);
    *h = (gi_host){ .part = NULL };
}
