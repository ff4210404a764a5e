/* Any bytes as what lies in Nimbus's store: the name of a node in ZooKeeper,
 * the value of one, a sum over all pairs.  Each is refused, or is written as
 * the same again. */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "nimbus/store/sum.h"
#include "nimbus/zookeeper/store_value.h"

static void as_name(const char *name)
{
    char key[GI_STORE_KEY_MOST + 1], again[GI_ZK_NAME_MOST + 1];

    if (!gi_zk_key_of(name, key))
        return;
    assert(strlen(key) > 0);
    gi_zk_name_of(key, again);
    assert(strcmp(again, name) == 0 && strchr(again, '/') == NULL);
}

static void as_ref(const char *bytes, size_t len)
{
    char again[GI_ZK_REF_MOST];
    gi_zk_ref r, s;
    size_t n;

    if (!gi_zk_ref_read(&r, bytes, len))
        return;
    assert(r.n > 0 && r.len > 0 && r.len <= GI_STORE_VALUE_MOST);
    n = gi_zk_ref_write(&r, again);
    assert(n < sizeof(again) && gi_zk_ref_read(&s, again, n));
    assert(strcmp(r.id, s.id) == 0 && r.n == s.n && r.len == s.len);
}

static void as_sum(const void *bytes, size_t len)
{
    unsigned char again[GI_STORE_SUM_BYTES];
    gi_store_sum s;

    if (!gi_store_sum_read(&s, bytes, len))
        return;
    gi_store_sum_write(&s, again);
    assert(len == sizeof(again) && memcmp(again, bytes, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *bytes = gi_alloc(len + 1);

    if (bytes == NULL)
        return 0;
    if (len > 0)
        memcpy(bytes, data, len);
    bytes[len] = '\0';
    as_name(bytes);
    as_ref(bytes, len);
    as_sum(data, len);
    gi_free(bytes);
    return 0;
}
