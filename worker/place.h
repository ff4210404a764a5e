/* place.h -- which loop runs what.  Pure. */
#ifndef GI_WORKER_PLACE_H
#define GI_WORKER_PLACE_H

#include "topology/plan.h"

/* In all of these `peer_of` is as in gi_port_opts (executors are whole: where
 * the first task is, there are all); NULL: everything runs here.
 *
 * How many loops a plan needs: the shared ones asked for (no more than there
 * are executors to run) and one for each executor that blocks. */
uint32_t gi_place_shared(const gi_plan *p, const uint32_t *peer_of,
                         uint32_t asked);
uint32_t gi_place_apart(const gi_plan *p, const uint32_t *peer_of);

/* loop_of[task - 1] for every task.  Executors are dealt out one component
 * after another, each starting where the one before ended, so each component
 * is spread as evenly as it can be, and so is the whole.  An executor's tasks
 * stay together (Storm: the first n_tasks % n_executors have one more).  What
 * does not run here gets the loop `port`. */
void gi_place(const gi_plan *p, const uint32_t *peer_of, uint32_t n_shared,
              uint32_t port, uint32_t *loop_of);

/* The first and one past the last task number of a component's executor. */
void gi_place_executor(const gi_comp *c, uint32_t executor, uint32_t *first,
                       uint32_t *end);

#endif
