/* rejoin.c -- a supervisor was started anew: what lives here, and what shall.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/env.h"
#include "base/log.h"
#include "base/mem.h"
#include "supervisor/adopt.h"
#include "supervisor/daemon_inside.h"

struct search {
    gi_sdaemon *d;
    uint32_t n;
    gale_err rv;
};

/* Not ours, or not for a slot of ours, or of a slot with too many: what cannot
 * be watched over must not live.  Its group is its own, that was looked at. */
static void end_stranger(const gi_recorded *r)
{
    gi_log(GALE_LOG_WARN, GI_WHO,
           "process %" PRIi32 " is left over from slot %u and is killed",
           r->pid, r->as.port);
    kill(-r->pid, SIGKILL);
    kill(r->pid, SIGKILL);
}

static void on_found(void *arg, const gi_recorded *r)
{
    struct search *s = arg;
    gale_err rv;

    if (gi_hand_of(s->d, r->as.port, r->incarnation) != NULL ||
        !gi_as_whom_believe(s->d, r)) {
        end_stranger(r);
        return;
    }
    rv = gi_node_adopt(s->d->node, &r->as, r->incarnation, r->pid, r->began,
                       gi_clock_ns());
    if (rv == GALE_ENOMEM) {
        s->rv = rv;
        return;
    }
    if (rv != GALE_OK) {
        end_stranger(r);
        return;
    }
    rv = gi_hand_adopt(s->d, r);
    if (rv == GALE_OK)
        s->n++;
    else if (rv != GALE_ENOTFOUND) /* else: gone meanwhile; acts.c says so */
        s->rv = rv;
    else
        gi_acts_gone(s->d, r->as.port, r->incarnation);
}

/* Only what is for slots that there are: they may be others by now. */
static gale_err assign(gi_sdaemon *d, const gi_record *r)
{
    gi_placed *placed = gi_calloc(r->n_placed, sizeof(*placed));
    uint32_t n = 0;
    bool taken;
    gale_err rv;

    if (placed == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < r->n_placed; i++) {
        if (gi_sd_slot(d, r->placed[i].port) < 0)
            continue;
        placed[n++] = r->placed[i];
        rv = gi_duties_recall(d, r->placed[i].order.topology);
        if (rv == GALE_ENOMEM)
            goto out;
    }
    rv = gi_node_assign(d->node, r->version, placed, n, gi_clock_ns(), &taken);
out:
    gi_free(placed);
    return rv;
}

static gale_err find(gi_sdaemon *d, const gi_record *r)
{
    struct search s = { .d = d };
    gale_err rv = gi_adopt_find(d->home.id, r, on_found, &s);

    if (rv == GALE_OK)
        rv = s.rv;
    if (rv == GALE_OK && s.n > 0)
        gi_log(GALE_LOG_INFO, GI_WHO, "%" PRIu32 " workers live, and go on",
               s.n);
    return rv;
}

static gale_err make_node(gi_sdaemon *d, uint64_t last)
{
    static const uint16_t usual[] = { 6700, 6701, 6702, 6703 };
    const gi_supervisor_daemon_opts *o = d->o;
    gi_node_opts opts = o->node;
    uint32_t n = o->ports == NULL ? 4 : o->n_ports;
    gale_err rv;

    opts.last = last;
    if (opts.seed == 0)
        opts.seed = gi_env_real.entropy(gi_env_real.arg);
    rv = gi_node_create(&d->node, &opts, o->ports == NULL ? usual : o->ports,
                        n);
    if (rv != GALE_OK)
        return rv;
    d->views = gi_calloc(n, sizeof(*d->views));
    return d->views == NULL ? GALE_ENOMEM : GALE_OK;
}

gale_err gi_rejoin(gi_sdaemon *d, gale_diag *why)
{
    char path[GI_PATH_MOST];
    gi_record r = { 0 };
    bool has;
    gale_err rv;

    gi_home_record(&d->home, path);
    rv = gi_record_load(&r, path, why);
    if (rv != GALE_OK && rv != GALE_ENOTFOUND && rv != GALE_EFORMAT)
        return rv;
    if (rv == GALE_EFORMAT)
        gi_log(GALE_LOG_WARN, GI_WHO, "%s", why->text);
    has = rv == GALE_OK;
    rv = make_node(d, has ? gi_record_last(&r, d->boot) : d->home.incarnation);
    if (rv == GALE_EINVAL)
        gi_diag_say(
            why, "supervisor.slots.ports: there has to be one, none of them "
                 "0, and none twice");
    if (rv == GALE_OK)
        rv = find(d, has ? &r : NULL);
    if (rv == GALE_OK && has && r.version != 0)
        rv = assign(d, &r);
    if (rv == GALE_EIO)
        gi_diag_say(why, "/proc cannot be read: %s", strerror(errno));
    gi_record_fini(&r);
    return rv;
}
