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

/* What one value begins with. */
typedef enum gi_msgpack_kind {
    GI_MSGPACK_NIL,
    GI_MSGPACK_BOOL,
    GI_MSGPACK_INT,
    GI_MSGPACK_HUGE, /* an integer above INT64_MAX */
    GI_MSGPACK_FLOAT,
    GI_MSGPACK_STR,
    GI_MSGPACK_BIN,
    GI_MSGPACK_EXT,
    GI_MSGPACK_LIST,
    GI_MSGPACK_MAP,
} gi_msgpack_kind;

typedef struct gi_msgpack_head {
    gi_msgpack_kind kind;
    uint32_t size; /* bytes before the contents; of a scalar, all of it */
    uint32_t n;    /* STR, BIN, EXT: bytes; LIST: values; MAP: pairs */
    union {
        bool b;
        int64_t i;
        double f;
    } as;
} gi_msgpack_head;

/* Read a value's first bytes.  False if they are malformed or cut short, or
 * if a run of bytes or so many values cannot lie within `len`. */
bool gi_msgpack_read(const void *p, size_t len, gi_msgpack_head *out);

/* The length of the one value that starts at `p`, or 0 if it is malformed,
 * cut short or nested deeper than GI_MSGPACK_DEPTH. */
size_t gi_msgpack_skip(const void *p, size_t len);

/* Do the bytes hold exactly one array / one map, and nothing after it? */
bool gi_msgpack_is_list(const void *p, size_t len);
bool gi_msgpack_is_map(const void *p, size_t len);

#endif
