/* acker.h -- the acker task: ledgers, one a spout task, and what is said to
 * and by it.
 *
 * Notes travel in a lane of their own, never behind data.  Spouts and bolts
 * send INIT, ACK, FAIL and TOUCH to the acker that a root belongs to; it
 * answers the root's spout with DONE or FAILED.  Where both ends share a loop
 * a note is a call.  A tree that is one tuple in this process needs no acker:
 * whoever handles the tuple says INIT for its spout if more came of it, and
 * DONE, straight to the spout, if nothing did (worker/track.h).
 *
 * Any note may be lost, with a process or a link.  Ledgers notice that updates
 * are missing; that an answer is missing, or that the acker never knew of the
 * tree, only the spout can notice.  So a spout that has heard nothing about a
 * tree for longer than the timeout asks, and an acker that does not have it
 * open answers FAILED.
 */
#ifndef GI_ACKER_ACKER_H
#define GI_ACKER_ACKER_H

#include "acker/ledger.h"

typedef enum gi_note_kind {
    /* to the acker */
    GI_NOTE_INIT = 1,
    GI_NOTE_ACK,
    GI_NOTE_FAIL,
    GI_NOTE_TOUCH,
    GI_NOTE_ASK, /* the spout heard nothing for long: is it still there? */
    /* to the spout */
    GI_NOTE_DONE,
    GI_NOTE_FAILED,
    GI_NOTE_LOST, /* an acker lost its ledgers, or a worker died */
} gi_note_kind;

typedef struct gi_note {
    uint64_t root;
    uint64_t sum;   /* INIT, ACK; LOST: where << 32 | when in ms, and where is
                       the acker's loop or, for anywhere, all ones */
    uint8_t kind;   /* a gi_note_kind */
    uint8_t why;    /* FAIL, FAILED: a gi_why */
    uint16_t comp;  /* ACK, FAIL: who says so; INIT: the bolt that does, or
                       GI_NOBODY for the spout itself; FAILED: who did it or,
                       after a timeout, who moved it last; GI_NOBODY */
    uint16_t epoch; /* INIT, TOUCH */
    uint16_t spare;
} gi_note;

_Static_assert(sizeof(gi_note) == 24, "notes are small");

static inline bool gi_note_to_spout(const gi_note *n)
{
    return n->kind >= GI_NOTE_DONE;
}

typedef struct gi_acker gi_acker;

typedef struct gi_acker_stats {
    uint64_t done, failed, expired;
    uint64_t stale; /* notes of trees already finished: harmless */
} gi_acker_stats;

/* `slots` is a hint: trees in flight a spout task. */
gale_err gi_acker_create(gi_acker **out, uint32_t n_spouts, uint32_t slots);
void gi_acker_destroy(gi_acker *a); /* NULL is fine */

/* See gi_ledger_bound; before the first note. */
void gi_acker_bound(gi_acker *a, uint32_t spout, const _Atomic uint32_t *first,
                    const _Atomic uint32_t *last);

/* Take one note.  True: `answer` is to be sent to the root's spout. */
bool gi_acker_take(gi_acker *a, const gi_note *in, uint32_t now,
                   gi_note *answer);

/* The part of the next round of expiry that falls due at j->clock: call it as
 * often as you like, at least every timeout / 64.  Trees that `j` finds lost
 * fail; `tell` is called with each answer.  True: some may be due soon. */
typedef void (*gi_acker_tell)(void *arg, const gi_note *answer);
bool gi_acker_expire(gi_acker *a, const gi_judge *j, gi_acker_tell tell,
                     void *arg);

/* Forget everything, as a crash would. */
void gi_acker_lose(gi_acker *a);

size_t gi_acker_open(const gi_acker *a);
gi_acker_stats gi_acker_get_stats(const gi_acker *a);

#endif
