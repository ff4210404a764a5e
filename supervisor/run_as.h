/* run_as.h -- as whom a worker runs.  Decided here, done elsewhere.
 *
 * A supervisor that root started can run each worker as the local account of
 * who submitted its topology (supervisor.run.worker.as.user, as in Storm).
 * Nobody gets an account that the node does not have, and nobody root's,
 * unless gale.worker.as.root allows it.
 *
 * Pure: no account is looked up here.
 */
#ifndef GI_SUPERVISOR_RUN_AS_H
#define GI_SUPERVISOR_RUN_AS_H

#include "gale/base.h"

/* Zero: all run as the supervisor does. */
typedef struct gi_run_as {
    bool as_user; /* as who submitted it */
    bool as_root; /* and if that was root, as root; else it is refused */
} gi_run_as;

/* What the two settings mean to a supervisor of that user; NULL: not set.  If
 * as.user is not set, then for root it is as if both were true: nobody has
 * more than he has anyway. */
gi_run_as gi_run_as_of(const bool *as_user, const bool *as_root, uint32_t uid);

/* Can a supervisor of that user do so?  GALE_EINVAL: `why` says what to do. */
gale_err gi_run_as_check(const gi_run_as *r, uint32_t uid, gale_diag *why);

/* As whom does the topology of `owner` run, if the supervisor is root?
 *
 *   account  his number here; NULL: there is no such account
 *   *other   true: as that account; false: as the supervisor
 *
 * GALE_EINVAL: as nobody; `why` says so. */
gale_err gi_run_as_whom(const gi_run_as *r, const char *owner,
                        const uint32_t *account, bool *other, gale_diag *why);

/* A process says that it is a worker of ours: is it, going by whose it is?
 *
 *   ours, its  users
 *   account    of who submitted what it says it is; NULL: not known */
bool gi_run_as_believes(const gi_run_as *r, uint32_t ours, uint32_t its,
                        const uint32_t *account);

#endif
