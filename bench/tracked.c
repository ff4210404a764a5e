#include "bench/tracked.h"

#include "bench/zipf.h"

struct lines {
    uint64_t at, end;
};

static gale_err lines_open(void *self, gale_spout_ctx *ctx)
{
    const gale_task *task = gale_spout_task(ctx);
    uint64_t n = gale_task_count(task), i = gale_task_index(task);
    struct lines *s = self;

    s->at = zipf_lines() * i / n;
    s->end = zipf_lines() * (i + 1) / n;
    return GALE_OK;
}

static bool lines_next(void *self, gale_spout_ctx *ctx)
{
    struct lines *s = self;

    if (s->at == s->end)
        return false;
    gale_spout_emit(ctx, s->at, GALE_ROW(gale_val_str(zipf_line(s->at))));
    s->at++;
    return true;
}

static const gale_spout lines = {
    .state_size = sizeof(struct lines),
    .output = GALE_FIELDS(GALE_STR("line")),
    .open = lines_open,
    .next = lines_next,
};

static gale_verdict split_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_str left = gale_tuple_str(in, 0), word;

    (void)self;
    while (zipf_cut(&left, &word))
        gale_emit(ctx, GALE_ROW(gale_val_str(word)));
    return GALE_ACK;
}

static const gale_bolt split = {
    .output = GALE_FIELDS(GALE_STR("word")),
    .execute = split_execute,
};

/* A table by number: the cheapest there is, so that the comparison is not
 * made easy. */
struct count {
    uint64_t n[ZIPF_KEYS];
};

static gale_verdict count_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)ctx;
    ((struct count *)self)->n[zipf_key(gale_tuple_str(in, 0))]++;
    return GALE_ACK;
}

static void count_cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < ZIPF_KEYS; i++)
        zipf_counted[i] += ((struct count *)self)->n[i];
}

static const gale_bolt count = {
    .state_size = sizeof(struct count),
    .execute = count_execute,
    .cleanup = count_cleanup,
};

double tracked_run(uint32_t loops)
{
    const gale_component components[] = {
        { .id = "lines", .spout = &lines, .tasks = loops },
        { .id = "split",
          .bolt = &split,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")),
          .tasks = loops },
        { .id = "count",
          .bolt = &count,
          .inputs = GALE_INPUTS(GALE_BY("split", "word")),
          .tasks = loops },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "tracked",
                              .components = GALE_COMPONENTS(components) };
    gale_run_result r;

    zipf_forget();
    return bench_topology(&t, NULL, loops, &r) && zipf_right("tracked")
               ? (double)zipf_words() * 1e9 / (double)r.run_ns
               : 0;
}
