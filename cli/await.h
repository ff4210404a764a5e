/* await.h -- what can be seen of a topology that starts on a cluster, and
 * whether there is reason to wait on.  Pure. */
#ifndef GI_CLI_AWAIT_H
#define GI_CLI_AWAIT_H

#include "wire/msg.h"

typedef enum gi_awaited {
    GI_AWAIT_MORE,   /* it is coming up */
    GI_AWAIT_DONE,   /* it does what it shall */
    GI_AWAIT_FAILED, /* a worker does not come up */
} gi_awaited;

typedef struct gi_await {
    bool tracked;    /* wait for a first ack; else for anything emitted */
    bool inactive;   /* wait for workers, nothing more: its spouts stand still,
                        or wait for somebody to ask */
    uint64_t before; /* acked when we began to look */
} gi_await;

/* How it looks, and in `text` (may be NULL) in a line for a person, which the
 * terminal's width cuts. */
enum { GI_AWAIT_TEXT = 512 };
gi_awaited gi_await_judge(const gi_await *a, const gi_msg_topology_look *look,
                          char text[GI_AWAIT_TEXT]);

/* The first worker in trouble; NULL: none.  Trouble is to have died, and not
 * to run now. */
const gi_msg_worker_row *gi_await_trouble(const gi_msg_topology_look *look);

#endif
