/* nap.h -- how long until a spout that had nothing to give is asked again.
 *
 * The longer it has been idle, the longer it may go on being so:
 *
 *   idle for      20 us ... 1 ms   as long again
 *                 up to 256 ms     1 ms     topology.spout.wait.progressive.
 *                                           level3.sleep.millis
 *                 from there on    a 256th of it
 *                 from 2.6 s on    10 ms    topology.spout.wait.longest.millis
 *
 * An emit, an ack or a failure, and it all begins anew.  A spout that waits
 * for trees of its own naps for no longer than the first of the two.
 *
 * Pure.
 */
#ifndef GI_WORKER_NAP_H
#define GI_WORKER_NAP_H

#include <stdbool.h>
#include <stdint.h>

#include "topology/plan.h"

/* `waits`: it has trees that are pending. */
static inline int64_t gi_nap_ns(const gi_settings *set, int64_t idle_ns,
                                bool waits)
{
    const int64_t usual = (int64_t)set->idle_sleep_ms * 1000000;
    const int64_t longest = (int64_t)set->idle_longest_ms * 1000000;
    int64_t nap = idle_ns < usual ? idle_ns : usual;
    int64_t more = idle_ns / 256 < longest ? idle_ns / 256 : longest;

    return more > nap && usual > 0 && !waits ? more : nap;
}

#endif
