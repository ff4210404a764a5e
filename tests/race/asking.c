/* A state on several threads, asked by its own stream, in two ways, and by
 * another one, while tasks fail and die: who is of the stream sees exactly
 * what his batch did; who is not sees what never goes back. */
#include <string.h>

#include "gale/testing.h"
#include "gale/trident.h"
#include "tests/race/race.h"

enum { BATCHES = 150, ASKING = 300, KEYS = 48, STEP = 7 };

/* ------------------------------------------------------------ the sources */

/* A batch is its number, as text, and has each key once. */
static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    int most = *(const int *)*(const void **)c;
    int b = before.len == 0 ? 1 : atoi(before.ptr) + 1;

    return b > most ? 0 : (size_t)snprintf(now, room, "%d", b) + 1;
}

static gale_err plan_open(void *c, const void *arg, gale_task *task)
{
    (void)task;
    *(const void **)c = arg;
    return GALE_OK;
}

static bool ended(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return true; /* of what is planned, all is done first */
}

static bool emit(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    (void)self;
    for (int64_t k = part->partition; k < KEYS; k += part->partitions)
        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(atoi(part->from.ptr)),
                                      gale_val_i64(k)));
    return false;
}

static const gale_field row[] = { GALE_I64("b"), GALE_I64("k"), { 0, 0 } };
static const int counting = BATCHES, asking = ASKING;

#define SOURCE(most)                                                       \
    {                                                                      \
        .output = row, .arg = &(most), .plan_size = sizeof(void *),        \
        .plan_open = plan_open, .plan = plan, .ended = ended, .emit = emit \
    }

static const gale_batch_spout counted = SOURCE(counting),
                              asked = SOURCE(asking);

/* ---------------------------------------------------------------- the rows */

static void other_key(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(
        ctx, GALE_ROW(gale_val_i64((gale_row_i64(in, 0) + STEP) % KEYS)));
}

static const gale_function other = { .output = GALE_FIELDS(GALE_I64("other")),
                                     .apply = other_key };

/* Two numbers that have to be the same. */
static void same(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)ctx;
    CHECK(gale_row_i64(in, 0) == gale_row_i64(in, 1), "%d, %d",
          (int)gale_row_i64(in, 0), (int)gale_row_i64(in, 1));
}

static const gale_function both_same = { .apply = same };

/* Of each key one task tells, whatever its life. */
static int64_t seen[KEYS];

static void forward(void *self, gale_row in, gale_batch_ctx *ctx)
{
    int64_t key = gale_row_i64(in, 0),
            now = in.values[1].type == GALE_T_NIL ? 0 : gale_row_i64(in, 1);

    (void)self;
    (void)ctx;
    CHECK(now >= seen[key] && now <= BATCHES, "key %d: %d after %d", (int)key,
          (int)now, (int)seen[key]);
    seen[key] = now;
}

static const gale_function only_forward = { .apply = forward };

static gale_err check_pair(void *arg, gale_row key, gale_row value)
{
    CHECK(value.values[0].as.i == BATCHES, "%d counted %d times",
          (int)key.values[0].as.i, (int)value.values[0].as.i);
    ++*(int *)arg;
    return GALE_OK;
}

/* --------------------------------------------------------- the program -- */

static gale_batches *ask(gale_batches *s, gale_kept *k, const gale_name *key)
{
    return gale_state_query(s, k, key, GALE_FIELDS(GALE_I64("now")));
}

static void define(gale_trident *t)
{
    gale_state_opts memory = { .store = &gale_store_memory, .tasks = 3 };
    gale_batches *s =
        gale_parallelism(gale_new_stream(t, "numbers", &counted), 2);
    gale_kept *k =
        gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("k")), "counts",
                                  GALE_FOLD(GALE_COUNT("n")), &memory);
    gale_batches *back =
        gale_each(gale_shuffle(gale_new_values(k)), GALE_NAMES("k"), &other);

    gale_trident_remember(t, &gale_store_memory);
    gale_peek(ask(s, k, GALE_NAMES("k")), GALE_NAMES("b", "now"), &both_same);
    gale_peek(ask(gale_parallelism(back, 2), k, GALE_NAMES("other")),
              GALE_NAMES("n", "now"), &both_same);
    gale_peek(ask(gale_new_stream(t, "questions", &asked), k, GALE_NAMES("k")),
              GALE_NAMES("k", "now"), &only_forward);
}

int main(void)
{
    static const gale_setting conf[] = {
        { "topology.faults", "fail=counts:0.0005,kill=counts:0.00005" },
        { "topology.trident.batch.emit.interval.millis", "2" },
        { 0, 0 },
    };
    gale_run_opts opts = { .conf = conf, .loops = 3 };
    gale_store_where where = { .topology = "asking",
                               .state = "counts",
                               .count = 1 };
    const gale_topology *topology;
    gale_diag why = { "" };
    gale_trident *t;
    gale_map *m;
    int n = 0;

    alarm(600);
    CHECK(gale_trident_create(&t, "asking") == GALE_OK, "no memory");
    define(t);
    CHECK(gale_trident_build(t, &topology, &why) == GALE_OK, "%s", why.text);
    CHECK(gale_local_run(topology, &opts, NULL, &why) == GALE_OK, "%s",
          why.text);
    gale_trident_destroy(t);
    CHECK(gale_map_open(&m, &gale_store_memory, &where, GALE_STATE_OPAQUE,
                        &why) == GALE_OK,
          "%s", why.text);
    CHECK(gale_map_scan(m, check_pair, &n, &why) == GALE_OK, "%s", why.text);
    gale_map_close(m);
    CHECK(n == KEYS, "%d keys", n);
    return 0;
}
