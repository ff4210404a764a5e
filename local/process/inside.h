/* inside.h -- what the files of a worker process share.
 *
 *     process.c   from start to end
 *     made.c      making it out of a duty, and taking it apart
 *     obey.c      a new duty, while it runs
 */
#ifndef GI_LOCAL_PROCESS_INSIDE_H
#define GI_LOCAL_PROCESS_INSIDE_H

#include "local/process/page.h"
#include "local/process/peers.h"
#include "wire/duty.h"

enum { GI_SERVED = 0, GI_SERVE_FAILED = 1, GI_SERVE_MISTAKEN = 2 };

typedef struct gi_serve {
    const char *dir;
    int seen;      /* the duty's file; see gi_duty_is_new */
    int bell;      /* rung when something happens; < 0: it cannot be had */
    gi_pool *pool; /* what the duty is made of */
    gi_msg_duty duty;
    gi_plan *plan;
    gi_fault_plan *faults; /* NULL: none */
    const char **words;
    gi_secrets *secrets;
    gi_roster roster;
    gi_peers *peers; /* NULL: all tasks run here */
    gi_local *local;
    gi_page *page; /* NULL: not yet */
    gi_page_says says;

    bool may_start;   /* the others are there, or were waited for */
    bool active;      /* spouts were told to go */
    uint64_t *stop;   /* [loop]: its turns when they were told to stop */
    bool leave;       /* to be started anew, for `why` */
    int status;       /* to end with */
    gale_diag why;    /* in words; "" if there is nothing to say */
    int64_t start_ns; /* when it came to wait for the others */
} gi_serve;

static inline const gi_msg_topology *gi_serve_topology(const gi_serve *s)
{
    return &s->duty.topology[0];
}

/* ------------------------------------------------------------- made.c -- */

/* False: `status` and `why` say it. */
bool gi_serve_make(gi_serve *s, const gale_topology *t, const char *dir);
void gi_serve_fini(gi_serve *s);

/* On standard error and the page, which is made for it if need be. */
void gi_serve_last_words(gi_serve *s);

/* ------------------------------------------------------------- obey.c -- */

/* To the tasks, what is secret to the topology.  GALE_ENOMEM: what they have
 * is the old. */
gale_err gi_serve_credentials(gi_serve *s, const gi_msg_topology *t);

/* If there is a new duty, obey it as far as that can be done at once. */
void gi_serve_obey(gi_serve *s);

/* Spouts go and stop as the duty says (never, with `stop`).  True: it is so.
 */
bool gi_serve_activate(gi_serve *s, bool stop);

#endif
