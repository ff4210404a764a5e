/* store_inside.h -- what this Nimbus knows of the pairs in ZooKeeper.
 * Private to store*.c.
 */
#ifndef GI_NIMBUS_ZOOKEEPER_STORE_INSIDE_H
#define GI_NIMBUS_ZOOKEEPER_STORE_INSIDE_H

#include "base/pool.h"
#include "nimbus/store/sum.h"
#include "nimbus/zookeeper/leader_inside.h"
#include "nimbus/zookeeper/store_value.h"

typedef struct gi_zk_pair {
    char *key;
    gi_store_sum sum; /* of this pair alone */
    gi_zk_ref ref;
} gi_zk_pair;

typedef struct gi_store_zk {
    gi_leader_zk *z;
    int32_t office;    /* its version, as it was taken */
    int32_t version;   /* of the sum's node */
    gi_store_sum sum;  /* of all */
    gi_zk_pair *pairs; /* by key */
    uint32_t n, cap;
    bool loaded, failed;
} gi_store_zk;

/* The index of `key`, or where it would be; false: it is not there. */
bool gi_zk_find(const gi_store_zk *s, const char *key, uint32_t *at);

/* Room for `n` more pairs.  GALE_ENOMEM. */
gale_err gi_zk_reserve(gi_store_zk *s, uint32_t n);
/* `p` goes there; there is room, and its key is taken. */
void gi_zk_insert(gi_store_zk *s, uint32_t at, gi_zk_pair p);
void gi_zk_remove(gi_store_zk *s, uint32_t at);
void gi_zk_forget(gi_store_zk *s);

/* The sum of one pair, and such a one put in or taken out. */
gi_store_sum gi_zk_sum_of(const char *key, const void *bytes, size_t len);
void gi_zk_sum_add(gi_store_sum *s, const gi_store_sum *one);
void gi_zk_sum_take(gi_store_sum *s, const gi_store_sum *one);

/* "ROOT/state/NAME", "ROOT/pieces/ID.K"; NULL without memory. */
char *gi_zk_path_of(const gi_store_zk *s, gi_pool *pool, const char *key);
char *gi_zk_path_of_piece(const gi_store_zk *s, gi_pool *pool, const char *id,
                          uint32_t k);

/* Do it all, or none of it, and wait.  ZOK, or why not; if an op was refused,
 * *refused is its index, else UINT32_MAX.  It is sent again when the
 * connection breaks; then *again is set: the time before may have done it. */
int gi_zk_multi(gi_store_zk *s, const zoo_op_t *ops, uint32_t n,
                uint64_t until_ms, bool *again, uint32_t *refused);

/* Read a node, or what is below it.  The call is to be freed if ZOK. */
int gi_zk_fetch(gi_store_zk *s, const char *path, bool list, uint64_t until_ms,
                gi_zk_call **out);

/* In words; false. */
gale_err gi_zk_say(const gi_store_zk *s, int rc, gale_diag *why);

gale_err gi_zk_load(void *self, gi_store_pair pair, void *arg, gale_diag *why);

#endif
