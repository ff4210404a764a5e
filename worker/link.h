/* link.h -- from one loop to another: three rings.
 *
 * Batches of tuples, batches of notes, and batches that were read on their way
 * home, with answers in them (answers.h) or empty; each lane in order, none
 * waits for another.  What finds no room in a ring waits in a backlog in front
 * of it.
 *
 * Batches of notes are numbered, and one that arrives twice is taken once: a
 * second copy of an update would undo the first.
 */
#ifndef GI_WORKER_LINK_H
#define GI_WORKER_LINK_H

#include "acker/acker.h"
#include "base/ring.h"
#include "topology/batch.h"
#include "worker/between.h"
#include "worker/window.h"

enum { GI_TO_ACKERS = 0 }; /* in place of a task: the batch holds notes */

/* From a loop to another one; to itself only if somebody stands between. */
typedef struct gi_peer {
    gi_ring data;   /* batches of tuples */
    gi_ring notes;  /* batches of notes: never waits for data */
    gi_ring back;   /* batches that were read, to their owner */
    gi_window seen; /* numbers of notes; the receiver's */
} gi_peer;

/* What waits because a ring was full. */
typedef struct gi_backlog {
    gi_queue data, notes, back;
    gi_batch *note_open; /* notes being gathered */
    uint32_t numbered;   /* batches of notes sent so far */
    bool wake;           /* it was sent something in this turn */
} gi_backlog;

/* Thread  the loop's, all of them. */

void gi_link_send(gi_loop *l, uint32_t to, gi_batch *b); /* tuples */
void gi_link_note(gi_loop *l, uint32_t to, const gi_note *note);
gi_note *gi_link_note_place(gi_loop *l, uint32_t to); /* fill it at once */
void gi_link_give_back(gi_loop *l, gi_batch *b);      /* read */
void gi_links_flush(gi_loop *l);
bool gi_links_take_in(gi_loop *l); /* what others sent; true: something */
bool gi_links_have_mail(gi_loop *l);
bool gi_links_have_backlog(const gi_loop *l);
void gi_links_fini(gi_loop *l);

/* ------------------------------------------- for whoever stands between -- */

/* A batch that arrived: to its task, or its notes to their ackers and spouts.
 * Or nowhere: as if it had been read. */
void gi_link_deliver(gi_loop *l, uint32_t from, gi_batch *b);
void gi_link_lose(gi_loop *l, gi_batch *b);

/* A batch of this loop's own with a copy of one tuple for task `to`, or of
 * notes, that nobody knows of until gi_link_count: then, like any batch, it
 * counts as work under way, of `epoch`.  NULL without memory. */
gi_batch *gi_link_copy_tuple(gi_loop *l, const gale_tuple *in, uint32_t to,
                             bool inner);
gi_batch *gi_link_copy_notes(gi_loop *l, const gi_note *notes, uint32_t n,
                             uint32_t number);
gi_batch *gi_link_blank_notes(gi_loop *l, uint32_t n); /* fill it at once */
void gi_link_count(gi_loop *l, gi_batch *b, uint16_t epoch);

#endif
