/* check.h -- is the store's file sound?  Asked in a process of its own,
 * which damage may kill.  Private to the store.
 */
#ifndef GI_NIMBUS_STORE_CHECK_H
#define GI_NIMBUS_STORE_CHECK_H

#include "gale/base.h"

/* Walk all of it: every page that is in use, every pair and their sum, and the
 * list of free pages.
 *
 * GALE_OK; GALE_ENOTFOUND: there is none; GALE_EFORMAT: it is damaged, or no
 * store of ours, and what is wrong with it in `why`; GALE_EIO: it cannot be
 * read; GALE_ENOMEM. */
gale_err gi_store_check(const char *path, gale_diag *why);

#endif
