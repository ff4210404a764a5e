/* cluster.h -- the facts that scheduling goes by, and what comes of it.
 *
 * Nimbus fills in a gi_cluster from what supervisors and workers tell it and
 * from what it remembers; a scheduler (schedule.h) reads it and answers with
 * one gi_assignment for each topology; diff.h says what has to be done about
 * it.  All of it is data: no I/O, no clock, no thread, and the same facts give
 * the same answer, in whatever order the arrays list them.
 *
 * Who owns what: a gi_cluster and all it points to belongs to whoever filled
 * it in and is only looked at.  A gi_assignment owns its arrays and strings.
 */
#ifndef GI_NIMBUS_SCHEDULE_CLUSTER_H
#define GI_NIMBUS_SCHEDULE_CLUSTER_H

#include "base/pool.h"
#include "gale/base.h"

#define GI_NOWHERE UINT32_MAX

typedef struct gi_slot {
    uint16_t port;
    bool bad; /* no worker comes up there: takes none, and loses its own */
} gi_slot;

/* What is known of a supervisor.  A worker outlives its supervisor, so a dead
 * one does not mean dead workers: those that are known to live stay where they
 * are.  SILENT is for the time in which nobody can tell, such as after the
 * start of Nimbus: what is there stays, and nothing new is put there. */
typedef enum gi_supervisor_state {
    GI_SUPERVISOR_ALIVE,
    GI_SUPERVISOR_SILENT,
    GI_SUPERVISOR_DEAD,
} gi_supervisor_state;

typedef struct gi_supervisor {
    const char *id, *host;
    uint32_t n_slots;
    const gi_slot *slots;
    uint32_t cpu; /* points: 100 are one core */
    uint32_t memory_mb;
    gi_supervisor_state state;
} gi_supervisor;

/* A worker that is known to live.  `since` is its assignment's (see
 * gi_assigned); `incarnation` a number it drew when it began. */
typedef struct gi_living {
    const char *topology, *supervisor;
    uint16_t port;
    uint64_t since, incarnation;
} gi_living;

typedef struct gi_component {
    const char *id;
    uint32_t first_task, n_tasks;
    uint32_t n_executors;    /* 1 .. n_tasks */
    uint32_t cpu, memory_mb; /* what each executor needs */
} gi_component;

/* Tuples go from one component to another; indexes in the topology's. */
typedef struct gi_talk {
    uint32_t from, to;
} gi_talk;

/* An executor: the tasks first .. end - 1 of one component. */
typedef struct gi_executor {
    uint32_t first_task, end_task;
    uint32_t worker; /* index in the assignment's workers; or GI_NOWHERE */
} gi_executor;

/* A worker that shall run.  `since` is the version of the assignment with
 * which it began: topology, supervisor, port and since name one worker for
 * all times, and a slot that is left and taken again is a new worker. */
typedef struct gi_assigned {
    const char *supervisor, *host;
    uint16_t port;
    uint64_t since;
} gi_assigned;

typedef struct gi_assignment {
    uint64_t version; /* from 1; one more whenever anything below changes */
    uint32_t n_workers;
    gi_assigned *workers; /* by supervisor, then port; none without work */
    uint32_t n_executors;
    gi_executor *executors; /* all of the topology's, by first task */
    const char *why;        /* not NULL: why it is not all that was wanted */
    gi_pool pool;           /* the memory of all this, and of itself */
} gi_assignment;

typedef struct gi_topology {
    const char *id;
    uint32_t n_components;
    const gi_component *components; /* by first task */
    uint32_t n_talks;
    const gi_talk *talks;
    uint32_t n_workers;        /* wanted; 0 is 1 */
    uint32_t worker_memory_mb; /* at most in one worker; 0: no limit */
    uint32_t priority;        /* 0 is the most important; Storm's rest is 29 */
    bool leaving;             /* being killed: stays as it is until gone */
    bool spread;              /* its workers may go where fewer are */
    const gi_assignment *now; /* NULL: none yet */
} gi_topology;

typedef struct gi_cluster {
    uint32_t n_supervisors;
    const gi_supervisor *supervisors;
    uint32_t n_topologies;
    const gi_topology *topologies;
    uint32_t n_living;
    const gi_living *living;
} gi_cluster;

/* The first and one past the last task of a component's k-th executor: the
 * first n_tasks % n_executors of them have one task more (Storm). */
void gi_component_executor(const gi_component *c, uint32_t k, uint32_t *first,
                           uint32_t *end);

uint32_t gi_topology_executors(const gi_topology *t);

/* Room for so many of each, zeroed; NULL without memory. */
gi_assignment *gi_assignment_create(uint32_t n_workers, uint32_t n_executors);
gi_assignment *gi_assignment_copy(const gi_assignment *a);
void gi_assignment_destroy(gi_assignment *a); /* NULL is fine */

/* A copy of `s` that lives as long as `a`; NULL without memory. */
const char *gi_assignment_keep(gi_assignment *a, const char *s);

/* Is it in order, and does every executor's worker exist?  One that was read
 * from somewhere might not be. */
bool gi_assignment_valid(const gi_assignment *a);

/* The same workers with the same executors?  Version and why do not count. */
bool gi_assignment_same(const gi_assignment *a, const gi_assignment *b);

#endif
