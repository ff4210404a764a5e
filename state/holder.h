/* holder.h -- who writes to a directory, in this process and in others.
 *
 * Another process is waited for by whoever asks again: it has to end first.
 * In this process the later one has it: a task that was killed and begun anew
 * never closed what it had, and nobody else will.  What the earlier one does
 * from then on is refused. */
#ifndef GI_STATE_HOLDER_H
#define GI_STATE_HOLDER_H

#include <pthread.h>

#include "state/part.h"

typedef struct gi_holder {
    pthread_mutex_t mtx; /* held by each call; recursive */
    gi_part *part;       /* what is closed when it is taken away; or NULL */
    bool lost;
    int lock; /* the file DIR/lock; -1 */
    uint64_t dev, ino;
    struct gi_holder *next;
} gi_holder;

/* GALE_EBUSY: another process has it; GALE_ENOTFOUND: there is no such
 * directory; GALE_EIO, GALE_ENOMEM.  Two at once for one directory: not. */
gale_err gi_hold(gi_holder **out, const char *dir, gale_diag *why);

/* Also the part, if it has one.  NULL is fine. */
void gi_hold_end(gi_holder *h);

/* Around each call.  GALE_EIO: it was taken away; then there is no `end`. */
gale_err gi_hold_begin_call(gi_holder *h, gale_diag *why);
void gi_hold_end_call(gi_holder *h);

#endif
