/* Any bytes as a frame, first as they are and then with a checksum that is
 * right: it is refused, or it is a frame that can be sealed again just so, and
 * its payload is unpacked into just the room it claims. */
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/mem.h"
#include "wire/frame.h"

enum { LIMIT = 1 << 16 };

static void seal_again(const gi_frame *f, const unsigned char *p, size_t len)
{
    unsigned char *again = gi_alloc(len);

    if (again == NULL)
        return;
    memcpy(again + GI_FRAME_HEAD, f->payload, f->stored);
    gi_frame_seal(again, f);
    assert(memcmp(again, p, len) == 0);
    gi_free(again);
}

/* What is unpacked may be packed again, and says the same then. */
static void unpack(const gi_frame *f)
{
    unsigned char *room = gi_alloc(f->raw), *packed = gi_alloc(f->raw),
                  *again = gi_alloc(f->raw);

    if (room != NULL && packed != NULL && again != NULL &&
        gi_frame_unpack(f, room) == GI_TAKEN) {
        gi_frame g = *f;

        g.payload = packed;
        g.stored = gi_frame_pack(room, f->raw, packed);
        if (g.stored > 0) {
            assert(gi_frame_unpack(&g, again) == GI_TAKEN);
            assert(memcmp(again, room, f->raw) == 0);
        }
    }
    gi_free(room);
    gi_free(packed);
    gi_free(again);
}

static void look(const unsigned char *p, size_t len)
{
    gi_frame f;

    if (gi_frame_check(p, len, LIMIT, &f) != GI_TAKEN)
        return;
    assert(f.raw <= LIMIT && f.stored <= f.raw);
    assert(f.payload + f.stored == p + len);
    assert(strcmp(gi_frame_kind_name(f.kind), "?") != 0);
    seal_again(&f, p, len);
    if ((f.flags & GI_FRAME_LZ4) != 0)
        unpack(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    look(data, len);
    if (len < GI_FRAME_HEAD)
        return 0;

    unsigned char *p = gi_alloc(len);
    if (p == NULL)
        return 0;
    memcpy(p, data, len);
    gi_put_le32(p + 44, (uint32_t)(len - GI_FRAME_HEAD));
    uint32_t head = gi_crc32c(0, p, GI_FRAME_HEAD - 4);
    gi_put_le32(p + GI_FRAME_HEAD - 4,
                gi_crc32c(head, p + GI_FRAME_HEAD, len - GI_FRAME_HEAD));
    look(p, len);
    gi_free(p);
    return 0;
}
