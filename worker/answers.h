/* answers.h -- a batch that was read takes its answers home.
 *
 * Of a tuple that is all its spout emitted for a tree, and that a bolt simply
 * acks, one word has to be said: done, to the spout (track_own.h).  If the
 * spout lives on the loop that made the batch, the batch is going there
 * anyway.  So the root is written into it, where tuples were that have been
 * read, and no note is needed:
 *
 *     | root | root | root |  ...  | tuple being read | tuple | tuple |
 *
 * A batch that its slice leaves unfinished may be long in coming home: its
 * answers leave as notes.  And while it goes home with answers it is under
 * way, as a batch of notes would be (frontier.h).  With somebody between
 * (between.h) the answers arrive as notes, so that all that can happen to
 * notes can happen to them.
 */
#ifndef GI_WORKER_ANSWERS_H
#define GI_WORKER_ANSWERS_H

#include "worker/loop.h"

_Static_assert(sizeof(uint64_t) <= sizeof(gale_tuple),
               "an answer never reaches beyond what was read");

static inline uint64_t *gi_answers(gi_batch *b)
{
    return (uint64_t *)(void *)b->bytes;
}

/* `in`, of `b`, was simply acked: its answer becomes one more of the *n in
 * `roots`, which are gi_answers(b) if nobody looks at `in` any more, or go
 * there later.  False: it does not go home with `b`. */
static inline bool gi_answer_goes_home(gale_task *t, const gi_batch *b,
                                       const gale_tuple *in, uint64_t *roots,
                                       uint32_t *n)
{
    const gi_loop *l = t->loop;
    uint64_t root = in->link.root;

    if (b->owner == l->near || in->link.edge != GI_UNTOLD ||
        (t->born != 0 && !GI_BUG(HOME_EARLY)) ||
        l->w->spout_home[gi_root_spout(root)] != b->owner)
        return false;
    roots[(*n)++] = root;
    return true;
}

/* Its reader, a task of component `comp`, will not finish it now. */
void gi_answers_leave(gi_loop *l, gi_batch *b, uint16_t comp);

/* It is home. */
void gi_answers_came(gi_loop *l, gi_batch *b);

#endif
