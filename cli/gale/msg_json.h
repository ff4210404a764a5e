/* msg_json.h -- any message of wire/messages.h as JSON: names and values as
 * they are there.  So what --json prints is listed in one place. */
#ifndef GI_CLI_GALE_MSG_JSON_H
#define GI_CLI_GALE_MSG_JSON_H

#include "base/json.h"
#include "wire/msg.h"

/* One object, under `key` (NULL in a list or at the top). */
void gi_msg_json(gi_json *j, const char *key, gi_msg kind, const void *m);

#endif
