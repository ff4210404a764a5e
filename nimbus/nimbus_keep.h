/* nimbus_keep.h -- one topology as Nimbus knows and keeps it.  Private.
 *
 * What is kept is a message (gi_msg_kept_topology); beside it stands the same
 * as life.h and the scheduler want it.  Once it is part of the state it is
 * never changed: a decision copies it, changes the copy, stores that, and puts
 * it in the place of the old one.
 */
#ifndef GI_NIMBUS_NIMBUS_KEEP_H
#define GI_NIMBUS_NIMBUS_KEEP_H

#include "base/pool.h"
#include "base/strbuf.h"
#include "nimbus/life.h"
#include "nimbus/store/store.h"
#include "wire/msg.h"

/* So large that everything that is kept of a topology stays below
 * GI_STORE_VALUE_MOST. */
enum {
    GI_NAME_MOST = 128, /* letters of a topology's name */
    GI_NODE_MOST = 64,  /* of a supervisor's */
    GI_HOST_MOST = 128, /* of its host's */
    GI_MACHINE_MOST = 32,
    GI_EXECUTORS_MOST = 5000,
    GI_WORKERS_MOST = 1000,
    GI_SUBMIT_BYTES_MOST = 96 << 10, /* settings, words, components */
    GI_CREDENTIALS_MOST = 256,
    GI_CREDENTIAL_KEY_MOST = 255,
    GI_CREDENTIALS_BYTES_MOST = 32 << 10, /* keys and values */
};

#define GI_KEY_CLUSTER  "cluster"
#define GI_KEY_TOPOLOGY "topology/"
#define GI_KEY_ASIDE    "aside/"

typedef struct gi_kept {
    gi_pool pool; /* the memory of all this but `now`, and of itself */
    gi_msg_kept_topology m; /* but for life and assignment: see below */
    gi_life life;
    gi_assignment *now;       /* NULL: none yet */
    gi_component *components; /* those of m */
    gi_talk *talks;
} gi_kept;

/* From bytes of the store; believes nothing.  GALE_EFORMAT, GALE_ENOMEM. */
gale_err gi_kept_read(gi_kept **out, const void *bytes, size_t len,
                      gale_diag *why);
void gi_kept_write(gi_strbuf *out, const gi_kept *k, gi_pool *scratch);

/* From what somebody submits: `m` but for life and assignment, which begin
 * anew.  All of it copied. */
gale_err gi_kept_create(gi_kept **out, const gi_msg_kept_topology *m,
                        bool active, gale_diag *why);
gale_err gi_kept_copy(gi_kept **out, const gi_kept *k);
void gi_kept_destroy(gi_kept *k); /* NULL is fine */

/* Call when m.components were changed. */
void gi_kept_recut(gi_kept *k);

/* Do they make sense?  Else in `why` all that is wrong.  GALE_EINVAL,
 * GALE_ELIMIT, GALE_ENOMEM. */
gale_err gi_kept_check(const gi_msg_kept_topology *m, gale_diag *why);

/* Likewise what a rebalance of it asks for. */
gale_err gi_kept_check_rebalance(const gi_kept *k, const gi_msg_rebalance *r,
                                 gale_diag *why);

/* May this be a topology's name?  Else in `why` what may. */
gale_err gi_name_check(const char *name, gale_diag *why);

#endif
