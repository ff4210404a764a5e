/* counted.h -- up to which batch all counts, as coordinators have it on
 * record: for those who look at a topology's states from outside. */
#ifndef GI_TRIDENT_COUNTED_H
#define GI_TRIDENT_COUNTED_H

#include "gale/state.h"

/* Under which a coordinator has it on record that it leads a state, before it
 * begins the first batch. */
void gi_counted_name(char name[GALE_STATE_KEY_MOST], const char *state);

/* What the coordinator of a state has on record, in files below `dir`; the
 * least, if another one led it before.  *known: there is one.  GALE_OK;
 * GALE_EIO, GALE_EFORMAT, GALE_ENOMEM. */
gale_err gi_counted(const char *dir, const char *topology, const char *state,
                    bool *known, uint64_t *txid, gale_diag *why);

/* Is it not a state of the user's, but what coordinators, or sources, have on
 * record?  GALE_OK, or what the store's open and get say. */
gale_err gi_counted_is_record(const char *dir, const char *topology,
                              const char *state, bool *is, gale_diag *why);

#endif
