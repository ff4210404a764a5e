/* gale.h -- one call of the program `gale`: what it was given, and its
 * commands. */
#ifndef GI_CLI_GALE_GALE_H
#define GI_CLI_GALE_GALE_H

#include "cli/cli.h"
#include "wire/messages.h"

/* X(verb, name, arguments or NULL, the first is a program, text, function);
 * without a text it is not for people. */
// clang-format off
#define GI_GALE_COMMANDS(X)                                                   \
    X(DEV, "dev", "[PROGRAM] [WORD...]", true,                                \
      "a whole cluster on this machine, until Ctrl-C; with PROGRAM, submit "  \
      "that to it",                                                           \
      gi_gale_dev)                                                            \
    X(NIMBUS, "nimbus", NULL, false,                                          \
      "run Nimbus, which decides what runs where", gi_gale_nimbus)            \
    X(SUPERVISOR, "supervisor", NULL, false,                                  \
      "run this node's supervisor, which keeps workers running",              \
      gi_gale_supervisor)                                                     \
    X(DRPC, "drpc", NULL, false,                                              \
      "run a DRPC server, which hands questions to topologies",               \
      gi_gale_drpc)                                                           \
    X(ASK, "ask", "[FUNCTION] [ARGS]", false,                                 \
      "ask a running topology by DRPC, and print its answer as JSON; without "\
      "words: the functions that there are",                                  \
      gi_gale_ask)                                                            \
    X(SUBMIT, "submit", "PROGRAM [WORD...]", true,                            \
      "hand a topology's program to the cluster, and see it start",           \
      gi_gale_submit)                                                         \
    X(LIST, "list", NULL, false,                                              \
      "the topologies of the cluster", gi_gale_list)                          \
    X(STATUS, "status", "[NAME]", false,                                      \
      "the cluster; or one topology, its components and its workers",         \
      gi_gale_status)                                                         \
    X(WORKERS, "workers", "[NAME]", false,                                    \
      "worker processes: where they run, since when, what is wrong with them",\
      gi_gale_workers)                                                        \
    X(ERRORS, "errors", "NAME", false,                                        \
      "the last errors that components reported, and why workers ended",      \
      gi_gale_errors)                                                         \
    X(LOGS, "logs", "NAME", false,                                            \
      "what the workers printed last", gi_gale_logs)                          \
    X(KILL, "kill", "NAME", false,                                            \
      "stop its spouts, wait for what is in flight, then end it",             \
      gi_gale_kill)                                                           \
    X(ACTIVATE, "activate", "NAME", false,                                    \
      "let its spouts emit again", gi_gale_activate)                          \
    X(DEACTIVATE, "deactivate", "NAME", false,                                \
      "stop its spouts; its bolts go on", gi_gale_deactivate)                 \
    X(REBALANCE, "rebalance", "NAME", false,                                  \
      "change how many workers or executors it has, or spread it evenly",     \
      gi_gale_rebalance)                                                      \
    X(SET_LOG_LEVEL, "set-log-level", "NAME LEVEL", false,                    \
      "how much its workers log: error, warn, info or debug",                 \
      gi_gale_set_log_level)                                                  \
    X(UPLOAD_CREDENTIALS, "upload-credentials",                               \
      "NAME FILE|KEY=VALUE...", false,                                        \
      "give its tasks secrets to read, in place of those that they had",      \
      gi_gale_upload_credentials)                                             \
    X(STATE, "state", "[NAME] [WHAT] [KEY...]", false,                        \
      "the states on this machine; NAME get KEY..., NAME scan or NAME export: "\
      "what is in one, also while a topology writes to it",                   \
      gi_gale_state)                                                          \
    X(DOCTOR, "doctor", NULL, false,                                          \
      "is this machine fit for Gale, and can Nimbus be reached?",             \
      gi_gale_doctor)                                                         \
    X(SETTINGS, "settings", NULL, false,                                      \
      "every setting of the cluster: its value, and where that comes from",   \
      gi_gale_settings)                                                       \
    X(COMPLETION, "completion", "SHELL", false,                               \
      "a script for bash or zsh that completes the words of this command",    \
      gi_gale_completion)                                                     \
    X(STORM_SETTINGS, "storm-settings", NULL, false, NULL,                    \
      gi_gale_storm_settings)                                                 \
    X(VERSION, "version", NULL, false, "the version of Gale",                 \
      gi_gale_version)                                                        \
    X(HELP, "help", "[COMMAND]", false,                                       \
      "this text, or the help on one command", gi_gale_help)
// clang-format on

typedef enum gi_gale_verb {
    GI_GALE_NOTHING,
#define GI_GALE_ENUM(verb, name, args, program, text, function) GI_GALE_##verb,
    GI_GALE_COMMANDS(GI_GALE_ENUM)
#undef GI_GALE_ENUM
} gi_gale_verb;

enum {
    GI_GALE_CUTS = 64,  /* -e, in one call */
    GI_GALE_SLOTS = 64, /* of gale dev, at most */
};

typedef enum gi_gale_form { GI_GALE_FORM_JSON, GI_GALE_FORM_CSV } gi_gale_form;

typedef struct gi_gale {
    gi_cli cli;
    int argc;
    char **argv;
    bool wait_said, follow, set_aside, limit_said;
    uint32_t wait_ms, for_ms, timeout_ms;
    uint64_t workers, port, lines, limit;
    uint64_t slots;                    /* 0: as many as usual */
    const char *dir, *prefix, *output; /* or NULL; borrowed from argv */
    gi_gale_form form;
    uint32_t n_cuts;
    gi_msg_recut cuts[GI_GALE_CUTS];
    char cut_ids[GI_GALE_CUTS][256];
} gi_gale;

extern const gi_tables gi_gale_tables;

/* Ask for a change of the topology that is the command's first word, and say
 * `done` of it.  An exit code. */
int gi_gale_change(gi_gale *g, gi_verb_no verb, const void *request,
                   const char *done);

/* Each returns an exit code. */
#define GI_GALE_DECLARE(verb, name, args, program, text, function) \
    int function(gi_gale *g);
GI_GALE_COMMANDS(GI_GALE_DECLARE)
#undef GI_GALE_DECLARE

/* The text of --help; of one command, if it is not NULL.  A new string, NULL
 * without memory. */
char *gi_gale_help_text(const gi_command *of);

/* Scripts for shells; NULL without memory. */
char *gi_gale_bash(void);
char *gi_gale_zsh(void);

#endif
