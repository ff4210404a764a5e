/* duty.h -- what a worker shall do, in a file that its supervisor writes.
 *
 * A worker's directory holds
 *
 *     duty       its orders: a gi_msg_duty and a CRC-32C, renamed into place
 *     progress   what it has to say (progress.h)
 *
 * A file, since workers outlive supervisors: nothing breaks when one goes, and
 * the next one goes on writing.  The worker watches the directory.
 */
#ifndef GI_WIRE_DUTY_H
#define GI_WIRE_DUTY_H

#include "wire/msg.h"

#define GI_DUTY_FILE     "duty"
#define GI_PROGRESS_FILE "progress"

enum { GI_DUTY_MOST = 16 << 20 }; /* bytes of the file */

/* The bytes of the file.  Reading believes nothing; see gi_duty_read. */
gale_err gi_duty_encode(const gi_msg_duty *duty, char **bytes, size_t *len);
gale_err gi_duty_decode(gi_msg_duty *out, const void *bytes, size_t len,
                        gi_pool *pool, gale_diag *why);

/* GALE_EIO, GALE_ENOMEM; then what was there before is there. */
gale_err gi_duty_write(const char *dir, const gi_msg_duty *duty);

/* All of it lies in `pool`.  GALE_ENOTFOUND, GALE_EIO, GALE_EFORMAT,
 * GALE_ENOMEM. */
gale_err gi_duty_read(gi_msg_duty *out, const char *dir, gi_pool *pool,
                      gale_diag *why);

/* A descriptor that becomes readable when the duty in `dir` may be another
 * one; gi_duty_seen empties it.  Close it by close().  GALE_EIO. */
gale_err gi_duty_watch(const char *dir, int *fd);
void gi_duty_seen(int fd);

#endif
