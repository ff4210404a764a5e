/* tuples.h -- a batch of tuples for one task, on the wire.
 *
 * A section is a msgpack array of six:
 *
 *     [1, to, epoch, inner, bytes, [tuple, ...]]
 *
 * to      the receiving task
 * epoch   gi_batch.epoch
 * inner   gi_batch.inner, a bool
 * bytes   how much room the tuples take in memory; says the sender, and the
 *         receiver refuses the section if it is not so
 *
 * and a tuple is an array of three and its values:
 *
 *     [stream, task, links, value, ...]
 *
 * links   nil for a tuple in no tree; else a bin of 16 bytes for each link,
 *         root and edge, little-endian
 * value   nil, bool, int, float 64, str, bin; of LIST and MAP, which are
 *         msgpack already, their bytes
 *
 * Nothing in it is longer than in memory, so a section takes at most
 * GI_TUPLES_OVER bytes more than the batch has used.
 *
 * Pure: no allocation, no clock, no I/O.  Thread  any
 */
#ifndef GI_WIRE_TUPLES_H
#define GI_WIRE_TUPLES_H

#include "topology/batch.h"
#include "wire/section.h"

enum {
    GI_TUPLES_HEAD = 32,  /* no head of a section is longer */
    GI_TUPLES_SLACK = 32, /* scratched behind what is written */
    GI_TUPLES_OVER = GI_TUPLES_HEAD + GI_TUPLES_SLACK,
};

/* ------------------------------------------------------------- writing -- */

/* Bytes of room that gi_tuples_write asks for: an upper bound of what it
 * writes.  Looks at nothing but b->used. */
static inline size_t gi_tuples_bound(const gi_batch *b)
{
    return (size_t)b->used + GI_TUPLES_OVER;
}

/* Append the tuples of `b` (all of them, wherever its reader is) as one
 * section to the bytes at `room`, of which there are gi_tuples_bound(b).  The
 * batch is one as worker/ makes it, with a tuple at least; it is only read.
 * Returns how many bytes the section has. */
size_t gi_tuples_write(const gi_batch *b, void *room);

/* ------------------------------------------------------------- reading -- */

/* How a section begins. */
typedef struct gi_tuples {
    uint32_t to;
    uint16_t epoch;
    bool inner;
    uint32_t bytes; /* room that its tuples take: what a batch must have */
    uint32_t n;
    const unsigned char *at; /* its tuples, and what is behind them */
    size_t left;
} gi_tuples;

/* Read the head of the section that the `len` bytes at `p` begin with.
 *
 *   p    borrowed as long as *out is in use
 *   out  written only if the head is sound: there is such a task; `bytes` is
 * within rules->most_bytes, and no more than 16 times what is left of the
 * `len`, so that memory for it may be had
 *
 * Allocates nothing. */
gi_refusal gi_tuples_peek(const gi_rules *rules, const void *p, size_t len,
                          gi_tuples *out);

/* Lay the tuples of the section out in `b`, which has b->cap >= s->bytes.
 *
 * Every byte is checked before it is used: the msgpack, the depth of lists and
 * maps, that the receiving task reads the stream along an edge of the same
 * kind (inner or not), that the sending task emits it, number and types of
 * the fields, roots, edges (which are not 0: an untold tuple does not leave
 * its process), and that the tuples fill exactly s->bytes.  Text is not
 * checked for being UTF-8.
 *
 *   b         to, epoch, inner, n, used are set, and `at` is 0; the rest is
 *             the caller's.  After a refusal all of these are as they were,
 *             and the bytes of the batch are of no use
 *   consumed  bytes of the whole section, counted from where s->at is, so
 *             that the next section begins at s->at + *consumed; only if taken
 */
gi_refusal gi_tuples_read(const gi_rules *rules, const gi_tuples *s,
                          gi_batch *b, size_t *consumed);

#endif
