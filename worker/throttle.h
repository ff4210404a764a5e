/* throttle.h -- so many lines in a window of time, the rest counted.  Pure. */
#ifndef GI_WORKER_THROTTLE_H
#define GI_WORKER_THROTTLE_H

#include "topology/plan.h"

typedef struct gi_throttle {
    int64_t began_ns; /* the window; 0: none yet */
    uint32_t said;
    uint64_t hidden; /* since the last line that passed */
} gi_throttle;

/* May a line be said now?  Then *hidden is how many were not before it. */
static inline bool gi_throttle_pass(gi_throttle *t, const gi_settings *set,
                                    int64_t now_ns, uint64_t *hidden)
{
    int64_t window = (int64_t)set->error_window_s * 1000000000;

    if (t->began_ns == 0 || now_ns - t->began_ns >= window) {
        t->began_ns = now_ns == 0 ? 1 : now_ns;
        t->said = 0;
    }
    if (t->said >= set->error_limit) {
        t->hidden++;
        return false;
    }
    t->said++;
    *hidden = t->hidden;
    t->hidden = 0;
    return true;
}

#endif
