#include "worker/place.h"

#include "worker/port.h"

void gi_place_executor(const gi_comp *c, uint32_t executor, uint32_t *first,
                       uint32_t *end)
{
    uint32_t each = c->n_tasks / c->n_executors;
    uint32_t more = c->n_tasks % c->n_executors;
    uint32_t before = executor < more ? executor : more;

    *first = c->first_task + executor * each + before;
    *end = *first + each + (executor < more ? 1 : 0);
}

/* Of a component's executors: how many run here? */
static uint32_t here(const gi_comp *c, const uint32_t *peer_of)
{
    uint32_t n = 0;

    for (uint32_t e = 0; e < c->n_executors; e++) {
        uint32_t first, end;

        gi_place_executor(c, e, &first, &end);
        n += peer_of == NULL || peer_of[first - 1] == GI_HERE;
    }
    return n;
}

uint32_t gi_place_apart(const gi_plan *p, const uint32_t *peer_of)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->n_comps; i++)
        if (p->comps[i].blocking)
            n += here(&p->comps[i], peer_of);
    return n;
}

uint32_t gi_place_shared(const gi_plan *p, const uint32_t *peer_of,
                         uint32_t asked)
{
    uint32_t executors = 0;

    for (uint32_t i = 0; i < p->n_comps; i++)
        if (!p->comps[i].blocking)
            executors += here(&p->comps[i], peer_of);
    if (asked > executors)
        asked = executors;
    return asked == 0 ? 1 : asked;
}

void gi_place(const gi_plan *p, const uint32_t *peer_of, uint32_t n_shared,
              uint32_t port, uint32_t *loop_of)
{
    uint32_t shared = 0, apart = n_shared;

    for (uint32_t i = 0; i < p->n_comps; i++) {
        const gi_comp *c = &p->comps[i];

        for (uint32_t e = 0; e < c->n_executors; e++) {
            uint32_t first, end, loop = port;

            gi_place_executor(c, e, &first, &end);
            if (peer_of == NULL || peer_of[first - 1] == GI_HERE)
                loop = c->blocking ? apart++ : shared++ % n_shared;
            for (uint32_t task = first; task < end; task++)
                loop_of[task - 1] = loop;
        }
    }
}
