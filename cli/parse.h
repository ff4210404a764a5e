/* parse.h -- a command line while it is being read. */
#ifndef GI_CLI_PARSE_H
#define GI_CLI_PARSE_H

#include "base/strbuf.h"
#include "cli/options.h"

struct gi_parse {
    const gi_tables *tables;
    gi_options *o;
    void *more; /* the program's own, or NULL */
    gi_report *r;
    gale_err rv; /* GALE_ENOMEM, when it came to that */
    bool help, version;
    const char *format; /* what --format was given; NULL: nothing */
    bool verb_seen;     /* a command, a word or "--": no command follows */
    const gi_command *command; /* that is, or will be, seen; or NULL */
    uint64_t used[2];          /* bits: options that stood there */
};

enum { GI_OPTIONS_MOST = 128 }; /* in one table */

/* Helpers for the tables' own options: each says what is wrong. */

/* The number of `value` among `names`. */
bool gi_parse_one_of(gi_parse *p, const char *option, const char *value,
                     const char *const *names, size_t n, int *out);
void gi_parse_duration(gi_parse *p, const char *option, const char *value,
                       uint32_t *out);
bool gi_parse_number(gi_parse *p, const char *option, const char *value,
                     uint64_t least, uint64_t most, uint64_t *out);

/* Options that every program has. */
void gi_take_conf(gi_parse *p, const char *value);
void gi_take_config(gi_parse *p, const char *value);
void gi_take_json(gi_parse *p, const char *value);
void gi_take_quiet(gi_parse *p, const char *value);
void gi_take_color(gi_parse *p, const char *value);
void gi_take_log_level(gi_parse *p, const char *value);
void gi_take_nimbus(gi_parse *p, const char *value);
void gi_take_inactive(gi_parse *p, const char *value);
void gi_take_no_wait(gi_parse *p, const char *value);
void gi_take_help(gi_parse *p, const char *value);
void gi_take_version(gi_parse *p, const char *value);

#endif
