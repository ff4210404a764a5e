/* options.c -- the tables, and what each option does to gi_options. */
#include "cli/options.h"

#include <string.h>

#include "base/duration.h"
#include "base/nearest.h"
#include "base/scalar.h"
#include "cli/parse.h"

/* ------------------------------------------------------------- values -- */

/* The number of `value` among `names`; says so if it is none of them. */
static bool one_of(gi_parse *p, const char *option, const char *value,
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

static void take_duration(gi_parse *p, const char *option, const char *value,
                          uint32_t *out)
{
    if (!gi_duration_ms(value, out))
        gi_report_add(p->r,
                      "%s: '%s' is not a duration (10s, 500ms, 2m, 1h30m; a "
                      "number alone is seconds; 49 days at most)",
                      option, value);
}

static void note_err(gi_parse *p, gale_err rv)
{
    if (rv == GALE_ENOMEM)
        p->rv = rv;
}

/* ------------------------------------------------------------ options -- */

static void take_conf(gi_parse *p, const char *value)
{
    note_err(p, gi_conf_set_pair(p->o->conf, value, "command line", p->r));
}

static void take_config(gi_parse *p, const char *value)
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

    take_duration(p, "--run-for", value, &ms);
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

    take_duration(p, "--drain-for", value, &ms);
    p->o->drain_ms = ms == 0 ? 1 : ms;
}

static void take_faults(gi_parse *p, const char *value)
{
    note_err(p, gi_conf_set(p->o->conf, "topology.faults", value, "--faults"));
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

static void take_json(gi_parse *p, const char *value)
{
    (void)value;
    p->o->json = true;
}

static void take_quiet(gi_parse *p, const char *value)
{
    (void)value;
    p->o->quiet = true;
}

static void take_progress(gi_parse *p, const char *value)
{
    (void)value;
    p->o->progress = GI_ALWAYS;
}

static void take_no_progress(gi_parse *p, const char *value)
{
    (void)value;
    p->o->progress = GI_NEVER;
}

static void take_color(gi_parse *p, const char *value)
{
    static const char *const names[] = { "auto", "always", "never" };
    int no;

    if (one_of(p, "--color", value, names, 3, &no))
        p->o->color = (gi_when)no;
}

static void take_log_level(gi_parse *p, const char *value)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    int no;

    if (one_of(p, "--log-level", value, names, 4, &no))
        p->o->log_level = (gale_level)no;
}

static void take_format(gi_parse *p, const char *value)
{
    static const char *const names[] = { "text", "json", "dot" };
    int no;

    p->format = value;
    if (one_of(p, "--format", value, names, 3, &no))
        p->o->format = (gi_format)no;
}

static void take_help(gi_parse *p, const char *value)
{
    (void)value;
    p->help = true;
}

static void take_version(gi_parse *p, const char *value)
{
    (void)value;
    p->version = true;
}

static const gi_option options[] = {
    { GI_GROUP_SETTINGS, 'c', "conf", "KEY=VALUE",
      "set a setting; above the files, below a component's own", take_conf },
    { GI_GROUP_SETTINGS, 0, "config", "FILE",
      "read settings from a YAML file; the last one has the last word",
      take_config },
    { GI_GROUP_RUN, 0, "run-for", "DURATION",
      "then drain and stop: 10s, 500ms, 2m, 1h30m; a number is seconds",
      take_run_for },
    { GI_GROUP_RUN, 0, "drain-for", "DURATION",
      "how long to wait at the end for trees in flight (default: the message "
      "timeout)",
      take_drain_for },
    { GI_GROUP_RUN, 0, "loops", "N",
      "threads that run tasks (default: one a core); short for -c "
      "topology.worker.loops=N",
      take_loops },
    { GI_GROUP_FAULTS, 0, "faults", "PLAN",
      "what shall go wrong: drop=0.01,kill=count@3s (see 'help faults'); "
      "short "
      "for -c topology.faults=PLAN",
      take_faults },
    { GI_GROUP_FAULTS, 0, "sim", "SEED",
      "simulate: one thread, a virtual clock, all chance from the seed; the "
      "same seed gives the same run",
      take_sim },
    { GI_GROUP_FAULTS, 0, "history", "FILE",
      "with --sim: write every event to a file", take_history },
    { GI_GROUP_OUTPUT, 0, "json", NULL,
      "the answer as JSON on standard output, one line; after a run, the last "
      "one",
      take_json },
    { GI_GROUP_OUTPUT, 0, "format", "FORMAT",
      "of 'describe': text, json or dot (Graphviz)", take_format },
    { GI_GROUP_OUTPUT, 'q', "quiet", NULL,
      "say only what went wrong: no progress, no summary", take_quiet },
    { GI_GROUP_OUTPUT, 0, "progress", NULL,
      "a line every 10 s if standard error is no terminal", take_progress },
    { GI_GROUP_OUTPUT, 0, "no-progress", NULL, "no live line if it is one",
      take_no_progress },
    { GI_GROUP_OUTPUT, 0, "color", "WHEN",
      "auto, always or never; auto heeds NO_COLOR", take_color },
    { GI_GROUP_OUTPUT, 0, "log-level", "LEVEL",
      "error, warn, info (the default) or debug", take_log_level },
    { GI_GROUP_OTHER, 'h', "help", NULL, "this text", take_help },
    { GI_GROUP_OTHER, 0, "version", NULL, "the version of the runtime",
      take_version },
};

static const gi_command commands[] = {
    { "run", GI_VERB_RUN,
      "run it here, on threads of this process (the default)" },
    { "validate", GI_VERB_VALIDATE,
      "check the topology and its settings; name every mistake" },
    { "describe", GI_VERB_DESCRIBE,
      "show components, streams and groupings, as text, JSON or a graph" },
    { "settings", GI_VERB_SETTINGS,
      "every setting: its value, where that comes from, what it means" },
    { "help", GI_VERB_HELP,
      "this text; 'help faults': what a plan of faults may say" },
};

const gi_option *gi_options_all(size_t *n)
{
    *n = sizeof(options) / sizeof(options[0]);
    return options;
}

const gi_command *gi_commands_all(size_t *n)
{
    *n = sizeof(commands) / sizeof(commands[0]);
    return commands;
}
