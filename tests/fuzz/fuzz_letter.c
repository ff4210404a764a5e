/* Any bytes as what a letter says: a header's numbers, then its payload.  It
 * is refused, or it is a letter that is written just so; and its numbers need
 * no more room than there is. */
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "wire/letter.h"

enum { HEAD = 33, ROOM = 64 };

static void write_again(const gi_letter *l, const gi_frame *f)
{
    unsigned char *again = gi_alloc(f->stored + 1);
    gi_frame g;

    if (again == NULL)
        return;
    assert(gi_letter_size(l) == f->stored);
    gi_letter_write(l, again, &g);
    assert(g.kind == f->kind && g.from == f->from && g.to == f->to);
    assert(g.seq == f->seq && g.ack == f->ack && g.stored == f->stored);
    assert(memcmp(again, f->payload, f->stored) == 0);
    gi_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < HEAD)
        return 0;

    uint64_t *room = gi_calloc(ROOM, sizeof(*room));
    gi_frame f = { .kind = (uint8_t)(1 + data[0] % GI_FRAME_FIN),
                   .from = gi_get_le64(data + 1),
                   .to = gi_get_le64(data + 9),
                   .seq = gi_get_le64(data + 17),
                   .ack = gi_get_le64(data + 25),
                   .raw = (uint32_t)(len - HEAD),
                   .stored = (uint32_t)(len - HEAD),
                   .payload = data + HEAD };
    gi_letter l;

    if (f.kind >= GI_FRAME_PING)
        f.raw = f.stored = 0; /* gi_frame_check sees to that */
    if (room != NULL && gi_letter_read(&f, room, ROOM, &l) == GI_TAKEN &&
        f.kind != GI_FRAME_DATA)
        write_again(&l, &f);
    gi_free(room);
    return 0;
}
