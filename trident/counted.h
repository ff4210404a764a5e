/* counted.h -- up to which batch all counts, as coordinators have it on
 * record: for those who look at a topology's states from outside. */
#ifndef GI_TRIDENT_COUNTED_H
#define GI_TRIDENT_COUNTED_H

#include "gale/state.h"

/* The least of all coordinators', in files below `dir`.  *known: there is one.
 * GALE_OK; GALE_EIO, GALE_EFORMAT, GALE_ENOMEM. */
gale_err gi_counted(const char *dir, const char *topology, bool *known,
                    uint64_t *txid, gale_diag *why);

/* Is it not a state of the user's, but what coordinators, or sources, have on
 * record?  GALE_OK, or what the store's open and get say. */
gale_err gi_counted_is_record(const char *dir, const char *topology,
                              const char *state, bool *is, gale_diag *why);

#endif
