/* send.h -- what is asked of send.c: write a row for each task that gets it.
 */
#ifndef GI_WORKER_SEND_H
#define GI_WORKER_SEND_H

#include "worker/loop.h"

/* In which trees a tuple about to be emitted will stand.  Each anchor is a
 * part: for every receiving task it gets a fresh edge id, which goes into its
 * own sum and into the links of those of the roots that are its. */
typedef struct gi_part {
    uint64_t *made;       /* the anchor's xor of edges made */
    const uint32_t *root; /* which of the roots; NULL: all of them */
    uint32_t n;
} gi_part;

typedef struct gi_anchor {
    const uint64_t *roots; /* each once */
    uint32_t n_roots;      /* at least 1 */
    uint32_t n_parts;      /* at least 1 */
    const gi_part *parts;
} gi_anchor;

/* Where the numbers of the receiving tasks are written, if anywhere. */
typedef struct gi_sent_to {
    uint32_t *at;
    size_t cap;
} gi_sent_to;

/* Send a row to everybody who reads `out`.  *lost is set if memory ran out on
 * the way.
 *
 * gi_send_plain is the way of nearly every tuple and has a header of its own,
 * send_plain.h; the first four are its slow parts.
 *
 * gi_send_any is for everything: `bytes` is what gi_check_row said,
 * `direct_task` for streams declared direct, `anchor` NULL for tuples that
 * nobody tracks; it returns how many tasks got it. */
void gi_write_bytes(char *to, const char *from, uint32_t n);
uint32_t gi_write_several(const gi_out *out, gale_tuple *w, uint32_t room,
                          const gale_value *v);
gale_tuple *gi_write_slow(gale_task *t, const gi_out *out, const gale_value *v,
                          uint32_t to, bool inner, uint16_t epoch, bool *fits);
bool gi_send_plain_to_many(gale_task *t, gi_out *out, const gale_value *v,
                           uint64_t root, uint64_t *made, bool *lost);
size_t gi_send_any(gale_task *t, gi_out *out, gale_row row, size_t bytes,
                   uint32_t direct_task, const gi_anchor *anchor,
                   gi_sent_to sent_to, bool *lost);

/* What stands in a tree is as old as what it comes of; what stands in none is
 * as old as it is. */
static inline uint16_t gi_epoch_of(const gale_task *t, bool tracked)
{
    return tracked ? t->epoch : gi_frontier_now(&t->loop->w->frontier);
}

#endif
