/* help_cmd.c -- `gale help`, and `version`. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "cli/gale/gale.h"
#include "cli/help.h"

static void put_codes(gi_strbuf *to)
{
    gi_strbuf_puts(to,
                   "\nExit codes:\n"
                   "  0    done\n"
                   "  1    failed, and said why\n"
                   "  2    a mistake on the command line or in a setting\n"
                   "  3    there is no topology, state or key of that name\n"
                   "  4    Nimbus cannot be reached\n"
                   "\nSettings are read from the first of these that is "
                   "there: --config FILE,\n$GALE_CONF_DIR/storm.yaml, "
                   "~/.config/gale/storm.yaml, /etc/gale/storm.yaml.\n"
                   "\nMore: man gale, man gale-topology\n");
}

static char *help_all(void)
{
    gi_strbuf to = { 0 };

    gi_strbuf_puts(&to,
                   "gale: stream processing on a cluster of processes\n\n"
                   "Usage: gale COMMAND [OPTION...]\n"
                   "\nExamples:\n"
                   "  gale dev\n"
                   "      a cluster on this machine, for as long as it runs\n"
                   "  gale submit ./wordcount $PWD/book.txt\n"
                   "      run that topology on it (so does ./wordcount submit "
                   "...)\n"
                   "  gale status wordcount\n"
                   "      how it goes\n"
                   "  gale rebalance wordcount -n 3 -e count=6\n"
                   "      three workers; of 'count' six executors\n"
                   "  gale kill wordcount\n"
                   "      end it, when what is in flight is done\n");
    gi_help_commands(&to, &gi_gale_tables);
    gi_help_options(&to, &gi_gale_tables, NULL);
    put_codes(&to);
    return gi_strbuf_take(&to);
}

char *gi_gale_help_text(const gi_command *of)
{
    gi_strbuf to = { 0 };

    if (of == NULL)
        return help_all();
    gi_strbuf_printf(&to, "gale %s: ", of->name);
    gi_help_flow(&to, of->text == NULL ? "" : of->text,
                 (unsigned)strlen(of->name) + 7, 2);
    gi_strbuf_printf(&to, "\nUsage: gale %s [OPTION...]%s%s\n", of->name,
                     of->args == NULL ? "" : " ",
                     of->args == NULL ? "" : of->args);
    if (of->program)
        gi_strbuf_puts(&to, "\nWhat stands behind the program is for it: its "
                            "own words, and the options of\n'PROGRAM "
                            "--help'.\n");
    gi_help_options(&to, &gi_gale_tables, of->name);
    put_codes(&to);
    return gi_strbuf_take(&to);
}

static const gi_command *command_of(const char *name)
{
    for (size_t i = 0; i < gi_gale_tables.n_commands; i++)
        if (strcmp(gi_gale_tables.commands[i].name, name) == 0)
            return &gi_gale_tables.commands[i];
    return NULL;
}

/* "gale help kill" and "gale kill --help" are the same. */
int gi_gale_help(gi_gale *g)
{
    const gi_options *o = &g->cli.o;
    const char *name = NULL;
    const gi_command *of = NULL;

    if (o->verb_at > 0)
        name = g->argv[o->verb_at];
    if (name != NULL && strcmp(name, "help") == 0)
        name = o->n_words > 0 ? o->words[0] : NULL;
    if (name != NULL) {
        const char *names[64];
        size_t n = 0;

        of = command_of(name);
        for (size_t i = 0; i < gi_gale_tables.n_commands && n < 64; i++)
            names[n++] = gi_gale_tables.commands[i].name;
        if (of == NULL) {
            const char *near = gi_nearest(name, names, n);
            gi_screen_say(&g->cli.screen, "unknown command '%s'%s%s%s", name,
                          near == NULL ? "" : " (did you mean '",
                          near == NULL ? "" : near, near == NULL ? "" : "'?)");
            return GI_EXIT_USAGE;
        }
    }
    return gi_cli_print(&g->cli, gi_gale_help_text(of));
}

int gi_gale_version(gi_gale *g)
{
    gi_strbuf to = { 0 };
    gi_json j = { 0 };

    if (g->cli.o.json) {
        gi_json_object(&j, NULL);
        gi_json_str(&j, "version", gale_version());
        gi_json_end(&j);
        return gi_cli_print(&g->cli, gi_json_take(&j));
    }
    gi_strbuf_printf(&to, "gale %s\n", gale_version());
    return gi_cli_print(&g->cli, gi_strbuf_take(&to));
}
