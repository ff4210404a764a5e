/* end.h -- the end of a run or a simulation: sum up, and the exit code. */
#ifndef GI_CLI_END_H
#define GI_CLI_END_H

#include "cli/cli.h"
#include "cli/tally.h"

typedef struct gi_end {
    const gi_plan *plan;
    gi_worker *worker;
    gi_faults *faults;       /* NULL: there are none */
    const gi_tally_sim *sim; /* NULL: it was no simulation */
    gale_err rv;
    const char *why; /* in words; "" if that is all there is to say */
    int seen;        /* how often somebody interrupted */
} gi_end;

/* Returns the exit code. */
int gi_cli_end(gi_cli *cli, const gi_end *e);

/* "draining: ... in flight; press Ctrl-C again to stop at once" */
void gi_cli_tell_interrupt(gi_cli *cli, const gale_run_result *r);

#endif
