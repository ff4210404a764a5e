/* file.h -- small files, whole: read at once, replaced at once. */
#ifndef GI_BASE_FILE_H
#define GI_BASE_FILE_H

#include <sys/types.h>

#include "gale/base.h"

/* All of it; also where a little at a time is taken.  False: errno says why.
 */
bool gi_write_all(int fd, const void *bytes, size_t len);

/* To the disk.  False: errno says why. */
bool gi_sync(int fd);

/* Likewise the directory in which `path` stands: a new name is only on the
 * disk when that is. */
bool gi_sync_dir_of(const char *path);

/* "dir/name", to be gi_free'd; NULL without memory. */
char *gi_file_path(const char *dir, const char *name);

/* Writes it beside, and renames it into place: whoever reads sees the old
 * bytes or the new ones, whichever process dies.  When the power goes there
 * may be nothing of either; but no disk is waited for.  The file is for its
 * owner alone.
 *
 * GALE_EIO, GALE_ENOMEM; then what was there before is there. */
gale_err gi_file_swap(const char *path, const void *bytes, size_t len);

/* Likewise; and synced before it is renamed, so that it is the old bytes or
 * the new ones also when the power goes. */
gale_err gi_file_replace(const char *path, const void *bytes, size_t len);

/* As gi_file_swap, for another user, who alone may read it: made at
 * `beside`, a name on the same disk that he cannot touch, then given to him
 * and moved.  What he may have put at `path` is replaced, not followed. */
gale_err gi_file_give(const char *path, const char *beside, uid_t uid,
                      gid_t gid, const void *bytes, size_t len);

/* As gi_file_replace; and when it is done, the new name is on the disk, too.
 * GALE_EIO may also mean that all is done but that. */
gale_err gi_file_keep(const char *path, const void *bytes, size_t len);

/* All of it, into memory to be gi_free'd, with a zero byte behind it that does
 * not count.  Never waits, also if it is no file.
 *
 * GALE_ENOTFOUND; GALE_EFORMAT: it is no regular file, or longer than `most`;
 * GALE_EIO, GALE_ENOMEM. */
gale_err gi_file_read(const char *path, size_t most, char **bytes,
                      size_t *len);

#endif
