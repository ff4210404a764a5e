/* main.c -- the program `gale`, from argv to an exit code. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/gale/gale.h"

static int obey(gi_gale *g)
{
    switch ((gi_gale_verb)g->cli.o.verb) {
#define OBEY(verb, name, args, program, text, function) \
    case GI_GALE_##verb:                                \
        return function(g);
        GI_GALE_COMMANDS(OBEY)
#undef OBEY
    case GI_GALE_NOTHING:
        break;
    }
    gi_screen_say(&g->cli.screen, "no command (see %s --help)", g->cli.typed);
    return GI_EXIT_USAGE;
}

static int complain(gi_gale *g, const gi_report *r)
{
    const gi_command *c = gi_tables_command(&gi_gale_tables, g->cli.o.verb);

    for (size_t i = 0; i < r->n; i++)
        gi_screen_say(&g->cli.screen, "%s", r->lines[i]);
    if (c != NULL && c->text != NULL)
        gi_screen_say(&g->cli.screen, "see %s %s --help", g->cli.typed,
                      c->name);
    else
        gi_screen_say(&g->cli.screen, "see %s --help", g->cli.typed);
    return GI_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static gi_gale g; /* zeroed, and too large for a stack */
    gi_report r;
    int code;

    g = (gi_gale){ .argc = argc, .argv = argv, .lines = 20 };
    g.cli.typed = argc > 0 && argv[0][0] != '\0' ? argv[0] : "gale";
    g.cli.me = "gale";
    signal(SIGPIPE, SIG_IGN); /* `gale list | head` is told by its write */
    gi_report_init(&r);
    gale_err rv =
        gi_tables_parse(&gi_gale_tables, &g.cli.o, &g, argc, argv, false, &r);
    gi_screen_init(&g.cli.screen, g.cli.me, g.cli.o.color);
    if (rv != GALE_OK) {
        gi_screen_say(&g.cli.screen, "%s", gale_err_text(rv));
        code = GI_EXIT_FAILED;
    } else if (!gi_report_empty(&r)) {
        code = complain(&g, &r);
    } else {
        code = obey(&g);
    }
    code = gi_cli_flush(&g.cli, code);
    gi_screen_fini(&g.cli.screen);
    gi_options_fini(&g.cli.o);
    gi_report_fini(&r);
    return code;
}
