/* Any bytes as what workers ask one another about old work: refused, or
 * written as the same again. */
#include <assert.h>

#include "wire/probes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    unsigned char room[GI_PROBE_MOST];
    gi_probe_note n, again;
    size_t used, written;

    if (gi_probe_read(data, len, &n, &used) != GI_TAKEN)
        return 0;
    assert(used > 0 && used <= len);
    written = gi_probe_write(&n, room);
    assert(written > 0 && written <= sizeof(room));
    assert(gi_probe_read(room, written, &again, &used) == GI_TAKEN);
    assert(used == written && n.what == again.what && n.epoch == again.epoch &&
           n.round == again.round && n.value == again.value);
    return 0;
}
