/* lodge.c -- a home in its task: made, and unmade. */
#include "trident/lodge.h"

#include "base/mem.h"

gi_host *gi_lodge_host(const gi_lodge *l, uint32_t part)
{
    for (uint32_t i = 0; i < l->home->n_parts; i++)
        if (l->home->parts[i] == part)
            return &l->hosts[i];
    return NULL;
}

/* --------------------------------------------------------------- hosts -- */

static gale_err open_hosts(gi_lodge *l, gale_bolt_ctx *ctx)
{
    const gi_home *home = l->home;
    const gi_part *parts = home->program->parts;
    gale_err rv = GALE_OK;
    uint32_t first = 0;

    for (uint32_t i = 0; i < home->n_parts; i++)
        l->n_steps += parts[home->parts[i]].n_ops;
    l->steps = gi_calloc(l->n_steps + 1u, sizeof(*l->steps));
    l->hosts = gi_calloc(home->n_parts, sizeof(*l->hosts));
    if (l->steps == NULL || l->hosts == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; rv == GALE_OK && i < home->n_parts; i++) {
        const gi_part *part = &parts[home->parts[i]];

        rv =
            gi_host_open(&l->hosts[i], part, ctx, l->steps, first, l->n_steps);
        first += part->n_ops;
    }
    for (uint32_t i = 0; rv == GALE_OK && i < home->n_parts; i++)
        rv = gi_host_open_steps(&l->hosts[i]);
    return rv;
}

/* ------------------------------------------------------------- senders -- */

/* From the lowest number of a task that sends rows, and how many numbers. */
static void measure(gi_lodge *l, uint32_t *n_inlets)
{
    uint32_t low = UINT32_MAX, end = 0;

    *n_inlets = 0;
    for (uint32_t i = 0; i < l->home->n_parts; i++) {
        const gi_host *h = &l->hosts[i];

        *n_inlets += h->part->n_inlets;
        for (uint32_t k = 0; k < h->part->n_upstream; k++) {
            const gi_peers *p = &h->from[k];

            low = p->first < low ? p->first : low;
            end = p->first + p->n > end ? p->first + p->n : end;
        }
    }
    l->low = end == 0 ? 0 : low;
    l->n_senders = end == 0 ? 0 : end - low;
}

/* The ways from one component, to whichever of its readers here. */
static uint32_t make_ways(gi_lodge *l, const gi_home *from, gi_way *ways)
{
    const gi_program *p = from->program;
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->home->n_parts; i++) {
        gi_host *h = &l->hosts[i];

        for (uint32_t k = 0; k < h->part->n_inlets; k++) {
            const gi_inlet *in = &h->part->inlets[k];

            if (p->parts[in->part].home != from->no)
                continue;
            ways[n++] = (gi_way){
                .name = from->streams[in->stream - 1].name,
                .host = h,
                .entry = &h->steps[in->op],
                .from = gi_peers_of(h->from, h->part->n_upstream, in->part),
            };
        }
    }
    return n;
}

static gale_err open_senders(gi_lodge *l)
{
    uint32_t n_inlets;
    gi_way *ways;

    measure(l, &n_inlets);
    l->senders = gi_calloc(l->n_senders + 1u, sizeof(*l->senders));
    l->ways = ways = gi_calloc(n_inlets + 1u, sizeof(*l->ways));
    if (l->senders == NULL || ways == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < l->home->n_parts; i++) {
        const gi_host *h = &l->hosts[i];

        for (uint32_t k = 0; k < h->part->n_upstream; k++) {
            const gi_peers *p = &h->from[k];
            gi_sender *s = &l->senders[p->first - l->low];
            uint32_t n;

            if (p->n == 0 || s->ways != NULL)
                continue;
            n = make_ways(l, gi_home_of(p->part), ways);
            for (uint32_t t = 0; t < p->n; t++)
                s[t] = (gi_sender){ ways, n };
            ways += n;
        }
    }
    return GALE_OK;
}

/* ----------------------------------------------------------------- all -- */

gale_err gi_lodge_open(gi_lodge *l, gale_bolt_ctx *ctx)
{
    gale_err rv;

    l->home = gale_task_arg(gale_bolt_task(ctx));
    rv = open_hosts(l, ctx);
    return rv == GALE_OK ? open_senders(l) : rv;
}

void gi_lodge_close(gi_lodge *l)
{
    for (uint32_t i = 0; l->hosts != NULL && i < l->home->n_parts; i++)
        if (l->hosts[i].part != NULL)
            gi_host_close(&l->hosts[i]);
    gi_free(l->hosts);
    gi_free(l->steps);
    gi_free(l->senders);
    gi_free(l->ways);
    *l = (gi_lodge){ .home = NULL };
}
