/* window.h -- was this number seen before?
 *
 * The receiving end of a link knows by it which of the numbered things that
 * arrive are new, though they may come out of order: the 64 numbers up to the
 * highest one seen are remembered, and what is older is taken for seen (the
 * sliding window of RFC 4303, section 3.4.3).  Numbers start at 1; 0 has none
 * and is always new.
 */
#ifndef GI_WORKER_WINDOW_H
#define GI_WORKER_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gi_window {
    uint32_t top;  /* the highest number seen */
    uint64_t seen; /* bit i: top - i was seen */
} gi_window;

/* True: `no` is new.  Numbers may go round. */
static inline bool gi_window_take(gi_window *w, uint32_t no)
{
    uint32_t ahead = no - w->top, behind = w->top - no;

    if (no == 0)
        return true;
    if (ahead != 0 && ahead < UINT32_C(1) << 31) {
        w->seen = ahead < 64 ? w->seen << ahead : 0;
        w->seen |= 1;
        w->top = no;
        return true;
    }
    if (behind >= 64 || (w->seen >> behind & 1) != 0)
        return false;
    w->seen |= UINT64_C(1) << behind;
    return true;
}

#endif
