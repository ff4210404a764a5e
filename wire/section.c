#include "wire/section.h"

#include "base/msgpack.h"

gi_refusal gi_section_peek(const void *p, size_t len, gi_section_kind *out)
{
    const unsigned char *at = p;
    gi_msgpack_head list, kind;

    if (len == 0)
        return GI_REFUSED_SHORT;
    if (!gi_msgpack_read(at, len, &list) || list.kind != GI_MSGPACK_LIST ||
        !gi_msgpack_read(at + list.size, len - list.size, &kind) ||
        kind.kind != GI_MSGPACK_INT)
        return GI_REFUSED_MSGPACK;
    if (kind.as.i < GI_SECTION_TUPLES || kind.as.i > GI_SECTION_PROBE)
        return GI_REFUSED_KIND;
    *out = (gi_section_kind)kind.as.i;
    return GI_TAKEN;
}

gi_rules gi_rules_of(const gi_plan *plan)
{
    const gi_settings *set = &plan->set;
    gi_rules r = { .plan = plan };

    for (uint32_t i = 0; i < plan->n_comps; i++)
        if (plan->comps[i].is_spout)
            r.n_spouts += plan->comps[i].n_tasks;
    r.most_bytes = set->batch_bytes > set->tuple_max_bytes
                       ? set->batch_bytes
                       : set->tuple_max_bytes;
    return r;
}
