#include "nimbus/schedule/rebalance.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/report.h"

enum { FEW = 5 }; /* components that are named where nothing was near */

static uint32_t find(const gi_topology *t, const char *id)
{
    for (uint32_t i = 0; i < t->n_components; i++)
        if (strcmp(t->components[i].id, id) == 0)
            return i;
    return GI_NOWHERE;
}

/* The first ones' names, as a sentence goes on. */
static void say_some(const gi_topology *t, char *to, size_t size)
{
    size_t len = 0;

    to[0] = '\0';
    for (uint32_t i = 0; i < t->n_components && i < FEW && len < size; i++)
        len += (size_t)snprintf(to + len, size - len, "%s'%.60s'",
                                i == 0 ? "" : ", ", t->components[i].id);
}

static gale_err say_unknown(const gi_topology *t, const char *id,
                            gi_report *report)
{
    char some[FEW * 66];
    const char **ids = gi_calloc((size_t)t->n_components + 1, sizeof(*ids));
    const char *near;

    if (ids == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < t->n_components; i++)
        ids[i] = t->components[i].id;
    near = gi_nearest(id, ids, t->n_components);
    if (near != NULL)
        gi_report_add(report,
                      "'%s' is not a component of '%s' (did you mean '%s'?)",
                      id, t->id, near);
    else {
        say_some(t, some, sizeof(some));
        gi_report_add(
            report, "'%s' is not a component of '%s'; %s %s", id, t->id,
            t->n_components > FEW ? "the first are" : "it has", some);
    }
    gi_free(ids);
    return GALE_OK;
}

static gale_err check_component(const gi_rebalance *r, uint32_t i,
                                const gi_topology *t, gi_report *report)
{
    const gi_rebalance_component *c = &r->components[i];
    uint32_t at = find(t, c->id);

    if (at == GI_NOWHERE)
        return say_unknown(t, c->id, report);
    for (uint32_t k = 0; k < i; k++)
        if (strcmp(r->components[k].id, c->id) == 0) {
            gi_report_add(report, "'%s' is given twice", c->id);
            return GALE_OK;
        }
    if (c->n_executors == 0)
        gi_report_add(report, "'%s' must have at least one executor", c->id);
    else if (c->n_executors != GI_AS_IT_IS &&
             c->n_executors > t->components[at].n_tasks)
        gi_report_add(report,
                      "'%s' has %u tasks, for life, so it cannot have %u "
                      "executors (%u at most)",
                      c->id, t->components[at].n_tasks, c->n_executors,
                      t->components[at].n_tasks);
    return GALE_OK;
}

gale_err gi_rebalance_check(const gi_rebalance *r, const gi_topology *t,
                            gale_diag *why)
{
    gi_report report;
    gale_err err = GALE_OK;

    gi_report_init(&report);
    if (r->n_workers == 0)
        gi_report_add(&report, "'%s' must have at least one worker", t->id);
    for (uint32_t i = 0; i < r->n_components && err == GALE_OK; i++)
        err = check_component(r, i, t, &report);
    if (err == GALE_OK && !gi_report_empty(&report)) {
        gi_report_to_diag(&report, why);
        err = GALE_EINVAL;
    }
    gi_report_fini(&report);
    return err;
}

static void set(uint32_t *to, uint32_t value)
{
    if (value != GI_AS_IT_IS)
        *to = value;
}

uint32_t gi_rebalance_apply(const gi_rebalance *r, const gi_topology *t,
                            gi_component *components)
{
    uint32_t n_workers = t->n_workers;

    set(&n_workers, r->n_workers);
    for (uint32_t i = 0; i < r->n_components; i++) {
        const gi_rebalance_component *c = &r->components[i];
        gi_component *to = &components[find(t, c->id)];

        set(&to->n_executors, c->n_executors);
        set(&to->cpu, c->cpu);
        set(&to->memory_mb, c->memory_mb);
    }
    return n_workers;
}
