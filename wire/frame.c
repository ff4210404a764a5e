#include "wire/frame.h"

#include <assert.h>
#include <lz4.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/crc32c.h"

/* Where things are in a header. */
enum {
    MAGIC = 0,
    VERSION = 4,
    KIND = 5,
    FLAGS = 6,
    FROM = 8,
    TO = 16,
    SEQ = 24,
    ACK = 32,
    RAW = 40,
    STORED = 44,
    CRC = 48,
};

_Static_assert(CRC + 4 == GI_FRAME_HEAD, "the checksum is last");
_Static_assert(GI_FRAME_PAYLOAD_MAX <= LZ4_MAX_INPUT_SIZE, "LZ4 can do it");

static const char magic[4] = { 'G', 'A', 'L', 'E' };

enum {
    ALL_FLAGS = GI_FRAME_LZ4,
    LZ4_MOST_RATIO = 255, /* one byte of a block stands for so many at most */
};

const char *gi_frame_kind_name(unsigned kind)
{
    switch (kind) {
#define NAME(name, number, payload) \
    case number:                    \
        return #name;
        GI_FRAME_KINDS(NAME)
#undef NAME
    default:
        return "?";
    }
}

static bool has_payload(unsigned kind)
{
    switch (kind) {
#define HAS(name, number, payload) \
    case number:                   \
        return payload;
        GI_FRAME_KINDS(HAS)
#undef HAS
    default:
        return false;
    }
}

/* Is what a header says possible?  One list for both ends. */
static gi_refusal judge(const gi_frame *f, uint32_t limit)
{
    if (gi_frame_kind_name(f->kind)[0] == '?')
        return GI_REFUSED_KIND;
    if ((f->flags & ~ALL_FLAGS) != 0)
        return GI_REFUSED_FLAGS;
    if (f->raw > 0 && !has_payload(f->kind))
        return GI_REFUSED_LENGTH;
    if (f->raw > limit)
        return GI_REFUSED_LIMIT;
    if ((f->flags & GI_FRAME_LZ4) == 0)
        return f->stored == f->raw ? GI_TAKEN : GI_REFUSED_LENGTH;
    if (f->stored >= f->raw || f->raw / LZ4_MOST_RATIO > f->stored)
        return GI_REFUSED_LENGTH;
    return GI_TAKEN;
}

static uint32_t checksum(const unsigned char *frame, uint32_t stored)
{
    uint32_t head = gi_crc32c(0, frame, CRC);

    return gi_crc32c(head, frame + GI_FRAME_HEAD, stored);
}

void gi_frame_seal(void *frame, const gi_frame *f)
{
    unsigned char *to = frame;

    assert(judge(f, GI_FRAME_PAYLOAD_MAX) == GI_TAKEN);
    memcpy(to + MAGIC, magic, sizeof(magic));
    to[VERSION] = GI_FRAME_VERSION;
    to[KIND] = f->kind;
    gi_put_le16(to + FLAGS, f->flags);
    gi_put_le64(to + FROM, f->from);
    gi_put_le64(to + TO, f->to);
    gi_put_le64(to + SEQ, f->seq);
    gi_put_le64(to + ACK, f->ack);
    gi_put_le32(to + RAW, f->raw);
    gi_put_le32(to + STORED, f->stored);
    gi_put_le32(to + CRC, checksum(to, f->stored));
}

uint32_t gi_frame_pack(const void *payload, uint32_t raw, void *room)
{
    uint32_t most = raw - raw / 8;

    if (raw == 0 || raw > GI_FRAME_PAYLOAD_MAX)
        return 0;
    int n = LZ4_compress_default(payload, room, (int)raw, (int)most);
    return n > 0 && (uint32_t)n < raw ? (uint32_t)n : 0;
}

/* The numbers of a header, if they are possible. */
static gi_refusal get_head(const unsigned char *from, uint32_t limit,
                           gi_frame *out)
{
    if (memcmp(from + MAGIC, magic, sizeof(magic)) != 0)
        return GI_REFUSED_MAGIC;
    if (from[VERSION] != GI_FRAME_VERSION)
        return GI_REFUSED_VERSION;
    *out = (gi_frame){
        .kind = from[KIND],
        .flags = gi_get_le16(from + FLAGS),
        .from = gi_get_le64(from + FROM),
        .to = gi_get_le64(from + TO),
        .seq = gi_get_le64(from + SEQ),
        .ack = gi_get_le64(from + ACK),
        .raw = gi_get_le32(from + RAW),
        .stored = gi_get_le32(from + STORED),
        .payload = from + GI_FRAME_HEAD,
    };
    return judge(out, limit == 0 ? GI_FRAME_PAYLOAD : limit);
}

gi_refusal gi_frame_peek(const void *head, uint32_t limit, uint32_t *stored)
{
    gi_frame f;
    gi_refusal r = get_head(head, limit, &f);

    if (r == GI_TAKEN)
        *stored = f.stored;
    return r;
}

gi_refusal gi_frame_check(const void *p, size_t len, uint32_t limit,
                          gi_frame *out)
{
    const unsigned char *from = p;
    gi_frame f;
    gi_refusal r;

    if (len < GI_FRAME_HEAD)
        return GI_REFUSED_SHORT;
    r = get_head(from, limit, &f);
    if (r != GI_TAKEN)
        return r;
    if (len - GI_FRAME_HEAD != f.stored)
        return len - GI_FRAME_HEAD < f.stored ? GI_REFUSED_SHORT
                                              : GI_REFUSED_LENGTH;
    if (gi_get_le32(from + CRC) != checksum(from, f.stored))
        return GI_REFUSED_CRC;
    *out = f;
    return GI_TAKEN;
}

gi_refusal gi_frame_unpack(const gi_frame *f, void *room)
{
    int n = LZ4_decompress_safe((const char *)f->payload, room, (int)f->stored,
                                (int)f->raw);

    return n >= 0 && (uint32_t)n == f->raw ? GI_TAKEN : GI_REFUSED_LZ4;
}
