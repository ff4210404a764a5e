/* cli.h -- one call of gale_main: what it was given, and what it does. */
#ifndef GI_CLI_CLI_H
#define GI_CLI_CLI_H

#include "cli/options.h"
#include "cli/screen.h"
#include "local/faults/plan.h"

enum {
    GI_EXIT_DONE = 0,
    GI_EXIT_FAILED = 1,
    GI_EXIT_USAGE = 2,
    GI_EXIT_NOT_FOUND = 3,   /* no topology, or function, of that name */
    GI_EXIT_UNREACHABLE = 4, /* Nimbus cannot be asked */
    GI_EXIT_INTERRUPTED = 130,
};

typedef struct gi_cli {
    const char *typed;        /* as in argv[0]: "./bin/wordcount" */
    const char *me;           /* "wordcount" */
    const char *about, *args; /* of the topology, or NULL */
    const gale_topology *topology;
    gi_options o;
    gi_screen screen;
    const gi_conf *over;   /* settings above the topology's table */
    gi_fault_plan *faults; /* NULL: nothing shall go wrong */
    int unwritten; /* errno of the first write to standard output that failed;
                    * 0: there was none, or the topology's code made it */
} gi_cli;

/* Each returns an exit code. */
int gi_cli_run(gi_cli *cli, gi_plan *plan);
int gi_cli_sim(gi_cli *cli, gi_plan *plan);
int gi_cli_describe(gi_cli *cli, const gi_plan *plan);
int gi_cli_settings(gi_cli *cli, const gi_plan *plan);
int gi_cli_help(gi_cli *cli);
int gi_cli_version(gi_cli *cli);
int gi_cli_submit(gi_cli *cli, const gi_plan *plan);
int gi_cli_ask(gi_cli *cli, gi_plan *plan);
int gi_cli_worker(gi_cli *cli, const gale_topology *t);

/* After a write to standard output, before errno is another's: did it go
 * well?  gi_cli_flush says so if not. */
void gi_cli_wrote(gi_cli *cli, bool well);

/* What was printed may still sit in a buffer, and the disk may be full. */
int gi_cli_flush(gi_cli *cli, int code);

/* There are no mistakes; there are these (at least one). */
int gi_cli_valid(gi_cli *cli, const gi_plan *plan);
int gi_cli_mistakes(gi_cli *cli, const gi_report *r);

/* The text of --help: a new string, NULL without memory. */
char *gi_help_text(const char *typed, const char *me, const char *about,
                   const char *args);

/* Print a string that was made for it on standard output, with a newline if
 * it lacks one, and free it; NULL says that memory is gone. */
int gi_cli_print(gi_cli *cli, char *text);

#endif
