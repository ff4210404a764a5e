/* make.h -- parts that come to be, and go: made anew, out of other parts when
 * the number of parts was changed; outdated ones removed. */
#ifndef GI_STATE_MAKE_H
#define GI_STATE_MAKE_H

#include "state/layout.h"
#include "state/part.h"

/* Who may write?  The file DIR/lock, locked.  GALE_EBUSY: somebody else has it
 * (with `waits`: who is at it is waited for); GALE_ENOTFOUND: there is no such
 * directory; GALE_EIO, GALE_ENOMEM. */
gale_err gi_lock(int *fd, const char *dir, bool waits, gale_diag *why);

/* Make the directory `dir`, and those above it. */
gale_err gi_make_dirs(const char *dir, gale_diag *why);

/* Make a part in the state's directory, with what the parts of the layout have
 * of its groups; nothing of it is seen before it is whole.  The state's lock
 * is held.  GALE_EBUSY: somebody still writes to one of them. */
gale_err gi_part_make(const char *dir, const gi_layout *l,
                      const gi_place *place, gale_diag *why);

/* Remove what is outdated, and what was left half made or half removed, but
 * what somebody still has open for writing.  The state's lock is held.  What
 * cannot be removed stays: it does no harm. */
void gi_parts_tidy(const char *dir, const gi_layout *l);

#endif
