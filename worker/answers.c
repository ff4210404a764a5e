#include "worker/answers.h"
#include "base/testpoint.h"
#include "worker/track_own.h"

enum { NEAR = 8 }; /* slots that are asked for ahead of use */

void gi_answers_leave(gi_loop *l, gi_batch *b, uint16_t comp)
{
    const uint64_t *root = gi_answers(b);

    GI_SEEN(ANSWERS_LEFT);
    for (uint32_t i = 0; i < b->answers; i++)
        gi_track_done_note(l, root[i], comp, b->epoch);
    b->answers = 0;
}

static gale_task *spout_of(const gi_loop *l, uint64_t root)
{
    return &l->w->tasks[l->w->spout_task[gi_root_spout(root)] - 1];
}

static void take(const gi_loop *l, gi_batch *b)
{
    const uint64_t *root = gi_answers(b);

    for (uint32_t i = 0; i < b->answers; i++) {
        if (i + NEAR < b->answers) {
            uint64_t soon = root[i + NEAR];
            __builtin_prefetch(
                &spout_of(l, soon)->spout->pending.at[gi_root_slot(soon)]);
        }
        gi_track_done_own(spout_of(l, root[i]), root[i]);
    }
}

/* To whoever stands between, as the notes they are in place of.  False: there
 * is no memory for that. */
static bool pass_as_notes(gi_loop *l, gi_batch *b)
{
    const gi_between *between = l->w->between;
    const uint64_t *root = gi_answers(b);
    gi_batch *notes = gi_link_blank_notes(l, b->answers);

    if (notes == NULL)
        return false;
    for (uint32_t i = 0; i < b->answers; i++)
        ((gi_note *)(void *)notes->bytes)[i] =
            (gi_note){ .root = root[i], .kind = GI_NOTE_DONE };
    gi_link_count(l, notes, b->epoch);
    between->arrived(between->arg, l, l->w->loop_of[b->to - 1], notes);
    return true;
}

void gi_answers_came(gi_loop *l, gi_batch *b)
{
    GI_SEEN(ANSWERS_HOME);
    if (l->w->between == NULL || !pass_as_notes(l, b))
        take(l, b);
    b->answers = 0;
    gi_batch_finish(l, b);
}
