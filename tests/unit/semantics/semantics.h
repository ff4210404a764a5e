/* semantics.h -- what the tests of the runtime's meaning share.
 *
 * These tests know the public headers only.  They run the whole runtime, in
 * one thread and on a virtual clock (gale/testing.h).
 */
#ifndef TESTS_SEMANTICS_H
#define TESTS_SEMANTICS_H

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gale/testing.h"

#define TEXT(s) gale_val_cstr(s)
#define I64(i)  gale_val_i64((int64_t)(i))
#define ROW     GALE_ROW

/* ---------------------------------------------------------------- parts -- */

static inline bool source_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

/* To be mocked: one field of any type; and a second stream "side". */
static const gale_spout source = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .streams = GALE_STREAMS({ "side", GALE_FIELDS(GALE_ANY("v")), false }),
    .next = source_next,
};

/* What bolts saw, in order. */
struct seen {
    uint32_t task, index;
    int64_t n; /* the first value, if it is an i64 */
    char component[16], from[16], stream[16];
    bool tracked;
};

enum { MAX_SEEN = 200000 };
__attribute__((unused)) static struct seen seen[MAX_SEEN];
__attribute__((unused)) static size_t n_seen;

static inline void see(gale_bolt_ctx *ctx, const gale_tuple *in)
{
    gale_task *t = gale_bolt_task(ctx);
    struct seen *s = &seen[n_seen++ % MAX_SEEN];
    const gale_value *v =
        gale_tuple_len(in) == 0 ? NULL : gale_tuple_at(in, 0);

    s->task = gale_task_id(t);
    s->index = gale_task_index(t);
    s->n = v != NULL && v->type == GALE_T_I64 ? v->as.i : 0;
    s->tracked = gale_tuple_tracked(in);
    snprintf(s->component, sizeof(s->component), "%s", gale_task_component(t));
    snprintf(s->from, sizeof(s->from), "%s", gale_tuple_component(in));
    snprintf(s->stream, sizeof(s->stream), "%s", gale_tuple_stream(in));
}

/* Sees and acks. */
static inline gale_verdict sink_execute(void *self, const gale_tuple *in,
                                        gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    return GALE_ACK;
}

static const gale_bolt sink = { .execute = sink_execute };

/* Sees, emits as many copies as its arg (an int) says, and acks. */
static inline gale_verdict branch_execute(void *self, const gale_tuple *in,
                                          gale_bolt_ctx *ctx)
{
    const int *n = gale_task_arg(gale_bolt_task(ctx));

    (void)self;
    see(ctx, in);
    for (int i = 0; i < (n == NULL ? 1 : *n); i++)
        gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt branch = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute = branch_execute,
};

/* Fails everything. */
static inline gale_verdict failing_execute(void *self, const gale_tuple *in,
                                           gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    return GALE_FAIL;
}

static const gale_bolt failing = { .execute = failing_execute };

/* Holds everything and never answers. */
static inline gale_verdict holding_execute(void *self, const gale_tuple *in,
                                           gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    gale_hold(ctx, in);
    return GALE_HOLD;
}

static const gale_bolt holding = { .execute = holding_execute };

/* -------------------------------------------------------------- running -- */

/* A test of the components in the array `parts`; the rest are members of
 * gale_test_opts. */
#define START(parts, ...)                                                 \
    start(&(const gale_topology){ .abi = GALE_ABI,                        \
                                  .name = "test",                         \
                                  .components = GALE_COMPONENTS(parts) }, \
          &(gale_test_opts){ __VA_ARGS__ })

#define MOCK(id)  GALE_MOCKS({ .spout = (id) })
#define CONF(...) GALE_SETTINGS(__VA_ARGS__)
#define TIMEOUT(s)                           \
    {                                        \
        "topology.message.timeout.secs", (s) \
    }

static inline gale_test *start(const gale_topology *topology,
                               const gale_test_opts *o)
{
    gale_diag why = { "" };
    gale_test *t = NULL;

    cr_assert_eq(gale_test_create(&t, topology, o, &why), GALE_OK, "%s",
                 why.text);
    return t;
}

static inline void feed(gale_test *t, const char *spout, uint64_t id,
                        gale_row row)
{
    cr_assert_eq(gale_test_feed(t, spout, id, row), GALE_OK);
}

static inline void settle(gale_test *t)
{
    cr_assert_eq(gale_test_settle(t), GALE_OK);
}

static inline void advance(gale_test *t, int64_t ms)
{
    cr_assert_eq(gale_test_advance_ms(t, ms), GALE_OK);
}

static inline void run(gale_test *t, int64_t within_ms)
{
    gale_diag why = { "" };

    cr_assert_eq(gale_test_run(t, within_ms, &why), GALE_OK, "%s", why.text);
}

/* How many were acked or failed since the last question. */
static inline size_t acked(gale_test *t, const char *spout)
{
    return gale_test_acked(t, spout, NULL);
}

static inline size_t failed(gale_test *t, const char *spout)
{
    return gale_test_failed(t, spout, NULL);
}

static inline gale_test_counts stats(gale_test *t, const char *component)
{
    gale_test_counts c = { 0 };

    cr_assert_eq(gale_test_stats(t, component, &c), GALE_OK);
    return c;
}

static inline gale_run_result result(gale_test *t)
{
    gale_run_result r;

    gale_test_result(t, &r);
    return r;
}

/* ------------------------------------------------------------- mistakes -- */

/* Does `run_it`, in a process of its own, abort with `text` on stderr? */
static inline void dies_saying(void (*run_it)(void), const char *text)
{
    char said[8192];
    size_t n = 0;
    ssize_t got;
    int fd[2], status;

    cr_assert_eq(pipe(fd), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(fd[1], 2);
        signal(SIGABRT, SIG_DFL);
        run_it();
        _exit(0);
    }
    close(fd[1]);
    while ((got = read(fd[0], said + n, sizeof(said) - 1 - n)) > 0)
        n += (size_t)got;
    said[n] = '\0';
    close(fd[0]);
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
              "it did not abort; it said: %s", said);
    cr_assert(strstr(said, text) != NULL, "it said: %s\nexpected: %s", said,
              text);
}

#endif
