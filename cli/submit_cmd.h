/* submit_cmd.h -- `submit`: a topology program hands itself to a cluster. */
#ifndef GI_CLI_SUBMIT_CMD_H
#define GI_CLI_SUBMIT_CMD_H

#include "cli/await.h"
#include "cli/client.h"

/* Look until it does what it shall, and show how it comes up; if a worker
 * does not, its last words.  *took_ms is how long it took.  An exit code. */
int gi_submit_wait(gi_client *c, const char *name, const gi_await *a,
                   uint32_t *took_ms);

#endif
