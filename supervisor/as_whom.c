/* as_whom.c -- as whom workers run: run_as.h decides, here accounts are looked
 * up for it. */
#include <errno.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/log.h"
#include "supervisor/daemon_inside.h"

gale_err gi_as_whom_open(const gi_sdaemon *d, gale_diag *why)
{
    const gi_run_as *r = &d->o->run_as;
    gale_err rv = gi_run_as_check(r, geteuid(), why);

    if (rv == GALE_OK && r->as_user)
        rv = gi_home_let_pass(&d->home, why);
    if (rv == GALE_OK && !r->as_user && geteuid() == 0)
        gi_log(GALE_LOG_WARN, GI_WHO,
               "workers run as root, whoever submits them: see "
               "supervisor.run.worker.as.user");
    return rv;
}

static gale_err look_up(gi_account *out, const char *name, gale_diag *why)
{
    gale_err rv = *name == '\0' ? GALE_ENOTFOUND : gi_account_find(out, name);

    if (rv == GALE_OK || rv == GALE_ENOTFOUND)
        return GALE_OK;
    gi_diag_say(why, "whether there is an account '%.80s' cannot be told: %s",
                name, rv == GALE_EIO ? strerror(errno) : gale_err_text(rv));
    return rv;
}

gale_err gi_as_whom(const gi_sdaemon *d, const gi_msg_topology *t,
                    gi_account *out, gale_diag *why)
{
    gi_account a = { 0 };
    bool other;
    gale_err rv;

    *out = a;
    if (!d->o->run_as.as_user)
        return GALE_OK;
    rv = look_up(&a, t->owner, why);
    if (rv == GALE_OK)
        rv = gi_run_as_whom(&d->o->run_as, t->owner,
                            a.name == NULL ? NULL : &a.uid, &other, why);
    if (rv == GALE_OK && other)
        *out = a;
    else
        gi_account_fini(&a);
    return rv;
}

/* The record's word is our own.  What a process says in its environment
 * anybody can say. */
bool gi_as_whom_believe(gi_sdaemon *d, const gi_recorded *r)
{
    const gi_msg_topology *t;
    gi_account a = { 0 };
    uint32_t its;
    bool known;

    if (r->named)
        return true;
    if (gi_proc_user(r->pid, &its) != GALE_OK)
        return false;
    known = its != geteuid() && d->o->run_as.as_user &&
            gi_duties_recall(d, r->as.order.topology) == GALE_OK &&
            (t = gi_duties_of(d, r->as.order.topology)) != NULL &&
            look_up(&a, t->owner, NULL) == GALE_OK && a.name != NULL;
    bool is = gi_run_as_believes(&d->o->run_as, geteuid(), its,
                                 known ? &a.uid : NULL);
    gi_account_fini(&a);
    return is;
}
