/* storm_keys.h -- Storm's settings that Gale does not read.
 *
 * Whoever moves from Storm brings a storm.yaml along.  A setting of Storm's
 * that would silently do nothing is a trap, so it is answered by name; one
 * that only a cluster's daemons read stands in the same file for them, and is
 * let pass.
 */
#ifndef GI_BASE_STORM_KEYS_H
#define GI_BASE_STORM_KEYS_H

typedef enum gi_storm {
    GI_STORM_UNKNOWN, /* not one of Storm's, as far as we know */
    GI_STORM_CLUSTER, /* means something to a cluster, nothing to one run */
    GI_STORM_VOID,    /* Storm's; has no meaning in Gale */
} gi_storm;

/* What `key` is.  For VOID *why says what to use instead or why there is
 * nothing to set, or is NULL.  `why` may be NULL. */
gi_storm gi_storm_key(const char *key, const char **why);

#endif
