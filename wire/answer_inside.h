/* answer_inside.h -- what the files of the answerer share.  Within wire/ only.
 */
#ifndef GI_WIRE_ANSWER_INSIDE_H
#define GI_WIRE_ANSWER_INSIDE_H

#include <nng/nng.h>
#include <pthread.h>

#include "wire/answer.h"
#include "wire/whose.h"

typedef struct gi_caller gi_caller; /* a connection; see caller.c */

typedef struct gi_question {
    gi_asked_for asked; /* what the owner sees */
    uint64_t caller;    /* who asked, ... */
    uint32_t number;    /* ... as his how manieth */
    size_t bytes;

    /* guarded by the answerer's lock */
    struct gi_question *prev, *next; /* all; those not yet taken come last */
    bool gone;
} gi_question;

/* By what it is judged whether somebody may ask. */
typedef struct gi_may {
    const gi_secrets *secrets;
    const char *const *users; /* who is obeyed; n_users 0: everybody */
    uint32_t n_users;
} gi_may;

struct gi_answerer {
    gi_may may;
    uint32_t most_waiting;
    void (*wake)(void *arg);
    void *arg;
    uint16_t port;

    nng_stream_listener *listener;
    nng_aio *accept, *nap, *watch;
    uint32_t most_callers;
    int64_t patience; /* ns */

    pthread_mutex_t mtx; /* guards the rest */
    bool watching;       /* `watch` is under way, or over for good */
    gi_question *first, *last;
    gi_question *fresh; /* the first that is not yet taken */
    uint32_t waiting;
    size_t bytes;

    gi_caller *callers; /* the latest first */
    uint32_t n_callers;
    uint64_t last_caller;
    bool some_down; /* of them, and to be freed */
};

/* What is known of who asks, whatever he says. */
typedef struct gi_known {
    gi_whose whose;
    uint32_t uid;
} gi_known;

/* Look at what came.  GALE_OK: *out is a question to be put to the owner. */
gale_err gi_question_read(const gi_may *m, const gi_known *who, const void *p,
                          size_t len, gi_question **out, gale_diag *why);
void gi_question_free(gi_question *q);

/* Into the line of those that wait.  False: there are too many. */
bool gi_question_wait(gi_answerer *a, gi_question *q);

/* He who asked hung up: what nobody took yet is not worth taking. */
void gi_questions_forget_locked(gi_answerer *a, uint64_t caller);

/* Make a reply.  `kind` and `m` count if `e` is GALE_OK. */
void gi_reply_write(gi_strbuf *out, gale_err e, gi_msg kind, const void *m,
                    const char *why, const char *leader);

/* Takes `stream`.  If there are too many the oldest that waits for nothing has
 * to go.  Thread  of the transport */
void gi_caller_let_in(gi_answerer *a, nng_stream *stream);

/* Send `bytes` to him, if he is still there; if it cannot be (`bytes` failed)
 * he shall see the connection break.  Thread  owner, or that of the caller */
void gi_caller_tell(gi_answerer *a, uint64_t caller, uint32_t number,
                    const gi_strbuf *bytes);

/* Who has not sent in time what he began to send has to go.  Thread  any */
void gi_callers_hurry(gi_answerer *a);

/* When the first of them has to go, unless he has sent it by then; 0: nobody
 * has begun to. */
int64_t gi_callers_due_locked(const gi_answerer *a);

/* Somebody has begun to send: see to it that this is minded.  Thread  any */
void gi_callers_watch(gi_answerer *a);

/* Free those who have gone, or all.  Thread  owner */
void gi_callers_reap(gi_answerer *a, bool all);

#endif
