/* mirror.h -- a Nimbus that stands by keeps the programs that the leader has,
 * so that it can lead.
 *
 * It says which it has, and hears which are there (MIRROR), kept by the leader
 * until there is a new one or a moment passed; what it lacks it fetches piece
 * by piece.  The leader, for its part, takes a topology only when one that
 * stands by has said that it has the program (daemon_programs.c).
 *
 * Thread  owner, but for what `wake` is called on
 */
#ifndef GI_NIMBUS_MIRROR_H
#define GI_NIMBUS_MIRROR_H

#include "nimbus/blobs.h"
#include "wire/secrets.h"

typedef struct gi_mirror gi_mirror;

typedef struct gi_mirror_opts {
    const char *id;            /* copied */
    gi_blobs *blobs;           /* borrowed until destroy, as are these: */
    const gi_secrets *secrets; /* NULL: none */
    bool open;
    void (*wake)(void *arg); /* there is something to do; on any thread */
    void *arg;
    void (*note)(void *arg, bool bad, const char *text); /* for the log */
} gi_mirror_opts;

gale_err gi_mirror_create(gi_mirror **out, const gi_mirror_opts *opts);
void gi_mirror_destroy(gi_mirror *m); /* NULL is fine */

/* Who leads: a url; NULL or "": nobody, or we do. */
void gi_mirror_follow(gi_mirror *m, const char *url);

/* Go on: after a wake, and when it is due. */
void gi_mirror_turn(gi_mirror *m, uint64_t now_ms);
uint64_t gi_mirror_due(const gi_mirror *m); /* UINT64_MAX: nothing is */

/* Did the leader have it, when it last said? */
bool gi_mirror_uses(const gi_mirror *m, const char *hash);

#endif
