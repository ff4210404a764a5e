/* store_value.h -- keys and values as they lie in ZooKeeper.  Pure; private
 * to the store.
 *
 * A node's name is its key, with "%2F" for what may not be in a name.  Its
 * bytes are 'v' and the value, or 'p' and "ID PIECES LENGTH".
 */
#ifndef GI_NIMBUS_ZOOKEEPER_STORE_VALUE_H
#define GI_NIMBUS_ZOOKEEPER_STORE_VALUE_H

#include "nimbus/store/store.h"

enum {
    GI_ZK_NAME_MOST = 3 * GI_STORE_KEY_MOST,
    GI_ZK_ID_MOST = 40,
    GI_ZK_REF_MOST = 80,         /* bytes of a 'p' */
    GI_ZK_PIECE = 900 * 1000,    /* bytes of one */
    GI_ZK_REQUEST = 1000 * 1000, /* ZooKeeper's limit is 48 KB above */
};

/* One that is in pieces. */
typedef struct gi_zk_ref {
    char id[GI_ZK_ID_MOST + 1]; /* "": it is not */
    uint32_t n;
    uint64_t len;
} gi_zk_ref;

void gi_zk_name_of(const char *key, char out[GI_ZK_NAME_MOST + 1]);
/* False: that is no name of a key. */
bool gi_zk_key_of(const char *name, char out[GI_STORE_KEY_MOST + 1]);

/* Returns how many bytes. */
size_t gi_zk_ref_write(const gi_zk_ref *r, char out[GI_ZK_REF_MOST]);
/* `bytes` has a zero byte behind it. */
bool gi_zk_ref_read(gi_zk_ref *out, const char *bytes, size_t len);

#endif
