/* submission.h -- a plan as what Nimbus is told of it.  Pure. */
#ifndef GI_CLI_SUBMISSION_H
#define GI_CLI_SUBMISSION_H

#include "topology/plan.h"
#include "wire/msg.h"

/* Fills in components, talks, settings and words, and what follows from
 * settings.
 *
 *   over   the settings above the table, that the workers are to have too
 *   site   the cluster's own; its settings of topologies are for those that
 *          neither the table nor `over` sets.  May be NULL
 *   words  borrowed, as all texts are
 *
 * Lists lie in `pool`.  GALE_ENOMEM. */
gale_err gi_submission_of(gi_msg_submit *out, const gi_plan *plan,
                          const gi_conf *over, const gi_conf *site,
                          const char *const *words, size_t n_words,
                          gi_pool *pool);

#endif
