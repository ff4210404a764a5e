/* nimbus.h -- the state of the cluster, and what is decided about it.
 *
 * Clients ask for topologies to be run, stopped or changed; supervisors report
 * what runs, and are told what shall run.  In between stand the scheduler
 * (schedule.h) and each topology's life (life.h).
 *
 * What is always true:
 *
 *   - a decision is in the store before anybody hears of it.  If the store
 *     does not say whether it is, this Nimbus is broken, and decides nothing
 *     any more: destroy it, and create one anew from the store
 *   - what a node shall do has one version that only grows, also over restarts
 *     of Nimbus; who has the version has all of it
 *   - a supervisor is ALIVE while reports come, and DEAD when none came for
 *     the timeout.  Those that the store knows of are SILENT for as long after
 *     the start: what is there stays.  Time in which Nimbus itself stood still
 *     accuses nobody
 *   - a topology that was killed is there, as KILLED, until the supervisors
 *     say that its workers are gone, or say nothing any more
 *   - workers have ackers of their own, which live with their spouts: they are
 *     no executors, and nobody places them
 *
 * Pure: no I/O but through the store's table, no clock, no thread.  The same
 * calls give the same answers.
 *
 * Thread  owner
 */
#ifndef GI_NIMBUS_NIMBUS_H
#define GI_NIMBUS_NIMBUS_H

#include "base/pool.h"
#include "gale/base.h"
#include "nimbus/store/store.h"
#include "wire/msg.h"

typedef struct gi_nimbus gi_nimbus;

/* Now: by a clock that only goes forward, and by the calendar's, which names
 * topologies and is shown to people. */
typedef struct gi_when {
    uint64_t ms;
    uint64_t wall_ms; /* since 1970 */
} gi_when;

/* Zero means default.  Copied, texts too. */
typedef struct gi_nimbus_opts {
    const char *id;   /* drawn anew at each start and leadership; required */
    const char *host; /* both for people to see */
    const char *url;
    const char *const *admins; /* users who may do anything */
    uint32_t n_admins;
    bool by_resources; /* gi_schedule_resource; else gi_schedule_even */

    uint64_t supervisor_timeout_ms; /* nimbus.supervisor.timeout; 10 s */
    uint64_t report_wait_ms;        /* a REPORT is kept no longer; 1 s */
    uint64_t lag_ms;    /* what goes by between two calls beyond this counts
                           for nobody's silence; 2 s */
    uint64_t bad_ms;    /* a slot in which nothing comes up is tried again
                           after; 5 min */
    uint64_t move_ms;   /* a worker that comes up nowhere is moved no sooner
                           than this after the last time, then twice as long;
                           10 s */
    uint64_t forget_ms; /* a supervisor that is dead for so long, and has no
                           worker, is forgotten; 1 h */

    /* Is the program complete, and its hash right?  NULL: yes. */
    bool (*program_here)(void *arg, const char *hash);
    /* Something for the log.  NULL: nobody listens. */
    void (*note)(void *arg, bool bad, const char *text);
    void *arg;
} gi_nimbus_opts;

/* Read the store and go on from there.  `store` is borrowed until destroy.
 *
 * GALE_EINVAL: no id; GALE_ENOMEM; and what the store says.  Entries that
 * cannot be read are set aside, with a note. */
gale_err gi_nimbus_create(gi_nimbus **out, const gi_nimbus_opts *opts,
                          const gi_store *store, gi_when now, gale_diag *why);
void gi_nimbus_destroy(gi_nimbus *n); /* NULL is fine */

/* A client's request: INFO, SUBMIT, LIST, LOOK, CLUSTER, ACTIVATE, DEACTIVATE,
 * KILL, REBALANCE, SET_LOG, CREDENTIALS.
 *
 *   user   who asks; "" if nobody vouches for him
 *   reply  the verb's, in `pool`; some of it may point into `n`: write it
 *          before the next call
 *   why    for a person to read; may be NULL
 *
 * GALE_OK; GALE_EINVAL: it may not be, by the rules or for this user;
 * GALE_ENOTFOUND: there is no such topology; GALE_ELIMIT: it is too large;
 * GALE_ENOMEM.  Then nothing has changed.  GALE_EIO: it is broken. */
gale_err gi_nimbus_ask(gi_nimbus *n, gi_verb_no verb, const void *request,
                       const char *user, gi_when now, gi_pool *pool,
                       void *reply, gale_diag *why);

/* A supervisor's report (the verb REPORT): take it in.  Copied.
 *
 * GALE_OK, also for one that was overtaken by a later one, of which nothing is
 * taken: then reply by gi_nimbus_orders, at once if gi_nimbus_news says so or
 * it is urgent; else keep it until gi_nimbus_news says so, which may be after
 * any call here, or report_wait_ms have passed.
 *
 * GALE_EINVAL: it makes no sense, or there is a later supervisor of that name;
 * GALE_ELIMIT: too many supervisors; GALE_ENOMEM.  Reply with that, and `why`.
 */
gale_err gi_nimbus_report(gi_nimbus *n, const gi_msg_report *r, gi_when now,
                          gale_diag *why);

/* Is there anything that the sender of `r` does not know? */
bool gi_nimbus_news(const gi_nimbus *n, const gi_msg_report *r);

/* What he shall do.  Some of it points into `n`: write it before the next call
 * that changes anything.  GALE_ENOTFOUND: he never reported; GALE_ENOMEM. */
gale_err gi_nimbus_orders(const gi_nimbus *n, const gi_msg_report *r,
                          gi_pool *pool, gi_msg_orders *out);

/* Time has passed.  Call at gi_nimbus_due, which may be earlier after any
 * call; UINT64_MAX: nothing is due. */
void gi_nimbus_tick(gi_nimbus *n, gi_when now);
uint64_t gi_nimbus_due(const gi_nimbus *n);

/* See above; NULL: all is well.  Else why, in words. */
const char *gi_nimbus_broken(const gi_nimbus *n);

/* How long a REPORT is kept; the timeouts as they are. */
const gi_nimbus_opts *gi_nimbus_settled(const gi_nimbus *n);

/* Does any topology need this program?  One that was put a moment ago may be
 * about to be submitted: give those time before they are thrown away. */
bool gi_nimbus_uses(const gi_nimbus *n, const char *program);

#endif
