/* backoff.h -- how long to wait before what failed is tried again.
 *
 * The first failure is made good at once.  From the second on the pause
 * doubles, up to a limit, and chance takes off up to half of it, so that what
 * died together does not come back together.  A worker that was well for a
 * while is forgiven.  Deaths are remembered apart from that: so many within a
 * window, forgiven or not, mean that something kills it every time, and then
 * pauses are the longest there are.
 */
#ifndef GI_SUPERVISOR_BACKOFF_H
#define GI_SUPERVISOR_BACKOFF_H

#include "base/mix.h"
#include "gale/base.h"

enum { GI_DEATHS_MOST = 16 };

/* Zero means default. */
typedef struct gi_backoff_opts {
    int64_t first_ns;   /* 100 ms */
    int64_t longest_ns; /* 30 s */
    uint32_t deaths;    /* so many ... ; 5, at most GI_DEATHS_MOST */
    int64_t window_ns;  /* ... within this time are poison; 5 minutes */
} gi_backoff_opts;

typedef struct gi_backoff {
    uint32_t failures;             /* in a row */
    uint32_t n_deaths;             /* ever; the last ones ... */
    int64_t death[GI_DEATHS_MOST]; /* ... at their number modulo the size */
} gi_backoff;

void gi_backoff_settle(gi_backoff_opts *o);

/* The pause after one more failure.  The longest there is if `poisoned`. */
int64_t gi_backoff_next(gi_backoff *b, const gi_backoff_opts *o, bool poisoned,
                        gi_rng *rng);

/* Something died at `now`: is it poison? */
bool gi_backoff_died(gi_backoff *b, const gi_backoff_opts *o, int64_t now);

void gi_backoff_forgive(gi_backoff *b);

#endif
