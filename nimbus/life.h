/* life.h -- what a topology may become, and when: Storm's states.
 *
 *     ACTIVE      <-> INACTIVE       spouts emit, or do not
 *     either       -> REBALANCING    spouts stop; wait; be scheduled anew with
 *                                    other numbers; go on as before
 *     any of them  -> KILLED         spouts stop; wait; end
 *     KILLED       -> GONE
 *
 * The wait is there for what is in flight.  It lasts as long as was asked for
 * (the topology's message timeout, unless -w says otherwise), but no longer
 * than there is anything: once every worker has said, of this very stop, that
 * its spouts have nothing pending, it is over.
 *
 * A rebalance can be killed, a kill only be started again (with a new wait).
 * While rebalancing nothing else is allowed.
 *
 * What the next leader has to know is in gi_life but for `until_ms`: clocks of
 * two machines say different things, so it waits the whole wait once more
 * (gi_life_resume), which the workers can end as before.
 *
 * Thread  the owner's; `now_ms` is any clock that only goes forward.
 */
#ifndef GI_NIMBUS_LIFE_H
#define GI_NIMBUS_LIFE_H

#include "nimbus/schedule/cluster.h"

#define GI_STATUSES(X)            \
    X(ACTIVE, "ACTIVE")           \
    X(INACTIVE, "INACTIVE")       \
    X(REBALANCING, "REBALANCING") \
    X(KILLED, "KILLED")           \
    X(GONE, "GONE")

typedef enum gi_status {
#define GI_STATUS_ENUM(name, text) GI_STATUS_##name,
    GI_STATUSES(GI_STATUS_ENUM)
#undef GI_STATUS_ENUM
} gi_status;

const char *gi_status_name(gi_status s);

typedef struct gi_life {
    gi_status status;
    gi_status before;    /* REBALANCING: what it goes back to */
    uint64_t turn;       /* one more each time spouts stop or go */
    uint64_t wait_ms;    /* REBALANCING, KILLED: what was asked for */
    uint64_t timeout_ms; /* the topology's message timeout: the usual wait */
    uint64_t until_ms;   /* here only: end of the wait */
} gi_life;

/* What is asked of a topology. */
typedef enum gi_wish {
    GI_WISH_ACTIVATE,
    GI_WISH_DEACTIVATE,
    GI_WISH_REBALANCE,
    GI_WISH_KILL,
} gi_wish;

/* What has to be done now: bits. */
enum {
    GI_LIFE_STORE = 1,      /* put gi_life where the next leader finds it */
    GI_LIFE_TELL = 2,       /* the workers: `turn`, and whether spouts emit */
    GI_LIFE_RESCHEDULE = 4, /* with what the rebalance asked for */
    GI_LIFE_FORGET = 8,     /* the rebalance: it will not come to pass */
    GI_LIFE_REMOVE = 16,    /* stop the workers, forget the topology */
};

/* What a worker says of itself: pending are the trees of its spouts; and in a
 * topology that tracks nothing, what its queues hold. */
typedef struct gi_pending_report {
    uint64_t turn; /* the last one that it has obeyed */
    uint64_t pending;
} gi_pending_report;

#define GI_WAIT_USUAL UINT64_MAX

/* A topology that was just submitted. */
void gi_life_init(gi_life *l, bool active, uint64_t timeout_ms);

/* GALE_OK and in `todo` what to do (nothing, if it is so already); or
 * GALE_EINVAL and in `why` (may be NULL) in words why it may not be.
 * wait_ms is looked at for REBALANCE and KILL. */
gale_err gi_life_wish(gi_life *l, gi_wish wish, uint64_t wait_ms,
                      uint64_t now_ms, unsigned *todo, gale_diag *why);

/* Call when the wait may be over: at until_ms, and when a worker reports.
 * `reports` are of all `n` workers that the topology has; a worker that has
 * not reported has turn 0.  Returns what to do. */
unsigned gi_life_step(gi_life *l, const gi_pending_report *reports, uint32_t n,
                      uint64_t now_ms);

/* At a new leader, with what the old one stored.  Returns what to do: workers
 * are told again, for the old one may have died before it did. */
unsigned gi_life_resume(gi_life *l, uint64_t now_ms);

bool gi_life_waits(const gi_life *l); /* is there an until_ms? */
bool gi_life_emits(const gi_life *l); /* may spouts? */

#endif
