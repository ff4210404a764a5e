/* help.h -- the parts that every program's --help is put together from. */
#ifndef GI_CLI_HELP_H
#define GI_CLI_HELP_H

#include "base/strbuf.h"
#include "cli/options.h"

/* Words from column `col` on, broken before the 80th; later lines are
 * indented. */
void gi_help_flow(gi_strbuf *to, const char *s, unsigned col, unsigned indent);

/* What is to be typed on the left, from `column` on what it means. */
void gi_help_entry(gi_strbuf *to, const char *left, unsigned column,
                   const char *text);

void gi_help_commands(gi_strbuf *to, const gi_tables *t);

/* In groups; `command` not NULL: only those that go with it. */
void gi_help_options(gi_strbuf *to, const gi_tables *t, const char *command);

#endif
