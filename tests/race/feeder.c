/* Threads that give to a feeder while its topology runs, and fails now and
 * then; each waits for some of what it gave.  All of it counts once. */
#include <pthread.h>

#include "gale/feeder.h"
#include "gale/trident.h"
#include "tests/race/race.h"

enum { GIVERS = 3, ROUNDS = 40, AT_ONCE = 5, WAIT_MS = 60000 };

static const gale_field number[] = { GALE_I64("n"), { 0, GALE_T_ANY } };

static gale_feeder *f;

/* A batch, then single rows, then perhaps a wait for them. */
static void *give(void *arg)
{
    int64_t base = (int64_t)(uintptr_t)arg * ROUNDS * AT_ONCE * 2;

    for (int r = 0; r < ROUNDS; r++) {
        gale_value values[AT_ONCE];
        gale_row rows[AT_ONCE];
        uint64_t no = 0;

        for (int i = 0; i < AT_ONCE; i++) {
            values[i] = gale_val_i64(base++);
            rows[i] = (gale_row){ &values[i], 1 };
        }
        CHECK(gale_feeder_give(f, rows, AT_ONCE, &no, NULL) == GALE_OK, "%d",
              r);
        for (int i = 0; i < AT_ONCE; i++)
            CHECK(gale_feeder_add(f, GALE_ROW(gale_val_i64(base++)), &no,
                                  NULL) == GALE_OK,
                  "%d", r);
        if (r % 8 == 7)
            CHECK(gale_feeder_wait(f, no, WAIT_MS) == GALE_OK,
                  "%zu batches are left", gale_feeder_left(f));
    }
    return NULL;
}

static void *run(void *arg)
{
    static const gale_setting conf[] = {
        { "topology.faults", "fail=counts:0.05,kill=numbers:0.002" },
        { 0, 0 },
    };
    gale_run_opts opts = { .conf = conf, .loops = 3 };
    gale_diag why = { "" };

    CHECK(gale_local_run(arg, &opts, NULL, &why) == GALE_OK, "%s", why.text);
    return NULL;
}

static gale_err check_pair(void *arg, gale_row key, gale_row value)
{
    CHECK(value.values[0].as.i == 1, "%d counted %d times",
          (int)key.values[0].as.i, (int)value.values[0].as.i);
    ++*(int *)arg;
    return GALE_OK;
}

static void check_counts(const char *name)
{
    int n = 0;

    for (uint32_t i = 0; i < 2; i++) {
        gale_store_where where = {
            .topology = name, .state = "counts", .index = i, .count = 2
        };
        gale_map *m;

        CHECK(gale_map_open(&m, &gale_store_memory, &where, GALE_STATE_OPAQUE,
                            NULL) == GALE_OK,
              "part %u", i);
        CHECK(gale_map_scan(m, check_pair, &n, NULL) == GALE_OK, "part %u", i);
        gale_map_close(m);
    }
    CHECK(n == GIVERS * ROUNDS * AT_ONCE * 2, "%d numbers counted", n);
}

static void go(gale_spout_kind kind, const char *name)
{
    gale_state_opts memory = { .store = &gale_store_memory, .tasks = 2 };
    const gale_topology *topology;
    pthread_t runner, givers[GIVERS];
    gale_diag why = { "" };
    gale_batches *s;
    gale_trident *t;

    CHECK(gale_feeder_create(&f, kind, number) == GALE_OK, "%s", name);
    CHECK(gale_trident_create(&t, name) == GALE_OK, "%s", name);
    gale_trident_remember(t, &gale_store_memory);
    s = gale_new_stream(t, "numbers", gale_feeder_spout(f));
    gale_persistent_aggregate(
        gale_group_by(gale_parallelism(s, 2), GALE_NAMES("n")), "counts",
        GALE_FOLD(GALE_COUNT("count")), &memory);
    CHECK(gale_trident_build(t, &topology, &why) == GALE_OK, "%s", why.text);
    pthread_create(&runner, NULL, run, (void *)(uintptr_t)topology);
    for (uintptr_t i = 0; i < GIVERS; i++)
        pthread_create(&givers[i], NULL, give, (void *)i);
    for (int i = 0; i < GIVERS; i++)
        pthread_join(givers[i], NULL);
    CHECK(gale_feeder_wait(f, 0, WAIT_MS) == GALE_OK, "%zu batches are left",
          gale_feeder_left(f));
    gale_feeder_end(f);
    pthread_join(runner, NULL);
    gale_trident_destroy(t);
    gale_feeder_destroy(f);
    check_counts(name);
}

int main(void)
{
    alarm(600);
    go(GALE_SPOUT_TRANSACTIONAL, "fed-transactional");
    go(GALE_SPOUT_OPAQUE, "fed-opaque");
    return 0;
}
