/* What Nimbus does by itself: waits end, levels go back, the dead are left,
 * what is gone is forgotten. */
#include <string.h>

#include "base/mem.h"
#include "nimbus/nimbus_decide.h"

static gale_err step_life(gi_decision *d, gi_topo *t, bool *place)
{
    const gi_nimbus *n = d->n;
    const gi_assignment *a = t->kept->now;
    uint32_t n_workers = a == NULL ? 0 : a->n_workers;
    gi_pending_report *reports;
    gi_life life = t->kept->life;
    unsigned todo;
    gi_kept *kept;
    gale_err e;

    if (!gi_life_waits(&life))
        return GALE_OK;
    reports = gi_calloc((size_t)n_workers + 1, sizeof(*reports));
    if (reports == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n_workers; i++) {
        const gi_msg_slot *s =
            gi_nimbus_slot(n, t->kept->m.id, &a->workers[i]);

        if (s != NULL && s->incarnation != 0)
            reports[i] = (gi_pending_report){ s->turn, s->pending };
        else if (s != NULL && s->gone != 0) /* what it had died with it */
            reports[i] = (gi_pending_report){ life.turn, 0 };
    }
    todo = gi_life_step(&life, reports, n_workers, n->now.ms);
    gi_free(reports);
    if (todo == 0)
        return GALE_OK;
    e = gi_decision_change(d, t, true, &kept);
    if (e != GALE_OK)
        return e;
    kept->life = life;
    if ((todo & GI_LIFE_RESCHEDULE) != 0)
        gi_decision_recut(d, t);
    *place = true;
    return GALE_OK;
}

static gale_err step_log(gi_decision *d, gi_topo *t)
{
    gi_kept *kept;
    gale_err e;

    if (t->log_until_ms == 0 || d->n->now.ms < t->log_until_ms)
        return GALE_OK;
    e = gi_decision_change(d, t, true, &kept);
    if (e != GALE_OK)
        return e;
    kept->m.log_level = kept->m.log_before;
    kept->m.log_until_ms = 0;
    return GALE_OK;
}

/* Has every supervisor that can said that no worker is left? */
static bool workers_gone(const gi_nimbus *n, const gi_topo *t)
{
    const gi_assignment *a = t->kept->now;

    for (uint32_t i = 0; a != NULL && i < a->n_workers; i++) {
        const gi_seen *s = gi_nimbus_seen(n, a->workers[i].supervisor);

        if (s == NULL || s->state == GI_SUPERVISOR_DEAD)
            continue;
        if (s->state == GI_SUPERVISOR_SILENT ||
            strcmp(s->told->m.nimbus, n->opts.id) != 0 ||
            s->told->m.version < t->gone_version)
            return false;
    }
    for (uint32_t i = 0; i < n->n_seen; i++)
        if (n->seen[i]->state == GI_SUPERVISOR_ALIVE &&
            gi_seen_runs(n->seen[i], t->kept->m.id))
            return false;
    return true;
}

static gale_err step(gi_decision *d, gi_topo *t, bool *place)
{
    gale_err e;

    if (t->kept->life.status == GI_STATUS_GONE)
        return workers_gone(d->n, t) ? gi_decision_remove(d, t) : GALE_OK;
    e = step_life(d, t, place);
    return e == GALE_OK ? step_log(d, t) : e;
}

/* The clocks of what was put back. */
static void put_out(gi_nimbus *n)
{
    for (uint32_t i = 0; i < n->n_topologies; i++)
        if (n->topologies[i]->kept->m.log_until_ms == 0)
            n->topologies[i]->log_until_ms = 0;
}

/* *again: what was done may make more possible. */
static gale_err settle_once(gi_nimbus *n, bool *again, gale_diag *why)
{
    gi_decision d;
    bool place = false;
    gale_err e = GALE_OK;

    gi_decision_init(&d, n);
    for (uint32_t i = 0; i < n->n_topologies && e == GALE_OK; i++)
        e = step(&d, n->topologies[i], &place);
    if (e == GALE_OK && (place || n->dirty))
        e = gi_nimbus_place(&d, why);
    *again = d.n_fates > 0;
    if (e == GALE_OK && (d.n_fates > 0 || d.scheduled))
        e = gi_decision_take(&d, why);
    gi_decision_fini(&d);
    put_out(n);
    return e;
}

void gi_nimbus_settle(gi_nimbus *n)
{
    gale_diag why = { "" };
    gale_err e = GALE_OK;
    bool again = true;

    if (n->broken.text[0] != '\0' || n->now.ms < n->retry_ms)
        return;
    gi_nimbus_forgive(n);
    while (again && e == GALE_OK)
        e = settle_once(n, &again, &why);
    if (e == GALE_OK) {
        n->retry_ms = 0;
        n->retry_said = false;
        return;
    }
    n->retry_ms = n->now.ms + 1000;
    if (!n->retry_said && n->broken.text[0] == '\0')
        gi_nimbus_note(n, true, "what is due cannot be done yet: %s",
                       why.text[0] != '\0' ? why.text : gale_err_text(e));
    n->retry_said = true;
}
