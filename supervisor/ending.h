/* ending.h -- how a process ended, and that in words. */
#ifndef GI_SUPERVISOR_ENDING_H
#define GI_SUPERVISOR_ENDING_H

#include "gale/base.h"

typedef enum gi_ending_kind {
    GI_END_UNKNOWN, /* it is gone; it was not our child, so nobody told us */
    GI_END_EXIT,    /* `number` is its status */
    GI_END_SIGNAL,  /* `number` is the signal */
    GI_END_NEVER,   /* it was never there, and will never be */
} gi_ending_kind;

typedef struct gi_ending {
    gi_ending_kind kind;
    int number;
    bool core; /* SIGNAL: it left a core file */
} gi_ending;

/* "ended with status 3", "killed by SIGSEGV (segmentation fault), ...": a
 * sentence without a point, cut to `size`. */
void gi_ending_text(gi_ending e, char *text, size_t size);

#endif
