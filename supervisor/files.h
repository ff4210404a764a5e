/* files.h -- small things about files and directories that a daemon needs. */
#ifndef GI_SUPERVISOR_FILES_H
#define GI_SUPERVISOR_FILES_H

#include <sys/types.h>

#include "gale/base.h"

enum {
    GI_PATH_MOST = 4096, /* with the NUL; ... */
    GI_PATH_ROOM = 1024, /* ... what is put behind a daemon's directory */
};

/* A path, as printf writes it; "" if it is too long, and that is no file. */
void gi_path(char out[GI_PATH_MOST], const char *format, ...)
    GALE_PRINTF(2, 3);

/* The directory, and those above it.  GALE_EIO: errno says why. */
gale_err gi_dir_make(const char *path);

/* A new one for `uid`, with nothing in it.  Whatever was there goes, links but
 * not what they lead to; or if that cannot be, it is put aside.  What it is in
 * must be ours alone. GALE_EIO: errno says why. */
gale_err gi_dir_fresh(const char *path, uid_t uid, gid_t gid);

/* Others may pass through it, and not look around.  GALE_EIO. */
gale_err gi_dir_let_pass(const char *path);

/* It, and all that is in it, if it is there. */
void gi_dir_remove(const char *path);

/* A small text, cut to size and without the end of its line.  GALE_ENOTFOUND;
 * GALE_EIO. */
gale_err gi_file_text(const char *path, char *text, size_t size);

#endif
