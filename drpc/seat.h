/* seat.h -- what a task of a DRPC stream has to do with those who ask: it
 * takes their requests, or brings answers, or both.
 *
 * Requests come from a hub of this process (hub.h), or from the servers that
 * settings name (servers.h); a request's number says which one.  Nothing
 * here waits: what is said travels by itself, and is said again until it has
 * been heard.
 *
 * A task that is killed closes nothing: when it opens a seat for another
 * owner, those of the one before are shut.
 *
 * Thread  that of the task
 */
#ifndef GI_DRPC_SEAT_H
#define GI_DRPC_SEAT_H

#include "gale/drpc.h"

typedef struct gi_seat gi_seat;

/* `d` NULL: the servers.  `owner`: the same for all seats of a task, and
 * another each time that the task begins anew.  `takes`: it serves that
 * function, and is woken when there is a request; else it can only bring
 * answers.
 *
 * GALE_EINVAL, GALE_ECONF, GALE_EIO: `why` says why not; GALE_ENOMEM. */
gale_err gi_seat_open(gi_seat **out, gale_drpc *d, gale_task *task,
                      const void *owner, const char *function, bool takes,
                      gale_diag *why);
void gi_seat_close(gi_seat *s); /* NULL is fine */

/* What has come, and what can be said now: when the task is woken. */
void gi_seat_turn(gi_seat *s);

/* The next request.  Its args are to be gi_free'd.  False: none. */
bool gi_seat_take(gi_seat *s, uint64_t *id, char **args, uint32_t *len);

/* None is there, and none will come. */
bool gi_seat_ended(gi_seat *s);

void gi_seat_answer(gi_seat *s, uint64_t id, gale_str text);
void gi_seat_fail(gi_seat *s, uint64_t id, gale_str why); /* for good */
void gi_seat_note(gi_seat *s, uint64_t id, gale_str why); /* an attempt */
void gi_seat_done(gi_seat *s, uint64_t id); /* said by who took it */

#endif
