/* check.h -- can a program run here?  It is asked to validate itself.
 *
 * `PROGRAM validate` with the topology's settings and words, before anything
 * depends on it: a library that is missing, another processor, a table that
 * makes no sense here.  It has little time and may not fill the disk; its last
 * words are the reason.  It runs as its workers would, in a directory of its
 * own; what it prints and its settings are out of its reach.
 *
 * Thread  the event base's
 */
#ifndef GI_SUPERVISOR_CHECK_H
#define GI_SUPERVISOR_CHECK_H

#include "supervisor/home.h"
#include "supervisor/process.h"
#include "wire/messages.h"

typedef struct gi_check gi_check;

/* `words` NULL: it can run.  Called once, from the loop; the check is to be
 * closed by then or later. */
typedef void (*gi_checked)(void *arg, const char *words);

typedef struct gi_check_opts {
    struct event_base *base;
    const gi_home *home; /* borrowed until close */
    const char *program; /* its hash */
    const gi_msg_topology *topology;
    const char *const *env;    /* as its workers have */
    const gi_account *account; /* likewise; NULL: ours; borrowed until begun */
    int64_t most_ns;           /* it may take */
    gi_checked checked;
    void *arg;
} gi_check_opts;

/* GALE_EIO: it cannot even be begun, `why` says so; GALE_ENOMEM. */
gale_err gi_check_begin(gi_check **out, const gi_check_opts *opts,
                        gale_diag *why);
void gi_check_close(gi_check *c); /* ends it; NULL is fine */

#endif
