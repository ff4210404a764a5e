/* shelf.h -- which states are there, in files: for those who look at them from
 * outside. */
#ifndef GI_STATE_SHELF_H
#define GI_STATE_SHELF_H

#include "gale/base.h"

/* Where all states are, to be gi_free'd: `place`, or else
 * $XDG_STATE_HOME/gale/state or ~/.local/state/gale/state.  GALE_EINVAL: none
 * of them says anything; GALE_ENOMEM. */
gale_err gi_shelf_home(char **out, const char *place, gale_diag *why);

typedef struct gi_shelf_state {
    char *topology, *state;
} gi_shelf_state;

typedef struct gi_shelf {
    gi_shelf_state *at; /* by topology, then by state */
    size_t n;
} gi_shelf;

/* All states below the directory, or those of one topology.  None, if there is
 * no such directory.  GALE_EIO, GALE_ENOMEM.  To be fini'd when it succeeded.
 */
gale_err gi_shelf_read(gi_shelf *s, const char *dir, const char *topology,
                       gale_diag *why);
void gi_shelf_fini(gi_shelf *s);

typedef struct gi_shelf_size {
    uint32_t parts; /* those that have something of it now */
    bool several;   /* it is in more than one, or will be: not all are made */
    uint64_t bytes; /* of all files */
} gi_shelf_size;

/* How large a state is. */
gale_err gi_shelf_measure(gi_shelf_size *size, const char *dir,
                          const gi_shelf_state *state, gale_diag *why);

#endif
