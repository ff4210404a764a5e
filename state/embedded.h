/* embedded.h -- gale_store_embedded from inside: where its directories are. */
#ifndef GI_STATE_EMBEDDED_H
#define GI_STATE_EMBEDDED_H

#include "state/part.h"

/* The directory of a state, to be gi_free'd: DIR/TOPOLOGY/STATE, DIR being
 * `place`, or what the setting topology.state.dir says, or gi_shelf_home's.
 * GALE_EINVAL, GALE_ENOMEM. */
gale_err gi_embedded_dir(char **out, const gale_store_where *where,
                         gale_diag *why);

/* What settings say about a part. */
void gi_embedded_opts(gi_part_opts *opts, const gale_store_where *where);

#endif
