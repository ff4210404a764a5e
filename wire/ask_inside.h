/* ask_inside.h -- what the files of the asker share.  Within wire/ only. */
#ifndef GI_WIRE_ASK_INSIDE_H
#define GI_WIRE_ASK_INSIDE_H

#include <pthread.h>

#include "wire/ask.h"
#include "wire/req.h"

/* Somewhere to ask. */
typedef struct gi_ask_place {
    char *url;     /* as nng is told; NULL: no place */
    char why[200]; /* what went wrong there in this round; "": nothing */
} gi_ask_place;

/* A request and what became of it. */
typedef struct gi_ask_job {
    gi_verb_no verb;
    int64_t due;
    gi_strbuf request, reply;
    gale_err result; /* GALE_OK: there is a reply, which may be an error */
    gale_diag why;   /* if not */
} gi_ask_job;

/* How it is with what gi_ask_begin began. */
typedef enum gi_ask_phase {
    GI_PHASE_IDLE,
    GI_PHASE_UNDER_WAY,
    GI_PHASE_THERE,
} gi_ask_phase;

struct gi_asker {
    const gi_secrets *secrets;
    char *user;
    char *topology;
    bool hasty, open;
    gi_ask_place *places; /* n that were given, and one that a reply named */
    uint32_t n;
    uint32_t at;
    gi_req *req; /* connected, if it is, to the place at `at` */

    gi_ask_job job; /* the thread's while it is under way */
    void (*done)(void *arg);
    void *arg;
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t mtx; /* guards the rest */
    pthread_cond_t cv;
    gi_ask_phase phase;
    bool telling;  /* `done` is being called */
    bool given_up; /* and is not to be called */
    bool over;
};

/* The place at `url`; its url is to be gi_free'd. */
gale_err gi_ask_place_init(gi_ask_place *p, const gi_asker *a, const char *url,
                           gale_diag *why);

/* What is to be sent; until it is freed by gi_ask_job_fini. */
gale_err gi_ask_job_init(gi_ask_job *j, const gi_asker *a, gi_verb_no verb,
                         const void *request, uint32_t wait_ms);
void gi_ask_job_fini(gi_ask_job *j);

/* Ask until there is a reply, or none to be had. */
void gi_ask_run(gi_asker *a, gi_ask_job *j);

/* What it comes to. */
gale_err gi_ask_result(const gi_ask_job *j, gi_pool *pool, void *reply,
                       gale_diag *why);

/* Ends the thread, if there is one. */
void gi_ask_end_thread(gi_asker *a);

#endif
