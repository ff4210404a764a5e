/* watch.h -- how often threads that have work are kept from it, here and now.
 *
 * As many threads as the runtime has loops look at the clock all the time;
 * where it leaps, the thread did not run.  From these gaps follows what the
 * latency of a perfect server would be (gaps.h): the limit that `latency` has
 * on this machine, at this time.
 */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

#include <stdbool.h>

#include "base/hist.h"

struct watch {
    struct watcher *watchers;
    uint32_t n;
};

/* Of all threads together. */
struct watch_seen {
    gi_hist at_10, at_80; /* waits (ns) at a load of 10 %, of 80 % */
    double gone_ns, longest_ns;
    double tenth_ms, ms; /* how many gaps are at least so long */
};

/* One thread a loop.  False: out of memory, and said. */
bool watch_init(struct watch *w, uint32_t loops);
void watch_fini(struct watch *w); /* also where init failed */

/* Look for so long.  False: no thread could be started, and said. */
bool watch_look(struct watch *w, double seconds, struct watch_seen *seen);

#endif
