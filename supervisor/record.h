/* record.h -- what a supervisor has to know when it is started anew: the last
 * assignment, and what runs in which slot.
 *
 * One file, written whole: beside the old one, and renamed over it.  So there
 * is the old record or the new one, never a part; and should the disk lie
 * about that, a checksum over everything finds it.  A record that is not sound
 * is set aside, not believed: workers are then found by their cookies, and
 * orders come from Nimbus.
 *
 * It is synced for an assignment.  What runs is over when the power goes, so
 * for that no disk is waited for: workers are started anew while others write
 * to it.  Only the last incarnations that were given out may be missing then;
 * see gi_record_last.
 */
#ifndef GI_SUPERVISOR_RECORD_H
#define GI_SUPERVISOR_RECORD_H

#include "supervisor/node.h"
#include "supervisor/proc.h"

/* A process; pid 0: it was about to be started. */
typedef struct gi_recorded {
    uint64_t incarnation, began;
    int32_t pid;
    gi_placed as; /* for which order */
    bool named;   /* of one that was found: the record has this process */
} gi_recorded;

typedef struct gi_record {
    char boot[GI_BOOT_ID + 1]; /* pids and start times are of this one */
    uint64_t version;          /* of the assignment */
    uint64_t last;             /* incarnation that was given out */
    uint32_t n_placed, n_running;
    gi_placed *placed;
    gi_recorded *running;
    void *memory; /* of a record that was read: what all of it lies in */
} gi_record;

/* What is to be written of a node; strings and executors are borrowed from it.
 * GALE_ENOMEM. */
gale_err gi_record_of(gi_record *out, const gi_node *n, const char *boot);
void gi_record_fini(gi_record *r); /* zeroed is fine */

/* To bytes, free with gi_free, and back.  GALE_EFORMAT: not a record, not a
 * whole one, or not as it was written.  GALE_ENOMEM. */
gale_err gi_record_encode(const gi_record *r, char **bytes, size_t *len);
gale_err gi_record_decode(gi_record *out, const char *bytes, size_t len);

/* GALE_EIO: it may not be on the disk, but what was there before is; write it
 * all again.  GALE_ENOMEM. */
gale_err gi_record_save(const gi_record *r, const char *path);

/* Likewise, but nothing is synced: for who is there before the power goes. */
gale_err gi_record_swap(const gi_record *r, const char *path);

/* No incarnation after this one was given out: `last`, and more than that if
 * the system was started anew since. */
uint64_t gi_record_last(const gi_record *r, const char *boot);

/* GALE_ENOTFOUND: there is none.  GALE_EFORMAT: it was not sound, and is
 * PATH.broken now; `why` says so.  GALE_EIO, GALE_ENOMEM: it may be sound. */
gale_err gi_record_load(gi_record *out, const char *path, gale_diag *why);

#endif
