#include "worker/place.h"

void gi_place_executor(const gi_comp *c, uint32_t executor, uint32_t *first,
                       uint32_t *end)
{
    uint32_t each = c->n_tasks / c->n_executors;
    uint32_t more = c->n_tasks % c->n_executors;
    uint32_t before = executor < more ? executor : more;

    *first = c->first_task + executor * each + before;
    *end = *first + each + (executor < more ? 1 : 0);
}

uint32_t gi_place_apart(const gi_plan *p)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->n_comps; i++)
        if (p->comps[i].blocking)
            n += p->comps[i].n_executors;
    return n;
}

uint32_t gi_place_shared(const gi_plan *p, uint32_t asked)
{
    uint32_t executors = 0;

    for (uint32_t i = 0; i < p->n_comps; i++)
        if (!p->comps[i].blocking)
            executors += p->comps[i].n_executors;
    if (asked > executors)
        asked = executors;
    return asked == 0 ? 1 : asked;
}

void gi_place(const gi_plan *p, uint32_t n_shared, uint32_t *loop_of)
{
    uint32_t shared = 0, apart = n_shared;

    for (uint32_t i = 0; i < p->n_comps; i++) {
        const gi_comp *c = &p->comps[i];

        for (uint32_t e = 0; e < c->n_executors; e++) {
            uint32_t first, end;
            uint32_t loop = c->blocking ? apart++ : shared++ % n_shared;

            gi_place_executor(c, e, &first, &end);
            for (uint32_t task = first; task < end; task++)
                loop_of[task - 1] = loop;
        }
    }
}
