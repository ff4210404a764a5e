/* desk.h -- where requests wait: accepted from callers, handed out to takers
 * who serve their function, answered, or given up.
 *
 *     asked --> WAITS --taken--> OUT --answered, failed--> told, gone
 *                 ^               |
 *                 +-- its taker is lost, or is done with it and no answer
 *                     came: handed out again, a bounded number of times
 *
 * Every request is told to its caller exactly once: the answer, why there is
 * none, or that its time is over; unless the caller hangs up first.
 *
 * A taker is one that serves a function, in a session.  The function belongs
 * to the first key (who that is: a topology's component) that serves it, as
 * long as a taker of that key is heard of; a new session of the same key means
 * that the old one is gone.  An answer counts whoever brings it, for who takes
 * a request and who answers it are different tasks.
 *
 * Pure: it is told the time.  Thread  one at a time
 */
#ifndef GI_DRPC_DESK_H
#define GI_DRPC_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gale/base.h"

enum {
    GI_DESK_REQUESTS = 4096, /* at the most; a power of two */
    GI_DESK_FUNCTIONS = 256,
    GI_DESK_TAKERS = 256,
    GI_DESK_NAME = 255, /* bytes of a function's name, and of a key */
};

typedef struct gi_desk gi_desk;

typedef struct gi_desk_opts {
    uint32_t queue;     /* requests of a function that may wait */
    size_t most_bytes;  /* of the arguments of one ... */
    size_t all_bytes;   /* ... and of all */
    uint32_t gives;     /* times that one is handed out, 1 at least */
    int64_t timeout_ms; /* a request that names no time has this long */
    int64_t silent_ms;  /* a taker of whom nothing is heard is lost; 0: never
                         */
    int64_t answer_ms;  /* an answer may come so much later than DONE */
    int64_t known_ms;   /* requests may wait for a function that was served
                           not longer ago than that */
    uint64_t first_id;  /* 1 at least */
    /* What came of it; `text` is borrowed.  Not to call the desk. */
    void (*tell)(void *arg, void *caller, gale_err rv, gale_str text);
    void *arg;
} gi_desk_opts;

/* A request that was handed out: `args` are borrowed until the next call. */
typedef struct gi_handed {
    uint64_t id;
    gale_str args;
} gi_handed;

gi_desk *gi_desk_create(const gi_desk_opts *o); /* NULL without memory */
void gi_desk_destroy(gi_desk *d);               /* tells nobody */

/* A request.  `caller` is what tell is handed; `wait_ms` 0: timeout_ms.
 *
 * GALE_OK: tell will be called; *id is its number, if id is not NULL.
 * GALE_ENOTFOUND: nobody serves that function, `why` says which there are;
 * GALE_ELIMIT: too large, or too many wait; GALE_EINVAL: the name is none;
 * GALE_ENOMEM. */
gale_err gi_desk_ask(gi_desk *d, const char *function, gale_str args,
                     void *caller, int64_t now_ms, int64_t wait_ms,
                     uint64_t *id, gale_diag *why);

/* The caller is gone, and is told nothing. */
void gi_desk_forget(gi_desk *d, uint64_t id);

/* -------------------------------------------------------------- takers -- */

/* `session` (not 0) serves a function, for `key`: said at first, and again to
 * be heard of.  GALE_EBUSY: another key serves it, `why` says which;
 * GALE_ELIMIT: too many takers or functions; GALE_EINVAL: a name is none;
 * GALE_ENOMEM. */
gale_err gi_desk_serve(gi_desk *d, uint64_t session, const char *key,
                       const char *function, int64_t now_ms, gale_diag *why);

/* Requests are handed out in replies that are numbered, 1, 2, ..., for each
 * session, and a reply may be lost.  `after`: the last one that has come; what
 * was handed out later waits again.  Before a take. */
void gi_desk_heard(gi_desk *d, uint64_t session, uint64_t after);

/* The number of the last one. */
uint64_t gi_desk_number(const gi_desk *d, uint64_t session);

/* At most `most` requests for that session; returns how many. */
size_t gi_desk_take(gi_desk *d, uint64_t session, gi_handed *to, size_t most,
                    int64_t now_ms);

/* Is there one for it? */
bool gi_desk_has(const gi_desk *d, uint64_t session);

/* The session is over: what it has is handed out again. */
void gi_desk_leave(gi_desk *d, uint64_t session, int64_t now_ms);

/* ------------------------------------------------------------- answers -- */

/* Of requests that are gone, or never were, nothing is done. */
void gi_desk_answer(gi_desk *d, uint64_t id, gale_str text);

/* It failed and will not be done again.  "" : what was noted says why. */
void gi_desk_fail(gi_desk *d, uint64_t id, gale_str why);

/* Why an attempt failed, should it come to nothing. */
void gi_desk_note(gi_desk *d, uint64_t id, gale_str why);

/* Its taker is done with it: the answer is here, or on its way. */
void gi_desk_done(gi_desk *d, uint64_t id, int64_t now_ms);

/* ---------------------------------------------------------------- time -- */

/* Whose time is over, is told so. */
void gi_desk_tick(gi_desk *d, int64_t now_ms);

/* When there is something to do at the latest; INT64_MAX: never. */
int64_t gi_desk_due(const gi_desk *d);

/* All that are there: nobody will answer them. */
void gi_desk_give_up(gi_desk *d, const char *why);

size_t gi_desk_requests(const gi_desk *d); /* that are not told yet */

/* The functions that are served, by number: its name, how many wait and how
 * many are out; false beyond the last. */
bool gi_desk_function(const gi_desk *d, uint32_t i, const char **name,
                      const char **key, uint32_t *waiting, uint32_t *out);

#endif
