/* schedule.h -- which executor runs where.
 *
 * Two schedulers with one question: given the facts, what shall be assigned?
 * Both begin with what is there.  An executor stays with its worker if
 *
 *   - the supervisor is alive or silent and still offers the slot (if the
 *     worker is dead, the supervisor starts it anew in its place), or
 *   - the supervisor is dead, but the worker is known to live.
 *
 * When a component's executors have been cut anew, the worker that has most
 * of an executor's tasks counts as its own.  Only what has no worker, or is
 * too much for its own, is placed.
 *
 * Ties go by name: supervisors by id, slots by port, topologies by id.
 */
#ifndef GI_NIMBUS_SCHEDULE_SCHEDULE_H
#define GI_NIMBUS_SCHEDULE_SCHEDULE_H

#include "nimbus/schedule/cluster.h"

typedef struct gi_schedule {
    uint32_t n;
    gi_assignment **of; /* [n]: of cluster->topologies[i], never NULL */
} gi_schedule;

/* Storm's even scheduler.
 *
 * A topology gets as many workers as it wants, as there are slots for, or as
 * it has executors, whichever is least; of the executors each worker gets the
 * same number, or one more.  New slots come from the supervisors in turn,
 * those with more free slots first, the low ports first; executors are dealt
 * out to them in turn, by task number.  Whose id comes first is served first.
 * With `spread` set, workers that are there move as well, as few of them as it
 * takes until they are even over the nodes (spread.h).
 *
 * GALE_EINVAL if the facts make no sense (an id twice, a component of which
 * executors and tasks do not fit); GALE_ENOMEM. */
gale_err gi_schedule_even(gi_schedule *out, const gi_cluster *c);

/* Each executor where its cpu points and memory fit.
 *
 * Important topologies first.  One worker a topology and supervisor, more only
 * where worker_memory_mb wants it; the number of workers asked for is not
 * looked at (Storm).  Executors go, a slice of every component at a time, to
 * one supervisor until it is full, then to the next best: where components
 * are that they talk to, where the topology has a worker, where most is free.
 *
 * What does not fit pushes out less important topologies, the least important
 * first, and no more of them than it takes.  `spread` is not looked at.  A
 * topology that is new or has been pushed out gets all its executors or none;
 * one that runs and loses some keeps the others.  GALE_EINVAL, GALE_ENOMEM as
 * above. */
gale_err gi_schedule_resource(gi_schedule *out, const gi_cluster *c);

void gi_schedule_fini(gi_schedule *s); /* zeroed is fine */

#endif
