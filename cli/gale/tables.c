/* tables.c -- what `gale` understands. */
#include <string.h>

#include "base/scalar.h"
#include "cli/gale/gale.h"
#include "cli/parse.h"

static void take_wait(gi_parse *p, const char *value)
{
    gi_gale *g = p->more;

    gi_parse_duration(p, "--wait", value, &g->wait_ms);
    g->wait_said = true;
}

static void take_workers(gi_parse *p, const char *value)
{
    gi_gale *g = p->more;

    gi_parse_number(p, "--workers", value, 1, 4096, &g->workers);
}

static void take_slots(gi_parse *p, const char *value)
{
    gi_parse_number(p, "--slots", value, 1, GI_GALE_SLOTS,
                    &((gi_gale *)p->more)->slots);
}

/* "split=4" */
static void take_executors(gi_parse *p, const char *value)
{
    gi_gale *g = p->more;
    const char *equals = strrchr(value, '=');
    gi_msg_recut *cut = &g->cuts[g->n_cuts];

    if (g->n_cuts == GI_GALE_CUTS) {
        gi_report_add(p->r, "--executors more than %d times",
                      (int)GI_GALE_CUTS);
        return;
    }
    if (equals == NULL || equals == value || equals - value > 255) {
        gi_report_add(p->r,
                      "--executors takes COMPONENT=NUMBER, such as split=4, "
                      "not '%s'",
                      value);
        return;
    }
    memcpy(g->cut_ids[g->n_cuts], value, (size_t)(equals - value));
    *cut = (gi_msg_recut){ .id = g->cut_ids[g->n_cuts] };
    if (gi_parse_number(p, "--executors", equals + 1, 1, 65535,
                        &cut->n_executors))
        g->n_cuts++;
}

static void take_follow(gi_parse *p, const char *value)
{
    (void)value;
    ((gi_gale *)p->more)->follow = true;
}

static void take_worker(gi_parse *p, const char *value)
{
    gi_parse_number(p, "--worker", value, 1, 65535,
                    &((gi_gale *)p->more)->port);
}

static void take_lines(gi_parse *p, const char *value)
{
    gi_parse_number(p, "--lines", value, 0, 1000000,
                    &((gi_gale *)p->more)->lines);
}

static void take_for(gi_parse *p, const char *value)
{
    gi_parse_duration(p, "--for", value, &((gi_gale *)p->more)->for_ms);
}

static void take_timeout(gi_parse *p, const char *value)
{
    gi_parse_duration(p, "--timeout", value,
                      &((gi_gale *)p->more)->timeout_ms);
}

static void take_set_aside(gi_parse *p, const char *value)
{
    (void)value;
    ((gi_gale *)p->more)->set_aside = true;
}

static void take_dir(gi_parse *p, const char *value)
{
    ((gi_gale *)p->more)->dir = value;
}

static void take_prefix(gi_parse *p, const char *value)
{
    ((gi_gale *)p->more)->prefix = value;
}

static void take_limit(gi_parse *p, const char *value)
{
    gi_gale *g = p->more;

    g->limit_said =
        gi_parse_number(p, "--limit", value, 0, INT64_MAX, &g->limit);
}

static void take_form(gi_parse *p, const char *value)
{
    static const char *const names[] = { "json", "csv" };
    int no;

    if (gi_parse_one_of(p, "--format", value, names, 2, &no))
        ((gi_gale *)p->more)->form = (gi_gale_form)no;
}

static void take_output(gi_parse *p, const char *value)
{
    ((gi_gale *)p->more)->output = value;
}

enum { SETTINGS, CHANGING, LOOKING, OUTPUT, OTHER };

static const char *const heads[] = {
    [SETTINGS] = "Settings",   [CHANGING] = "Changing", [LOOKING] = "Looking",
    [OUTPUT] = "What is said", [OTHER] = "Other",
};

#define CLIENTS                                                        \
    "submit list status workers errors logs kill activate deactivate " \
    "rebalance set-log-level upload-credentials doctor"
#define READERS "dev nimbus supervisor drpc ask settings state " CLIENTS

static const gi_option options[] = {
    { SETTINGS, 'c', "conf", "KEY=VALUE",
      "set a setting of the cluster; it goes before what the file says",
      gi_take_conf, READERS },
    { SETTINGS, 0, "config", "FILE",
      "read settings from this YAML file, in place of the usual one",
      gi_take_config, READERS },
    { SETTINGS, 0, "nimbus", "URL",
      "where Nimbus is (default: nimbus.seeds); several with a comma between",
      gi_take_nimbus, CLIENTS " supervisor" },
    { SETTINGS, 0, "slots", "N", "how many workers can run (default: 4)",
      take_slots, "dev" },
    { CHANGING, 'w', "wait", "DURATION",
      "the longest wait for what is in flight (default: the message timeout)",
      take_wait, "kill rebalance" },
    { CHANGING, 'n', "workers", "N", "how many workers", take_workers,
      "rebalance" },
    { CHANGING, 'e', "executors", "COMPONENT=N",
      "how many executors of a component; may be repeated", take_executors,
      "rebalance" },
    { CHANGING, 0, "for", "DURATION",
      "for so long, and then the level that was before", take_for,
      "set-log-level" },
    { CHANGING, 0, "inactive", NULL,
      "its spouts emit nothing until 'gale activate'", gi_take_inactive,
      "submit" },
    { CHANGING, 0, "no-wait", NULL,
      "do not wait until the first tuple is acked", gi_take_no_wait,
      "submit" },
    { CHANGING, 0, "set-damaged-aside", NULL,
      "put aside what is damaged in Nimbus' state, and start without it",
      take_set_aside, "nimbus" },
    { LOOKING, 'f', "follow", NULL, "go on, with what is printed from now on",
      take_follow, "logs" },
    { LOOKING, 0, "worker", "PORT", "only of workers at this port",
      take_worker, "logs" },
    { LOOKING, 'n', "lines", "N", "the last lines, of each (default: 20)",
      take_lines, "logs" },
    { LOOKING, 0, "timeout", "DURATION",
      "the longest wait for an answer (default: drpc.request.timeout.secs)",
      take_timeout, "ask" },
    { LOOKING, 0, "dir", "DIR",
      "where the states are (default: topology.state.dir)", take_dir,
      "state" },
    { LOOKING, 0, "prefix", "TEXT", "only keys that begin with this text",
      take_prefix, "state" },
    { LOOKING, 0, "limit", "N", "at most so many pairs", take_limit, "state" },
    { OUTPUT, 0, "format", "FORMAT",
      "of 'state NAME export': json (a line each, the default) or csv",
      take_form, "state" },
    { OUTPUT, 'o', "output", "FILE",
      "export to this file, which appears when it is complete", take_output,
      "state" },
    { OUTPUT, 0, "json", NULL,
      "print the answer as JSON; logs and pairs: one line each", gi_take_json,
      CLIENTS " settings version dev state ask" },
    { OUTPUT, 'q', "quiet", NULL,
      "say only what went wrong; 'list' and 'state': only names",
      gi_take_quiet, NULL },
    { OUTPUT, 0, "color", "WHEN", "auto, always or never; auto heeds NO_COLOR",
      gi_take_color, NULL },
    { OUTPUT, 0, "log-level", "LEVEL",
      "of daemons: error, warn, info (the default) or debug",
      gi_take_log_level, "dev nimbus supervisor drpc" },
    { OTHER, 'h', "help", NULL, "this text; behind a command: the help on it",
      gi_take_help, NULL },
    { OTHER, 0, "version", NULL, "the version", gi_take_version, NULL },
};

static const gi_command commands[] = {
#define COMMAND(verb, name, args, program, text, function) \
    { name, GI_GALE_##verb, text, args, program },
    GI_GALE_COMMANDS(COMMAND)
#undef COMMAND
};

const gi_tables gi_gale_tables = {
    .options = options,
    .commands = commands,
    .heads = heads,
    .n_options = sizeof(options) / sizeof(options[0]),
    .n_commands = sizeof(commands) / sizeof(commands[0]),
    .help = GI_GALE_HELP,
    .version = GI_GALE_VERSION,
};
