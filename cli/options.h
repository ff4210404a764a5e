/* options.h -- what can stand on a topology program's command line.
 *
 * One table of options and one of commands.  Parsing, `--help` and "did you
 * mean" all read them, so that nothing can be accepted and not explained.
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
} gi_verb;

typedef enum gi_format {
    GI_FORMAT_TEXT = 0,
    GI_FORMAT_JSON,
    GI_FORMAT_DOT,
} gi_format;

typedef enum gi_when { GI_AUTO = 0, GI_ALWAYS, GI_NEVER } gi_when;

typedef struct gi_options {
    gi_verb verb;
    gi_format format;
    uint32_t run_ms, drain_ms; /* 0: not given */
    bool sim;                  /* simulate, from the seed */
    uint64_t seed;
    const char *history; /* of --history, or NULL; borrowed from argv */
    bool json, quiet;
    gi_when progress, color;
    gale_level log_level;
    gi_conf *conf;      /* what -c and its like said */
    const char **files; /* of --config; borrowed from argv, as the words are */
    size_t n_files;
    const char **words; /* for the topology */
    size_t n_words;
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

typedef enum gi_option_group {
    GI_GROUP_SETTINGS,
    GI_GROUP_RUN,
    GI_GROUP_FAULTS,
    GI_GROUP_OUTPUT,
    GI_GROUP_OTHER,
} gi_option_group;

typedef struct gi_parse gi_parse;

typedef struct gi_option {
    gi_option_group group;
    char letter;      /* '\0': none */
    const char *name; /* without the dashes */
    const char *arg;  /* what it takes, "DURATION"; NULL: nothing */
    const char *text; /* for --help */
    void (*take)(gi_parse *p, const char *value);
} gi_option;

typedef struct gi_command {
    const char *name;
    gi_verb verb;
    const char *text;
} gi_command;

const gi_option *gi_options_all(size_t *n);
const gi_command *gi_commands_all(size_t *n);

#endif
