/* Any bytes as a list or map: the walk and the cursors agree on what is
 * sound, and what is sound can be written again and means the same. */
#include <assert.h>

#include "base/mem.h"
#include "base/msgpack.h"
#include "gale/nested.h"

/* Copy what the cursor has before it; false if it fails on the way. */
static bool copy_all(gale_unpack *u, gale_pack *p)
{
    gale_value x;

    if (gale_unpack_is_map(u))
        gale_pack_map(p, gale_unpack_count(u));
    else
        gale_pack_list(p, gale_unpack_count(u));
    while (gale_unpack_next(u, &x)) {
        gale_unpack in = gale_unpack_of(x);
        if (x.type != GALE_T_LIST && x.type != GALE_T_MAP)
            gale_pack_any(p, x);
        else if (!copy_all(&in, p))
            return false;
    }
    return !gale_unpack_failed(u);
}

static void copy_twice(gale_unpack u, size_t len, char *room)
{
    char *again = room + len;
    gale_pack p;

    gale_pack_init(&p, room, len);
    if (!copy_all(&u, &p))
        return;

    /* The shortest forms are no longer than what was read, except that a
     * single float is written as a double. */
    size_t n = gale_pack_len(&p);
    if (n == 0)
        return;
    gale_unpack copy = gale_unpack_bytes(room, n);
    gale_pack_init(&p, again, len);
    assert(copy_all(&copy, &p));
    assert(gale_pack_len(&p) == n && memcmp(room, again, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t n = gi_msgpack_skip(data, len);
    gale_unpack u = gale_unpack_bytes(data, len);
    char *room = gi_alloc(2 * len);

    assert(n <= len);
    if (n > 0)
        assert(gi_msgpack_skip(data, n) == n);
    if (gi_msgpack_is_list(data, len) || gi_msgpack_is_map(data, len))
        assert(!gale_unpack_failed(&u) && n == len);
    if (room != NULL && !gale_unpack_failed(&u))
        copy_twice(u, len, room);
    gi_free(room);
    return 0;
}
