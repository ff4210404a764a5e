/* desk_inside.h -- what the files of the desk share.  Private to them. */
#ifndef GI_DRPC_DESK_INSIDE_H
#define GI_DRPC_DESK_INSIDE_H

#include "drpc/desk.h"

typedef struct gi_request {
    uint64_t id;
    struct gi_function *function;
    struct gi_request *before, *next; /* in its queue, while it waits */
    void *caller;
    uint64_t session; /* who has it; 0: it waits */
    uint32_t given;   /* times */
    uint64_t number;  /* of the reply in which it was */
    int64_t until_ms; /* then it is told that its time is over */
    int64_t done_ms;  /* when its taker was; INT64_MAX: is not */
    char *why;        /* of the last attempt that failed, or NULL */
    gale_str args;    /* behind this struct */
} gi_request;

typedef struct gi_function {
    char name[GI_DESK_NAME + 1], key[GI_DESK_NAME + 1];
    gi_request *first, *last; /* that wait */
    uint32_t waiting, out, takers;
    int64_t seen_ms; /* when it was served last */
    bool used;
} gi_function;

typedef struct gi_taker {
    uint64_t session; /* 0: none */
    gi_function *function;
    int64_t heard_ms;
    uint64_t number; /* of its last reply */
} gi_taker;

struct gi_desk {
    gi_desk_opts o;
    uint64_t next_id;
    uint32_t n;                             /* requests */
    size_t bytes;                           /* of their arguments */
    gi_request *requests[GI_DESK_REQUESTS]; /* by number */
    gi_function functions[GI_DESK_FUNCTIONS];
    gi_taker takers[GI_DESK_TAKERS];
};

/* ----------------------------------------- a request (desk_request.c) -- */

/* Into its function's queue, the oldest first. */
void gi_desk_enqueue(gi_request *r);
void gi_desk_dequeue(gi_request *r);

gi_request *gi_desk_find(const gi_desk *d, uint64_t id); /* NULL: none */

/* It is over: without a word, or its caller is told. */
void gi_desk_drop(gi_desk *d, gi_request *r);
void gi_desk_tell(gi_desk *d, gi_request *r, gale_err rv, gale_str text);

/* Handed out again if it may be; else told why not. */
void gi_desk_again(gi_desk *d, gi_request *r, const char *why);

/* -------------------------------------------- takers (desk_takers.c) -- */

/* The taker is lost. */
void gi_desk_lose(gi_desk *d, gi_taker *t, const char *why, int64_t now_ms);

#endif
