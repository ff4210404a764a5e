/* files.h -- small things about files and directories that a daemon needs. */
#ifndef GI_SUPERVISOR_FILES_H
#define GI_SUPERVISOR_FILES_H

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

/* Whatever is in it goes, links but not what they lead to; it stays, or is
 * made.  GALE_EIO: errno says why. */
gale_err gi_dir_clear(const char *path);

/* It, and all that is in it, if it is there. */
void gi_dir_remove(const char *path);

/* A small text, cut to size and without the end of its line.  GALE_ENOTFOUND;
 * GALE_EIO. */
gale_err gi_file_text(const char *path, char *text, size_t size);

#endif
