/* state.h -- what the files of `gale state` share. */
#ifndef GI_CLI_GALE_STATE_H
#define GI_CLI_GALE_STATE_H

#include "cli/gale/gale.h"
#include "state/shelf.h"
#include "state/view.h"

typedef struct gi_states {
    gi_gale *g;
    char *dir; /* where all states are */
    gi_shelf shelf;
} gi_states;

/* A state of the shelf as it is after some batch; to be fini'd when it
 * succeeded. */
gale_err gi_states_view(const gi_states *s, const gi_shelf_state *state,
                        gi_view *v, gale_diag *why);

/* Say so, if it could not be seen after any batch. */
void gi_states_warn(const gi_states *s, const gi_shelf_state *state,
                    const gi_view *v);

/* Say why not, unless it is standard output, of which gi_cli_flush speaks; an
 * exit code. */
int gi_states_failed(const gi_states *s, gale_err e, const gale_diag *why);

/* Which states there are. */
int gi_states_list(const gi_states *s);

/* `get`, of so many keys as typed; `scan` and `export`. */
int gi_states_get(const gi_states *s, const gi_shelf_state *state,
                  const char *const *keys, size_t n);
int gi_states_scan(const gi_states *s, const gi_shelf_state *state);
int gi_states_export(const gi_states *s, const gi_shelf_state *state);

#endif
