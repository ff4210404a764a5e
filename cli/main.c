/* main.c -- gale_main: a topology program's command line. */
#include <stdio.h>
#include <string.h>

#include "gale/run.h"

int gale_main(int argc, char **argv, const gale_topology *t)
{
    gale_run_opts opts = { .catch_signals = true };
    gale_diag why;
    int first = argc > 1 && strcmp(argv[1], "run") == 0 ? 2 : 1;

    if (argc > first) {
        opts.args = (const char *const *)argv + first;
        opts.n_args = (size_t)(argc - first);
    }
    gale_err rv = gale_local_run(t, &opts, NULL, &why);
    if (rv == GALE_OK)
        return 0;
    fprintf(stderr, "%s: %s\n", t->name, why.text);
    return rv == GALE_EPLAN || rv == GALE_ECONF ? 2 : 1;
}
