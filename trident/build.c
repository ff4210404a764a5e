/* build.c -- gale_trident_build: every mistake, or the topology. */
#include "trident/build.h"

#include "base/diag.h"
#include "trident/graph.h"
#include "trident/request_spout.h"

static const gi_tables tables = {
    .part = &gi_part_bolt,
    .group = &gi_group_spout,
    .requests = &gi_request_spout,
    .store = &gale_store_embedded,
};

static gale_err build(gale_trident *t, gi_report *r)
{
    if (t->no_memory || t->mistakes.dropped > 0)
        return GALE_ENOMEM;
    if (!gi_report_empty(&t->mistakes))
        return GALE_EPLAN;
    if (t->program != NULL)
        return GALE_OK;
    return gi_program_create(&t->program, t, &tables, r);
}

gale_err gale_trident_build(gale_trident *t, const gale_topology **out,
                            gale_diag *why)
{
    gi_report r;
    gale_err rv;

    gi_report_init(&r);
    rv = build(t, &r);
    if (rv == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(rv));
    else if (rv == GALE_EPLAN && gi_report_empty(&r))
        gi_report_to_diag(&t->mistakes, why);
    else
        gi_report_to_diag(&r, why);
    if (rv == GALE_OK)
        *out = &t->program->topology;
    gi_report_fini(&r);
    return rv;
}
