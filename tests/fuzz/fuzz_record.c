/* Any bytes as what a supervisor wrote down: they are refused, or what was
 * read is written and read as the same.  So that more than the checksum is
 * looked at, it is put right before. */
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/mem.h"
#include "supervisor/record.h"

enum { HEAD = 16, TAIL = 4 };

static void write_again(const gi_record *r)
{
    gi_record again;
    char *first, *second;
    size_t n, m;

    if (gi_record_encode(r, &first, &n) != GALE_OK)
        return;
    assert(gi_record_decode(&again, first, n) == GALE_OK);
    assert(gi_record_encode(&again, &second, &m) == GALE_OK);
    assert(n == m && memcmp(first, second, n) == 0);
    gi_record_fini(&again);
    gi_free(first);
    gi_free(second);
}

static void read_as_record(const char *bytes, size_t len)
{
    gi_record r;

    if (gi_record_decode(&r, bytes, len) != GALE_OK)
        return;
    write_again(&r);
    assert(gi_record_last(&r, "another boot") >= r.last);
    gi_record_fini(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t all = HEAD + len + TAIL;
    char *file = gi_alloc(all);

    if (file == NULL)
        return 0;
    read_as_record((const char *)data, len);
    memcpy(file, "GALENODE", 8);
    gi_put_le32(file + 8, 1);
    gi_put_le32(file + 12, (uint32_t)all);
    if (len > 0)
        memcpy(file + HEAD, data, len);
    gi_put_le32(file + all - TAIL, gi_crc32c(0, file, all - TAIL));
    read_as_record(file, all);
    gi_free(file);
    return 0;
}
