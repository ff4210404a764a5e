/* spout.h -- what a loop asks of a spout's task, and where its dead go. */
#ifndef GI_WORKER_SPOUT_H
#define GI_WORKER_SPOUT_H

#include "worker/loop.h"
#include "worker/pending.h"

/* Trees in flight a spout task where nothing else is said: enough to keep two
 * loops busy, few enough that their ledger and slots stay in a cache. */
enum { GI_AUTO_PENDING = 4096 };

struct gi_spout_state {
    gi_pending pending;
    uint32_t ordinal; /* among the spout tasks: stands in root ids */
    uint32_t max_pending;
    int64_t next_ask_ns; /* when to look for trees that nobody speaks of */
    int64_t stirred_ns;  /* when it last emitted, or heard of a tree */
    bool keeps;          /* no fail callback: the runtime replays */
    bool tracks;         /* there are ackers */
    bool awake;          /* activate was called last, not deactivate */
    bool exhausted;
    uint64_t *answered; /* no ackers: ids to ack when the callback is over */
    size_t n_answered, cap_answered;
    char why[300]; /* of the fail callback that runs now */
};

gale_err gi_spout_make(gale_task *t, uint32_t ordinal);
void gi_spout_drop(gale_task *t);

/* Answers, replays, then next, for a while.  True: something was done. */
bool gi_spout_run(gale_task *t);

/* What an acker says; handled when the task runs next. */
void gi_spout_told(gale_task *t, const gi_note *note);

/* ask.c: ask the ackers about trees of which nothing was heard for long. */
void gi_spout_ask(gale_task *t);

/* The task died: nobody waits for its trees any more.  Its slots are free. */
void gi_spout_forget(gale_task *t);

/* When it wants to run next; if it may have more, after a nap (nap.h), which
 * is `least_ns` at least. */
int64_t gi_spout_next_ns(const gale_task *t, int64_t least_ns);

/* spout_emit.c: send the tuple of a slot that is FLYING and start its tree;
 * the slot is done with. */
size_t gi_spout_launch(gale_task *t, uint32_t slot, gi_out *out, gale_row row,
                       uint32_t direct, gi_sent_to sent_to);

/* Others read this to see whether the topology is done. */
static inline void gi_spout_count_pending(gi_loop *l, uint64_t by)
{
    atomic_store_explicit(
        &l->pending,
        atomic_load_explicit(&l->pending, memory_order_relaxed) + by,
        memory_order_release);
}

static inline void gi_spout_free_slot(gale_task *t, uint32_t slot)
{
    gi_keep_drop(&t->keep, t->spout->pending.at[slot].kept);
    gi_pending_free(&t->spout->pending, slot);
    gi_spout_count_pending(t->loop, (uint64_t)-1);
}

/* deadletter.c: give the tuple up, with all that is known about it. */
void gi_dead_letter(gale_task *t, const gi_pending_slot *p, const char *why);

#endif
