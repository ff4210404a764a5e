/* inside.h -- what the files of the DRPC server share.  Private to them. */
#ifndef GI_DRPC_SERVER_INSIDE_H
#define GI_DRPC_SERVER_INSIDE_H

#include "base/clock.h"
#include "drpc/server/daemon.h"
#include "wire/answer.h"

#define GI_DRPC_WHO "drpc"

struct event_base;
struct event;
struct evhttp;
struct evhttp_request;
struct evconnlistener;

/* One who waits for an answer, by nng or by HTTP. */
typedef struct gi_caller {
    struct gi_caller *next, **at;
    uint64_t id;
    gi_asked_for *q;
    struct evhttp_request *http;
} gi_caller;

/* A DRPC_TAKE that waits. */
typedef struct gi_taking {
    struct gi_taking *next;
    gi_asked_for *q;
    int64_t until_ms;
} gi_taking;

typedef struct gi_drpcd {
    const gi_drpc_daemon_opts *o;
    gi_secrets *secrets;
    gi_desk *desk;
    gi_answerer *calls, *takes;
    gi_caller *callers;
    gi_taking *taking;
    int64_t swept_ms; /* when those who hung up were looked for */

    int wake; /* written by the ports' threads; -1: none */
    struct event_base *base;
    struct event *woken, *timer, *stop, *term, *interrupt;
    struct evhttp *http;
    struct evconnlistener *listener;
    uint32_t accepted; /* since open files were counted */
    bool full;         /* the listener rests: too many files are open */
    uint16_t http_port;
} gi_drpcd;

/* ---- calls.c: requests by nng */

/* Whatever has come; answers that can be given; who hung up.  True: there may
 * be more. */
bool gi_drpcd_turn(gi_drpcd *d);
int64_t gi_drpcd_due(const gi_drpcd *d);

/* Ask at the desk for him: q, or http.  What is not GALE_OK he has not been
 * told. */
gale_err gi_drpcd_ask(gi_drpcd *d, const char *function, gale_str args,
                      int64_t wait_ms, gi_asked_for *q,
                      struct evhttp_request *http, gale_diag *why);

/* For the desk: tell him. */
void gi_drpcd_tell(void *d, void *caller, gale_err rv, gale_str text);

void gi_drpcd_drop_all(gi_drpcd *d);

/* Anew, since what is due may have changed. */
void gi_drpcd_set_timer(gi_drpcd *d);

/* ---- http.c */

gale_err gi_drpcd_http_open(gi_drpcd *d, gale_diag *why);
void gi_drpcd_http_close(gi_drpcd *d);
void gi_drpcd_http_tell(struct evhttp_request *r, gale_err rv, gale_str text);
void gi_drpcd_http_count(gi_drpcd *d); /* now and then */

#endif
