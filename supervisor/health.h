/* health.h -- is a worker well, starved, stopped, frozen, or in a callback
 * that does not return?
 *
 * Each loop of a worker counts its turns, at least ten a second even when it
 * is idle, and notes since when it is in a callback.  The supervisor looks at
 * that, and at what the system says of the loop's thread, ten times a second.
 * To be silent is no crime by itself:
 *
 *   - a thread that is ready to run and does not get a processor is starved;
 *     its silence counts by the processor time that it got
 *   - one that waits for a disk is blocked, and its clock stands still
 *   - one that is stopped by a signal, or by a debugger, says nothing else
 *   - one in a callback is the user's; that has a limit only if one is set
 *   - a judge who was late himself accuses nobody: what went by meanwhile
 *     counts for nothing
 *
 * What is left over is frozen.  Whether somebody is killed for any of this is
 * for the settings to say; by themselves findings are reported, once each.
 *
 * Pure: no I/O and no clock.  Times are nanoseconds of a clock that does not
 * go back, the same one for the supervisor and its workers.
 */
#ifndef GI_SUPERVISOR_HEALTH_H
#define GI_SUPERVISOR_HEALTH_H

#include "gale/base.h"

/* X(name, text), the worst last */
#define GI_FINDINGS(X)                                         \
    X(WELL, "is well")                                         \
    X(STARVED, "is ready to run and does not get a processor") \
    X(BLOCKED, "waits for a disk")                             \
    X(FROZEN, "stands still")                                  \
    X(HUNG, "is in a callback that does not return")           \
    X(TRACED, "is held by a debugger")                         \
    X(STOPPED, "was stopped by a signal")                      \
    X(DEAD, "is dead")

typedef enum gi_finding_kind {
#define GI_FINDING_ENUM(name, text) GI_FOUND_##name,
    GI_FINDINGS(GI_FINDING_ENUM)
#undef GI_FINDING_ENUM
        GI_N_FINDINGS
} gi_finding_kind;

typedef enum gi_remedy {
    GI_REMEDY_NOTHING,
    GI_REMEDY_REPORT,
    GI_REMEDY_KILL,
    GI_REMEDY_LOOK, /* does it live at all? */
} gi_remedy;

/* Zero means default. */
typedef struct gi_health_opts {
    int64_t look_ns;     /* between two looks; 100 ms */
    int64_t lag_ns;      /* a look that is later than that accuses nobody;
                            200 ms */
    int64_t silent_ns;   /* without a turn; 1 s */
    int64_t stopped_ns;  /* stopped; 1 s */
    int64_t callback_ns; /* in one callback; 0: as long as it likes */
    bool kill_frozen, kill_stopped, kill_hung;
} gi_health_opts;

/* What can be seen of one loop. */
typedef struct gi_loop_signs {
    uint64_t turns;
    int64_t callback_since; /* 0: in none */
    uint64_t cpu_ns;        /* of its thread, ever */
    char state;             /* of it, as /proc/PID/task/TID/stat has it */
} gi_loop_signs;

typedef struct gi_finding {
    gi_finding_kind kind;
    gi_remedy remedy;
    uint32_t loop;  /* whose */
    int64_t for_ns; /* so long by now */
} gi_finding;

/* A zeroed one is that of a worker that was not looked at yet. */
typedef struct gi_health {
    int64_t last; /* look; 0: none */
    uint32_t n_loops, cap;
    struct gi_loop_health *loops;
    gi_finding_kind said;
    uint64_t late; /* looks that were */
} gi_health;

void gi_health_settle(gi_health_opts *o);
void gi_health_fini(gi_health *h); /* zeroed is fine, and is so afterwards */

/* Without memory nobody is accused. */
gi_finding gi_health_look(gi_health *h, const gi_health_opts *o,
                          const gi_loop_signs *signs, uint32_t n_loops,
                          int64_t now);

/* "FROZEN", "stands still"; never NULL. */
const char *gi_finding_name(unsigned f);
const char *gi_finding_text(unsigned f);

#endif
