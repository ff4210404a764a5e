/* task.h -- what a running task knows and can say: who it is, its peers, its
 * settings, counters, errors and log.
 *
 * A task is one instance of a component, numbered from 1 through the whole
 * topology and fixed for its life.  Spouts and bolts reach theirs from their
 * context (gale_spout_task, gale_bolt_task).  Unless said otherwise these
 * calls belong to the thread that runs the task's callbacks.
 */
#ifndef GALE_TASK_H
#define GALE_TASK_H

#include "gale/value.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gale_task gale_task;

/* ----------------------------------------------------------- identity -- */

/* Its number, the id of its component, the name of its topology. */
GALE_API uint32_t gale_task_id(const gale_task *t);
GALE_API const char *gale_task_component(const gale_task *t);
GALE_API const char *gale_task_topology(const gale_task *t);

/* Which of its component's tasks this is (from 0), and how many there are. */
GALE_API uint32_t gale_task_index(const gale_task *t);
GALE_API uint32_t gale_task_count(const gale_task *t);

/* The tasks of any component are numbered without gaps: writes the number of
 * its first one and returns how many there are; 0 if there is no such
 * component. */
GALE_API uint32_t gale_task_peers(const gale_task *t, const char *component,
                                  uint32_t *first);

/* The `arg` of the component in the topology's table. */
GALE_API const void *gale_task_arg(const gale_task *t);

/* The words left on the command line for the topology (file names, say):
 * how many, and the array.  Borrowed until the topology ends. */
GALE_API size_t gale_task_args(const gale_task *t, const char *const **words);

/* A secret: the value of `key` that `gale upload-credentials` gave to the
 * running topology.  It may be replaced at any time, so ask when you need it
 * (to connect, say), and again if it is refused there.  A local run has none.
 *
 *   to, room  where to copy it, with a zero byte; "" if it does not fit
 *
 * Returns its length, 0 if there is none.  It has been copied if that is less
 *         than room.
 * Thread  any, until close or cleanup has been called
 */
GALE_API size_t gale_task_credential(const gale_task *t, const char *key,
                                     char *to, size_t room);

/* ------------------------------------------------------- time, chance -- */

/* Milliseconds of a clock that never goes back; the virtual one in tests.
 * Refreshed once a turn of the loop, so it costs nothing. */
GALE_API int64_t gale_task_now_ms(const gale_task *t);

/* Wall-clock milliseconds since 1970, for display; virtual in tests. */
GALE_API int64_t gale_task_wall_ms(const gale_task *t);

/* 64 random bits; the same ones again for the same seed in simulation. */
GALE_API uint64_t gale_task_random(gale_task *t);

/* ----------------------------------------------------------- settings -- */

/* What `key` is set to for this component.  The first of these that sets it
 * counts: the component's table, the command line, a file, the topology's
 * table, the default.  `otherwise` if none does, or if the value is not of the
 * kind that is asked for, which is reported as an error.  Strings are borrowed
 * until the topology ends. */
GALE_API const char *gale_task_conf_str(const gale_task *t, const char *key,
                                        const char *otherwise);
GALE_API int64_t gale_task_conf_i64(const gale_task *t, const char *key,
                                    int64_t otherwise);
GALE_API double gale_task_conf_f64(const gale_task *t, const char *key,
                                   double otherwise);
GALE_API bool gale_task_conf_bool(const gale_task *t, const char *key,
                                  bool otherwise);

/* ----------------------------------------------------- counters, words -- */

/* A counter of the component's own, shown beside the built-in ones and summed
 * over its tasks.  Of its name 47 bytes count.  Ask once (in open or prepare),
 * keep the pointer; NULL when 64 counters are in use, and adding to NULL is
 * harmless. */
typedef struct gale_counter gale_counter;
GALE_API gale_counter *gale_task_counter(gale_task *t, const char *name);
GALE_API void gale_counter_add(gale_counter *c, int64_t n);

/* Report an error that a person should see with the component's name.  Does
 * not fail the tuple.  At most 5 a component every 10 s are printed
 * (topology.max.error.report.per.interval); all are counted. */
GALE_API void gale_task_error(gale_task *t, const char *format, ...)
    GALE_PRINTF(2, 3);

/* The topology cannot go on: an output that cannot be written, a source that
 * is gone for good.  The run ends soon, without waiting for what is in flight,
 * with GALE_EUSER and these words (those of the first task that calls this).
 * May be called from any callback, close and cleanup too. */
GALE_API void gale_task_fatal(gale_task *t, const char *format, ...)
    GALE_PRINTF(2, 3);

typedef enum gale_level {
    GALE_LOG_ERROR = 0,
    GALE_LOG_WARN,
    GALE_LOG_INFO,
    GALE_LOG_DEBUG,
} gale_level;

/* One line in the log, with topology, component and task in front:
 * "wordcount/split/3". */
GALE_API void gale_task_log(gale_task *t, gale_level level, const char *format,
                            ...) GALE_PRINTF(3, 4);

/* -------------------------------------------------------------- faults -- */

/* For tasks that write: does the fault plan (--faults write=..., sync=...)
 * want your write or sync to fail?  Ask before each, and treat a yes as the
 * error that the system would have given.  Without a plan the answer is no,
 * and costs next to nothing. */
GALE_API bool gale_task_write_fails(gale_task *t);
GALE_API bool gale_task_sync_fails(gale_task *t);

/* ------------------------------------------------- from other threads -- */

/* "Call me": the loop runs the task soon, a spout's next() or a bolt's
 * tick(), although nothing arrived.  The one call by which a thread of your
 * own may reach a task: put your data where both can see it (under a lock),
 * then wake.  Emitting from such a thread is refused by name.
 *
 * Thread  any, until close or cleanup has been called
 */
GALE_API void gale_task_wake(gale_task *t);

#ifdef __cplusplus
}
#endif
#endif /* GALE_TASK_H */
