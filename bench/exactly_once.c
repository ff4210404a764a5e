/* exactly_once.c -- counting words once, on the disk, against counting them at
 * least once, in memory.
 *
 *     at least once   lines -> split -> count, each line tracked; what was
 *                     counted is gone with the process
 *     exactly once    the same as batches, into a state that is synced once a
 *                     batch (gale_store_embedded); a batch is as many lines as
 *                     the other side counts in 100 ms
 *
 * Words are drawn from 100,000 as Zipf would have it.  States lie below the
 * working directory, for /tmp is often no disk.  Afterwards every count is
 * compared with a plain loop's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/mix.h"
#include "bench/batches.h"
#include "bench/bench.h"

enum { KEYS = BATCHES_KEYS, LINE = 16, LINES = 60000, BATCH_MS = 100 };

/* The text: numbers of words, LINE a line; and the lines as bytes. */
static struct {
    uint32_t words[LINES * LINE];
    char *bytes;
    uint32_t at[LINES + 1];
    uint64_t right[KEYS]; /* in one round */
    uint32_t rounds;
    uint64_t batch; /* lines in one */
} text;

static uint64_t counted[KEYS];

/* --------------------------------------------------------------- the text */

/* The r-th word with a chance of about 1 / r. */
static uint32_t draw(gi_rng *rng)
{
    uint64_t log2 = gi_rng_below(rng, 17);
    uint64_t low = UINT64_C(1) << log2, r = low + gi_rng_below(rng, low);

    return (uint32_t)(r <= KEYS ? r - 1 : gi_rng_below(rng, KEYS));
}

static bool make_text(void)
{
    gi_rng rng = { 20261121 };
    char *to = gi_alloc((size_t)LINES * LINE * 8);

    text.bytes = to;
    if (to == NULL)
        return false;
    for (uint32_t i = 0; i < LINES; i++) {
        text.at[i] = (uint32_t)(to - text.bytes);
        for (uint32_t k = 0; k < LINE; k++) {
            uint32_t w = draw(&rng);

            text.words[i * LINE + k] = w;
            text.right[w]++;
            to += sprintf(to, "w%" PRIu32 " ", w);
        }
        to[-1] = '\n';
    }
    text.at[LINES] = (uint32_t)(to - text.bytes);
    return true;
}

/* Line i of the text, which begins anew when it is over. */
static gale_str line_at(uint64_t i)
{
    uint32_t k = (uint32_t)(i % LINES);

    return (gale_str){ text.bytes + text.at[k],
                       text.at[k + 1] - text.at[k] - 1 };
}

/* The next word of what is left. */
static bool cut(gale_str *left, gale_str *word)
{
    const char *end;

    if (left->len == 0)
        return false;
    end = memchr(left->ptr, ' ', left->len);
    word->ptr = left->ptr;
    word->len = end == NULL ? left->len : (uint32_t)(end - left->ptr);
    left->ptr += word->len + (end != NULL);
    left->len -= word->len + (end != NULL);
    return true;
}

static uint32_t key_of(gale_str word)
{
    uint32_t k = 0;

    for (uint32_t i = 1; i < word.len; i++)
        k = k * 10 + (uint32_t)(word.ptr[i] - '0');
    return k < KEYS ? k : 0;
}

/* ------------------------------------------------------------ at least once
 */

struct lines {
    uint64_t at, end;
};

static gale_err lines_open(void *self, gale_spout_ctx *ctx)
{
    const gale_task *task = gale_spout_task(ctx);
    uint64_t all = (uint64_t)LINES * text.rounds, n = gale_task_count(task),
             i = gale_task_index(task);
    struct lines *s = self;

    s->at = all * i / n;
    s->end = all * (i + 1) / n;
    return GALE_OK;
}

static bool lines_next(void *self, gale_spout_ctx *ctx)
{
    struct lines *s = self;

    if (s->at == s->end)
        return false;
    gale_spout_emit(ctx, s->at, GALE_ROW(gale_val_str(line_at(s->at))));
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
    while (cut(&left, &word))
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
    uint64_t n[KEYS];
};

static gale_verdict count_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)ctx;
    ((struct count *)self)->n[key_of(gale_tuple_str(in, 0))]++;
    return GALE_ACK;
}

static void count_cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < KEYS; i++)
        counted[i] += ((struct count *)self)->n[i];
}

static const gale_bolt count = {
    .state_size = sizeof(struct count),
    .execute = count_execute,
    .cleanup = count_cleanup,
};

/* Is each word counted as often as it is there? */
static bool is_right(const char *side)
{
    for (uint32_t i = 0; i < KEYS; i++)
        if (counted[i] != text.right[i] * text.rounds) {
            bench_say("exactly-once: %s counted w%" PRIu32 " %" PRIu64
                      " times, not %" PRIu64,
                      side, i, counted[i], text.right[i] * text.rounds);
            return false;
        }
    return true;
}

static double per_second(const gale_run_result *r)
{
    return (double)LINES * LINE * text.rounds * 1e9 / (double)r->run_ns;
}

static double at_least_once(const bench_opts *o)
{
    const gale_component components[] = {
        { .id = "lines", .spout = &lines, .tasks = o->loops },
        { .id = "split",
          .bolt = &split,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")),
          .tasks = o->loops },
        { .id = "count",
          .bolt = &count,
          .inputs = GALE_INPUTS(GALE_BY("split", "word")),
          .tasks = o->loops },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "at-least-once",
                              .components = GALE_COMPONENTS(components) };
    gale_run_result r;

    memset(counted, 0, sizeof(counted));
    return bench_topology(&t, NULL, o->loops, &r) && is_right("at least once")
               ? per_second(&r)
               : 0;
}

/* ------------------------------------------------------------- exactly once
 */

static uint64_t all_lines(void)
{
    return (uint64_t)LINES * text.rounds;
}

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    uint64_t from =
        before.len == 0 ? 0 : strtoull(before.ptr, NULL, 10) + text.batch;

    (void)c;
    return from >= all_lines()
               ? 0
               : (size_t)snprintf(now, room, "%" PRIu64, from) + 1;
}

static bool ended(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return true;
}

struct emitter {
    uint64_t at, end;
};

static bool emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    struct emitter *e = self;

    if (p->first) {
        uint64_t from = strtoull(p->from.ptr, NULL, 10),
                 left = all_lines() - from,
                 n = left < text.batch ? left : text.batch;

        e->at = from + n * p->partition / p->partitions;
        e->end = from + n * (p->partition + 1) / p->partitions;
    }
    for (int i = 0; i < 64 && e->at < e->end; i++)
        gale_batch_emit(ctx, GALE_ROW(gale_val_str(line_at(e->at++))));
    return e->at < e->end;
}

static void split_apply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    gale_str left = gale_row_str(in, 0), word;

    (void)self;
    while (cut(&left, &word))
        gale_batch_emit(ctx, GALE_ROW(gale_val_str(word)));
}

static const gale_field a_line[] = { GALE_STR("line"), { 0, 0 } };
static const gale_field a_word[] = { GALE_STR("word"), { 0, 0 } };
static const gale_batch_spout planned = { .output = a_line,
                                          .plan = plan,
                                          .ended = ended,
                                          .state_size = sizeof(struct emitter),
                                          .emit = emit };
static const gale_function splits = { .output = a_word, .apply = split_apply };

static void define(gale_trident *t, uint32_t tasks)
{
    gale_state_opts o = { .tasks = tasks };
    gale_batches *s = gale_map_rows(
        gale_parallelism(gale_new_stream(t, "lines", &planned), tasks),
        GALE_NAMES("line"), &splits);

    gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("word")), "counts",
                              GALE_FOLD(GALE_COUNT("count")), &o);
}

static gale_err add(void *arg, gale_row key, gale_row value)
{
    (void)arg;
    counted[key_of((gale_str){ key.values[0].as.p, key.values[0].len })] +=
        (uint64_t)value.values[0].as.i;
    return GALE_OK;
}

static double exactly_once(const bench_opts *o)
{
    char dir[] = "gale-bench-XXXXXX";
    gale_run_result r;
    double rate = 0;

    memset(counted, 0, sizeof(counted));
    if (!batches_dir(dir))
        return 0;
    if (batches_run(define, o->loops, dir, &r) && batches_scan(dir, add) &&
        is_right("exactly once"))
        rate = per_second(&r);
    batches_remove(dir);
    return rate;
}

/* ---------------------------------------------------------------- the case */

static bool prepare(const bench_opts *o)
{
    double rate = 0;

    if (!make_text()) {
        bench_say("out of memory");
        return false;
    }
    text.rounds = 1;
    for (int i = 0; i < 2; i++) { /* a short one, and one of full length */
        if ((rate = at_least_once(o)) == 0)
            return false;
        text.rounds = bench_rounds(o->seconds, (double)LINES * LINE / rate);
    }
    text.batch = (uint64_t)(rate / LINE / 1000 * BATCH_MS) + 1;
    return true;
}

bool bench_exactly_once(const bench_opts *o, bench_report *r)
{
    bench_samples eo = { 0 }, alo = { 0 }, ratio, commit = { 0 };
    double recovery_ms = 0;
    bool ok = prepare(o);

    for (unsigned i = 0; ok && i < o->repeats; i++) {
        double a = at_least_once(o), b = exactly_once(o);

        ok = a > 0 && b > 0;
        bench_add(&alo, a);
        bench_add(&eo, b);
    }
    ok = ok && batches_commit(&commit) && batches_recover(&recovery_ms);
    gi_free(text.bytes);
    ratio = bench_ratios(&eo, &alo);
    bench_put_u64(r, "keys", KEYS);
    bench_put_u64(r, "batch_words", text.batch * LINE);
    bench_put(r, "eo_tuples_per_s", &eo);
    bench_put(r, "alo_tuples_per_s", &alo);
    bench_put(r, "ratio", &ratio);
    bench_put_f64(r, "commit_p50_ms", bench_median(&commit));
    bench_put_f64(r, "commit_p99_ms", bench_ranked(&commit, 0.99));
    bench_put_f64(r, "recovery_ms", recovery_ms);
    return ok;
}
