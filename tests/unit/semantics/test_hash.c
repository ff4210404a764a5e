/* The hash that comes with a tuple: gale_tuple_hash. */
#include "semantics.h"

/* ------------------------------------------------------------- the rows -- */

enum { VALUES = 3, LONGEST = 300 };

static uint64_t chance;

static uint64_t below(uint64_t n)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return (chance >> 33) % n;
}

static gale_value any_bytes(gale_type type, char *room)
{
    uint32_t len = (uint32_t)below(below(3) == 0 ? LONGEST : 20);

    for (uint32_t i = 0; i < len; i++)
        room[i] = (char)('a' + below(3));
    return gale_val_run(type, room, len);
}

/* One of few numbers, so that keys come again. */
static double any_f64(void)
{
    static const double some[] = { 0.0, -0.0, 1.5, -1e300 };
    uint64_t which = below(5), nan = below(2) << 63 | 0x7ff0000000000001u;
    double f;

    memcpy(&f, &nan, sizeof(f));
    return which == 4 ? f : some[which];
}

static gale_value any_value(char *room)
{
    switch (1 + below(GALE_T_MAP)) {
    case GALE_T_NIL:
        return gale_val_nil();
    case GALE_T_BOOL:
        return gale_val_bool(below(2) != 0);
    case GALE_T_I64:
        return I64((int64_t)below(100) - 50);
    case GALE_T_F64:
        return gale_val_f64(any_f64());
    case GALE_T_STR:
        return any_bytes(GALE_T_STR, room);
    case GALE_T_BYTES:
        return any_bytes(GALE_T_BYTES, room);
    case GALE_T_LIST:
        return below(2) != 0 ? gale_val_list("\x93\x01\xa1x\xc0", 5)
                             : gale_val_list("\x90", 1);
    default:
        return gale_val_map("\x81\xa1k\x07", 4);
    }
}

/* ------------------------------------------------------------- emitting -- */

enum { ANY, TYPED }; /* pass's streams */

static const gale_stream typed[] = {
    { "typed", GALE_FIELDS(GALE_STR("s"), GALE_I64("i"), GALE_BYTES("b")),
      false },
    { 0, 0, 0 },
};

static void emit_rows(gale_bolt_ctx *ctx)
{
    char room[VALUES][LONGEST];

    gale_emit(ctx, GALE_ROW(any_value(room[0]), any_value(room[1]),
                            any_value(room[2])));
    gale_emit_on(ctx, TYPED,
                 GALE_ROW(any_bytes(GALE_T_STR, room[0]), I64(below(100)),
                          any_bytes(GALE_T_BYTES, room[1])));
}

static gale_verdict pass_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    emit_rows(ctx);
    return GALE_ACK;
}

#define ANY_ROW GALE_FIELDS(GALE_ANY("x"), GALE_ANY("y"), GALE_ANY("z"))

static const gale_bolt pass = {
    .output = ANY_ROW,
    .streams = typed,
    .execute = pass_execute,
};

/* The same of every other tuple, under it and the one before. */
static gale_verdict pair_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    gale_held *before = self;
    char room[VALUES][LONGEST];

    if (before->ref == 0) {
        *before = gale_hold(ctx, in);
        return GALE_HOLD;
    }
    gale_held both[] = { *before, GALE_INPUT };
    gale_emit_opts o = { .anchors = both, .n_anchors = 2 };

    gale_emit_with(
        ctx, &o,
        GALE_ROW(any_value(room[0]), any_value(room[1]), any_value(room[2])));
    o.stream = TYPED;
    gale_emit_with(ctx, &o,
                   GALE_ROW(any_bytes(GALE_T_STR, room[0]), I64(below(100)),
                            any_bytes(GALE_T_BYTES, room[1])));
    gale_ack(ctx, *before);
    before->ref = 0;
    return GALE_ACK;
}

static const gale_bolt pair = {
    .state_size = sizeof(gale_held),
    .output = ANY_ROW,
    .streams = typed,
    .execute = pair_execute,
};

/* ------------------------------------------------------------- checking -- */

/* By which slots a reader groups; none: by something else. */
struct by {
    size_t n;
    unsigned slot[VALUES];
};

static uint64_t n_checked, n_not_zero;

static void check(gale_bolt_ctx *ctx, const gale_tuple *in)
{
    const gale_task *t = gale_bolt_task(ctx);
    const struct by *by = gale_task_arg(t);
    gale_value key[VALUES];

    for (size_t i = 0; i < by->n; i++)
        key[i] = *gale_tuple_at(in, by->slot[i]);
    uint32_t expected = (uint32_t)gale_hash(key, by->n);

    cr_assert_eq(gale_tuple_hash(in), expected, "'%s' got %x, not %x",
                 gale_task_component(t), gale_tuple_hash(in), expected);
    n_checked++;
    n_not_zero += expected != 0;
}

static gale_verdict one_execute(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    (void)self;
    check(ctx, in);
    return GALE_ACK;
}

static const gale_bolt one_by_one = { .execute = one_execute };

static void several_execute(void *self, const gale_tuple *const *in, size_t n,
                            gale_bolt_ctx *ctx)
{
    (void)self;
    for (size_t i = n; i-- > 0;)
        check(ctx, in[i]);
    for (size_t i = 0; i < n; i++)
        gale_answer(ctx, GALE_ACK);
}

static const gale_bolt several = { .execute_batch = several_execute };

enum { HELD = 4 };

struct later {
    uint32_t n;
    gale_held held[HELD];
};

static void check_held(void *self, gale_bolt_ctx *ctx)
{
    struct later *s = self;

    while (s->n > 0) {
        check(ctx, gale_held_tuple(ctx, s->held[--s->n]));
        gale_ack(ctx, s->held[s->n]);
    }
}

static gale_verdict later_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct later *s = self;

    if (s->n == HELD)
        check_held(self, ctx);
    s->held[s->n++] = gale_hold(ctx, in);
    return GALE_HOLD;
}

static const gale_bolt later = {
    .state_size = sizeof(struct later),
    .execute = later_execute,
    .tick = check_held,
};

static void choose_prepare(void *self, const uint32_t *tasks, size_t n)
{
    (void)n;
    *(uint32_t *)self = tasks[0];
}

static size_t choose_first(void *self, gale_row row, uint32_t *chosen)
{
    (void)row;
    chosen[0] = *(uint32_t *)self;
    return 1;
}

static const gale_chooser first = {
    .state_size = sizeof(uint32_t),
    .prepare = choose_prepare,
    .choose = choose_first,
};

/* --------------------------------------------------------------- trying -- */

enum { FED = 300 };

static const struct by by_none = { 0 }, by_0 = { 1, { 0 } },
                       by_1 = { 1, { 1 } }, by_20 = { 2, { 2, 0 } },
                       by_102 = { 3, { 1, 0, 2 } };

// clang-format off
#define READER(name, keys, ...)                                     \
    { .id = (name), .bolt = reader, .inputs = GALE_INPUTS(__VA_ARGS__), \
      .tasks = 3, .tick_ms = reader->tick ? 10 : 0, .arg = &(keys) }
// clang-format on

/* Every tuple that `from` emits is checked by `reader`, by all groupings. */
static void try(const gale_bolt *from, const gale_bolt *reader,
                const gale_test_opts *o)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "p",
          .bolt = from,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
          .tasks = 2 },
        READER("x", by_0, GALE_BY("p", "x")),
        READER("zx", by_20, GALE_BY("p", "z", "x")),
        READER("yxz", by_102, GALE_BY("p", "y", "x", "z")),
        READER("partial", by_1, GALE_PARTIAL("p", "y")),
        READER("shuffle", by_none, GALE_SHUFFLE("p")),
        READER("none", by_none, GALE_NONE("p")),
        READER("local", by_none, GALE_LOCAL("p")),
        READER("all", by_none, GALE_ALL("p")),
        READER("global", by_none, GALE_GLOBAL("p")),
        READER("custom", by_none, GALE_CUSTOM("p", &first)),
        READER("text", by_0, GALE_BY_OF("p", "typed", "s")),
        READER("i", by_1, GALE_BY_OF("p", "typed", "i")),
        READER("bs", by_20, GALE_BY_OF("p", "typed", "b", "s")),
        READER("shuffled", by_none, GALE_SHUFFLE_OF("p", "typed")),
    };
    gale_test *t =
        start(&(const gale_topology){ .abi = GALE_ABI,
                                      .name = "test",
                                      .components = GALE_COMPONENTS(parts) },
              o);

    for (uint64_t i = 0; i < FED; i++)
        feed(t, "s", i, ROW(I64(i)));
    settle(t);
    advance(t, 60000);
    settle(t);
    if (o->faults == NULL)
        cr_assert_eq(acked(t, "s"), FED);
    gale_test_destroy(t);
}

static void try_all(const gale_bolt *from, const char *faults)
{
    static const gale_bolt *const readers[] = { &one_by_one, &several,
                                                &later };

    for (size_t i = 0; i < 3; i++)
        for (uint32_t loops = 1; loops <= 3; loops++) {
            chance = loops;
            n_checked = n_not_zero = 0;
            try(from, readers[i],
                &(gale_test_opts){ .mocks = MOCK("s"),
                                   .loops = loops,
                                   .seed = loops,
                                   .faults = faults });
            cr_assert_gt(n_checked, FED * 5);
            cr_assert_gt(n_not_zero, n_checked / 4);
        }
}

Test(hash, is_that_of_the_fields_it_is_grouped_by)
{
    try_all(&pass, NULL);
}

Test(hash, so_of_a_tuple_that_stands_in_several_trees)
{
    try_all(&pair, NULL);
}

Test(hash, so_of_what_faults_put_off_or_make_two_of)
{
    try_all(&pass, "duplicate=0.1,late=0.1:20ms,reorder=0.1,delay=0.1:5ms");
    try_all(&pair, "duplicate=0.1,late=0.1:20ms,reorder=0.1,fail=0.05");
}

/* -------------------------------------------------------------- tables -- */

enum { TASKS = 8, PLACES = 4096, KEYS = PLACES * TASKS / 2 };

static uint8_t in_place[TASKS][PLACES];

static gale_verdict place_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    uint32_t task = gale_task_index(gale_bolt_task(ctx));

    (void)self;
    in_place[task][gale_tuple_hash(in) % PLACES]++;
    return GALE_ACK;
}

static const gale_bolt place = { .execute = place_execute };

/* Tasks are chosen by the hash; so a table that took the same bits of it would
 * have all of its keys in an eighth of its places.  With half as many keys as
 * places, chosen by lot, 39 % of these have one. */
static void fill(const gale_input *inputs, bool text)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "b", .bolt = &place, .inputs = inputs, .tasks = TASKS },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 2);
    char key[16];

    memset(in_place, 0, sizeof(in_place));
    for (int64_t i = 0; i < KEYS; i++) {
        snprintf(key, sizeof(key), "key %lld", (long long)i);
        feed(t, "s", (uint64_t)i, ROW(text ? TEXT(key) : I64(i)));
    }
    settle(t);
    cr_assert_eq(acked(t, "s"), KEYS);
    gale_test_destroy(t);
    for (int task = 0; task < TASKS; task++) {
        unsigned used = 0, most = 0;

        for (int i = 0; i < PLACES; i++) {
            used += in_place[task][i] > 0;
            most = in_place[task][i] > most ? in_place[task][i] : most;
        }
        cr_expect(used > PLACES * 37 / 100 && used < PLACES * 42 / 100,
                  "task %d: %u places", task, used);
        cr_expect_leq(most, 10);
    }
}

Test(hash, low_bits_fill_a_table_evenly_in_each_task)
{
    const gale_input by[] = { GALE_BY("s", "v"), { 0 } };
    const gale_input partial[] = { GALE_PARTIAL("s", "v"), { 0 } };

    fill(by, true);
    fill(by, false);
    fill(partial, true);
    fill(partial, false);
}
