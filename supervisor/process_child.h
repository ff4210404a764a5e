/* process_child.h -- what a child does between fork and exec.
 *
 * The parent may have had other threads, so nothing here but calls that are
 * safe in a signal handler: no memory, no locks, no stdio. */
#ifndef GI_SUPERVISOR_PROCESS_CHILD_H
#define GI_SUPERVISOR_PROCESS_CHILD_H

#include "supervisor/process.h"

/* X(name, what failed) */
#define GI_CHILD_STEPS(X)                   \
    X(FDS, "its descriptors")               \
    X(SIGNALS, "its signals")               \
    X(LIMITS, "its limits")                 \
    X(USER, "its user")                     \
    X(DIR, "its working directory")         \
    X(PRIVILEGES, "to renounce privileges") \
    X(EXEC, "to execute the program")

typedef enum gi_child_step {
#define GI_CHILD_STEP_ENUM(name, text) GI_CHILD_##name,
    GI_CHILD_STEPS(GI_CHILD_STEP_ENUM)
#undef GI_CHILD_STEP_ENUM
        GI_N_CHILD_STEPS
} gi_child_step;

/* What it writes to the gate if it fails; nothing if it does not. */
typedef struct gi_child_failure {
    int32_t step, error;
} gi_child_failure;

typedef struct gi_child {
    const gi_process_spec *spec;
    char *const *envp;
    int gate, input, output;
} gi_child;

_Noreturn void gi_child_run(const gi_child *c);

#endif
