/* ask.c -- a spout that has heard nothing of a tree for longer than the
 * timeout asks the tree's acker.
 *
 * The acker times trees out, but what it says can be lost, and so can the news
 * that there is a tree.  An acker that has the tree open answers nothing: it
 * will speak when there is something to say.  One that has not answers FAILED.
 * So a tree that is alive, however old, costs one note a timeout.
 */
#include "worker/spout.h"

void gi_spout_ask(gale_task *t)
{
    const gi_settings *set = &t->loop->w->plan->set;
    gi_spout_state *s = t->spout;
    uint32_t now = t->loop->now_ms;

    s->next_ask_ns = INT64_MAX; /* without timeouts, loss goes unnoticed */
    if (!set->timeouts)
        return;
    s->next_ask_ns = t->loop->now_ns + (int64_t)set->timeout_ms * 250000;
    for (uint32_t slot = 0; slot < s->pending.used; slot++) {
        gi_pending_slot *p = &s->pending.at[slot];
        gi_note note = { .root = gi_root(s->ordinal, slot, p->gen),
                         .kind = GI_NOTE_ASK,
                         .why = GI_WHY_LOST,
                         .comp = GI_NOBODY };

        if (p->state != GI_FLYING || now - p->heard_ms <= set->timeout_ms)
            continue;
        p->heard_ms = now;
        gi_track_note(t->loop, &note);
    }
}
