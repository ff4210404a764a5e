/* program.h -- a program that a person named: is it a topology's? */
#ifndef GI_CLI_GALE_PROGRAM_H
#define GI_CLI_GALE_PROGRAM_H

#include "base/strbuf.h"
#include "cli/gale/gale.h"

/* Asks it for its version, which does nothing.  GI_EXIT_DONE, and *path how to
 * start it (free with gi_free); else has said why not. */
int gi_program_check(gi_gale *g, const char *name, char **path);

/* argv of `PATH submit ...`: `more` (n words, may be none), then what stood on
 * our command line: all of it but our command and the program's name, or
 * with `behind` only what stood behind that.  Free with gi_free; NULL without
 * memory. */
char **gi_program_argv(const gi_gale *g, const char *path,
                       const char *const *more, int n, bool behind);

#endif
