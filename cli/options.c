/* options.c -- the tables, and what each option does to gi_options. */
#include "cli/options.h"

#include <inttypes.h>
#include <string.h>

#include "base/duration.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/scalar.h"
#include "cli/parse.h"

/* ------------------------------------------------------------- values -- */

bool gi_parse_one_of(gi_parse *p, const char *option, const char *value,
                     const char *const *names, size_t n, int *out)
{
    gi_strbuf list = { 0 };
    const char *near = gi_nearest(value, names, n);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(value, names[i]) == 0) {
            *out = (int)i;
            gi_strbuf_fini(&list);
            return true;
        }
        gi_strbuf_printf(&list, "%s%s",
                         i == 0 ? "" : (i + 1 == n ? " or " : ", "), names[i]);
    }
    if (near != NULL)
        gi_report_add(p->r, "%s takes %s, not '%s' (did you mean '%s'?)",
                      option, list.failed ? "?" : list.at, value, near);
    else
        gi_report_add(p->r, "%s takes %s, not '%s'", option,
                      list.failed ? "?" : list.at, value);
    gi_strbuf_fini(&list);
    return false;
}

void gi_parse_duration(gi_parse *p, const char *option, const char *value,
                       uint32_t *out)
{
    if (!gi_duration_ms(value, out))
        gi_report_add(p->r,
                      "%s: '%s' is not a duration (10s, 500ms, 2m, 1h30m; a "
                      "number alone is seconds; 49 days at most)",
                      option, value);
}

bool gi_parse_number(gi_parse *p, const char *option, const char *value,
                     uint64_t least, uint64_t most, uint64_t *out)
{
    int64_t n;

    if (gi_scalar_i64(value, &n) && n >= 0 && (uint64_t)n >= least &&
        (uint64_t)n <= most) {
        *out = (uint64_t)n;
        return true;
    }
    gi_report_add(
        p->r, "%s takes a number from %" PRIu64 " to %" PRIu64 ", not '%s'",
        option, least, most, value);
    return false;
}

static void note_err(gi_parse *p, gale_err rv)
{
    if (rv == GALE_ENOMEM)
        p->rv = rv;
}

/* ------------------------------------------------------------ options -- */

void gi_take_conf(gi_parse *p, const char *value)
{
    note_err(p, gi_conf_set_pair(p->o->conf, value, "command line", p->r));
}

void gi_take_config(gi_parse *p, const char *value)
{
    p->o->files[p->o->n_files++] = value;
}

static void take_loops(gi_parse *p, const char *value)
{
    note_err(
        p, gi_conf_set(p->o->conf, "topology.worker.loops", value, "--loops"));
}

static void take_run_for(gi_parse *p, const char *value)
{
    uint32_t ms = 1;

    gi_parse_duration(p, "--run-for", value, &ms);
    if (ms == 0)
        gi_report_add(p->r,
                      "--run-for %s would not run at all (to look "
                      "without running: 'validate')",
                      value);
    p->o->run_ms = ms;
}

/* No drain at all is the shortest there is. */
static void take_drain_for(gi_parse *p, const char *value)
{
    uint32_t ms = 1;

    gi_parse_duration(p, "--drain-for", value, &ms);
    p->o->drain_ms = ms == 0 ? 1 : ms;
}

/* One given before is not forgotten: all that they say shall happen. */
static void take_faults(gi_parse *p, const char *value)
{
    static const char key[] = "topology.faults", flag[] = "--faults";
    const char *from = gi_conf_from(p->o->conf, key);
    gi_strbuf all = { 0 };
    char *text;

    if (from != NULL && strcmp(from, flag) == 0)
        gi_strbuf_printf(&all, "%s,", gi_conf_get(p->o->conf, key));
    gi_strbuf_puts(&all, value);
    text = gi_strbuf_take(&all);
    note_err(p, text == NULL ? GALE_ENOMEM
                             : gi_conf_set(p->o->conf, key, text, flag));
    gi_free(text);
}

static void take_sim(gi_parse *p, const char *value)
{
    p->o->sim = true;
    if (!gi_scalar_u64(value, &p->o->seed))
        gi_report_add(p->r,
                      "--sim: '%s' is not a seed (a number of at most 64 "
                      "bits, such as 42 or 0x2a)",
                      value);
}

static void take_history(gi_parse *p, const char *value)
{
    p->o->history = value;
}

void gi_take_json(gi_parse *p, const char *value)
{
    (void)value;
    p->o->json = true;
}

void gi_take_quiet(gi_parse *p, const char *value)
{
    (void)value;
    p->o->quiet = true;
}

static void take_progress(gi_parse *p, const char *value)
{
    (void)value;
    p->o->progress = GI_CHOOSE_ALWAYS;
}

static void take_no_progress(gi_parse *p, const char *value)
{
    (void)value;
    p->o->progress = GI_CHOOSE_NEVER;
}

void gi_take_color(gi_parse *p, const char *value)
{
    static const char *const names[] = { "auto", "always", "never" };
    int no;

    if (gi_parse_one_of(p, "--color", value, names, 3, &no))
        p->o->color = (gi_choice)no;
}

void gi_take_log_level(gi_parse *p, const char *value)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    int no;

    if (gi_parse_one_of(p, "--log-level", value, names, 4, &no))
        p->o->log_level = (gale_level)no;
}

static void take_format(gi_parse *p, const char *value)
{
    static const char *const names[] = { "text", "json", "dot" };
    int no;

    p->format = value;
    if (gi_parse_one_of(p, "--format", value, names, 3, &no))
        p->o->format = (gi_format)no;
}

void gi_take_help(gi_parse *p, const char *value)
{
    (void)value;
    p->help = true;
}

void gi_take_version(gi_parse *p, const char *value)
{
    (void)value;
    p->version = true;
}

void gi_take_nimbus(gi_parse *p, const char *value)
{
    p->o->nimbus = value;
}

void gi_take_inactive(gi_parse *p, const char *value)
{
    (void)value;
    p->o->inactive = true;
}

void gi_take_no_wait(gi_parse *p, const char *value)
{
    (void)value;
    p->o->no_wait = true;
}

static void take_timeout(gi_parse *p, const char *value)
{
    gi_parse_duration(p, "--timeout", value, &p->o->timeout_ms);
}

enum { SETTINGS, RUN, FAULTS, CLUSTER, OUTPUT, OTHER };

static const char *const heads[] = {
    [SETTINGS] = "Settings",
    [RUN] = "Running",
    [FAULTS] = "Faults and simulation",
    [CLUSTER] = "On a cluster",
    [OUTPUT] = "What is said",
    [OTHER] = "Other",
};

static const gi_option options[] = {
    { SETTINGS, 'c', "conf", "KEY=VALUE",
      "set a setting; it goes before the files, and after a component's "
      "own",
      gi_take_conf, NULL },
    { SETTINGS, 0, "config", "FILE",
      "read settings from a YAML file; of several the last one counts",
      gi_take_config, NULL },
    { RUN, 0, "run-for", "DURATION",
      "stop after this, when what is in flight is done: 10s, 500ms, 2m, "
      "1h30m; a bare number is seconds",
      take_run_for, "run" },
    { RUN, 0, "drain-for", "DURATION",
      "how long to wait at the end for trees in flight (default: the message "
      "timeout)",
      take_drain_for, "run" },
    { RUN, 0, "loops", "N",
      "threads that run tasks (default: one a core); short for -c "
      "topology.worker.loops=N",
      take_loops, NULL },
    { RUN, 0, "timeout", "DURATION",
      "with 'ask': the longest wait for the answer (default: 60s)",
      take_timeout, "ask" },
    { FAULTS, 0, "faults", "PLAN",
      "make this go wrong: drop=0.01,kill=count@3s (see 'help faults'); "
      "several add up; short for -c topology.faults=PLAN",
      take_faults, NULL },
    { FAULTS, 0, "sim", "SEED",
      "simulate: one thread, a virtual clock, all chance from the seed; the "
      "same seed gives the same run",
      take_sim, "run" },
    { FAULTS, 0, "history", "FILE", "with --sim: write every event to a file",
      take_history, "run" },
    { CLUSTER, 0, "nimbus", "URL",
      "where to submit to (default: nimbus.seeds); several with a comma "
      "between",
      gi_take_nimbus, "submit" },
    { CLUSTER, 0, "inactive", NULL,
      "with 'submit': its spouts emit nothing until 'gale activate'",
      gi_take_inactive, "submit" },
    { CLUSTER, 0, "no-wait", NULL,
      "with 'submit': do not wait until the first tuple is acked",
      gi_take_no_wait, "submit" },
    { OUTPUT, 0, "json", NULL,
      "print the answer as JSON, in one line; after a run it is the last line",
      gi_take_json, NULL },
    { OUTPUT, 0, "format", "FORMAT",
      "of 'describe': text, json or dot (Graphviz)", take_format, NULL },
    { OUTPUT, 'q', "quiet", NULL,
      "say only what went wrong: no progress, no summary", gi_take_quiet,
      NULL },
    { OUTPUT, 0, "progress", NULL,
      "say every 10 s how it goes, also if standard error is no terminal",
      take_progress, NULL },
    { OUTPUT, 0, "no-progress", NULL, "do not say how it goes while it runs",
      take_no_progress, NULL },
    { OUTPUT, 0, "color", "WHEN", "auto, always or never; auto heeds NO_COLOR",
      gi_take_color, NULL },
    { OUTPUT, 0, "log-level", "LEVEL",
      "error, warn, info (the default) or debug", gi_take_log_level, NULL },
    { OTHER, 'h', "help", NULL, "this text", gi_take_help, NULL },
    { OTHER, 0, "version", NULL, "the version of the runtime", gi_take_version,
      NULL },
};

static const gi_command commands[] = {
    { "run", GI_VERB_RUN,
      "run it here, on threads of this process (the default)", NULL, false },
    { "ask", GI_VERB_ASK,
      "run it here for one question to a DRPC stream, and print the answer",
      "[FUNCTION] [ARGS] [WORD...]", false },
    { "submit", GI_VERB_SUBMIT,
      "hand it to a cluster's Nimbus, and see it start", NULL, false },
    { "validate", GI_VERB_VALIDATE,
      "check the topology and its settings; name every mistake", NULL, false },
    { "describe", GI_VERB_DESCRIBE,
      "show components, streams and groupings, as text, JSON or a graph", NULL,
      false },
    { "settings", GI_VERB_SETTINGS,
      "every setting: its value, where that comes from, what it means", NULL,
      false },
    { "help", GI_VERB_HELP,
      "this text; 'help faults': what a plan of faults may say", NULL, false },
    { "worker", GI_VERB_WORKER, NULL, "DIR", false }, /* for supervisors */
};

const gi_tables gi_topology_tables = {
    .options = options,
    .commands = commands,
    .heads = heads,
    .n_options = sizeof(options) / sizeof(options[0]),
    .n_commands = sizeof(commands) / sizeof(commands[0]),
    .topology = true,
    .help = GI_VERB_HELP,
    .version = GI_VERB_VERSION,
};

const gi_option *gi_options_all(size_t *n)
{
    *n = gi_topology_tables.n_options;
    return options;
}

const gi_command *gi_commands_all(size_t *n)
{
    *n = gi_topology_tables.n_commands;
    return commands;
}
