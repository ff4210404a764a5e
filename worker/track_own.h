/* track_own.h -- updates of trees without a note, where spout and acker are on
 * this loop or no acker is needed.  In line, since they are made for every
 * tuple.
 *
 * Most trees begin with one tuple to one task.  Then the spout says nothing:
 * the tuple is UNTOLD (topology/batch.h), and whoever handles it speaks for
 * the spout.  If it is acked and nothing was made of it, the tree is done, and
 * the spout is told so without any acker; if something was, that is the tree's
 * first sum; and if it is held, the hold is its first edge.  What it saves is
 * two of three updates, and the ledger's entry.  What it costs: if the tuple
 * is lost, only the spout can notice, by asking (ask.c).
 *
 * And many a bolt emits one tuple of each it takes.  Such a LONE child takes
 * its parent's place: it gets the same edge, and nobody is told anything; a
 * child of an untold tuple is as untold.  It is written without an edge, into
 * a batch that does not leave before execute returns (a full one leaves when
 * the next tuple is emitted, and then it is no lone child).  Only when the
 * parent is simply acked does it get the parent's edge; in any other case one
 * of its own (gi_settle_lone), so at no time do two tuples have the same.  No
 * update also means that the tree's clock does not begin anew; but a tree in
 * which work is under way does not expire (frontier.h), and who holds a tuple
 * says so.
 */
#ifndef GI_WORKER_TRACK_OWN_H
#define GI_WORKER_TRACK_OWN_H

#include "acker/inside.h"
#include "worker/spout.h"

/* A tree of a spout on this loop is done.  If nobody but us wants to know, so
 * is its slot. */
static inline void gi_track_done_own(gale_task *spout, uint64_t root)
{
    gi_pending *p = &spout->spout->pending;

    if (__builtin_expect(!spout->spout->heeds_acks, 1)) {
        const gi_pending_slot *s = gi_pending_flying(p, root);

        if (s != NULL)
            gi_spout_finish(spout, gi_root_slot(root));
        return;
    }
    gi_pending_answer(p, root, GI_DONE, GI_WHY_NONE, 0);
}

/* The acker never answers FAILED to an INIT or ACK. */
static inline void gi_track_tell_own(gale_task *spout, uint64_t root,
                                     gi_tree tree)
{
    if (tree == GI_TREE_DONE)
        gi_track_done_own(spout, root);
    else if (__builtin_expect(tree == GI_TREE_NOMEM, 0))
        gi_pending_answer(&spout->spout->pending, root, GI_FAILED,
                          GI_WHY_NOMEM, GI_NOBODY);
}

static inline void gi_track_own_ack(gi_loop *l, gale_task *spout,
                                    uint64_t root, uint64_t sum, uint16_t comp)
{
    gi_track_tell_own(spout, root,
                      gi_acker_ack(l->acker, root, sum, l->now_ms, comp));
}

void gi_track_init_note(gi_loop *l, uint64_t root, uint64_t sum, uint16_t comp,
                        uint16_t epoch);
void gi_track_done_note(gi_loop *l, uint64_t root, uint16_t comp,
                        uint16_t epoch);

/* The tree `root` begins, with edges that sum up to `sum`: says its spout
 * (`given`, and comp is GI_NOBODY) or a bolt of component `comp` for it. */
static inline void gi_track_init(gi_loop *l, uint64_t root, uint64_t sum,
                                 uint16_t comp, uint16_t epoch, bool given)
{
    gale_task *spout = l->own[gi_root_spout(root)];

    if (__builtin_expect(spout != NULL, 1))
        gi_track_tell_own(
            spout, root,
            gi_acker_init(l->acker, root, sum, l->now_ms, comp, epoch, given));
    else
        gi_track_init_note(l, root, sum, comp, epoch);
}

/* A tuple that was UNTOLD was acked, with `born` emitted under it. */
static inline void gi_track_untold(gale_task *t, uint64_t root, uint64_t born)
{
    gi_loop *l = t->loop;
    gale_task *spout = l->own[gi_root_spout(root)];

    if (born != 0) {
        gi_track_init(l, root, born, (uint16_t)t->comp->no, t->epoch, false);
        if (GI_BUG(INIT_TWICE))
            gi_track_init(l, root, born, (uint16_t)t->comp->no, t->epoch,
                          false);
    } else if (spout != NULL)
        gi_track_done_own(spout, root);
    else
        gi_track_done_note(l, root, (uint16_t)t->comp->no, t->epoch);
}

/* The answer for `in`, whose bolt emitted edges that sum up to `born`. */
static inline void gi_answer_ack(gale_task *t, const gale_tuple *in,
                                 uint64_t born)
{
    uint16_t comp = (uint16_t)t->comp->no;

    if (in->link.edge == GI_UNTOLD) {
        gi_track_untold(t, in->link.root, born);
        return;
    }
    gi_track(t->loop, in->link.root, in->link.edge ^ born, comp);
    for (uint32_t i = 0; i < gi_tuple_more(in); i++) {
        const gi_link *k = &gi_tuple_links(in)[i];
        gi_track(t->loop, k->root, k->edge ^ born, comp);
    }
}

#endif
