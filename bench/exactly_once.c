/* exactly_once.c -- counting words once, and for good: what does that cost?
 *
 * Three sides count the same lines (zipf.h), in turn:
 *
 *     exactly once    a stream of batches: lines are cut into words, those are
 *                     folded before they travel and once more behind that,
 *                     into an opaque state on the disk, with one sync for each
 *                     part and batch
 *     at least once   the same program, so the same steps in the same tasks
 * and batches, but the state is non-transactional and in memory, and so is
 * what the coordinator remembers: no log, no sync, no fences, no values of
 * before tracked         the same answer without batches (tracked.h), each
 * line a tree of tuples
 *
 * `ratio` is the first against the second: the price of exactly once alone.
 * A batch is as many lines as are tracked in 100 ms.  States lie below the
 * working directory, for /tmp is often no disk.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/batches.h"
#include "bench/bench.h"
#include "bench/tracked.h"
#include "bench/zipf.h"

enum { BATCH_MS = 100, MILLION = 1000000, KEYS_LEAST = 10000 };

static uint64_t batch_lines;

/* --------------------------------------------------------- the program -- */

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    uint64_t from =
        before.len == 0 ? 0 : strtoull(before.ptr, NULL, 10) + batch_lines;

    (void)c;
    return from >= zipf_lines()
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
                 left = zipf_lines() - from,
                 n = left < batch_lines ? left : batch_lines;

        e->at = from + n * p->partition / p->partitions;
        e->end = from + n * (p->partition + 1) / p->partitions;
    }
    for (int i = 0; i < 64 && e->at < e->end; i++)
        gale_batch_emit(ctx, GALE_ROW(gale_val_str(zipf_line(e->at++))));
    return e->at < e->end;
}

static void split_apply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    gale_str left = gale_row_str(in, 0), word;

    (void)self;
    while (zipf_cut(&left, &word))
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

static void define(gale_trident *t, const gale_state_opts *o)
{
    gale_batches *s = gale_map_rows(
        gale_parallelism(gale_new_stream(t, "lines", &planned), o->tasks),
        GALE_NAMES("line"), &splits);

    gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("word")), "counts",
                              GALE_FOLD(GALE_COUNT("count")), o);
}

/* -------------------------------------------------------------- a side -- */

static gale_err add(void *arg, gale_row key, gale_row value)
{
    (void)arg;
    zipf_counted[zipf_key(
        (gale_str){ key.values[0].as.p, key.values[0].len })] +=
        (uint64_t)value.values[0].as.i;
    return GALE_OK;
}

/* Words a second; 0: it went wrong, said on stderr. */
static double run(const bench_opts *o, const char *dir, const char *side)
{
    gale_run_result r;

    zipf_forget();
    return batches_run(define, o->loops, dir, &r) &&
                   batches_scan(dir, add, NULL) && zipf_right(side)
               ? (double)zipf_words() * 1e9 / (double)r.run_ns
               : 0;
}

static double exactly_once(const bench_opts *o)
{
    char dir[] = "gale-bench-XXXXXX";
    double rate = 0;

    if (batches_dir(dir)) {
        rate = run(o, dir, "exactly once");
        batches_remove(dir);
    }
    return rate;
}

static double at_least_once(const bench_opts *o)
{
    double rate = run(o, NULL, "at least once");

    batches_forget();
    return rate;
}

/* ------------------------------------------------------------ the case -- */

struct sides {
    bench_samples eo, alo, tracked;
};

/* How long the text has to be, and a batch, the best of three runs tells: one
 * that something else delayed would make batches that are too short. */
static bool prepare(const bench_opts *o)
{
    double best = 0;

    if (!zipf_make()) {
        bench_say("out of memory");
        return false;
    }
    zipf_rounds = 1;
    for (int i = 0; i < 3; i++) { /* a short one, and two of full length */
        double rate = tracked_run(o->loops);

        if (rate == 0)
            return false;
        best = rate > best ? rate : best;
        zipf_rounds =
            bench_rounds(o->seconds, (double)ZIPF_LINES * ZIPF_LINE / best);
    }
    batch_lines = (uint64_t)(best / ZIPF_LINE / 1000 * BATCH_MS) + 1;
    return true;
}

static bool measure(const bench_opts *o, struct sides *s)
{
    for (unsigned i = 0; i < o->repeats; i++) {
        double a = exactly_once(o), b = a > 0 ? at_least_once(o) : 0,
               c = b > 0 ? tracked_run(o->loops) : 0;

        if (c == 0)
            return false;
        bench_add(&s->eo, a);
        bench_add(&s->alo, b);
        bench_add(&s->tracked, c);
    }
    return true;
}

/* One run of one side, for a profiler; a batch is the text. */
static bool once(const bench_opts *o, bench_report *r)
{
    const char *only = o->only == NULL ? "exactly-once" : o->only;
    double rate;

    if (!zipf_make())
        return false;
    zipf_rounds = bench_rounds((double)o->tuples, ZIPF_LINES * ZIPF_LINE);
    batch_lines = ZIPF_LINES;
    if (strcmp(only, "exactly-once") == 0)
        rate = exactly_once(o);
    else if (strcmp(only, "at-least-once") == 0)
        rate = at_least_once(o);
    else
        rate = tracked_run(o->loops);
    bench_put_u64(r, "words", zipf_words());
    bench_put_f64(r, "tuples_per_s", rate);
    return rate > 0;
}

/* A million; fewer if it shall not take so long. */
static int64_t keys_to_recover(const bench_opts *o)
{
    double keys = MILLION * (o->seconds < 1 ? o->seconds : 1);

    return keys < KEYS_LEAST ? KEYS_LEAST : (int64_t)keys;
}

static bool all(const bench_opts *o, bench_report *r)
{
    bench_samples commit = { 0 }, recovery = { 0 }, ratio, tracked_ratio;
    struct sides s = { .eo = { 0 } };
    int64_t keys = keys_to_recover(o);
    bool ok = prepare(o) && measure(o, &s) && batches_commit(&commit) &&
              batches_recover(keys, o->repeats, &recovery);

    ratio = bench_ratios(&s.eo, &s.alo);
    tracked_ratio = bench_ratios(&s.eo, &s.tracked);
    bench_put_u64(r, "keys", ZIPF_KEYS);
    bench_put_u64(r, "batch_words", batch_lines * ZIPF_LINE);
    bench_put(r, "eo_tuples_per_s", &s.eo);
    bench_put(r, "alo_tuples_per_s", &s.alo);
    bench_put(r, "ratio", &ratio);
    bench_put(r, "tracked_tuples_per_s", &s.tracked);
    bench_put(r, "tracked_ratio", &tracked_ratio);
    bench_put_f64(r, "commit_p50_ms", bench_median(&commit));
    bench_put_f64(r, "commit_p99_ms", bench_ranked(&commit, 0.99));
    bench_put_u64(r, "recovery_keys", (uint64_t)keys);
    bench_put(r, "recovery_ms", &recovery);
    return ok;
}

bool bench_exactly_once(const bench_opts *o, bench_report *r)
{
    bool ok = o->tuples > 0 ? once(o, r) : all(o, r);

    zipf_free();
    return ok;
}
