/* tail.h -- the log of a worker, asked of its supervisor. */
#ifndef GI_CLI_TAIL_H
#define GI_CLI_TAIL_H

#include "cli/client.h"

typedef struct gi_tail {
    gi_asker *asker;
    const char *topology; /* its id; borrowed */
    uint64_t port;
    uint64_t offset; /* where to go on */
    bool begun;
} gi_tail;

/* `url` is the supervisor's.  GALE_EINVAL, GALE_ENOMEM. */
gale_err gi_tail_open(gi_tail *t, const gi_client *c, const char *url,
                      const char *topology, uint64_t port);
void gi_tail_close(gi_tail *t); /* zeroed is fine */

/* The last bytes, at most `most`, at the first call; what came since, at
 * further ones.  *text has an end of line at its end if it is whole lines;
 * free it with gi_free.  What a supervisor answers; then *text is NULL. */
gale_err gi_tail_read(gi_tail *t, uint32_t most, uint32_t wait_ms, char **text,
                      gale_diag *why);

/* The next call reads from the beginning: it is another log. */
void gi_tail_from_start(gi_tail *t);

/* The last `lines` lines of a text: a pointer into it. */
const char *gi_tail_lines(const char *text, uint32_t lines);

#endif
