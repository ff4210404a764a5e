#include "wire/probes.h"

#include "base/bytes.h"
#include "wire/read.h"

enum { LIST_OF_FIVE = 0x95, UINT_16 = 0xcd, UINT_32 = 0xce };

size_t gi_probe_write(const gi_probe_note *n, void *room)
{
    unsigned char *to = room;

    to[0] = LIST_OF_FIVE;
    to[1] = GI_SECTION_PROBE;
    to[2] = n->what;
    to[3] = UINT_32;
    gi_put_be32(to + 4, n->round);
    to[8] = UINT_16;
    gi_put_be16(to + 9, n->epoch);
    to[11] = UINT_32;
    gi_put_be32(to + 12, n->value);
    return GI_PROBE_MOST;
}

gi_refusal gi_probe_read(const void *p, size_t len, gi_probe_note *out,
                         size_t *consumed)
{
    gi_rest rest = { p, (const unsigned char *)p + len };
    uint64_t what, round, epoch, value;

    if (!gi_read_section(&rest, 5, GI_SECTION_PROBE) ||
        !gi_read_number(&rest, UINT8_MAX, &what) ||
        !gi_read_number(&rest, UINT32_MAX, &round) ||
        !gi_read_number(&rest, UINT32_MAX, &epoch) ||
        !gi_read_number(&rest, UINT32_MAX, &value))
        return GI_REFUSED_MSGPACK;
    if (what < GI_PROBE_ASK_DONE || what > GI_PROBE_DIED)
        return GI_REFUSED_NOTE;
    if (epoch > UINT16_MAX)
        return GI_REFUSED_EPOCH;
    *out = (gi_probe_note){ .what = (uint8_t)what,
                            .epoch = (uint16_t)epoch,
                            .round = (uint32_t)round,
                            .value = (uint32_t)value };
    *consumed = len - gi_rest_left(&rest);
    return GI_TAKEN;
}
