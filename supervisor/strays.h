/* strays.h -- incarnations of a slot that are over, and may still live.
 *
 * After a supervisor's crash there may be more than one living process of a
 * slot.  The latest stays; the others are strays: killed again and again until
 * they are reported to have ended, and until then nothing new is started.
 */
#ifndef GI_SUPERVISOR_STRAYS_H
#define GI_SUPERVISOR_STRAYS_H

#include "gale/base.h"

enum { GI_STRAYS_MOST = 4 };

typedef struct gi_strays {
    uint64_t incarnation[GI_STRAYS_MOST]; /* 0: none */
    uint32_t kill;                        /* bits by index: to be killed now */
    int64_t again;                        /* when all of them are, again */
} gi_strays;

void gi_strays_init(gi_strays *s);
bool gi_strays_any(const gi_strays *s);
bool gi_strays_has(const gi_strays *s, uint64_t incarnation);

/* False: there are too many. */
bool gi_strays_add(gi_strays *s, uint64_t incarnation, int64_t again);

/* It ended.  False: it was none of them. */
bool gi_strays_remove(gi_strays *s, uint64_t incarnation);

void gi_strays_tick(gi_strays *s, int64_t now, int64_t again_ns);

/* The next one to kill; 0: none. */
uint64_t gi_strays_next(gi_strays *s);

#endif
