/* hub.h -- what is behind a gale_drpc: a desk that threads share.
 *
 * Thread  any
 */
#ifndef GI_DRPC_HUB_H
#define GI_DRPC_HUB_H

#include "drpc/desk.h"
#include "gale/drpc.h"

/* A stream of that function was defined, and will serve it: requests may wait
 * for it from now on.  GALE_ELIMIT; GALE_EINVAL, also if `d` leads to a
 * server. */
gale_err gi_hub_expect(gale_drpc *d, const char *function);

/* A task begins to take requests; it is woken when there are some.  What it
 * took before, if it began once already, is handed out again.  Errors as of
 * gi_desk_serve. */
gale_err gi_hub_open(uint64_t *session, gale_drpc *d, const char *function,
                     gale_task *task, gale_diag *why);
void gi_hub_close(gale_drpc *d, uint64_t session);

/* A request, its args to be gi_free'd; false: none. */
bool gi_hub_take(gale_drpc *d, uint64_t session, uint64_t *id, char **args,
                 uint32_t *len);

/* None is there, and none will come. */
bool gi_hub_ended(gale_drpc *d);

/* Whoever takes requests is gone for good: nothing is answered any more. */
void gi_hub_give_up(gale_drpc *d, const char *why);

void gi_hub_answer(gale_drpc *d, uint64_t id, gale_str text);
void gi_hub_fail(gale_drpc *d, uint64_t id, gale_str why);
void gi_hub_note(gale_drpc *d, uint64_t id, gale_str why);
void gi_hub_done(gale_drpc *d, uint64_t id);

#endif
