/* ask.c -- a spout that has heard nothing of a tree for longer than the
 * timeout asks the tree's acker.
 *
 * The acker times trees out, but what it says can be lost, and so can the news
 * that there is a tree; and of most trees it hears only when their tuple has
 * been handled (track_own.h).  An acker that has the tree open answers
 * nothing: it will speak when there is something to say.  One that has not
 * answers FAILED, for the reason that the spout gives: a tree that was never
 * told timed out, another one was lost.  So a tree that is alive, however old,
 * costs one note a timeout.
 *
 * A tuple that still waits in a queue is not lost.  So nobody asks for a tree
 * while work as old as it is under way (worker/frontier.h).
 */
#include "base/testpoint.h"
#include "worker/spout.h"

enum { PARTS = 16 }; /* of all slots: one is looked at each time */

/* False: work as old as epochs go back is under way, and may be older still.
 */
static bool find_horizon(const gi_loop *l, uint16_t *horizon)
{
    const gi_frontier *f = &l->w->frontier;

    *horizon = gi_frontier_horizon(f);
    return (uint16_t)(gi_frontier_now(f) - *horizon) != GI_EPOCHS - 1;
}

static void ask_for(gale_task *t, uint32_t slot, uint16_t horizon)
{
    gi_spout_state *s = t->spout;
    gi_pending_slot *p = &s->pending.at[slot];
    gi_note note = { .root = gi_root(s->ordinal, slot, p->gen),
                     .kind = GI_NOTE_ASK,
                     .why = p->why,
                     .comp = GI_NOBODY };

    if (!gi_epoch_before(p->epoch, horizon) && !GI_BUG(UNTOLD_ASKED)) {
        GI_SEEN(ASKING_WAITED);
        return;
    }
    p->heard_ms = t->loop->now_ms;
    p->epoch = (uint16_t)(horizon - 1); /* lest it seem yet to come one day */
    gi_track_note(t->loop, &note);
}

/* Looks at each slot four times a timeout. */
void gi_spout_ask(gale_task *t)
{
    const gi_settings *set = &t->loop->w->plan->set;
    gi_spout_state *s = t->spout;
    uint32_t now = t->loop->now_ms;
    bool found = false;
    uint16_t horizon;

    s->next_ask_ns = INT64_MAX; /* without timeouts, loss goes unnoticed */
    if (!set->timeouts)
        return;
    s->next_ask_ns =
        t->loop->now_ns + (int64_t)set->timeout_ms * (250000 / PARTS);
    for (uint32_t n = s->pending.used / PARTS + 1; n > 0; n--) {
        uint32_t slot = s->ask_next++;

        if (slot >= s->pending.used) {
            s->ask_next = 0;
            break;
        }
        const gi_pending_slot *p = &s->pending.at[slot];
        if (p->state != GI_FLYING || now - p->heard_ms <= set->timeout_ms)
            continue;
        if (!found && !find_horizon(t->loop, &horizon)) {
            s->ask_next = slot;
            break;
        }
        found = true;
        ask_for(t, slot, horizon);
    }
}
