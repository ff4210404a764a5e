/* requests.h -- which requests of a DRPC stream are worked on.
 *
 * A request is a batch of its own: its number is the batch's transaction, and
 * each time that it is begun it is a new attempt.  Batches of a stream have an
 * order, and what fails takes later ones with it (coordinator.h); requests
 * have nothing to do with one another.
 *
 *     take --> UNDER_WAY --acked--> gone
 *                 ^  |failed
 *           pause |  v
 *                WAITS --too often--> gone: it failed
 *
 * Pure.
 */
#ifndef GI_TRIDENT_REQUESTS_H
#define GI_TRIDENT_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "gale/drpc.h"

typedef struct gi_asked {
    uint64_t id;      /* 0: the place is free */
    uint64_t attempt; /* 0: it waits for the next one */
    uint32_t failures;
    int64_t resume_ms;
    char *args;
    uint32_t len;
} gi_asked;

typedef struct gi_requests {
    uint32_t attempts;     /* that one has, 1 at least */
    uint64_t next_attempt; /* 1 at least; never one that was before */
    uint32_t n;
    gi_asked all[GALE_DRPC_UNDER_WAY];
} gi_requests;

/* A place for one more; NULL: there is none. */
gi_asked *gi_requests_add(gi_requests *q, uint64_t id);

/* One that may be begun now, and is from now on; NULL: none. */
gi_asked *gi_requests_begin(gi_requests *q, int64_t now_ms);

/* By its attempt; NULL: that is over. */
gi_asked *gi_requests_find(gi_requests *q, uint64_t attempt);

/* It failed; false: for good, and is to be removed. */
bool gi_requests_failed(gi_requests *q, gi_asked *a, int64_t now_ms);

void gi_requests_remove(gi_requests *q, gi_asked *a);

/* Every attempt below this one is over. */
uint64_t gi_requests_floor(const gi_requests *q);

#endif
