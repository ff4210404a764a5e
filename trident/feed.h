/* feed.h -- what a feeder (gale/feeder.h) has in it: batches that were given
 * and have not counted, in the order in which they were given.
 *
 * Threads that give, the coordinator and the emitters meet here;
 * spout_feeder.c is what the latter two do.  Rows of a batch stay where they
 * are while one emits some of them without the lock: `users` says so.
 */
#ifndef GI_TRIDENT_FEED_H
#define GI_TRIDENT_FEED_H

#include <pthread.h>

#include "base/pool.h"
#include "gale/feeder.h"

typedef struct gi_fed {
    struct gi_fed *next;
    uint64_t no;
    gi_pool pool; /* of the rows */
    gale_row *rows;
    size_t n, cap;
    uint32_t users;
    bool single;   /* of rows that were given one by one: more may come */
    bool begun;    /* no more may */
    bool dropped;  /* it has counted, and waits for its users to go */
    uint64_t txid; /* where its last row was emitted; 0: it was not */
} gi_fed;

struct gale_feeder {
    gale_feeder *self; /* what spout.arg points to */
    gale_batch_spout spout;
    const gale_field *fields;
    uint32_t n_fields;
    uint64_t id; /* of nobody else's feeder, in whatever process */

    pthread_mutex_t mtx;
    pthread_cond_t counted; /* one of them has */
    /* guards all below */
    gi_fed *first, *last;
    gi_fed *dropped;
    uint64_t given; /* the last one's number */
    bool ended;
    gale_task *coordinator; /* who is woken; NULL: it does not run */
    /* The emitters' side: spout_feeder.c. */
    uint64_t newest;  /* transaction that was emitted */
    int64_t moved_ms; /* when something last happened */
    uint64_t at_no;   /* NON_TRANSACTIONAL: where it goes on, ... */
    uint64_t at_row;  /* ... and in there */
};

/* spout_feeder.c: what the topology sees of it. */
void gi_feeder_init(gale_feeder *f, gale_spout_kind kind);

/* With the lock held.  The first batch with that number or a later one; NULL:
 * there is none yet. */
gi_fed *gi_feed_from(gale_feeder *f, uint64_t no);

/* Forget all from the first on that were emitted in transactions up to this
 * one. */
void gi_feed_counted(gale_feeder *f, uint64_t txid);

/* One user less. */
void gi_feed_leave(gale_feeder *f, gi_fed *b);

#endif
