/* programs_inside.h -- programs that are being fetched, and those that are
 * here.  Private to programs.c and programs_kept.c. */
#ifndef GI_SUPERVISOR_PROGRAMS_INSIDE_H
#define GI_SUPERVISOR_PROGRAMS_INSIDE_H

#include "base/sha256.h"
#include "supervisor/check.h"
#include "supervisor/daemon_inside.h"

typedef enum gi_stage { GI_REHASH, GI_FETCH, GI_CHECK } gi_stage;

/* What one topology wants. */
struct gi_job {
    struct gi_job *next;
    gi_sdaemon *d;
    gi_stage stage;
    char topology[GI_TOPOLOGY_ID_MOST + 1];
    char hash[GI_SHA256_HEX + 1];
    int fd;        /* of the file or its part; -1: none yet */
    uint64_t size; /* so much of it is here */
    gi_sha256 sum;
    gi_check *check;
    bool asking, over;
};

struct gi_programs {
    gi_asker *asker;
    atomic_bool done;    /* gi_asked may be called */
    struct gi_job *jobs; /* in the order in which they were wanted */
    char (*whole)[GI_SHA256_HEX + 1]; /* verified since we began */
    uint32_t n_whole, cap_whole;
};

/* Is the file of that hash what it claims to be, as far as we know? */
bool gi_programs_whole(const struct gi_programs *p, const char *hash);
void gi_programs_verified(struct gi_programs *p, const char *hash);
void gi_programs_spoilt(struct gi_programs *p, const char *hash);

#endif
