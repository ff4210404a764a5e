/* house_map.h -- maps for tests, over every store; with HOUSE_REDIS over that
 * in Redis. */
#ifndef TEST_STATE_HOUSE_MAP_H
#define TEST_STATE_HOUSE_MAP_H

#include <criterion/criterion.h>

#include "house.h"

#ifdef HOUSE_REDIS
#include "gale/redis.h"
static const gale_store *const stores[] = { &gale_store_redis };
#else
static const gale_store *const stores[] = { &gale_store_memory,
                                            &gale_store_embedded };
#endif
enum { N_STORES = sizeof(stores) / sizeof(stores[0]) };

static inline gale_map *open_part(const gale_store *s, gale_state_kind kind,
                                  uint32_t index, uint32_t count)
{
    gale_store_where w = house_where(index, count);
    gale_diag why = { "" };
    gale_map *m = NULL;

    cr_assert_eq(gale_map_open(&m, s, &w, kind, &why), GALE_OK, "%s",
                 why.text);
    return m;
}

/* Each test twice: over every store, a state of its own. */
static inline gale_map *fresh(int i, gale_state_kind kind)
{
    if (house_dir[0] != '\0')
        house_remove();
    house_make();
    return open_part(stores[i], kind, 0, 1);
}

static inline void begin(gale_map *m, uint64_t txid, uint64_t attempt)
{
    gale_diag why = { "" };

    cr_assert_eq(gale_map_begin(m, txid, attempt, &why), GALE_OK, "%s",
                 why.text);
}

static inline void commit(gale_map *m)
{
    gale_diag why = { "" };

    cr_assert_eq(gale_map_commit(m, &why), GALE_OK, "%s", why.text);
}

#define EACH_STORE(m, kind)                            \
    for (int i_ = 0; i_ < N_STORES; i_++)              \
        for (gale_map *m = fresh(i_, kind); m != NULL; \
             gale_map_close(m), m = NULL)

#endif
