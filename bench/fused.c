/* fused.c -- rows of several sizes to a reader that does little with each: in
 * batches, and with a reader that is called (.fused), in turn.
 *
 *     starts --shuffle--> make --shuffle--> read
 *
 * A start is a number, make emits the next few rows out of one buffer, and
 * what is read is the number in a row and its last byte.
 */
#include "base/mem.h"
#include "bench/sides.h"
#include "bench/starts.h"

enum { MOST = 65536, LEAST = 16, A_ROUND = 1000 };

struct input {
    uint64_t rows;
    uint32_t bytes; /* of a row */
    /* By read's cleanup, one task at a time. */
    uint64_t *n, *sum;
    bool *wrong;
};

/* ----------------------------------------------------------------- make -- */

struct make {
    char row[MOST];
};

static gale_verdict make_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_bolt_task(ctx));
    uint64_t i = (uint64_t)gale_tuple_i64(in, 0);
    uint64_t end = starts_end(i, input->rows);
    struct make *m = self;

    for (; i < end; i++) {
        memcpy(m->row, &i, sizeof(i));
        m->row[input->bytes - 1] = (char)(i % 100);
        gale_emit(ctx, GALE_ROW(gale_val_bytes(m->row, input->bytes)));
    }
    return GALE_ACK;
}

static const gale_bolt make = {
    .state_size = sizeof(struct make),
    .output = GALE_FIELDS(GALE_BYTES("row")),
    .execute = make_execute,
};

/* ----------------------------------------------------------------- read -- */

struct read {
    uint64_t n, sum;
    bool wrong;
};

static gale_verdict read_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    gale_str row = gale_tuple_bytes(in, 0);
    struct read *r = self;
    uint64_t i;

    (void)ctx;
    memcpy(&i, row.ptr, sizeof(i));
    r->n++;
    r->sum += i;
    r->wrong |= row.ptr[row.len - 1] != (char)(i % 100);
    return GALE_ACK;
}

static void read_cleanup(void *self, gale_bolt_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_bolt_task(ctx));
    const struct read *r = self;

    *input->n += r->n;
    *input->sum += r->sum;
    *input->wrong |= r->wrong;
}

static const gale_bolt reader = {
    .state_size = sizeof(struct read),
    .execute = read_execute,
    .cleanup = read_cleanup,
};

/* ------------------------------------------------------------ measuring -- */

static double run(const bench_opts *o, uint32_t bytes, uint64_t rows,
                  bool fused)
{
    uint64_t n = 0, sum = 0;
    bool wrong = false;
    struct input input = { rows, bytes, &n, &sum, &wrong };
    const gale_component components[] = {
        {
            .id = "starts",
            .spout = &starts,
            .tasks = o->loops,
            .arg = &input.rows,
        },
        {
            .id = "make",
            .bolt = &make,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("starts")),
            .tasks = o->loops,
            .arg = &input,
        },
        {
            .id = "read",
            .bolt = &reader,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("make")),
            .tasks = o->loops,
            .arg = &input,
            .fused = fused,
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "fused",
                              .components = GALE_COMPONENTS(components) };
    gale_run_result r;

    if (!bench_topology(&t, NULL, o->loops, &r))
        return 0;
    if (wrong || n != rows || sum != rows * (rows - 1) / 2) {
        bench_say("fused: rows were wrong %s",
                  fused ? "called" : "in batches");
        return 0;
    }
    return (double)rows * 1e9 / (double)r.run_ns;
}

bool bench_fused(const bench_opts *o, bench_report *r)
{
    static const sides_size sizes[] = {
        { "bytes_16", LEAST, A_ROUND },
        { "bytes_1024", 1024, A_ROUND },
        { "bytes_8192", 8192, A_ROUND },
        { "bytes_65536", MOST, A_ROUND },
    };
    static const sides s = {
        .unit = "rows",
        .name = { "batches", "calls" },
        .sizes = sizes,
        .n_sizes = sizeof(sizes) / sizeof(sizes[0]),
        .profiled = &sizes[0],
        .run = run,
    };

    return sides_measure(&s, o, r);
}
