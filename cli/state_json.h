/* state_json.h -- values of a state as JSON, and JSON that somebody typed as a
 * key.
 *
 * What JSON has no word for is an object with one member: {"bytes": "00ff"}
 * for bytes, {"text": "ff"} for text that is no UTF-8 (both in hex), {"f64":
 * "nan"} for what is no finite number, {"pairs": [[KEY, VALUE], ...]} for a
 * map with a key that is no text.  A number with a point or an exponent is an
 * f64, any other an i64. */
#ifndef GI_CLI_STATE_JSON_H
#define GI_CLI_STATE_JSON_H

#include "base/strbuf.h"
#include "gale/value.h"

void gi_state_json_value(gi_strbuf *to, gale_value v);
void gi_state_json_row(gi_strbuf *to, gale_row row); /* a list */

/* For people: a row of one value is that value, and text that cannot be taken
 * for anything else stands without quotes.  What this writes,
 * gi_state_key_read reads. */
void gi_state_json_plain(gi_strbuf *to, gale_row row);

/* A key as typed: a list is a row of several values, other JSON a row of one,
 * and what is no JSON is text. */
typedef struct gi_state_key {
    gale_row row;
    gale_value *values;
    char *bytes; /* that they point into */
} gi_state_key;

/* GALE_EINVAL: it begins as JSON and is none, and why; GALE_ENOMEM. */
gale_err gi_state_key_read(gi_state_key *k, const char *typed, gale_diag *why);
void gi_state_key_fini(gi_state_key *k);

#endif
