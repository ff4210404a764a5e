/* servers_inside.h -- what the files of servers.h share.  Private to them. */
#ifndef GI_DRPC_SERVERS_INSIDE_H
#define GI_DRPC_SERVERS_INSIDE_H

#include <stdatomic.h>

#include "drpc/place.h"
#include "drpc/servers.h"
#include "wire/ask.h"

/* Something to be said, its text behind it. */
typedef struct gi_word {
    struct gi_word *next;
    uint64_t id;
    gi_drpc_word_kind what;
    gale_str text;
} gi_word;

/* A line to a server. */
typedef struct gi_server_line {
    gi_asker *asker;   /* NULL: not needed yet */
    bool under_way;    /* something was asked ... */
    atomic_bool there; /* ... and this came of it */
    int64_t again_ms;  /* not before that */
    int64_t logged_ms; /* what is wrong was said last */
} gi_server_line;

typedef struct gi_server {
    struct gi_servers *of;
    char url[GI_PLACE_URL];
    gi_server_line takes, says;
    uint64_t after; /* the last reply */
    gi_word *first, *last;
    uint32_t n_words, n_sent; /* of the first, that are being said */
    size_t bytes;
} gi_server;

/* A request that was taken. */
typedef struct gi_taken {
    struct gi_taken *next;
    uint64_t id;
    uint32_t len;
    char *args;
} gi_taken;

struct gi_servers {
    struct gi_servers *more; /* of this process */
    gale_task *task;
    const void *owner; /* see seat.h */
    char function[256], key[256];
    uint64_t session; /* 0: it does not take */
    gi_taken *first, **last;
    uint32_t n_taken;
    uint32_t n;
    gi_server servers[];
};

/* The line's asker, made if there is none; NULL: not now. */
gi_asker *gi_server_asker(gi_server *v, gi_server_line *l);

/* What was asked came to `e`: not before a while again, and said now and
 * then. */
void gi_server_wrong(gi_server *v, gi_server_line *l, gale_err e,
                     const char *why);

void gi_server_done(void *line_task); /* for gi_ask_begin */

/* servers_say.c */
void gi_server_say_turn(gi_server *v);
void gi_server_say_rest(gi_server *v); /* before the end, for a moment */

#endif
