/* conf.h -- settings: dotted keys with text values, and where each came from.
 *
 * A conf may have a parent; what it does not say itself, the parent does.
 * So: defaults <- topology's table <- file <- command line <- component.
 * Keys under topology., storm., nimbus., supervisor., worker. and gale. are
 * ours and must be known (settings.h); all others belong to the user.
 */
#ifndef GI_BASE_CONF_H
#define GI_BASE_CONF_H

#include "base/report.h"
#include "gale/base.h"

typedef struct gi_conf gi_conf;

/* `parent` may be NULL and is borrowed until destroy. */
gale_err gi_conf_create(gi_conf **out, const gi_conf *parent);
void gi_conf_destroy(gi_conf *c); /* NULL is fine */

/* All three strings are copied, and none is NULL; a later set of the same key
 * wins.  `from` says where, for messages: "command line", "storm.yaml:3:5". */
gale_err gi_conf_set(gi_conf *c, const char *key, const char *value,
                     const char *from);

/* "key=value" as on a command line; says in `r` what is wrong with it. */
gale_err gi_conf_set_pair(gi_conf *c, const char *pair, const char *from,
                          gi_report *r);

/* Own or inherited; NULL if nobody says.  Borrowed until the key is set
 * again or the conf that said it is destroyed. */
const char *gi_conf_get(const gi_conf *c, const char *key);
const char *gi_conf_from(const gi_conf *c, const char *key);

/* Typed; false, and *out untouched, if unset or not of that kind. */
bool gi_conf_i64(const gi_conf *c, const char *key, int64_t *out);
bool gi_conf_f64(const gi_conf *c, const char *key, double *out);
bool gi_conf_bool(const gi_conf *c, const char *key, bool *out);

/* Is its value a list, as YAML has them; of how many? */
bool gi_conf_is_list(const gi_conf *c, const char *key, size_t *n);

/* The value as text, the elements of a list a line each: a new string, free
 * with gi_free; NULL if it is unset.  GALE_ENOMEM. */
gale_err gi_conf_text(const gi_conf *c, const char *key, char **out);

/* The conf's own keys (not its parent's), in the order they were first set:
 * the i-th, or NULL beyond the end. */
const char *gi_conf_key_at(const gi_conf *c, size_t i);

/* Judge the conf's own entries: unknown keys of ours (nearest known one),
 * Storm's keys that mean nothing here, values that do not parse or are out of
 * range, keys that a component may not set (component true).  "" is a value
 * wherever the default is: it unsets what the parent says. */
void gi_conf_check(const gi_conf *c, bool component, gi_report *r);

/* The same for a file that daemons and clients read (site.h): what is wrong,
 * and beside that what does nothing here. */
void gi_conf_check_cluster(const gi_conf *c, gi_report *wrong,
                           gi_report *notes);

/* Read a YAML file or text: nested maps become dotted keys, scalars are kept
 * as text (null as "", which unsets), lists become "key" = "[n]" and "key.0",
 * "key.1", ...  Duplicate keys, aliases, keys longer than 255 bytes and depth
 * beyond 16 are mistakes; each is reported as "file:line:col: what", and then
 * nothing is set.  GALE_ECONF, GALE_EIO, GALE_ENOMEM. */
gale_err gi_conf_load_yaml(gi_conf *c, const char *path, gi_report *r);
gale_err gi_conf_parse_yaml(gi_conf *c, const char *name, const char *text,
                            size_t len, gi_report *r);

#endif
