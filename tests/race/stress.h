/* stress.h -- a spout that knows what it is owed, and a run that adds up.
 *
 * The programs beside this header run topologies under the worst settings
 * there are: batches of a kilobyte, one of them under way at a time, more
 * loops than cores, ackers near and far.  Whatever happens in them, in the
 * end every message id has been acked, and the counters agree. */
#ifndef TEST_RACE_STRESS_H
#define TEST_RACE_STRESS_H

#include <stdatomic.h>
#include <string.h>

#include "gale/gale.h"
#include "race.h"

/* ------------------------------------------------------------- numbers -- */

/* Emits 0 .. n-1, a few at a time, as (number, text).  With a fail callback
 * it replays by itself; without one the runtime does. */
struct numbers {
    uint32_t n, next, n_redo, n_acked;
    uint8_t *acked; /* how often, up to 255 */
    uint32_t *redo; /* ids that failed; each stands in it once at most */
};

static _Atomic uint64_t numbers_never_acked, numbers_acked_twice;

static inline gale_err numbers_open(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;

    s->n = *(const uint32_t *)gale_task_arg(gale_spout_task(ctx));
    s->acked = calloc(s->n, sizeof(*s->acked));
    s->redo = calloc(s->n, sizeof(*s->redo));
    return s->acked == NULL || s->redo == NULL ? GALE_ENOMEM : GALE_OK;
}

static inline void numbers_emit(gale_spout_ctx *ctx, uint32_t id)
{
    static const char text[] = "it is long enough to fill a batch with a few";
    gale_str s = { text, id % sizeof(text) };

    gale_spout_emit(ctx, id, GALE_ROW(gale_val_i64(id), gale_val_str(s)));
}

static inline bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;

    for (int i = 0; i < 3; i++) {
        if (s->n_redo > 0)
            numbers_emit(ctx, s->redo[--s->n_redo]);
        else if (s->next < s->n)
            numbers_emit(ctx, s->next++);
    }
    return s->next < s->n || s->n_redo > 0;
}

static inline void numbers_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct numbers *s = self;

    (void)ctx;
    CHECK(id < s->next, "acked %llu, which was never emitted",
          (unsigned long long)id);
    s->n_acked += s->acked[id] == 0;
    if (s->acked[id] > 0)
        atomic_fetch_add(&numbers_acked_twice, 1);
    if (s->acked[id] < 255)
        s->acked[id]++;
}

static inline void numbers_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct numbers *s = self;

    CHECK(gale_spout_why(ctx)[0] != '\0', "a failure without a reason");
    CHECK(s->n_redo < s->n, "failed more often than emitted");
    s->redo[s->n_redo++] = (uint32_t)id;
}

static inline void numbers_close(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;

    CHECK(gale_spout_pending(ctx) == 0, "closed with trees pending");
    for (uint32_t i = 0; i < s->n; i++)
        atomic_fetch_add(&numbers_never_acked, s->acked[i] == 0);
    free(s->acked);
    free(s->redo);
}

#define NUMBERS_CALLBACKS                                           \
    .state_size = sizeof(struct numbers),                           \
    .output = GALE_FIELDS(GALE_I64("number"), GALE_STR("text")),    \
    .open = numbers_open, .next = numbers_next, .ack = numbers_ack, \
    .close = numbers_close

static const gale_spout numbers_spout = { NUMBERS_CALLBACKS };
static const gale_spout numbers_own_spout = { NUMBERS_CALLBACKS,
                                              .fail = numbers_fail };

/* One in `of` times. */
static inline bool stress_now_and_then(gale_task *t, uint32_t of)
{
    return gale_task_random(t) % of == 0;
}

/* ---------------------------------------------------------------- runs -- */

/* Run it; everything must add up.  `ackers`: as text. */
static inline gale_run_result stress_run(const gale_topology *t,
                                         uint32_t loops, const char *ackers,
                                         const char *timeout_secs)
{
    const gale_setting conf[] = {
        { "topology.batch.bytes", "1024" },
        { "topology.batch.credit", "1" },
        { "topology.acker.executors", ackers },
        { "topology.message.timeout.secs", timeout_secs },
        { "topology.slow.callback.millis", "0" },
        { "topology.replay.backoff.millis", "1" },
        { "topology.replay.backoff.max.millis", "20" },
        { 0, 0 },
    };
    gale_run_opts opts = { .conf = conf, .loops = loops };
    gale_run_result r;
    gale_diag why;

    atomic_store(&numbers_never_acked, 0);
    atomic_store(&numbers_acked_twice, 0);
    gale_err rv = gale_local_run(t, &opts, &r, &why);
    CHECK(rv == GALE_OK, "%s", why.text);
    CHECK(atomic_load(&numbers_never_acked) == 0, "%llu ids",
          (unsigned long long)atomic_load(&numbers_never_acked));
    CHECK(atomic_load(&numbers_acked_twice) == 0, "%llu answers",
          (unsigned long long)atomic_load(&numbers_acked_twice));
    CHECK(r.pending == 0, "%llu", (unsigned long long)r.pending);
    CHECK(r.refused == 0, "%llu", (unsigned long long)r.refused);
    CHECK(r.timed_out == 0, "%llu", (unsigned long long)r.timed_out);
    CHECK(r.executed == r.transferred, "executed %llu, transferred %llu",
          (unsigned long long)r.executed, (unsigned long long)r.transferred);
    if (ackers[0] != '0')
        CHECK(r.roots == r.acked + r.failed,
              "roots %llu, acked %llu, failed %llu",
              (unsigned long long)r.roots, (unsigned long long)r.acked,
              (unsigned long long)r.failed);
    else
        CHECK(r.failed == 0, "%llu", (unsigned long long)r.failed);
    return r;
}

/* With each number of loops and ackers worth trying; `check` looks at what
 * each run did. */
static inline void stress_all(const gale_topology *t,
                              void (*check)(const gale_run_result *r,
                                            bool tracked))
{
    static const char *const ackers[] = { "1", "3", "0" };

    for (uint32_t loops = 1; loops <= 4; loops++)
        for (int a = 0; a < 3; a++) {
            gale_run_result r = stress_run(t, loops, ackers[a], "30");

            check(&r, ackers[a][0] != '0');
        }
}

#endif
