/* Any bytes as the duty of a worker: they are refused, or what was read is
 * written and read the same.  So that more than the checksum is looked at, it
 * is put right before. */
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/mem.h"
#include "wire/duty.h"

enum { HEAD = 16, TAIL = 4 };

static void read_again(const gi_msg_duty *duty)
{
    gi_pool pool = { 0 };
    gi_msg_duty again;
    char *bytes;
    size_t len;

    if (gi_duty_encode(duty, &bytes, &len) != GALE_OK)
        return;
    assert(gi_duty_decode(&again, bytes, len, &pool, NULL) == GALE_OK);
    assert(again.number == duty->number && again.port == duty->port);
    assert(strcmp(again.topology[0].id, duty->topology[0].id) == 0);
    gi_pool_fini(&pool);
    gi_free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    unsigned char *file = gi_alloc(HEAD + len + TAIL);
    size_t all = HEAD + len + TAIL;
    gi_pool pool = { 0 };
    gi_msg_duty duty;
    gale_diag why;

    if (file == NULL)
        return 0;
    if (gi_duty_decode(&duty, data, len, &pool, &why) == GALE_OK)
        read_again(&duty);
    memcpy(file, "GALEDUTY", 8);
    gi_put_le32(file + 8, 1);
    gi_put_le32(file + 12, (uint32_t)all);
    memcpy(file + HEAD, data, len);
    gi_put_le32(file + all - TAIL, gi_crc32c(0, file, all - TAIL));
    if (gi_duty_decode(&duty, file, all, &pool, &why) == GALE_OK)
        read_again(&duty);
    gi_pool_fini(&pool);
    gi_free(file);
    return 0;
}
