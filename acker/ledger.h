/* ledger.h -- how the runtime knows that a spout's tuple is done with.
 *
 * READ THIS FIRST.  It is the one idea the whole runtime rests on.
 *
 * A spout emits a tuple; bolts make more tuples of it; of those come more
 * again.  They form a tree, spread over threads and machines.  The spout must
 * hear when the last leaf has been handled, and nobody can afford to store
 * the tree.
 *
 * Give every edge of the tree (one tuple on its way to one task) an id that
 * looks random.  Keep one 64-bit sum a tree, and exclusive-or into it
 *
 *      the id of an edge when it is made, and
 *      the id of an edge when it has been handled.
 *
 * x ^ x = 0: an edge both made and handled has left no trace.  The order in
 * which the news arrives does not matter.  The sum is zero when nothing is
 * outstanding.
 *
 *      spout --a--> split --b--> count        update            sum
 *                     |                       ----------------  ----------
 *                     +----c--> count         init   a          a
 *                                             ack    a^b^c      b^c
 *                                             ack    c          b
 *                                             ack    b          0   done
 *
 * Whoever handles an edge reports it together with the edges it made of it,
 * in ONE update (a^b^c above).  There is no moment at which a is gone while b
 * and c are not yet there; that is what keeps the sum from touching zero
 * while work remains.  Updates may be merged with one another, delayed and
 * reordered at will, and a lost one merely lets the tree time out.  One thing
 * must never happen to them: to arrive twice, for the second copy undoes the
 * first.
 *
 * News of a bolt may overtake the spout's own.  Nothing breaks: a tree is
 * done only when its sum is zero AND its spout has been heard.
 *
 * What can go wrong: ids outstanding may cancel by chance, once in 2^64
 * updates.  At ten million a second that is once in 58,000 years, and costs a
 * tuple only if it fails afterwards.
 *
 * TIME.  A tree fails when nothing has moved in it for the timeout: every
 * update starts the clock anew.  And a tree does not expire while any tuple
 * as old as itself still waits in a queue somewhere (the horizon, see
 * worker/frontier.h), because waiting is not being lost.
 *
 * This module is pure: no clock, no thread, no I/O; memory only to grow.  A
 * ledger holds the trees of one spout task; root ids index it (root.h).  The
 * acker (acker.h) owns ledgers and feeds them.
 */
#ifndef GI_ACKER_LEDGER_H
#define GI_ACKER_LEDGER_H

#include <stdatomic.h>
#include <stddef.h>

#include "acker/root.h"
#include "gale/base.h"

/* Why a tree failed. */
typedef enum gi_why {
    GI_WHY_NONE = 0,
    GI_WHY_FAILED,   /* a bolt said so */
    GI_WHY_TIMEOUT,  /* nothing moved for the timeout */
    GI_WHY_LOST,     /* it was in a task, worker or link that died */
    GI_WHY_NOMEM,    /* memory ran out on the way */
    GI_WHY_OVERFLOW, /* a cycle held more than topology.cycle.buffer.bytes */
} gi_why;

/* "failed by", "timed out after", ... */
const char *gi_why_text(gi_why why);

/* What an update made of its tree. */
typedef enum gi_tree {
    GI_TREE_OPEN,   /* edges outstanding, or the spout not yet heard */
    GI_TREE_DONE,   /* every edge handled; tell the spout */
    GI_TREE_FAILED, /* tell the spout; the update said why */
    GI_TREE_STALE,  /* of a tree already finished; nothing happened */
    GI_TREE_NOMEM,  /* no room to remember it; nothing was recorded */
} gi_tree;

enum { GI_NOBODY = 0xffff }; /* no component made progress yet */

typedef struct gi_ledger gi_ledger;

/* Starts with room for `slots` trees (24 bytes each, touched only when used)
 * and grows up to GI_ROOT_SLOTS.  GALE_ENOMEM. */
gale_err gi_ledger_create(gi_ledger **out, uint32_t slots);
void gi_ledger_destroy(gi_ledger *l); /* NULL is fine */

/* Which generations its spout has given so far: those after *first, up to
 * *last, which it writes before a tuple of the tree leaves.  Others are of a
 * process that had the same spout before or, cut off from us, believes that it
 * still has, or of long ago; they are stale.  Borrowed until destroy. */
void gi_ledger_bound(gi_ledger *l, const _Atomic uint32_t *first,
                     const _Atomic uint32_t *last);

/* In all of these `now` is milliseconds of any clock that does not go back;
 * 32 bits of them, so it may wrap. */

/* The spout: this tree exists, `sum` is the xor of its first edges.  `epoch`
 * is when it began, in the frontier's counting. */
gi_tree gi_ledger_init(gi_ledger *l, uint64_t root, uint64_t sum, uint32_t now,
                       uint16_t epoch);

/* A bolt of component `comp`: `sum` is the edges it handled xor the edges it
 * made of them. */
gi_tree gi_ledger_ack(gi_ledger *l, uint64_t root, uint64_t sum, uint32_t now,
                      uint16_t comp);

/* It is given up.  May come before the spout's init. */
gi_tree gi_ledger_fail(gi_ledger *l, uint64_t root, uint32_t now);

/* It is in good hands: start its clock anew, and take it for begun in
 * `epoch` if that is later (which only makes it expire later). */
gi_tree gi_ledger_touch(gi_ledger *l, uint64_t root, uint32_t now,
                        uint16_t epoch);

/* Is it open here? */
bool gi_ledger_knows(const gi_ledger *l, uint64_t root);

/* By what trees are judged. */
typedef struct gi_judge {
    uint32_t now;     /* the time up to which everybody who could move a tree
                         had the chance to */
    uint32_t timeout; /* ms */
    uint16_t epoch;   /* the present one ... */
    uint16_t horizon; /* ... and the oldest with work under way */
    uint32_t clock;   /* the time: `now` may be some while ago ... */
    uint32_t soon;    /* ... and with nothing moved for so long, one may have
                         to be judged before the next round; ms */
} gi_judge;

/* Look at the next `n` slots, going round for ever, and close the trees in
 * which nothing moved for the timeout and which began before the horizon.  So
 * a caller who goes round once every timeout / 32 expires each tree between
 * timeout and 1.04 timeout after its last movement.  A tree whose spout was
 * not heard yet is taken to begin when it is first found overdue: its init
 * may be on its way.
 *
 *   expired   called for each, with the component that moved it last
 *
 * Returns how many may be due soon (gi_judge.soon), or are and have not been
 * found lost.
 */
typedef void (*gi_expired)(void *arg, uint64_t root, uint16_t comp);
uint32_t gi_ledger_sweep(gi_ledger *l, uint32_t n, const gi_judge *j,
                         gi_expired expired, void *arg);

/* Trees open now, and how many slots a round of the sweep has. */
size_t gi_ledger_open(const gi_ledger *l);
uint32_t gi_ledger_slots(const gi_ledger *l);

/* Did epoch `a` come before `b`?  Epochs are counted modulo 2^16. */
static inline bool gi_epoch_before(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b) < 0;
}

#endif
