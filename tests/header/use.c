/* Everything that a program writes with the macros of the public headers,
 * compiled as C and as C++ (see check) and never run.  The tables name their
 * members where the language has that. */
#include "gale/gale.h"

#if !defined(__cplusplus) || __cplusplus >= 202002L
#define NAMED(name) .name =
#else
#define NAMED(name)
#endif

static bool lines_next(void *self, gale_spout_ctx *ctx)
{
    uint64_t *id = (uint64_t *)self;

    gale_spout_emit(ctx, ++*id,
                    GALE_ROW(gale_val_cstr("a line"), gale_val_i64(1)));
    return *id < 10;
}

// clang-format off
static const gale_spout lines = {
    NAMED(state_size) sizeof(uint64_t),
    NAMED(output) GALE_FIELDS(GALE_STR("line"), GALE_I64("number")),
    NAMED(streams) GALE_STREAMS({ "late", GALE_FIELDS(GALE_ANY("x")), true }),
    NAMED(open) NULL,
    NAMED(next) lines_next,
};
// clang-format on

static gale_verdict split_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_held held = gale_hold(ctx, in);
    const gale_held anchors[] = { GALE_INPUT, held };
    gale_emit_opts opts = { GALE_DEFAULT_STREAM };

    (void)self;
    if (!gale_str_is(gale_tuple_str(in, 0), ""))
        gale_emit(ctx, GALE_ROW(gale_val_str(gale_tuple_str(in, 0))));
    opts.anchors = anchors;
    opts.n_anchors = 2;
    gale_emit_with(ctx, &opts, gale_tuple_row(in));
    gale_ack(ctx, held);
    return GALE_HOLD;
}

static void batch_execute(void *self, const gale_tuple *const *in, size_t n,
                          gale_bolt_ctx *ctx)
{
    const gale_tuple *most[GALE_EXECUTE_MOST] = { in[0] };

    for (size_t i = 0; i < n; i++)
        gale_answer(ctx, split_execute(self, i == 0 ? most[0] : in[i], ctx));
}

// clang-format off
static const gale_bolt batched = {
    NAMED(state_size) 0,
    NAMED(output) NULL,
    NAMED(streams) NULL,
    NAMED(prepare) NULL,
    NAMED(execute) NULL,
    NAMED(tick) NULL,
    NAMED(cleanup) NULL,
    NAMED(execute_batch) batch_execute,
};

static const gale_bolt split = {
    NAMED(state_size) 0,
    NAMED(output) GALE_FIELDS(GALE_BOOL("b"), GALE_F64("f"), GALE_BYTES("y"),
                              GALE_LIST("l"), GALE_MAP("m")),
    NAMED(streams) NULL,
    NAMED(prepare) NULL,
    NAMED(execute) split_execute,
};

static const gale_component components[] = {
    { NAMED(id) "lines", NAMED(spout) &lines },
    { NAMED(id) "split", NAMED(spout) NULL, NAMED(bolt) &split,
      NAMED(inputs) GALE_INPUTS(
          GALE_SHUFFLE("lines"), GALE_BY("lines", "line", "number"),
          GALE_PARTIAL("lines", "line"), GALE_ALL("lines"),
          GALE_GLOBAL("lines"), GALE_LOCAL("lines"), GALE_NONE("lines"),
          GALE_DIRECT("lines", "late")),
      NAMED(tasks) 4 },
    { NAMED(id) "batched", NAMED(spout) NULL, NAMED(bolt) &batched,
      NAMED(inputs) GALE_INPUTS(GALE_SHUFFLE("lines")) },
};

extern const gale_topology everything;
const gale_topology everything = {
    NAMED(abi) GALE_ABI,
    NAMED(name) "everything",
    NAMED(components) GALE_COMPONENTS(components),
    NAMED(conf) GALE_SETTINGS({ "topology.max.spout.pending", "500" }),
};
// clang-format on

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &everything);
}
