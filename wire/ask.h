/* ask.h -- asking a daemon, and waiting for its reply.
 *
 * One asker speaks to one of several places: the one that answered last, or
 * that a reply named as the leader, else the next one.  Connections are made
 * when there is something to ask, and made anew when they break.  If a
 * connection breaks while a reply is awaited, the same is asked again at once,
 * there or at the next place; so what is asked for may be done twice.
 *
 * While nobody is there, all places are tried again and again, from 10 ms to a
 * second apart, until the time is over.  A place that takes a connection and
 * says nothing is left after a second, if there are others.
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
    const char *topology; /* a worker's, whose word the secret is; or NULL */
    bool hasty; /* try each place once; nobody there: say so at once */
    bool open;  /* show token and secret to other machines without TLS too */
} gi_asker_opts;

/* GALE_EINVAL: no url, or one that is none or must not be used, `why` says
 * which and why; GALE_ENOMEM. */
gale_err gi_asker_create(gi_asker **out, const gi_asker_opts *opts,
                         gale_diag *why);
void gi_asker_destroy(gi_asker *a); /* NULL is fine */

/* Ask, and wait for at most `wait_ms`.
 *
 *   request  the verb's
 *   reply    the verb's, in `pool`; if it is an error, untouched
 *   why      in words: the daemon's, or why there was no reply, a line for
 *            each place; may be NULL
 *
 * What the daemon answers, or GALE_ETIME: somebody is there, but did not
 * answer in time; GALE_EIO: nobody is there; GALE_EFORMAT: what came is no
 * reply; GALE_ELIMIT: the request is larger than GI_MSG_MOST; GALE_ENOMEM. */
gale_err gi_ask(gi_asker *a, gi_verb_no verb, const void *request,
                uint32_t wait_ms, gi_pool *pool, void *reply, gale_diag *why);

/* The same without waiting: `done` is called once, on another thread, when
 * there is something to be had by gi_asked, which otherwise waits for it;
 * NULL: nothing is called.  One at a time.  GALE_ELIMIT, GALE_ENOMEM, GALE_EIO
 * (no thread): nothing was begun. */
gale_err gi_ask_begin(gi_asker *a, gi_verb_no verb, const void *request,
                      uint32_t wait_ms, void (*done)(void *arg), void *arg);
gale_err gi_asked(gi_asker *a, gi_pool *pool, void *reply, gale_diag *why);

/* Wait until gi_asked would not, for at most so long; whether it would not. */
bool gi_ask_over(gi_asker *a, uint32_t wait_ms);

/* Give up what was begun, if anything: after this `done` is not running, and
 * is not called any more.  Not from `done`. */
void gi_ask_cancel(gi_asker *a);

#endif
