/* duty.h -- what a worker shall do, in a file that its supervisor writes.
 *
 * A worker's directory holds
 *
 *     duty       its orders: a gi_msg_duty and a CRC-32C, renamed into place
 *     bell       at which it waits, and which is rung when there is a duty
 *     progress   what it has to say (progress.h)
 *
 * Files, since workers outlive supervisors: nothing breaks when one goes, and
 * the next one goes on writing.  The worker looks whether the duty is another
 * file when its bell is rung (base/bell.h), and now and then by itself.
 */
#ifndef GI_WIRE_DUTY_H
#define GI_WIRE_DUTY_H

#include <sys/types.h>

#include "wire/msg.h"

#define GI_DUTY_FILE     "duty"
#define GI_BELL_FILE     "bell"
#define GI_PROGRESS_FILE "progress"

enum { GI_DUTY_MOST = 16 << 20 }; /* bytes of the file */

/* The bytes of the file.  Reading believes nothing; see gi_duty_read. */
gale_err gi_duty_encode(const gi_msg_duty *duty, char **bytes, size_t *len);
gale_err gi_duty_decode(gi_msg_duty *out, const void *bytes, size_t len,
                        gi_pool *pool, gale_diag *why);

/* For whoever lives; it may be gone when the power goes, and no disk is waited
 * for.  Here and below who waits for it is told.  GALE_EIO, GALE_ENOMEM; then
 * what was there before is there. */
gale_err gi_duty_write(const char *dir, const gi_msg_duty *duty);

/* Likewise, to be there also when the power has gone. */
gale_err gi_duty_keep(const char *dir, const gi_msg_duty *duty);

/* As gi_duty_write, in a directory that is another user's, who may do what he
 * likes in it: the file is made at `beside`, where he cannot get at it, given
 * to him, and only then moved. */
gale_err gi_duty_give(const char *dir, const char *beside, uid_t uid,
                      gid_t gid, const gi_msg_duty *duty);

/* Hangs up the bell of who lives in `dir`; < 0: there can be none. */
int gi_duty_bell(const char *dir);

/* All of it lies in `pool`.  GALE_ENOTFOUND, GALE_EIO, GALE_EFORMAT,
 * GALE_ENOMEM. */
gale_err gi_duty_read(gi_msg_duty *out, const char *dir, gi_pool *pool,
                      gale_diag *why);

/* Is the duty in `dir` another file than the one that was seen last?  *seen is
 * that one, held open so that no other can pass for it: < 0 at first, and to
 * be closed in the end.  False also if there is none. */
bool gi_duty_is_new(const char *dir, int *seen);

#endif
