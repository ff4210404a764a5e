/* track_own.h -- the updates of trees whose spout and acker are both on this
 * loop: no note is written, and what came of the tree is told at once.  In
 * line, since they are made for every tuple.
 */
#ifndef GI_WORKER_TRACK_OWN_H
#define GI_WORKER_TRACK_OWN_H

#include "acker/inside.h"
#include "worker/spout.h"

/* The acker never answers FAILED to an INIT or ACK. */
static inline void gi_track_tell_own(gale_task *spout, uint64_t root,
                                     gi_tree tree)
{
    gi_pending *p = &spout->spout->pending;

    if (tree == GI_TREE_DONE)
        gi_pending_answer(p, root, GI_DONE, GI_WHY_NONE, 0);
    else if (__builtin_expect(tree == GI_TREE_NOMEM, 0))
        gi_pending_answer(p, root, GI_FAILED, GI_WHY_NOMEM, GI_NOBODY);
}

static inline void gi_track_own_ack(gi_loop *l, gale_task *spout,
                                    uint64_t root, uint64_t sum, uint16_t comp)
{
    gi_track_tell_own(spout, root,
                      gi_acker_ack(l->acker, root, sum, l->now_ms, comp));
}

void gi_track_init_note(gi_loop *l, uint64_t root, uint64_t sum, uint16_t comp,
                        uint16_t epoch);

/* The spout's own update: its tree `root` begins, with edges that sum up to
 * `sum`. */
static inline void gi_track_init(gale_task *spout, uint64_t root, uint64_t sum)
{
    gi_loop *l = spout->loop;

    if (__builtin_expect(l->own[spout->spout->ordinal] == spout, 1))
        gi_track_tell_own(
            spout, root,
            gi_acker_init(l->acker, root, sum, l->now_ms, spout->epoch, true));
    else
        gi_track_init_note(l, root, sum, (uint16_t)spout->comp->no,
                           spout->epoch);
}

#endif
