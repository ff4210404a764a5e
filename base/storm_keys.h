/* storm_keys.h -- Storm's settings that Gale does not read, and why.
 *
 * Whoever moves from Storm brings a storm.yaml along.  A setting of Storm's
 * that would silently do nothing is a trap, so it is answered by name.  Those
 * that only a cluster's daemons read stand in the same file for them; one run
 * of a topology lets them pass.  docs/storm-settings.md has all of them.
 */
#ifndef GI_BASE_STORM_KEYS_H
#define GI_BASE_STORM_KEYS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum gi_storm {
    GI_STORM_UNKNOWN, /* not one of Storm's, as far as we know */
    GI_STORM_CLUSTER, /* for daemons and clients; nothing to one run */
    GI_STORM_VOID,    /* a topology's; has no meaning in Gale */
} gi_storm;

/* What `key` is; ask settings.h first.  *why says what to use instead or why
 * there is nothing to set, or is NULL: then it is of a family that daemons
 * read, and nothing more is known.  `why` may be NULL. */
gi_storm gi_storm_key(const char *key, const char **why);

/* A key stands for itself and what follows with a dot; with an asterisk at
 * the end, for all that begins so. */
typedef struct gi_storm_row {
    const char *key, *why;
} gi_storm_row;

const gi_storm_row *gi_storm_rows(bool of_topologies, size_t *n);

#endif
