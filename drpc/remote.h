/* remote.h -- a gale_drpc whose requests go to a server.
 *
 * Thread  any
 */
#ifndef GI_DRPC_REMOTE_H
#define GI_DRPC_REMOTE_H

#include "gale/drpc.h"

typedef struct gi_remote gi_remote;
typedef struct gi_remote_call gi_remote_call;

/* As gale_drpc_connect. */
gale_err gi_remote_create(gi_remote **out, const gale_drpc_opts *o,
                          gale_diag *why);
void gi_remote_destroy(gi_remote *r); /* NULL is fine */

/* As gale_drpc_begin and gale_drpc_finish. */
gale_err gi_remote_begin(gi_remote *r, const char *function, gale_str args,
                         gi_remote_call **out, gale_diag *why);
gale_err gi_remote_finish(gi_remote_call *c, uint32_t wait_ms, char **answer,
                          gale_diag *why);

#endif
