/* main.c -- gale_main: a topology program's command line, from argv to an
 * exit code. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "gale/run.h"

/* What --help needs to know of the table, which may be wrong, or of another
 * version of the headers: members that lie beyond its end are not there. */
static void read_head(gi_cli *cli, const gale_topology *t)
{
    gale_topology head = { 0 };

    if (t != NULL && t->abi != NULL && t->abi->version >= 1 &&
        t->abi->version <= GALE_ABI_VERSION)
        memcpy(&head, t,
               t->abi->topology < sizeof(head) ? t->abi->topology
                                               : sizeof(head));
    cli->about = head.about;
    cli->args = head.args;
    if (cli->typed == NULL || cli->typed[0] == '\0')
        cli->typed = head.name == NULL ? "topology" : head.name;
    const char *slash = strrchr(cli->typed, '/');
    cli->me = slash == NULL || slash[1] == '\0' ? cli->typed : slash + 1;
}

/* The files first, in their order, then the command line. */
static gale_err read_settings(const gi_options *o, gi_conf *to, gi_report *r)
{
    gale_err rv = GALE_OK;
    const char *key;

    for (size_t i = 0; i < o->n_files; i++)
        if (gi_conf_load_yaml(to, o->files[i], r) == GALE_ENOMEM)
            return GALE_ENOMEM;
    for (size_t i = 0;
         rv == GALE_OK && (key = gi_conf_key_at(o->conf, i)) != NULL; i++)
        rv = gi_conf_set(to, key, gi_conf_get(o->conf, key),
                         gi_conf_from(o->conf, key));
    return rv;
}

/* Every mistake there is goes to `r`: those of the command line are there
 * already. */
static gale_err make_plan(gi_plan **out, gi_conf **over, const gi_options *o,
                          const gale_topology *t, gi_report *r)
{
    gale_err rv = gi_conf_create(over, NULL);

    if (rv == GALE_OK)
        rv = read_settings(o, *over, r);
    if (rv == GALE_OK)
        rv = gi_plan_create(out, t, *over, r);
    return rv;
}

static int obey(gi_cli *cli, gi_plan *plan)
{
    switch ((gi_verb)cli->o.verb) {
    case GI_VERB_RUN:
        return cli->o.sim ? gi_cli_sim(cli, plan) : gi_cli_run(cli, plan);
    case GI_VERB_VALIDATE:
        return gi_cli_valid(cli, plan);
    case GI_VERB_DESCRIBE:
        return gi_cli_describe(cli, plan);
    case GI_VERB_SETTINGS:
        return gi_cli_settings(cli, plan);
    case GI_VERB_HELP:
        return gi_cli_help(cli);
    case GI_VERB_VERSION:
        return gi_cli_version(cli);
    case GI_VERB_SUBMIT:
        return gi_cli_submit(cli, plan);
    case GI_VERB_ASK:
        return gi_cli_ask(cli, plan);
    case GI_VERB_WORKER:
        break; /* the settings are those of its duty: see gale_main */
    }
    return GI_EXIT_USAGE;
}

static int with_plan(gi_cli *cli, const gale_topology *t, gi_report *r)
{
    bool usage = !gi_report_empty(r);
    gi_plan *plan = NULL;
    gi_conf *over = NULL;
    gale_err rv = make_plan(&plan, &over, &cli->o, t, r);
    int code;

    cli->over = over;
    if (rv == GALE_OK)
        rv = gi_fault_plan_ask(&cli->faults, plan, r);
    if (rv == GALE_ENOMEM || r->dropped > 0) {
        gi_screen_say(&cli->screen, "%s", gale_err_text(GALE_ENOMEM));
        code = GI_EXIT_FAILED;
    } else if (!gi_report_empty(r)) {
        code = gi_cli_mistakes(cli, r);
        if (usage)
            gi_screen_say(&cli->screen, "see %s --help", cli->typed);
    } else if (rv != GALE_OK) {
        gi_screen_say(&cli->screen, "%s", gale_err_text(rv));
        code = GI_EXIT_FAILED;
    } else {
        code = obey(cli, plan);
    }
    gi_fault_plan_destroy(cli->faults);
    gi_plan_destroy(plan);
    gi_conf_destroy(over);
    cli->over = NULL;
    return code;
}

int gale_main(int argc, char **argv, const gale_topology *t)
{
    gi_cli cli = { .typed = argc > 0 ? argv[0] : NULL, .topology = t };
    gi_report r;
    int code;

    gi_report_init(&r);
    read_head(&cli, t);
    gale_err rv = gi_options_parse(&cli.o, argc, argv, cli.args != NULL, &r);
    gi_screen_init(&cli.screen, cli.me, cli.o.color);
    if (rv != GALE_OK) {
        gi_screen_say(&cli.screen, "%s", gale_err_text(rv));
        code = GI_EXIT_FAILED;
    } else if (cli.o.verb == GI_VERB_HELP || cli.o.verb == GI_VERB_VERSION) {
        code = obey(&cli, NULL);
    } else if (cli.o.verb == GI_VERB_WORKER && gi_report_empty(&r)) {
        code = gi_cli_worker(&cli, t);
    } else {
        code = with_plan(&cli, t, &r);
    }
    code = gi_cli_flush(&cli, code);
    gi_screen_fini(&cli.screen);
    gi_options_fini(&cli.o);
    gi_report_fini(&r);
    return code;
}
