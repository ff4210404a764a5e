/* dial.h -- a socket that is connected to Redis. */
#ifndef GI_REDIS_DIAL_H
#define GI_REDIS_DIAL_H

#include "connectors/redis/opts.h"

/* Wait for `events` (poll) until `until_ms`.  What came; 0: the time is over;
 * -1: errno. */
int gi_redis_wait(int fd, short events, int64_t until_ms);

/* Not blocking.  -1: *wrong is why, a word of the C library's. */
int gi_redis_dial(const gi_redis_opts *o, const char **wrong);

#endif
