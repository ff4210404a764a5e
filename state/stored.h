/* stored.h -- what all stores agree on: keys as they are stored, and the
 * mistakes that a caller can make.
 *
 * A stored key is the group, two bytes, big end first, and then the row.  No
 * row begins with the byte 0xc1, which msgpack never uses: what has it behind
 * the group is not a pair of the map but a fence (fence.h). */
#ifndef GI_STATE_STORED_H
#define GI_STATE_STORED_H

#include "base/bytes.h"
#include "gale/state.h"

enum {
    GI_STORED_GROUP = 2, /* bytes of a group */
    GI_STORED_FENCE = 0xc1,
    /* A store takes values that are a little larger than those of maps: what
     * is kept to undo one has its key beside it. */
    GI_STORED_VALUE_MOST = GALE_STATE_VALUE_MOST + 4096,
};

static inline uint32_t gi_stored_group(gale_str key)
{
    return gi_get_be16(key.ptr);
}

static inline bool gi_stored_is_fence(gale_str key)
{
    return key.len > GI_STORED_GROUP &&
           (unsigned char)key.ptr[GI_STORED_GROUP] == GI_STORED_FENCE;
}

/* Can a key of the group begin like that? */
bool gi_stored_group_may_have(uint32_t group, gale_str prefix);

/* GALE_EINVAL, and what is wrong in `why`. */
gale_err gi_stored_check_where(const gale_store_where *where, gale_diag *why);
gale_err gi_stored_check_keys(const gale_str *keys, size_t n, uint32_t from,
                              uint32_t to, gale_diag *why);
gale_err gi_stored_check_changes(const gale_change *c, size_t n, uint32_t from,
                                 uint32_t to, bool read_only, gale_diag *why);

/* GALE_ENOMEM, with words. */
gale_err gi_stored_no_memory(gale_diag *why);

#endif
