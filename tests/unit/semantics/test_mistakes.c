/* What goes wrong in user code is said at once, by name. */
#include <pthread.h>

#include "gale/nested.h"
#include "semantics.h"

/* A bolt whose mistake is its only input. */
enum mistake {
    NO_SUCH_STREAM = 1,
    TOO_FEW,
    TOO_MANY,
    WRONG_TYPE,
    NO_TYPE,
    NO_OPTS,
    BAD_LIST,
    BAD_MAP,
    TOO_LARGE,
    READS_BEYOND,
    READS_AS_STR,
    READS_AS_BYTES,
    OTHER_THREAD,
    OTHER_THREAD_ACKS,
};

static void *emit_elsewhere(void *ctx)
{
    gale_emit(ctx, ROW(I64(1), TEXT("x")));
    return NULL;
}

static void *ack_elsewhere(void *ctx)
{
    gale_ack(ctx, (gale_held){ 1 });
    return NULL;
}

static gale_verdict mistake_execute(void *self, const gale_tuple *in,
                                    gale_bolt_ctx *ctx)
{
    static char large[70000];
    const char *bad = "\x92\x01"; /* a list of two that has one */
    gale_value odd = { 99, 0, { false } };
    pthread_t thread;

    (void)self;
    switch ((enum mistake)gale_tuple_i64(in, 0)) {
    case NO_SUCH_STREAM:
        gale_emit_on(ctx, 7, ROW(I64(1), TEXT("x")));
        break;
    case TOO_FEW:
        gale_emit(ctx, ROW(I64(1)));
        break;
    case TOO_MANY:
        gale_emit(ctx, ROW(I64(1), TEXT("x"), TEXT("y")));
        break;
    case WRONG_TYPE:
        gale_emit(ctx, ROW(I64(1), I64(2)));
        break;
    case NO_TYPE:
        gale_emit_on(ctx, 1, ROW(odd));
        break;
    case NO_OPTS:
        gale_emit_with(ctx, NULL, ROW(I64(1), TEXT("x")));
        break;
    case BAD_LIST:
        gale_emit_on(ctx, 1, ROW(gale_val_list(bad, 2)));
        break;
    case BAD_MAP:
        gale_emit_on(ctx, 1, ROW(gale_val_map("\x91\x01", 2)));
        break;
    case TOO_LARGE:
        gale_emit_on(ctx, 1, ROW(gale_val_bytes(large, sizeof(large))));
        break;
    case READS_BEYOND:
        gale_tuple_i64(in, 1);
        break;
    case READS_AS_STR:
        gale_tuple_str(in, 0);
        break;
    case READS_AS_BYTES:
        gale_tuple_bytes(in, 0);
        break;
    case OTHER_THREAD:
        pthread_create(&thread, NULL, emit_elsewhere, ctx);
        pthread_join(thread, NULL);
        break;
    case OTHER_THREAD_ACKS:
        pthread_create(&thread, NULL, ack_elsewhere, ctx);
        pthread_join(thread, NULL);
        break;
    }
    return GALE_ACK;
}

static const gale_bolt mistaken = {
    .output = GALE_FIELDS(GALE_I64("n"), GALE_STR("s")),
    .streams = GALE_STREAMS({ "any", GALE_FIELDS(GALE_ANY("v")), false }),
    .execute = mistake_execute,
};

static enum mistake which;

static void make_it(void)
{
    const gale_component parts[] = {
        { .id = "from", .spout = &source },
        { .id = "wrong",
          .bolt = &mistaken,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("from")) },
    };
    gale_test *t =
        START(parts, .mocks = MOCK("from"),
              .conf = CONF({ "topology.tuple.max.bytes", "65536" }));

    feed(t, "from", 1, ROW(I64(which)));
    gale_test_settle(t);
}

static void check(enum mistake m, const char *text)
{
    which = m;
    dies_saying(make_it, text);
}

Test(mistakes, emitting_what_was_not_declared_ends_by_name)
{
    check(NO_SUCH_STREAM, "'wrong' emits on stream 7, but it declares 2 (0 is "
                          "the default one)");
    check(TOO_FEW,
          "'wrong' emits 1 value on stream 'default', which has 2 fields");
    check(TOO_MANY,
          "'wrong' emits 3 values on stream 'default', which has 2 fields");
    check(WRONG_TYPE, "'wrong' emits field 's' of stream 'default' as i64, "
                      "declared str");
    check(NO_TYPE, "'wrong' emits a value of no type on stream 'any'");
    check(BAD_LIST, "'wrong' emits field 'v' of stream 'any' as a list, but "
                    "its bytes are not exactly one msgpack array");
    check(BAD_MAP, "'wrong' emits field 'v' of stream 'any' as a map, but its "
                   "bytes are not exactly one msgpack map");
    check(TOO_LARGE, "topology.tuple.max.bytes is 65536");
}

Test(mistakes, reading_what_is_not_there_names_both_ends)
{
    check(READS_BEYOND, "'wrong' reads slot 1 of a tuple from 'from', stream "
                        "'default', which has 1 (the first is 0)");
    check(READS_AS_STR, "'wrong' reads slot 0 ('v') of a tuple from 'from', "
                        "stream 'default', as str, but it is i64");
    check(READS_AS_BYTES, "'wrong' reads slot 0 ('v') of a tuple from 'from', "
                          "stream 'default', as bytes, but it is i64");
}

Test(mistakes, calls_from_another_thread_are_refused_by_name)
{
    check(OTHER_THREAD, "gale_emit of 'wrong/0' on a thread that does "
                        "not run it");
    check(OTHER_THREAD_ACKS, "gale_ack of 'wrong/0' on a thread that "
                             "does not run it");
}

/* --------------------------------------------- before and after running -- */

static gale_err early_prepare(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, ROW(I64(1)));
    return GALE_OK;
}

static void late_cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, ROW(I64(1)));
}

static gale_err early_open(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    gale_spout_emit(ctx, 1, ROW(I64(1)));
    return GALE_OK;
}

static void emit_early(void)
{
    gale_bolt bolt = branch;
    gale_test_bolt *b;

    bolt.prepare = early_prepare;
    (void)!gale_test_bolt_create(&b, &bolt, NULL, NULL);
}

static void emit_late(void)
{
    gale_bolt bolt = branch;
    gale_test_bolt *b;

    bolt.cleanup = late_cleanup;
    if (gale_test_bolt_create(&b, &bolt, NULL, NULL) == GALE_OK)
        gale_test_bolt_destroy(b);
}

static void emit_in_open(void)
{
    gale_spout spout = source;
    gale_component parts[] = {
        { .id = "spout", .spout = &spout },
        { .id = "sink",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };

    spout.open = early_open;
    START(parts, .seed = 0);
}

Test(mistakes, emitting_too_early_or_too_late_ends_by_name)
{
    dies_saying(emit_early, "'bolt' calls gale_emit while it is being opened");
    dies_saying(emit_late, "'bolt' calls gale_emit while it is being closed");
    dies_saying(emit_in_open,
                "'spout' calls gale_spout_emit while it is being opened");
}

static bool next_without_opts(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    gale_spout_emit_with(ctx, NULL, ROW(I64(1)));
    return false;
}

/* A spout that emits on another thread's behalf: the same rule. */
static void *spout_emit_elsewhere(void *ctx)
{
    gale_spout_emit(ctx, 1, ROW(I64(1)));
    return NULL;
}

static bool threaded_next(void *self, gale_spout_ctx *ctx)
{
    pthread_t thread;

    (void)self;
    pthread_create(&thread, NULL, spout_emit_elsewhere, ctx);
    pthread_join(thread, NULL);
    return false;
}

static void call_next(bool (*next)(void *self, gale_spout_ctx *ctx))
{
    gale_spout spout = source;
    gale_component parts[] = {
        { .id = "spout", .spout = &spout },
        { .id = "sink",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };

    spout.next = next;
    gale_test_settle(START(parts, .seed = 0));
}

static void emit_from_a_thread(void)
{
    call_next(threaded_next);
}

static void emit_without_opts(void)
{
    call_next(next_without_opts);
}

Test(mistakes, a_spouts_emit_from_another_thread_is_refused_by_name)
{
    dies_saying(emit_from_a_thread,
                "gale_spout_emit of 'spout/0' on a thread that does "
                "not run it");
}

Test(mistakes, opts_that_are_null_are_refused_by_name)
{
    check(NO_OPTS, "'wrong' calls gale_emit_with without opts (NULL)");
    dies_saying(emit_without_opts,
                "'spout' calls gale_spout_emit_with without opts (NULL)");
}
