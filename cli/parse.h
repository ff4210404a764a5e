/* parse.h -- a command line while it is being read. */
#ifndef GI_CLI_PARSE_H
#define GI_CLI_PARSE_H

#include "base/strbuf.h"
#include "cli/options.h"

struct gi_parse {
    gi_options *o;
    gi_report *r;
    gale_err rv; /* GALE_ENOMEM, when it came to that */
    bool help, version;
    const char *format; /* what --format was given; NULL: nothing */
    bool verb_seen;     /* a command, a word or "--": no command follows */
};

#endif
