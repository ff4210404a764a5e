/* worker_cmd.c -- `worker DIR`: what a supervisor starts.  Everything else is
 * in the directory; see local/process/process.h. */
#include "cli/cli.h"
#include "local/process/process.h"

int gi_cli_worker(gi_cli *cli, const gale_topology *t)
{
    return gi_process_serve(t, cli->o.words[0]);
}
