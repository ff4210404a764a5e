/* remember.h -- how far streams are, in a store: for coordinators, and for
 * opaque spouts, whose partitions each have
 *
 *     the last transaction in which it counted, where that began, and where it
 *     ended
 *
 * Notes are put together and written at once, all or nothing.  After a write
 * that failed nobody knows what is there: it is opened again by itself.
 */
#ifndef GI_TRIDENT_REMEMBER_H
#define GI_TRIDENT_REMEMBER_H

#include "base/pool.h"
#include "gale/state.h"

typedef struct gi_remember {
    const gale_store *store;
    gale_store_where where;
    void *self;   /* NULL: closed */
    gi_pool pool; /* of what is to be written */
    gale_change *changes;
    uint32_t n, cap;
} gi_remember;

/* `state`: borrowed.  Whoever has it now may be about to end, so it is waited
 * for, ten seconds at most. */
gale_err gi_remember_open(gi_remember *m, const gale_store *store,
                          gale_task *task, const char *state, uint32_t index,
                          uint32_t count, gale_diag *why);
void gi_remember_close(gi_remember *m); /* a zeroed one is fine */

/* The value of `name` (text), borrowed until the next call; ptr NULL: none. */
gale_err gi_remember_get(gi_remember *m, const char *name, gale_str *value,
                         gale_diag *why);

/* To be written; value.ptr NULL: removed.  False without memory. */
bool gi_remember_note(gi_remember *m, const char *name, gale_str value);

/* All that was noted; to write nothing is fine. */
gale_err gi_remember_write(gi_remember *m, gale_diag *why);

/* ---------------------------------------------------------- partitions -- */

/* Which of `count` tasks has partition p: evenly, near enough. */
uint32_t gi_remember_part(uint32_t p, uint32_t count);

/* Where a partition goes on in `txid`; borrowed until the next call.  False:
 * `why` says why not. */
bool gi_remember_from(gi_remember *m, uint32_t p, uint64_t txid,
                      gale_str *from, gale_diag *why);

bool gi_remember_put(gi_remember *m, uint32_t p, uint64_t txid, gale_str from,
                     gale_str upto);

/* The attempt that this task committed last, which goes with what it put; 0:
 * none.  False: `why` says why not. */
bool gi_remember_attempt(gi_remember *m, uint64_t *attempt, gale_diag *why);
bool gi_remember_put_attempt(gi_remember *m, uint64_t attempt);

#endif
