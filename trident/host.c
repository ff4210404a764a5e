/* host.c -- a part in a task: made, and unmade. */
#include "trident/host.h"

#include <stdio.h>

#include "base/mem.h"
#include "drpc/seat.h"

/* The tasks of some parts: from the lowest number, and how many numbers. */
typedef struct range {
    uint32_t low, n;
} range;

static range range_of(const gi_host *h, const uint32_t *parts, uint32_t n)
{
    uint32_t low = UINT32_MAX, end = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t first = 0,
                 tasks = gale_task_peers(
                     h->task, h->part->program->parts[parts[i]].name, &first);

        low = first < low ? first : low;
        end = first + tasks > end ? first + tasks : end;
    }
    return n == 0 ? (range){ 0, 0 } : (range){ low, end - low };
}

static uint32_t make_ways(gi_host *h, uint32_t part, gi_way *ways)
{
    const gi_part *p = h->part;
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->n_inlets; i++) {
        const gi_inlet *in = &p->inlets[i];

        if (in->part == part)
            ways[n++] = (gi_way){
                .name = p->program->parts[part].streams[in->stream - 1].name,
                .entry = &h->steps[in->op],
            };
    }
    return n;
}

static gale_err open_senders(gi_host *h, uint32_t *n_from)
{
    const gi_part *p = h->part;
    range r = range_of(h, p->upstream, p->n_upstream);
    gi_way *ways;

    h->low = r.low;
    h->n_senders = r.n;
    h->senders = gi_calloc(r.n + 1u, sizeof(*h->senders));
    h->from = gi_calloc(r.n + 1u, sizeof(*h->from));
    h->ways = ways =
        gi_calloc(p->n_inlets + p->n_upstream + 1u, sizeof(*h->ways));
    *n_from = 0;
    if (h->senders == NULL || h->from == NULL || ways == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < p->n_upstream; i++) {
        uint32_t part = p->upstream[i], first = 0,
                 n = gale_task_peers(h->task, p->program->parts[part].name,
                                     &first),
                 n_ways = make_ways(h, part, ways);

        for (uint32_t k = first - r.low; k < first - r.low + n; k++) {
            h->senders[k] = (gi_sender){ part, ways, n_ways };
            h->from[k] = (*n_from)++;
        }
        ways += n_ways;
    }
    return GALE_OK;
}

static gale_err open_readers(gi_host *h)
{
    const gi_part *p = h->part;
    range r = range_of(h, p->readers, p->n_readers);

    h->reader_low = r.low;
    h->n_readers = r.n;
    h->reads = gi_calloc(r.n + 1u, sizeof(*h->reads));
    h->to = gi_calloc(r.n + 1u, sizeof(*h->to));
    if (h->reads == NULL || h->to == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < p->n_readers; i++) {
        range one = range_of(h, &p->readers[i], 1);

        for (uint32_t k = 0; k < one.n; k++)
            h->reads[one.low - r.low + k] = true;
    }
    return GALE_OK;
}

static gale_err make_steps(gi_host *h)
{
    const gi_part *p = h->part;

    h->steps = gi_calloc(p->n_ops + 1u, sizeof(*h->steps));
    if (h->steps == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < p->n_ops; i++) {
        const gi_op *op = &p->ops[i];
        gi_step *s = &h->steps[i];

        *s = (gi_step){ .op = op,
                        .type = gi_op_types[op->kind],
                        .all = h->steps,
                        .n_all = p->n_ops,
                        .task = h->task,
                        .host = h };
        s->self = gi_alloc(s->type->size + 1);
        s->scratch = gi_calloc(op->n_out + 1u, sizeof(*s->scratch));
        if (s->self == NULL || s->scratch == NULL)
            return GALE_ENOMEM;
    }
    return GALE_OK;
}

static gale_err open_steps(gi_host *h)
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

/* Where answers go, and why there are none. */
static gale_err open_seat(gi_host *h)
{
    const gi_group *g = &h->part->program->groups[h->part->group];
    gale_err rv = GALE_OK;

    if (g->function != NULL)
        rv = gi_seat_open(&h->seat, g->hub, h->task, g->function, false,
                          &h->why);
    if (rv != GALE_OK)
        gale_task_error(h->task, "%.500s",
                        h->why.text[0] == '\0' ? gale_err_text(rv)
                                               : h->why.text);
    return rv;
}

gale_err gi_host_open(gi_host *h, gale_bolt_ctx *ctx)
{
    uint32_t n_from;
    gale_err rv;

    h->ctx = ctx;
    h->task = gale_bolt_task(ctx);
    h->part = gale_task_arg(h->task);
    gale_task_peers(h->task, h->part->program->groups[h->part->group].name,
                    &h->coordinator);
    rv = open_seat(h);
    if (rv == GALE_OK)
        rv = make_steps(h);
    if (rv == GALE_OK)
        rv = open_senders(h, &n_from);
    if (rv == GALE_OK)
        rv = open_readers(h);
    if (rv == GALE_OK)
        gi_tracker_init(&h->tracker, n_from, gi_stay_drop, h);
    if (rv == GALE_OK)
        rv = open_steps(h);
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
    }
    gi_seat_close(h->seat);
    h->seat = NULL;
    gi_free(h->steps);
    gi_free(h->senders);
    gi_free(h->from);
    gi_free(h->ways);
    gi_free(h->reads);
    gi_free(h->to);
    h->steps = NULL;
}
