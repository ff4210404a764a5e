/* request_spout.h -- the coordinator of a DRPC stream, and its source. */
#ifndef GI_TRIDENT_REQUEST_SPOUT_H
#define GI_TRIDENT_REQUEST_SPOUT_H

#include "trident/program.h"

/* In the place of gi_group_spout: its batches are requests (requests.h).
 * What is asked is the plan of its only source, behind a byte that is there
 * even if nothing is asked. */
extern const gale_spout gi_request_spout;

extern const gale_batch_spout gi_request_source;

/* The groups of requests of a topology, at most `most`. */
size_t gi_requests_of(const gale_topology *t, gi_group **to, size_t most);

#endif
