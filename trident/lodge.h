/* lodge.h -- a home in its task: a host for each of its parts, and which of
 * them a tuple is for.
 *
 *     a row                     who reads the stream that it comes on
 *     a report                  the part that it names
 *     the coordinator's words   the parts of its group
 */
#ifndef GI_TRIDENT_LODGE_H
#define GI_TRIDENT_LODGE_H

#include "trident/host.h"

/* Where rows of a stream go. */
typedef struct gi_way {
    const char *stream; /* as tuples say it; NULL: not met yet */
    const char *name;
    gi_host *host;
    gi_step *entry;
    const gi_peers *from;
} gi_way;

/* An upstream task. */
typedef struct gi_sender {
    gi_way *ways; /* those of its component */
    uint32_t n_ways;
} gi_sender;

typedef struct gi_lodge {
    const gi_home *home;
    gi_host *hosts; /* [home->n_parts] */
    gi_step *steps; /* of all of them */
    uint32_t n_steps;

    uint32_t low; /* senders[i] is task low + i */
    uint32_t n_senders;
    gi_sender *senders;
    gi_way *ways;
} gi_lodge;

/* The struct is zeroed before, and is to be closed either way. */
gale_err gi_lodge_open(gi_lodge *l, gale_bolt_ctx *ctx);
void gi_lodge_close(gi_lodge *l);

/* The host of a part; NULL: it is not here. */
gi_host *gi_lodge_host(const gi_lodge *l, uint32_t part);

#endif
