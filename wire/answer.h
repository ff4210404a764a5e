/* answer.h -- a daemon's port: requests come, and each gets a reply.
 *
 * Requests are read by the transport's threads and wait, few and small, until
 * the daemon's loop takes them.  A reply may be given later, and in any order;
 * a daemon may keep a request for as long as it likes.
 *
 * Who may ask for what (messages.h) is checked here: a request without the
 * right token or secret is refused before anybody sees it.  Whoever shows the
 * secret may do what clients may, and is believed whatever `user` it names.
 *
 * Of who is on this machine the kernel is asked who he is (whose.h): he has to
 * be the `user` that he names, and without a secret what NODEs may is for the
 * daemon's own user.  Root and the daemon's own user may name others.  Of
 * other machines nothing but the token vouches for `user`: everybody who has
 * it, or reaches a port that asks for none, can be anybody.  nng 1.5.2 does
 * not say who a TLS certificate was made for, so that does not help.
 *
 * Where `users` are named, clients have to be among them.  Root and the
 * daemon's own user, on this machine, are obeyed all the same.
 *
 * Requests that are malformed, too large, of another protocol or too many are
 * refused with words.  Beyond twice GI_MSG_MOST the connection is closed
 * instead.  When GI_ANSWERER_CONNECTIONS are open the oldest that waits for no
 * reply has to go, of the same address if that has a quarter of them: whoever
 * is silent keeps nobody out.  What somebody begins to send has to be there
 * within GI_ANSWERER_PATIENCE_MS and a second for each 64 KiB, and takes no
 * more than twice the memory of what of it has come.
 *
 * The owner takes whenever `wake` was called: that is also when connections
 * that broke are cleared away.
 *
 * Thread  owner, but for what `wake` is called on
 */
#ifndef GI_WIRE_ANSWER_H
#define GI_WIRE_ANSWER_H

#include "wire/msg.h"
#include "wire/secrets.h"

typedef struct gi_answerer gi_answerer;

enum {
    GI_ANSWERER_CONNECTIONS = 1024,
    GI_ANSWERER_WAITING = 256,
    GI_ANSWERER_PATIENCE_MS = 5000,
    GI_ANSWERER_BYTES = 16 * GI_MSG_MOST, /* of all that wait, as they came */
};

/* Zero means default. */
typedef struct gi_answerer_opts {
    const char *url;           /* "tcp://127.0.0.1:6627"; port 0 is any */
    const gi_secrets *secrets; /* borrowed until destroy; NULL: none */
    const char *const *users;  /* who is obeyed, and nobody else; borrowed */
    uint32_t n_users;          /* 0: all */
    uint32_t most_waiting;     /* requests taken or not; 256 */
    uint32_t most_connections; /* GI_ANSWERER_CONNECTIONS */
    uint32_t patience_ms;      /* GI_ANSWERER_PATIENCE_MS */
    bool open;                 /* be reached from elsewhere without TLS too */
    void (*wake)(void *arg);   /* there is one to take; on any thread, and not
                                * to call anything here.  May be NULL */
    void *arg;
} gi_answerer_opts;

/* A request that was taken.  All of it lies in its pool. */
typedef struct gi_asked_for {
    gi_pool pool; /* the taker may take more from it; gone with the reply */
    gi_verb_no verb;
    const char *user;     /* as he says; see above */
    const char *topology; /* of a worker that showed its word; "": none */
    const void *request;  /* the verb's */
    const char *from;     /* an address, for the log */
} gi_asked_for;

/* GALE_EIO: it cannot listen there; GALE_EINVAL: that is no address, or one
 * that is not to be used without TLS; `why` says so.  GALE_ENOMEM. */
gale_err gi_answerer_create(gi_answerer **out, const gi_answerer_opts *opts,
                            gale_diag *why);
void gi_answerer_destroy(
    gi_answerer *a); /* what was not answered is dropped */
uint16_t gi_answerer_port(const gi_answerer *a);

/* The next request; NULL: none. */
gi_asked_for *gi_answerer_take(gi_answerer *a);

/* Has he who asked hung up?  The request is to be answered all the same. */
bool gi_answerer_gone(gi_answerer *a, const gi_asked_for *q);

/* Reply, and be done with it.  `e` GALE_OK: `reply` is the verb's.  Else `why`
 * says it in words (NULL: the error's text), and reply is not looked at.
 * `leader` is where to ask instead, whatever `e` is; NULL: here is right.  A
 * reply that is larger than GI_MSG_MOST becomes GALE_ELIMIT. */
void gi_answer(gi_answerer *a, gi_asked_for *q, gale_err e, const void *reply,
               const char *why, const char *leader);

#endif
