/* spout.h -- what a loop asks of a spout's task, and where its dead go. */
#ifndef GI_WORKER_SPOUT_H
#define GI_WORKER_SPOUT_H

#include "worker/ahead.h"
#include "worker/pending.h"
#include "worker/send.h"

/* Trees in flight a spout task where nothing else is said (ahead.h): at most
 * enough to keep two loops busy, few enough that their ledger and slots stay
 * in a cache; at least some for each task. */
enum { GI_AUTO_PENDING = 4096, GI_AUTO_LEAST = 256, GI_AUTO_A_TASK = 8 };

struct gi_spout_state {
    gi_pending pending;
    uint32_t ordinal;    /* among the spout tasks: stands in root ids */
    gi_ahead ahead;      /* how many trees may be pending */
    int64_t next_ask_ns; /* when to look for trees that nobody speaks of ... */
    uint32_t ask_next;   /* ... and at which slot first */
    int64_t stirred_ns;  /* when it last emitted, or heard of a tree */
    bool keeps;          /* no fail callback: the runtime replays */
    bool tracks;         /* there are ackers */
    bool heeds_acks;     /* somebody is to be called for each */
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

/* ahead.c: how many trees may be pending: at first, and after a turn.  True:
 * more than before. */
void gi_spout_begin_ahead(gale_task *t);
bool gi_spout_look_ahead(gale_task *t);

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

/* A tree is done: counted, but for its slot. */
static inline void gi_spout_count_done(gale_task *t, const gi_pending_slot *p)
{
    gi_loop *l = t->loop;
    int64_t since = l->now_ns - p->since_ns;
    uint64_t ns = since < 0 ? 0 : (uint64_t)since;

    if (ns != l->took.ns) {
        gi_loop_record_took(l);
        l->took.ns = ns;
    }
    l->took.n++;
    if (__builtin_expect(p->attempts > 0, 0)) {
        gi_hist_record(&l->recovery, ns);
        gi_count(&t->count.recovered, 1);
    }
    gi_count(&t->count.acked, 1);
}

/* The same, where nobody is to be called. */
static inline void gi_spout_finish(gale_task *t, uint32_t slot)
{
    gi_spout_count_done(t, &t->spout->pending.at[slot]);
    t->spout->stirred_ns = t->loop->now_ns;
    gi_spout_free_slot(t, slot);
}

/* deadletter.c: give the tuple up, with all that is known about it. */
void gi_dead_letter(gale_task *t, const gi_pending_slot *p, const char *why);

#endif
