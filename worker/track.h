/* track.h -- what a loop learns about trees, and whom it tells.  Part of
 * loop.h, which includes it. */
#ifndef GI_WORKER_TRACK_H
#define GI_WORKER_TRACK_H

#include "worker/loop.h"

/* An update for a tree. */
void gi_track_flush_run(gi_loop *l);

static inline void gi_track(gi_loop *l, uint64_t root, uint64_t sum,
                            uint16_t comp)
{
    if (root == l->run_root) {
        l->run_sum ^= sum;
        l->run_comp = comp;
        return;
    }
    if (l->run_root != 0)
        gi_track_flush_run(l);
    l->run_root = root;
    l->run_sum = sum;
    l->run_comp = comp;
}

/* A note that is not folded: FAIL, TOUCH and the like. */
void gi_track_note(gi_loop *l, const gi_note *note);
void gi_track_flush(gi_loop *l); /* end of the turn */
void gi_track_take_in(gi_loop *l, const gi_note *note);
void gi_track_expire(gi_loop *l);

/* What is emitted under the present input is not all one tuple, or the input
 * is not simply acked: then the tuple gets an edge of its own after all. */
void gi_settle_lone_edge(gale_task *t);

static inline void gi_settle_lone(gale_task *t)
{
    if (t->lone != NULL)
        gi_settle_lone_edge(t);
}

void gi_answer_fail(gale_task *t, const gale_tuple *in, gi_why why);

/* Which acker keeps a root: the one near its spout, or, when there are several
 * to choose from, the slot decides. */
static inline uint32_t gi_acker_of(const gi_worker *w, uint64_t root)
{
    uint32_t acker = w->spout_acker[gi_root_spout(root)];

    return acker == GI_ANY_ACKER ? gi_root_slot(root) % w->n_ackers : acker;
}

/* Trees that were in acker loop `where` (or anywhere) and began by then may be
 * lost: tell all spouts here. */
#define GI_ANYWHERE UINT32_MAX
void gi_track_tell_lost(gi_loop *l, uint32_t where, uint32_t when_ms);
uint32_t gi_track_fair_ms(const gi_loop *l);

#endif
