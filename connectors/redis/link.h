/* link.h -- a connection to Redis: commands go out, answers come in order.
 *
 * hiredis reads what comes; what goes is written here, and so is the waiting,
 * so that nothing takes longer than the timeout without a byte moving, no
 * answer is larger than it may be, and a peer that is gone is no signal.
 *
 * After GALE_EIO the connection is gone, and what was asked on it may have
 * happened or not. */
#ifndef GI_REDIS_LINK_H
#define GI_REDIS_LINK_H

#include <hiredis/hiredis.h>

#include "connectors/redis/opts.h"
#include "state/codec.h"

typedef struct gi_redis_link {
    const gi_redis_opts *o;
    int fd; /* -1: there is no connection */
    redisReader *reader;
    gi_bytes out; /* to be sent */
    size_t sent;
    redisReply **in; /* answers that nobody took yet */
    size_t first, n, cap;
    size_t since; /* bytes of an answer that is not whole */
    bool no_memory;
    char reason[128]; /* why the connection is gone */
} gi_redis_link;

/* No answer is larger; less in tests. */
extern size_t gi_redis_answer_most;

/* Connect, and say who we are.  GALE_EIO; GALE_EINVAL: it wants a password, or
 * another one, or has no such database; GALE_ENOMEM. */
gale_err gi_redis_connect(gi_redis_link *l, const gi_redis_opts *o,
                          gale_diag *why);
void gi_redis_hang_up(
    gi_redis_link *l); /* one that is not connected is fine */

/* A command of so many words, and each of them; what fails is told by
 * gi_redis_hear. */
void gi_redis_say(gi_redis_link *l, size_t words);
void gi_redis_word(gi_redis_link *l, gale_str word);
void gi_redis_text(gi_redis_link *l, const char *word);

/* The next answer, to be freed with freeReplyObject; an error of Redis' is an
 * answer.  GALE_EIO, GALE_ENOMEM: the connection is gone. */
gale_err gi_redis_hear(gi_redis_link *l, redisReply **answer, gale_diag *why);

/* The same for an answer that is not looked at but for being an error. */
gale_err gi_redis_hear_ok(gi_redis_link *l, gale_diag *why);

/* What an answer that is an error means: GALE_EINVAL: who we are, or what we
 * may, is wrong; GALE_EFORMAT: a key has another type; GALE_EIO. */
gale_err gi_redis_refused(const gi_redis_link *l, const redisReply *answer,
                          gale_diag *why);

/* "redis NAME: ..." */
gale_err gi_redis_failed(const gi_redis_link *l, gale_err e, gale_diag *why,
                         const char *format, ...) GALE_PRINTF(4, 5);

#endif
