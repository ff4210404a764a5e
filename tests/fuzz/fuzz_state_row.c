/* Any bytes as a row of a state: what is read is written as the same bytes
 * again, since a row has one form only. */
#include <assert.h>

#include "state/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static gi_values v;
    static gi_bytes b;
    gale_str bytes = { (const char *)data, (uint32_t)len };
    gale_err rv;

    v.len = b.len = 0;
    rv = gi_row_read(&v, bytes);
    assert(rv == GALE_OK || rv == GALE_EFORMAT);
    if (rv != GALE_OK) {
        assert(v.len == 0);
        return 0;
    }
    assert(gi_row_write(&b, (gale_row){ v.at, v.len }, false, SIZE_MAX,
                        NULL) == GALE_OK);
    assert(b.len == len && (len == 0 || memcmp(b.at, data, len) == 0));
    return 0;
}
