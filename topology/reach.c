/* reach.c -- a bolt to which no way leads from a spout would wait for ever. */
#include "topology/draft.h"

/* Does anything come in, as far as is known?  Where a mistake was found
 * already, the benefit of the doubt. */
static bool is_fed(const gi_draft_comp *c, const bool *fed)
{
    if (!c->is_bolt || c->n_inputs == 0)
        return true;
    for (uint32_t i = 0; i < c->n_inputs; i++)
        if (c->inputs[i].at == GI_NOWHERE || fed[c->inputs[i].from])
            return true;
    return false;
}

gale_err gi_draft_check_reach(gi_draft *d)
{
    bool *fed = gi_pool_take(&d->scratch, d->n_comps, sizeof(*fed));
    bool spout = false, more = true;

    if (fed == NULL)
        return GALE_ENOMEM;
    while (more) {
        more = false;
        for (uint32_t i = 0; i < d->n_comps; i++)
            if (!fed[i] && is_fed(&d->comps[i], fed))
                fed[i] = more = true;
    }
    for (uint32_t i = 0; i < d->n_comps; i++)
        spout = spout || d->comps[i].c.spout != NULL;
    for (uint32_t i = 0; i < d->n_comps && spout; i++)
        if (!fed[i])
            gi_report_add(d->r, "%s cannot be reached from any spout",
                          d->comps[i].who.s);
    return GALE_OK;
}
