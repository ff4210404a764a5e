/* ahead.h -- how many trees a spout may have pending where nobody said: as
 * many as are acked in two milliseconds.
 *
 * Those beyond wait in queues and make nothing quicker.  If a tuple takes
 * bolts 5 us, a loop does 400 in that time; with 4096 pending each of them
 * waits for 20 ms, with 400 for two, and as many are done a second.
 *
 *     next round's = acked a second x 2 ms,     `least` to `most`
 *
 * It changes only if the spout was kept waiting by it, and about every 2 ms: a
 * round in which the machine took the core away is soon forgotten.  What a
 * bolt holds may be waiting for more to come, so as long as tuples are held it
 * is `most`.
 *
 * Pure.
 */
#ifndef GI_WORKER_AHEAD_H
#define GI_WORKER_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gi_ahead {
    uint32_t least, most; /* most 0: `now` never changes */
    uint32_t now;         /* so many may be pending */
    bool waited;          /* in this round there were so many */
    int64_t since_ns;     /* of this round; 0: it has not begun */
    uint64_t acked;       /* when it began */
} gi_ahead;

enum { GI_AHEAD_NS = 2000000, GI_AHEAD_ROUND_NS = 2000000 };

/* What the spout sees at the end of its turn: how many are pending, how many
 * it ever heard of as acked, and whether any tuple is held.  True: more may be
 * pending than before. */
static inline bool gi_ahead_look(gi_ahead *a, int64_t now_ns, uint32_t pending,
                                 uint64_t acked, bool held)
{
    uint32_t before = a->now;

    a->waited |= pending >= a->now;
    if (held && a->waited)
        a->now = a->most;
    if (a->since_ns != 0 && now_ns - a->since_ns < GI_AHEAD_ROUND_NS)
        return a->now > before;
    if (a->since_ns != 0 && a->waited && !held && acked != a->acked) {
        double rate =
            (double)(acked - a->acked) / (double)(now_ns - a->since_ns);
        double want = rate * GI_AHEAD_NS;

        a->now = want < a->least  ? a->least
                 : want > a->most ? a->most
                                  : (uint32_t)want;
    }
    a->since_ns = now_ns;
    a->acked = acked;
    a->waited = false;
    return a->now > before;
}

#endif
