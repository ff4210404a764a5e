/* answer_inside.h -- what the files of the answerer share.  Within wire/ only.
 */
#ifndef GI_WIRE_ANSWER_INSIDE_H
#define GI_WIRE_ANSWER_INSIDE_H

#include <nng/nng.h>
#include <pthread.h>

#include "wire/answer.h"

/* The way back: what nng put before a request, as it wants it before the
 * reply.  The first four bytes are the connection. */
typedef struct gi_way_back {
    unsigned char at[64];
    size_t len;
} gi_way_back;

typedef struct gi_question {
    gi_asked_for asked; /* what the owner sees */
    gi_way_back back;
    uint32_t pipe;
    size_t bytes;

    /* guarded by the answerer's lock */
    struct gi_question *prev, *next; /* all; those not yet taken come last */
    bool gone;
} gi_question;

struct gi_answerer {
    const gi_secrets *secrets;
    uint32_t most_waiting;
    void (*wake)(void *arg);
    void *arg;
    uint16_t port;

    nng_socket sock;
    bool opened;
    nng_aio *rx;

    pthread_mutex_t mtx; /* guards the rest */
    gi_question *first, *last;
    gi_question *fresh; /* the first that is not yet taken */
    uint32_t waiting, connections;
    size_t bytes;
};

/* Look at what came; ask for words why not.  GALE_OK: *out is a question to be
 * put to the owner. */
gale_err gi_question_read(const gi_secrets *secrets, const void *p, size_t len,
                          gi_question **out, gale_diag *why);
void gi_question_free(gi_question *q);

/* Send a reply.  `kind` and `m` count if `e` is GALE_OK. */
void gi_reply(gi_answerer *a, const gi_way_back *back, gale_err e, gi_msg kind,
              const void *m, const char *why, const char *leader);

#endif
