/* Strings are emitted wherever they lie, and as they are: empty ones that lie
 * nowhere, and those behind which nothing may be read. */
#include <sys/mman.h>

#include "semantics.h"

enum { LONGEST = 40 };

/* Where what may be read ends. */
static char *end;

static void find_end(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(p, MAP_FAILED);
    cr_assert_eq(mprotect(p + page, page, PROT_NONE), 0);
    end = p + page;
    for (int i = 1; i <= LONGEST; i++)
        end[-i] = (char)('a' + i % 26);
}

/* The last `n` bytes before it. */
static gale_value last(int64_t n)
{
    return gale_val_run(GALE_T_STR, end - n, (uint32_t)n);
}

/* Of one value and of several: they are written in two ways. */
enum { ONE, SEVERAL };

static const gale_stream streams[] = {
    { "several",
      GALE_FIELDS(GALE_I64("n"), GALE_STR("nothing"), GALE_STR("text")),
      false },
    { 0, 0, 0 },
};

static gale_verdict say_execute(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    int64_t n = gale_tuple_i64(in, 0);
    gale_value nothing = gale_val_run(GALE_T_STR, NULL, 0);

    (void)self;
    gale_emit(ctx, GALE_ROW(nothing));
    gale_emit(ctx, GALE_ROW(last(n)));
    gale_emit_on(ctx, SEVERAL, GALE_ROW(I64(n), nothing, last(n)));
    return GALE_ACK;
}

static const gale_bolt say = { .output = GALE_FIELDS(GALE_STR("text")),
                               .streams = streams,
                               .execute = say_execute };

static gale_verdict hear_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    bool several = gale_tuple_len(in) > 1;
    gale_str s = gale_tuple_str(in, several ? 2 : 0);

    (void)self;
    see(ctx, in);
    cr_assert_leq(s.len, LONGEST);
    cr_expect_eq(memcmp(s.ptr, end - s.len, s.len), 0, "%u bytes", s.len);
    if (several) {
        cr_expect_eq(gale_tuple_str(in, 1).len, 0);
        cr_expect_eq(gale_tuple_i64(in, 0), s.len);
    }
    return GALE_ACK;
}

static const gale_bolt hear = { .execute = hear_execute };

static void say_all(const gale_component *parts)
{
    const gale_topology topology = { .abi = GALE_ABI,
                                     .name = "test",
                                     .components = { parts, 3 } };
    gale_test *t =
        start(&topology, &(gale_test_opts){ .mocks = MOCK("source") });

    n_seen = 0;
    for (int64_t n = 0; n <= LONGEST; n++)
        feed(t, "source", (uint64_t)n, ROW(I64(n)));
    settle(t);
    cr_expect_eq(n_seen, 3 * (LONGEST + 1));
    gale_test_destroy(t);
}

/* The readers of `say` by the groupings given. */
#define PARTS(...)                                             \
    {                                                          \
        { .id = "source", .spout = &source },                  \
            { .id = "say",                                     \
              .bolt = &say,                                    \
              .inputs = GALE_INPUTS(GALE_SHUFFLE("source")) }, \
            { .id = "hear",                                    \
              .bolt = &hear,                                   \
              .inputs = GALE_INPUTS(__VA_ARGS__),              \
              .tasks = 3 },                                    \
    }

TestSuite(strings, .init = find_end, .timeout = 60);

Test(strings, are_dealt_out_wherever_they_lie)
{
    const gale_component parts[] = PARTS(
        GALE_SHUFFLE("say"),
        { .from = "say", .how = GALE_GROUP_SHUFFLE, .stream = "several" });

    say_all(parts);
}

Test(strings, are_keys_wherever_they_lie)
{
    const gale_component parts[] =
        PARTS(GALE_BY("say", "text"),
              GALE_BY_OF("say", "several", "nothing", "text"));

    say_all(parts);
}
