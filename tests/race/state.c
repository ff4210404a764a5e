/* Parts of one state on several threads, and somebody who reads all of it
 * meanwhile: in memory and in files. */
#define _GNU_SOURCE
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gale/state.h"

enum { PARTS = 4, KEYS = 64, BATCHES = 60 };

#define CHECK(what)                                                      \
    do {                                                                 \
        if (!(what)) {                                                   \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, \
                    #what);                                              \
            _Exit(1);                                                    \
        }                                                                \
    } while (0)

static char dir[64];
static const gale_store *store;

static gale_store_where where(uint32_t index, uint32_t count)
{
    return (gale_store_where){ .topology = "t",
                               .state = "s",
                               .index = index,
                               .count = count,
                               .place = dir };
}

static void *write_part(void *arg)
{
    gale_store_where w = where((uint32_t)(uintptr_t)arg, PARTS);
    gale_value keys[KEYS], value;
    gale_row rows[KEYS], values[KEYS];
    size_t n = 0;
    gale_map *m;

    for (int64_t i = 0; i < KEYS; i++) {
        keys[n] = gale_val_i64(i);
        rows[n] = (gale_row){ &keys[n], 1 };
        values[n] = (gale_row){ &value, 1 };
        n += gale_state_part(gale_state_group(&keys[n], 1), PARTS) == w.index;
    }
    CHECK(gale_map_open(&m, store, &w, GALE_STATE_OPAQUE, NULL) == GALE_OK);
    for (int64_t t = 1; t <= BATCHES; t++) {
        value = gale_val_i64(t);
        CHECK(gale_map_begin(m, (uint64_t)t, 0, NULL) == GALE_OK);
        CHECK(gale_map_put(m, rows, values, n, NULL) == GALE_OK);
        CHECK(gale_map_commit(m, NULL) == GALE_OK);
    }
    gale_map_close(m);
    return NULL;
}

/* All keys of a part have the same number: they were written at once. */
static gale_err look(void *arg, gale_row key, gale_row value)
{
    int64_t *seen = arg;
    uint32_t group = gale_state_group(key.values, key.n);
    int64_t *here = &seen[group];

    CHECK(*here == 0 || *here == value.values[0].as.i);
    *here = value.values[0].as.i;
    return GALE_OK;
}

static void *read_all(void *arg)
{
    gale_store_where w = where(0, 1);

    (void)arg;
    w.read_only = true;
    for (int i = 0; i < 30; i++) {
        int64_t seen[GALE_STATE_GROUPS] = { 0 };
        gale_map *m;
        gale_err rv = gale_map_open(&m, store, &w, GALE_STATE_OPAQUE, NULL);

        if (rv == GALE_ENOTFOUND)
            continue; /* nobody has begun yet */
        CHECK(rv == GALE_OK);
        CHECK(gale_map_scan(m, look, seen, NULL) == GALE_OK);
        gale_map_close(m);
    }
    return NULL;
}

static int remove_one(const char *path, const struct stat *st, int what,
                      struct FTW *f)
{
    (void)st;
    (void)what;
    (void)f;
    return remove(path);
}

static void run(const gale_store *s)
{
    pthread_t threads[PARTS + 1];

    store = s;
    for (uintptr_t i = 0; i < PARTS; i++)
        CHECK(pthread_create(&threads[i], NULL, write_part, (void *)i) == 0);
    CHECK(pthread_create(&threads[PARTS], NULL, read_all, NULL) == 0);
    for (int i = 0; i <= PARTS; i++)
        pthread_join(threads[i], NULL);
}

int main(void)
{
    alarm(600);
    snprintf(dir, sizeof(dir), "%s/gale-race-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir);
    CHECK(mkdtemp(dir) != NULL);
    run(&gale_store_memory);
    run(&gale_store_embedded);
    CHECK(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
    return 0;
}
