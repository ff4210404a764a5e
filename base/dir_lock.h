/* dir_lock.h -- one daemon a directory.
 *
 * The file `lock` in it is locked while the daemon lives, however it ends, and
 * holds its process number for who comes second.
 */
#ifndef GI_BASE_DIR_LOCK_H
#define GI_BASE_DIR_LOCK_H

#include "gale/base.h"

/* Make the directory, and those above it, if they are not there, and take it.
 * `who` is for messages, "Nimbus".  *fd is to be closed.
 *
 * GALE_ELIMIT: somebody has it, `why` says who; GALE_EIO, GALE_ENOMEM. */
gale_err gi_dir_lock(int *fd, const char *dir, const char *who,
                     gale_diag *why);

#endif
