/* ask.h -- asking a daemon, and waiting for its reply.
 *
 * One asker speaks to one of several places: the one that answered last, or
 * that a reply named as the leader, else the next one.  Connections are made
 * when there is something to ask, and made anew when they break.
 *
 * Thread  one asker belongs to one thread at a time
 */
#ifndef GI_WIRE_ASK_H
#define GI_WIRE_ASK_H

#include "wire/msg.h"
#include "wire/secrets.h"

typedef struct gi_asker gi_asker;

typedef struct gi_asker_opts {
    const char *const *urls; /* "tcp://host:port", "tls+tcp://host:port" */
    uint32_t n_urls;
    const gi_secrets *secrets; /* borrowed until destroy; NULL: none */
    const char *user;          /* NULL: who runs this process */
} gi_asker_opts;

/* GALE_EINVAL: no url, or one that is none; GALE_ENOMEM. */
gale_err gi_asker_create(gi_asker **out, const gi_asker_opts *opts);
void gi_asker_destroy(gi_asker *a); /* NULL is fine */

/* Ask, and wait for at most `wait_ms`.
 *
 *   request  the verb's
 *   reply    the verb's, in `pool`
 *   why      in words: the daemon's, or why there was no reply; may be NULL
 *
 * What the daemon answers, or GALE_ETIME: nobody answered in time; GALE_EIO:
 * nobody is there; GALE_EFORMAT: what came is no reply; GALE_ENOMEM. */
gale_err gi_ask(gi_asker *a, gi_verb_no verb, const void *request,
                uint32_t wait_ms, gi_pool *pool, void *reply, gale_diag *why);

/* The same without waiting: `done` is called once, on a thread of the
 * transport, when there is something to be had by gi_asked.  One at a time. */
gale_err gi_ask_begin(gi_asker *a, gi_verb_no verb, const void *request,
                      uint32_t wait_ms, void (*done)(void *arg), void *arg);
gale_err gi_asked(gi_asker *a, gi_pool *pool, void *reply, gale_diag *why);

/* Give up what was begun: `done` is not called any more. */
void gi_ask_cancel(gi_asker *a);

#endif
