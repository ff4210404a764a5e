/* output.h -- the file that a worker prints into: bounded, and its last words.
 *
 * A worker writes to the end of it, whatever else happens to the file; so the
 * supervisor may cut it at any time, and a worker that floods it is neither
 * stopped nor noticed by others.
 */
#ifndef GI_SUPERVISOR_OUTPUT_H
#define GI_SUPERVISOR_OUTPUT_H

#include "gale/base.h"

/* Opens, or makes, a regular file to append to; *fd is for the caller to close
 * and *end where it ends.  GALE_EIO. */
gale_err gi_output_open(const char *path, int *fd, uint64_t *end);

/* The end of what stands there behind `from`, as a string, cut to size: whole
 * lines if there are any.  A file that is shorter was cut; then all of it
 * counts.  "" if it cannot be read. */
void gi_output_tail(const char *path, uint64_t from, char *text, size_t size);

/* A file of more than `most` bytes: its last half goes to PATH.1, and it
 * begins anew.  What is written meanwhile may be lost.  GALE_EIO. */
gale_err gi_output_trim(const char *path, uint64_t most);

#endif
