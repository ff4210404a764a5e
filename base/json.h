/* json.h -- writing JSON.  Commas, quotes and escapes are its business; keys
 * are given where an object wants one, NULL inside lists. */
#ifndef GI_BASE_JSON_H
#define GI_BASE_JSON_H

#include "base/strbuf.h"

typedef struct gi_json {
    gi_strbuf text;
    unsigned depth;
    bool list[32];  /* at each depth: it is a list */
    bool comma[32]; /* at each depth: something stands there already */
} gi_json;

/* A zeroed gi_json writes one compact line.  Invalid UTF-8 in a string is
 * written as U+FFFD; NaN and infinities as null. */
void gi_json_object(gi_json *j, const char *key);
void gi_json_list(gi_json *j, const char *key);
void gi_json_end(gi_json *j); /* the innermost object or list */
void gi_json_str(gi_json *j, const char *key, const char *value);
void gi_json_run(gi_json *j, const char *key, gale_str value);
void gi_json_i64(gi_json *j, const char *key, int64_t value);
void gi_json_u64(gi_json *j, const char *key, uint64_t value);
void gi_json_f64(gi_json *j, const char *key, double value);
void gi_json_bool(gi_json *j, const char *key, bool value);
void gi_json_null(gi_json *j, const char *key);

/* The text (free with gi_free), NULL without memory; empties the writer. */
char *gi_json_take(gi_json *j);

#endif
