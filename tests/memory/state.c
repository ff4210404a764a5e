/* state.c -- maps over both stores: whatever is refused, a batch counts once,
 * or words say why not and it is done again. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>

#include "memory.h"

#include "gale/state.h"
#include "state/memory.h"

enum { WORDS = 12, BATCHES = 3 };

static char dir[64];

static int remove_one(const char *path, const struct stat *st, int what,
                      struct FTW *f)
{
    (void)st;
    (void)what;
    (void)f;
    return remove(path);
}

static gale_err add(void *arg, size_t i, gale_row old, gale_row *now)
{
    static gale_value v;

    (void)i;
    v = gale_val_i64((old.values == NULL ? 0 : old.values[0].as.i) +
                     *(int64_t *)arg);
    *now = (gale_row){ &v, 1 };
    return GALE_OK;
}

static gale_err batch(gale_map *m, int64_t txid, gale_diag *why)
{
    gale_value keys[WORDS];
    gale_row rows[WORDS], now[WORDS];
    gale_err rv = gale_map_begin(m, (uint64_t)txid, 0, why);

    for (int i = 0; i < WORDS; i++) {
        keys[i] = gale_val_i64(i);
        rows[i] = (gale_row){ &keys[i], 1 };
    }
    if (rv == GALE_OK)
        rv = gale_map_update(m, rows, WORDS, add, &txid, now, why);
    if (rv == GALE_OK)
        rv = gale_map_commit(m, why);
    if (rv != GALE_OK)
        gale_map_abandon(m);
    return rv;
}

static gale_err sum_up(void *arg, gale_row key, gale_row value)
{
    (void)key;
    *(int64_t *)arg += value.values[0].as.i;
    return GALE_OK;
}

static bool all_batches(const gale_store *s, uint32_t count)
{
    gale_store_where w = {
        .topology = "t", .state = "s", .count = count, .place = dir
    };
    gale_diag why = { "" };
    gale_map *m;
    int64_t sum = 0;
    gale_err rv = gale_map_open(&m, s, &w, GALE_STATE_OPAQUE, &why);

    if (rv != GALE_OK) {
        memory_clean(rv, &why);
        return false;
    }
    for (int64_t t = 1; rv == GALE_OK && t <= BATCHES; t++)
        if (gale_map_txid(m) <= (uint64_t)t)
            rv = batch(m, t, &why);
    if (rv == GALE_OK)
        rv = gale_map_scan(m, sum_up, &sum, &why);
    gale_map_close(m);
    if (rv != GALE_OK)
        memory_clean(rv, &why);
    else
        CHECK(sum == WORDS * BATCHES * (BATCHES + 1) / 2, "%lld",
              (long long)sum);
    return rv == GALE_OK;
}

static bool run(const void *arg)
{
    const gale_store *s = arg;
    bool ok;

    /* In memory, if there is a place: it syncs often. */
    snprintf(dir, sizeof(dir), "%s/gale-memory-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir);
    CHECK(mkdtemp(dir) != NULL, "cannot make a directory here");
    ok = all_batches(s, 1);
    /* Once more, with what is there: now nothing is refused. */
    gi_mem_fail_after(0, 0);
    CHECK(all_batches(s, 1), "it does not go on");
    CHECK(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0, "'%s'", dir);
    gi_store_memory_forget();
    return ok;
}

int main(void)
{
    alarm(600);
    memory_every("a map in memory", run, &gale_store_memory, 1);
    memory_every("a map in memory", run, &gale_store_memory, 3);
    memory_every("a map in files", run, &gale_store_embedded, 1);
    memory_every("a map in files", run, &gale_store_embedded, 3);
    return 0;
}
