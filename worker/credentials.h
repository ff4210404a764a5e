/* credentials.h -- what is secret to a topology, for its tasks to ask for.
 *
 * It may change while tasks run, so it is copied out under a lock; and what
 * was there before is wiped.
 *
 * Thread  any
 */
#ifndef GI_WORKER_CREDENTIALS_H
#define GI_WORKER_CREDENTIALS_H

#include <pthread.h>

#include "gale/base.h"

typedef struct gi_credential {
    char *key, *value;
} gi_credential;

typedef struct gi_credentials {
    pthread_mutex_t mtx; /* guards: n, at */
    uint32_t n;
    gi_credential *at;
} gi_credentials;

void gi_credentials_init(gi_credentials *c);
void gi_credentials_fini(gi_credentials *c);

/* These and no others from now on; copied.  GALE_ENOMEM: as before. */
gale_err gi_credentials_set(gi_credentials *c, const gi_credential *list,
                            uint32_t n);

/* As gale_task_credential. */
size_t gi_credentials_get(gi_credentials *c, const char *key, char *to,
                          size_t room);

#endif
