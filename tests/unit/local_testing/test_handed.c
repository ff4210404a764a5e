/* A tuple's hash is handed over, not only the same: what lies in its header,
 * which users do not see. */
#include <criterion/criterion.h>

#include "gale/testing.h"
#include "topology/batch.h"

static bool next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static const gale_spout source = {
    .output = GALE_FIELDS(GALE_STR("s"), GALE_I64("i")),
    .next = next,
};

static gale_verdict pass_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt pass = {
    .output = GALE_FIELDS(GALE_STR("s"), GALE_I64("i")),
    .execute = pass_execute,
};

/* Of fields of any type it goes another way. */
static const gale_bolt pass_any = {
    .output = GALE_FIELDS(GALE_ANY("s"), GALE_ANY("i")),
    .execute = pass_execute,
};

static unsigned n_checked;

static void check(const gale_tuple *in, const char *keys)
{
    gale_value of[2];
    size_t n = 0;

    for (; keys[n] != '\0'; n++)
        of[n] = *gale_tuple_at(in, keys[n] == 's' ? 0 : 1);
    cr_assert_eq(gi_tuple_known_hash(in), (uint32_t)gale_hash(of, n));
    n_checked++;
}

static gale_verdict check_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    const char *keys = gale_task_arg(gale_bolt_task(ctx));

    (void)self;
    check(in, keys);
    check(gale_held_tuple(ctx, gale_hold(ctx, in)), keys);
    return GALE_ACK;
}

static const gale_bolt checker = { .execute = check_execute };

#define CHECKER(name, keys, ...)                                            \
    {                                                                       \
        .id = (name), .bolt = &checker, .inputs = GALE_INPUTS(__VA_ARGS__), \
        .tasks = 3, .arg = (keys),                                          \
    }

Test(handed, hash_comes_with_the_tuple)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "p", .bolt = &pass, .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
        { .id = "any",
          .bolt = &pass_any,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
        CHECKER("first", "s", GALE_BY("s", "s")),
        CHECKER("text", "s", GALE_BY("p", "s")),
        CHECKER("number", "i", GALE_BY("p", "i")),
        CHECKER("both", "is", GALE_BY("p", "i", "s")),
        CHECKER("partial", "s", GALE_PARTIAL("p", "s")),
        CHECKER("any_text", "s", GALE_BY("any", "s")),
        CHECKER("any_partial", "si", GALE_PARTIAL("any", "s", "i")),
        CHECKER("shuffle", "", GALE_SHUFFLE("p")),
        CHECKER("all", "", GALE_ALL("any")),
    };
    const gale_topology topology = { .abi = GALE_ABI,
                                     .name = "test",
                                     .components = GALE_COMPONENTS(parts) };

    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_test_opts o = { .mocks = GALE_MOCKS({ .spout = "s" }),
                             .loops = loops };
        gale_diag why;
        gale_test *t;

        cr_assert_eq(gale_test_create(&t, &topology, &o, &why), GALE_OK, "%s",
                     why.text);
        n_checked = 0;
        for (int64_t i = 0; i < 100; i++) {
            static const char text[] = "longer than sixteen bytes";
            gale_str s = { text, (uint32_t)(i % 26) };

            cr_assert_eq(
                gale_test_feed(t, "s", (uint64_t)i,
                               GALE_ROW(gale_val_str(s), gale_val_i64(i))),
                GALE_OK);
        }
        cr_assert_eq(gale_test_settle(t), GALE_OK);
        cr_assert_eq(n_checked, 100 * 2 * (8 + 3)); /* 3: by all */
        gale_test_destroy(t);
    }
}
