/* servers.h -- requests from DRPC servers, and what is said of them there: the
 * side of a task.
 *
 * Two lines to each server of drpc.servers: one on which it takes requests,
 * always asking for more, which is also how the server knows that it lives;
 * and one for answers, which are said again until they were heard.  Both wait
 * on threads of their own (ask.h) and wake the task, which goes on with
 * gi_servers_turn.
 *
 * A request's number here: the server's, and above GI_SERVER_BITS which server
 * it is, as all tasks of the topology number them.
 *
 * Thread  that of the task
 */
#ifndef GI_DRPC_SERVERS_H
#define GI_DRPC_SERVERS_H

#include "gale/task.h"
#include "wire/messages.h"

enum { GI_SERVER_BITS = 48, GI_SERVERS_MOST = 64 };

typedef struct gi_servers gi_servers;

/* GALE_ECONF, GALE_EINVAL: `why` says what is wrong with drpc.servers;
 * GALE_ENOMEM. */
gale_err gi_servers_open(gi_servers **out, gale_task *task, const void *owner,
                         const char *function, bool takes, gale_diag *why);
void gi_servers_close(gi_servers *s);

/* Whatever has come, and whatever can be said or asked now. */
void gi_servers_turn(gi_servers *s);

/* A request, its args to be gi_free'd; false: none. */
bool gi_servers_take(gi_servers *s, uint64_t *id, char **args, uint32_t *len);

void gi_servers_say(gi_servers *s, uint64_t id, gi_drpc_word_kind what,
                    gale_str text);

#endif
