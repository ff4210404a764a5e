/* options.h -- what can stand on a command line.
 *
 * A program brings one table of options and one of commands.  Parsing,
 * `--help`, completion and "did you mean" all read them, so that nothing can
 * be accepted and not explained.  The tables of topology programs are in
 * options.c, those of `gale` in gale/tables.c.
 */
#ifndef GI_CLI_OPTIONS_H
#define GI_CLI_OPTIONS_H

#include "base/conf.h"
#include "gale/task.h"

typedef enum gi_verb {
    GI_VERB_RUN = 0,
    GI_VERB_VALIDATE,
    GI_VERB_DESCRIBE,
    GI_VERB_SETTINGS,
    GI_VERB_HELP,
    GI_VERB_VERSION, /* only as --version */
    GI_VERB_SUBMIT,
    GI_VERB_WORKER,
    GI_VERB_ASK,
} gi_verb;

typedef enum gi_format {
    GI_FORMAT_TEXT = 0,
    GI_FORMAT_JSON,
    GI_FORMAT_DOT,
} gi_format;

typedef enum gi_choice {
    GI_CHOOSE_AUTO = 0,
    GI_CHOOSE_ALWAYS,
    GI_CHOOSE_NEVER
} gi_choice;

typedef struct gi_options {
    int verb; /* a gi_verb; a program of other tables has others */
    gi_format format;
    uint32_t run_ms, drain_ms; /* 0: not given */
    uint32_t timeout_ms;       /* ask; 0: not given */
    bool sim;                  /* simulate, from the seed */
    uint64_t seed;
    const char *history;    /* of --history, or NULL; borrowed from argv */
    bool inactive, no_wait; /* submit */
    const char *nimbus;     /* of --nimbus, or NULL; borrowed from argv */
    bool json, quiet;
    gi_choice progress, color;
    gale_level log_level;
    gi_conf *conf;      /* what -c and its like said */
    const char **files; /* of --config; borrowed from argv, as the words are */
    size_t n_files;
    const char **words; /* for the topology, or of the command */
    size_t n_words;
    bool topic; /* 'help WORD': the first word is what help is about */
    int verb_at, word_at; /* where in argv the command stands, and its first
                             word; 0: nowhere */
} gi_options;

/* Read argv[1] .. argv[argc - 1].  Options and words may mix; behind "--"
 * everything is a word.  The first word is a command if it is the name of one
 * and no "--" stands before it.
 *
 *   takes_words   the topology has a use for words of its own
 *   r             every mistake is added; with --help and --version, none
 *
 * GALE_OK, also if there were mistakes; GALE_ENOMEM.  Fini in any case. */
gale_err gi_options_parse(gi_options *o, int argc, char *const *argv,
                          bool takes_words, gi_report *r);
void gi_options_fini(gi_options *o);

/* ---------------------------------------------------------- the tables -- */

typedef struct gi_parse gi_parse;

typedef struct gi_option {
    unsigned group;   /* index in the tables' heads */
    char letter;      /* '\0': none */
    const char *name; /* without the dashes */
    const char *arg;  /* what it takes, "DURATION"; NULL: nothing */
    const char *text; /* for --help */
    void (*take)(gi_parse *p, const char *value);
    const char *verbs; /* commands that it goes with, a blank between; NULL:
                          all.  A letter may mean one thing to one command and
                          another to another. */
} gi_option;

typedef struct gi_command {
    const char *name;
    int verb;
    const char *text; /* NULL: not for people to type */
    const char *args; /* words behind it, "NAME [LEVEL]"; NULL: none */
    bool program;     /* the first is a program, all that follows is for it */
} gi_command;

typedef struct gi_tables {
    const gi_option *options;
    const gi_command *commands;
    const char *const *heads; /* of the groups of options */
    size_t n_options, n_commands;
    bool topology;     /* words are for the topology, and no command is one */
    int help, version; /* the verbs of --help and --version */
} gi_tables;

extern const gi_tables gi_topology_tables;

/* As gi_options_parse, with tables of one's own.  `more` is where their
 * options put what gi_options has no place for (gi_parse.more). */
gale_err gi_tables_parse(const gi_tables *tables, gi_options *o, void *more,
                         int argc, char *const *argv, bool takes_words,
                         gi_report *r);

/* Does the option go with the command of that name? */
bool gi_option_goes(const gi_option *o, const char *command);

/* The command of a verb; NULL: there is none. */
const gi_command *gi_tables_command(const gi_tables *t, int verb);

const gi_option *gi_options_all(size_t *n);
const gi_command *gi_commands_all(size_t *n);

#endif
