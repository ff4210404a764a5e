/* msgpack.h -- reading msgpack that nobody vouches for.
 *
 * msgpack-c allocates what a header claims; so bytes are first walked by
 * these functions, which allocate nothing, never read beyond the end, and
 * bound depth and work by the bytes that are really there.
 */
#ifndef GI_BASE_MSGPACK_H
#define GI_BASE_MSGPACK_H

#include "gale/value.h"

enum { GI_MSGPACK_DEPTH = 32 };

/* The length of the one value that starts at `p`, or 0 if it is malformed,
 * cut short or nested deeper than GI_MSGPACK_DEPTH. */
size_t gi_msgpack_skip(const void *p, size_t len);

/* Do the bytes hold exactly one array / one map, and nothing after it? */
bool gi_msgpack_is_list(const void *p, size_t len);
bool gi_msgpack_is_map(const void *p, size_t len);

#endif
