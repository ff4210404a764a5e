/* http_words.h -- what strangers write in a request's first line and headers,
 * understood.  Pure. */
#ifndef GI_DRPC_SERVER_HTTP_WORDS_H
#define GI_DRPC_SERVER_HTTP_WORDS_H

#include "base/strbuf.h"
#include "drpc/desk.h"

/* "/drpc/FUNCTION/ARGS?..." : percent signs are decoded, what is behind a
 * question mark is left out.  ARGS may have slashes. */
typedef struct gi_http_path {
    char function[GI_DESK_NAME + 1]; /* "": none was named */
    bool has_args;
    gi_strbuf args; /* may have zero bytes */
} gi_http_path;

/* False: it is no such path (args are empty then); or without memory, when
 * args.failed says so. */
bool gi_http_path_read(gi_http_path *to, const char *uri);
void gi_http_path_fini(gi_http_path *p);

/* The token of "Bearer TOKEN"; NULL: it is none.  Borrowed from `header`. */
const char *gi_http_bearer(const char *header);

/* Does a page of another site ask?  By headers Origin and Sec-Fetch-Site,
 * either of which may be NULL. */
bool gi_http_is_foreign(const char *origin, const char *site);

#endif
