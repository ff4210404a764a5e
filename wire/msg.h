/* msg.h -- the messages of messages.h as bytes and back, from one table.
 *
 * Reading believes nothing: the bytes are walked before anything is taken for
 * them, lists are as long as bytes are there for, and depth is bounded.  A
 * list of messages that leave out their fields takes far more in memory than
 * on the wire; so what a message may take is bounded by its bytes as well.
 *
 * Pure: no clock, no I/O.  Thread  any
 */
#ifndef GI_WIRE_MSG_H
#define GI_WIRE_MSG_H

#include "base/pool.h"
#include "base/strbuf.h"
#include "wire/messages.h"

typedef enum gi_msg {
#define GI_MSG_ENUM(message) GI_M_##message,
    GI_MESSAGES(GI_MSG_ENUM)
#undef GI_MSG_ENUM
        GI_N_MESSAGES
} gi_msg;

/* What a message may take of memory: GI_MSG_ROOM_EACH times its bytes, and a
 * little.  What gi_msg_write writes needs no more than 5 times. */
enum { GI_MSG_ROOM_EACH = 8, GI_MSG_ROOM_FLAT = 4096 };

size_t gi_msg_size(gi_msg kind); /* of the struct */

/* Append the message at `m`, a gi_msg_NAME, to `out`; whose error sticks.
 * NULL for a TEXT is "", and what is not UTF-8 in one becomes U+FFFD: it may
 * be what a program said.  A NUM above INT64_MAX is a bug. */
void gi_msg_write(gi_strbuf *out, gi_msg kind, const void *m);

/* Read the message that the `len` bytes at `p` begin with.
 *
 *   out       a gi_msg_NAME; texts, bytes and lists lie in `pool`, in one
 *             block, and nothing of it in `p`.  Untouched if it is refused
 *   consumed  bytes of it, or NULL: then there may be nothing behind it
 *   why       what is wrong with it, "report.slots[3].port: not a number"
 *
 * GALE_EFORMAT, GALE_ENOMEM. */
gale_err gi_msg_read(gi_msg kind, const void *p, size_t len, gi_pool *pool,
                     void *out, size_t *consumed, gale_diag *why);

/* Who may ask it. */
typedef enum gi_who {
    GI_WHO_ANYBODY,
    GI_WHO_OWNER,
    GI_WHO_NODE,
    GI_WHO_WORKER
} gi_who;

typedef struct gi_verb_info {
    const char *name;
    gi_msg request, reply;
    gi_who who;
} gi_verb_info;

/* "REPORT", and what it takes and gives; NULL for a number that is none. */
const gi_verb_info *gi_verb_of(uint64_t verb);

#endif
