/* help.c -- `--help`: what this program does and how to ask for it, from the
 * tables of options.c. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "gale/sim.h"

enum { WIDTH = 79, MARGIN = 2, COLUMN = 26 };

/* Words from column `col` on, broken before WIDTH; later lines are indented.
 */
void gi_help_flow(gi_strbuf *to, const char *s, unsigned col, unsigned indent)
{
    bool first = true;

    while (*s != '\0') {
        size_t n = strcspn(s, " ");

        if (!first && col + 1 + n > WIDTH) {
            gi_strbuf_printf(to, "\n%*s", (int)indent, "");
            col = indent;
        } else if (!first) {
            gi_strbuf_putc(to, ' ');
            col++;
        }
        gi_strbuf_add(to, s, n);
        col += (unsigned)n;
        s += n + strspn(s + n, " ");
        first = false;
    }
    gi_strbuf_putc(to, '\n');
}

/* What is to be typed on the left, what it means on the right. */
void gi_help_entry(gi_strbuf *to, const char *left, unsigned column,
                   const char *text)
{
    size_t width = strlen(left) + MARGIN;

    gi_strbuf_printf(to, "%*s%s", MARGIN, "", left);
    if (width + 2 > column) {
        gi_strbuf_putc(to, '\n');
        width = 0;
    }
    gi_strbuf_printf(to, "%*s", (int)(column - width), "");
    gi_help_flow(to, text, column, column);
}

static void put_usage(gi_strbuf *to, const char *typed, const char *args)
{
    gi_strbuf_printf(to, "Usage: %s [run] [OPTION...]%s%s\n", typed,
                     args == NULL ? "" : " [--] ", args == NULL ? "" : args);
    gi_strbuf_printf(to, "       %s COMMAND [OPTION...]\n", typed);
}

static void example(gi_strbuf *to, const char *typed, const char *rest,
                    const char *text)
{
    gi_strbuf_printf(to, "  %s%s\n      ", typed, rest);
    gi_help_flow(to, text, 6, 6);
}

static void put_examples(gi_strbuf *to, const char *typed, const char *me,
                         const char *args)
{
    char rest[256], words[128] = "";

    if (args != NULL)
        snprintf(words, sizeof(words), " %s", args);
    gi_strbuf_puts(to, "\nExamples:\n");
    example(to, typed, words, "run it here, on every core, to the end");
    snprintf(rest, sizeof(rest), " --run-for 10s --loops 1%s", words);
    example(to, typed, rest, "ten seconds on one thread, then drain and stop");
    snprintf(rest, sizeof(rest), " -c topology.max.spout.pending=500%s",
             words);
    example(to, typed, rest, "no more than 500 trees in flight a spout task");
    snprintf(rest, sizeof(rest), " --sim 42 --faults drop=0.01%s", words);
    example(to, typed, rest,
            "simulate it from seed 42, and lose a tuple in a hundred");
    snprintf(rest, sizeof(rest), " describe --format dot | dot -Tsvg >%s.svg",
             me);
    example(to, typed, rest, "draw it");
    snprintf(rest, sizeof(rest), " settings");
    example(to, typed, rest, "what can be set, and what it is now");
}

void gi_help_commands(gi_strbuf *to, const gi_tables *t)
{
    enum { MOST = 22 };
    size_t column = 0;
    char left[128];

    for (size_t i = 0; i < t->n_commands; i++) {
        size_t n = strlen(t->commands[i].name) + MARGIN + 2;
        if (t->commands[i].text != NULL && n > column && n <= MOST)
            column = n;
    }
    gi_strbuf_puts(to, "\nCommands:\n");
    for (size_t i = 0; i < t->n_commands; i++) {
        const gi_command *c = &t->commands[i];
        if (c->text == NULL)
            continue;
        snprintf(left, sizeof(left), "%s", c->name);
        gi_help_entry(to, left, (unsigned)column, c->text);
    }
}

static void put_option(gi_strbuf *to, const gi_option *o)
{
    char left[64], letter[8] = "    ";

    if (o->letter != '\0')
        snprintf(letter, sizeof(letter), "-%c, ", o->letter);
    snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name,
             o->arg == NULL ? "" : " ", o->arg == NULL ? "" : o->arg);
    gi_help_entry(to, left, COLUMN, o->text);
}

void gi_help_options(gi_strbuf *to, const gi_tables *t, const char *command)
{
    unsigned group = UINT_MAX;

    for (size_t i = 0; i < t->n_options; i++) {
        const gi_option *o = &t->options[i];
        if (command != NULL && !gi_option_goes(o, command))
            continue;
        if (o->group != group)
            gi_strbuf_printf(to, "\n%s:\n", t->heads[o->group]);
        group = o->group;
        put_option(to, o);
    }
}

static void put_notes(gi_strbuf *to, const char *args)
{
    gi_strbuf_puts(to, "\nOptions may stand anywhere; --run-for=10s will do, "
                       "too.\n");
    if (args != NULL)
        gi_strbuf_puts(to,
                       "Behind '--' everything is a word for the topology; "
                       "so is a command's name\nthat is not the first "
                       "word.\n");
    gi_strbuf_puts(
        to, "Ctrl-C (or SIGTERM) stops the spouts and drains; a second one "
            "stops at once.\n"
            "\nExit codes:\n"
            "  0    done: every tree was completed, also after one Ctrl-C\n"
            "  1    failed: a component refused to start, trees were left, "
            "I/O\n"
            "  2    a mistake on the command line, in a setting or in the "
            "topology\n"
            "  4    submit: Nimbus cannot be reached\n"
            "  130  interrupted twice\n"
            "\nMore: man gale-topology\n");
}

char *gi_help_text(const char *typed, const char *me, const char *about,
                   const char *args)
{
    gi_strbuf to = { 0 };
    gi_strbuf head = { 0 };

    gi_strbuf_printf(&head, "%s: %s", me,
                     about == NULL ? "a stream-processing topology" : about);
    if (!head.failed)
        gi_help_flow(&to, head.at, 0, MARGIN);
    to.failed = to.failed || head.failed;
    gi_strbuf_fini(&head);

    gi_strbuf_putc(&to, '\n');
    put_usage(&to, typed, args);
    put_examples(&to, typed, me, args);
    gi_help_commands(&to, &gi_topology_tables);
    gi_help_options(&to, &gi_topology_tables, NULL);
    put_notes(&to, args);
    return gi_strbuf_take(&to);
}

static bool is_command(const char *word)
{
    size_t n;
    const gi_command *all = gi_commands_all(&n);

    for (size_t i = 0; i < n; i++)
        if (all[i].text != NULL && strcmp(word, all[i].name) == 0)
            return true;
    return false;
}

/* "help faults" is about them; commands are all on the one page. */
int gi_cli_help(gi_cli *cli)
{
    static const char *const topics[] = { "faults" };
    const char *about = cli->o.topic ? cli->o.words[0] : NULL;

    if (about != NULL && strcmp(about, topics[0]) == 0)
        return gi_cli_print(cli, gi_strdup(gale_faults_help()));
    if (about != NULL && !is_command(about)) {
        const char *near = gi_nearest(about, topics, 1);

        gi_screen_say(&cli->screen, "there is no help on '%s'%s%s", about,
                      near == NULL ? "" : " (did you mean 'faults'?)",
                      near == NULL ? "; there are 'help' and 'help faults'"
                                   : "");
        return GI_EXIT_USAGE;
    }
    return gi_cli_print(
        cli, gi_help_text(cli->typed, cli->me, cli->about, cli->args));
}

int gi_cli_version(gi_cli *cli)
{
    gi_strbuf to = { 0 };

    gi_strbuf_printf(&to, "%s, on Gale %s\n", cli->me, gale_version());
    return gi_cli_print(cli, gi_strbuf_take(&to));
}
