/* testing.h -- a topology on a virtual clock, and a bolt by hand.
 *
 * What runs here is the runtime itself, not an imitation: the same loops,
 * queues, ackers and replays as in a cluster, turned one after another on the
 * thread that calls.  Time is a number that these calls move on, so an hour
 * passes in no time and nothing here ever waits; chance comes from a seed, so
 * the same seed gives the same history.
 *
 *     gale_test_opts o = {
 *         .mocks = GALE_MOCKS({ .spout = "sentences" }),
 *     };
 *     gale_test *t;
 *
 *     assert(gale_test_create(&t, &wordcount, &o, &why) == GALE_OK);
 *     assert(gale_test_feed(t, "sentences", 1,
 *                           GALE_ROW(gale_val_cstr("a b a"))) == GALE_OK);
 *     gale_test_settle(t);
 *     assert(gale_rows_same(gale_test_rows(t, "split", NULL),
 *                           GALE_ROWS(GALE_ROW(gale_val_cstr("a")),
 *                                     GALE_ROW(gale_val_cstr("a")),
 *                                     GALE_ROW(gale_val_cstr("b"))), &why));
 *     assert(gale_test_acked(t, "sentences", NULL) == 1);
 *     gale_test_destroy(t);
 *
 * Compile tests with the headers of the library they run with: the structs
 * here carry no sizes, as those of a topology do.
 *
 * Thread  any, one at a time for each test; two tests are independent of one
 *         another.  Callbacks run inside the calls that let time or work go
 *         on, on the thread that made the call.
 */
#ifndef GALE_TESTING_H
#define GALE_TESTING_H

#include "gale/run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------- rows -- */

/* A list of rows.  GALE_ROWS lives until the end of the statement it stands
 * in, as GALE_ROW does. */
typedef struct gale_rows {
    const gale_row *at;
    size_t n;
} gale_rows;

#ifdef __cplusplus
}
static inline gale_rows gale_rows_of(std::initializer_list<gale_row> r)
{
    gale_rows rows = { r.begin(), r.size() };
    return rows;
}
#define GALE_ROWS(...) (gale_rows_of({ __VA_ARGS__ }))
extern "C" {
#else
#define GALE_ROWS(...)                                             \
    ((gale_rows){ .at = (const gale_row[]){ __VA_ARGS__ },         \
                  .n = sizeof((const gale_row[]){ __VA_ARGS__ }) / \
                       sizeof(gale_row) })
#endif

/* Are these the same rows, each as often, in whatever order?  Values are the
 * same if type and contents are; minus zero is zero, NaN is NaN, and lists and
 * maps are compared byte for byte.
 *
 *   why   NULL, or where to list rows that are missing and rows too many
 *
 * Returns false, too, when memory is gone (why says so).
 */
GALE_API bool gale_rows_same(gale_rows got, gale_rows expected,
                             gale_diag *why);

/* -------------------------------------------------------------- making -- */

typedef struct gale_test gale_test;

/* A spout whose callbacks are replaced by a feeder: it declares the same
 * streams, and gives what the test feeds it. */
typedef struct gale_test_mock {
    const char *spout; /* the component's id */
    bool replay;       /* failed tuples are replayed by the runtime; else they
                          are only recorded, as for a spout with fail */
    gale_rows rows;    /* fed at once on its default stream, with the message
                          ids 1, 2, ...; copied */
} gale_test_mock;

// clang-format off
#define GALE_MOCKS(...) \
    GALE_ARRAY_(gale_test_mock, __VA_ARGS__, { 0, false, { 0, 0 } })
// clang-format on

typedef struct gale_test_opts {
    const gale_setting *conf; /* on top of the topology's own; ends with {0} */
    uint64_t seed;  /* of all chance in it, and of which loop goes first */
    uint32_t loops; /* that run many tasks; 0: 2 */
    const char *const *args; /* words for gale_task_args; borrowed until
                                destroy */
    size_t n_args;
    const gale_test_mock *mocks; /* GALE_MOCKS(...), or NULL */
    bool inactive;               /* start deactivated: next is not called */
    bool no_rows;       /* count what is emitted, but keep no copies */
    const char *faults; /* a fault plan, see gale/sim.h; NULL: what
                           topology.faults says */
} gale_test_opts;

/* Make a test of `t`: every task is made and opened (open, prepare), and the
 * spouts are active unless opts->inactive.  No next is called yet.  The clock
 * starts at one second.
 *
 *   t      borrowed until destroy
 *   opts   borrowed until return; NULL for all defaults
 *   why    NULL, or where to say in words what has to be changed
 *
 * Returns GALE_OK; GALE_EPLAN or GALE_ECONF if it cannot run; GALE_EUSER if
 *         open or prepare refused (what was opened is closed again);
 *         GALE_EINVAL if a mock's rows do not fit its stream; GALE_ENOMEM;
 *         GALE_EIO; GALE_ELIMIT.
 */
GALE_API GALE_MUST_CHECK gale_err gale_test_create(gale_test **out,
                                                   const gale_topology *t,
                                                   const gale_test_opts *opts,
                                                   gale_diag *why);

/* Call close and cleanup of every task; forget everything.  NULL is fine. */
GALE_API void gale_test_destroy(gale_test *t);

/* ---------------------------------------------------------- going on -- */

/* Let everything happen that can happen at the present virtual time.
 *
 * Returns GALE_OK; GALE_ELIMIT if it does not come to rest, as with a spout
 *         that always has more to give (use gale_test_advance_ms);
 *         GALE_ENOMEM if a row could not be kept.
 */
GALE_API gale_err gale_test_settle(gale_test *t);

/* Let `ms` of virtual time pass: time goes from one event to the next, and
 * all that is due happens.  A topology that does not come to rest, since a
 * spout always has more to give, takes about a millisecond for every few
 * turns of its loops.
 *
 * Returns GALE_OK; GALE_ENOMEM if a row could not be kept.
 */
GALE_API gale_err gale_test_advance_ms(gale_test *t, int64_t ms);

/* Let time pass until everything is done: every spout is exhausted (feeders:
 * all that was fed is emitted; inactive ones do not count), and every tree
 * is complete.
 *
 *   within_ms   of virtual time, at most
 *   why         NULL, or where to say what is not done
 *
 * Returns GALE_OK; GALE_ETIME if it was not done by then; GALE_ENOMEM if a
 *         row could not be kept.
 */
GALE_API GALE_MUST_CHECK gale_err gale_test_run(gale_test *t,
                                                int64_t within_ms,
                                                gale_diag *why);

/* What gale_task_now_ms says in its tasks. */
GALE_API int64_t gale_test_now_ms(const gale_test *t);

/* From inside a callback: this call takes so long.  Virtual time passes, and
 * nothing else happens meanwhile, on no loop.  As on a real clock, a loop
 * looks at the time between callbacks, not in them, and not between all of
 * them: gale_task_now_ms may show it later.  Does nothing where no test is
 * running on this thread.
 *
 * Thread  that of the callback
 */
GALE_API void gale_test_pass_ms(int64_t ms);

/* Spouts may (not) give; takes effect when time or work goes on. */
GALE_API void gale_test_activate(gale_test *t, bool active);

/* -------------------------------------------------------------- faults -- */

/* A task loses all it knew and starts anew, as if its process had died: its
 * state is gone without cleanup or close, the trees of what it had not
 * answered fail, a spout forgets what it waits for.  gale_test_restart calls
 * cleanup or close first.
 *
 *   task   its index, from 0
 *
 * Returns GALE_OK; GALE_ENOTFOUND if there is no such task; GALE_EUSER if its
 *         open or prepare refused now.
 */
GALE_API gale_err gale_test_kill(gale_test *t, const char *component,
                                 uint32_t task);
GALE_API gale_err gale_test_restart(gale_test *t, const char *component,
                                    uint32_t task);

/* All ackers lose their ledgers: whatever is in flight is replayed. */
GALE_API void gale_test_kill_ackers(gale_test *t);

/* How often the faults of opts.faults happened: of one kind ("drop"), or, for
 * NULL, of all.  Of a kind that there is not, never. */
GALE_API uint64_t gale_test_faults(const gale_test *t, const char *kind);

/* ------------------------------------------------------------- feeders -- */

/* Let the mocked spout emit `row` under the message id `id` on its default
 * stream when it is called next.  With several tasks, whichever is called
 * first takes it.
 *
 *   row   copied
 *
 * Returns GALE_OK; GALE_ENOTFOUND if no spout of that id is mocked;
 *         GALE_EINVAL if the row does not fit what the stream declares;
 *         GALE_ENOMEM.
 */
GALE_API GALE_MUST_CHECK gale_err gale_test_feed(gale_test *t,
                                                 const char *spout,
                                                 uint64_t id, gale_row row);

/* The same, with everything that gale_spout_emit_with takes (sent_to is not
 * looked at); opts are copied.
 *
 * Returns as gale_test_feed.
 */
GALE_API GALE_MUST_CHECK gale_err
gale_test_feed_with(gale_test *t, const char *spout,
                    const gale_spout_emit_opts *opts, gale_row row);

/* The message ids that were acked / that failed, in that order, with
 * duplicates if there were any.
 *
 *   ids   NULL, or where to put them; borrowed until time or work goes on
 *
 * Returns how many; 0 if no spout of that id is mocked.
 */
GALE_API size_t gale_test_acked(const gale_test *t, const char *spout,
                                const uint64_t **ids);
GALE_API size_t gale_test_failed(const gale_test *t, const char *spout,
                                 const uint64_t **ids);

/* How many ids were fed and are neither acked nor failed for good.  Untracked
 * tuples count until they are emitted. */
GALE_API size_t gale_test_pending(const gale_test *t, const char *spout);

/* What gale_spout_why said at its last failure; "" if there was none.  With
 * replay the runtime does not call fail, so nothing is recorded. */
GALE_API const char *gale_test_why(const gale_test *t, const char *spout);

/* -------------------------------------------------- what was emitted -- */

/* How many rows a component emitted on a stream (NULL: "default"), and the
 * rows, in the order in which they were emitted.  Replays count again.  No
 * rows for names that do not exist.
 *
 * Rows are borrowed until gale_test_forget or destroy; the list until time or
 * work goes on.
 */
GALE_API size_t gale_test_count(const gale_test *t, const char *component,
                                const char *stream);
GALE_API gale_rows gale_test_rows(const gale_test *t, const char *component,
                                  const char *stream);

/* Forget rows and message ids recorded so far, to count anew.  What is
 * pending stays so; counters of gale_test_stats go on. */
GALE_API void gale_test_forget(gale_test *t);

/* ------------------------------------------------------------ counters -- */

/* What a run did so far; see gale_run_result. */
GALE_API void gale_test_result(gale_test *t, gale_run_result *out);

/* One component's part of it, summed over its tasks. */
typedef struct gale_test_counts {
    uint64_t emitted, transferred, executed;
    uint64_t acked, failed; /* spouts: trees; bolts: inputs */
    uint64_t roots, timed_out, replayed, dead; /* spouts */
    uint64_t held;                             /* bolts: at present */
    uint64_t refused, errors;
} gale_test_counts;

/* Returns GALE_OK; GALE_ENOTFOUND if there is no such component. */
GALE_API gale_err gale_test_stats(gale_test *t, const char *component,
                                  gale_test_counts *out);

/* A counter of the component's own (gale_task_counter), summed over its
 * tasks; 0 if there is none of that name. */
GALE_API int64_t gale_test_counter(gale_test *t, const char *component,
                                   const char *name);

/* ------------------------------------------------------ a bolt by hand -- */

/* One bolt, fed and questioned by a test:
 *
 *     gale_test_bolt_opts o = {
 *         .sources = GALE_SOURCES({ "lines", NULL,
 *                                   GALE_FIELDS(GALE_STR("line")) }),
 *     };
 *     gale_test_bolt *b;
 *     uint64_t id;
 *
 *     assert(gale_test_bolt_create(&b, &split, &o, &why) == GALE_OK);
 *     assert(gale_test_bolt_feed(b, "lines", NULL, row, &id) == GALE_OK);
 *     assert(gale_test_bolt_answer(b, id) == GALE_ACK);
 *     assert(gale_test_bolt_emits(b) == 2);
 *     gale_test_bolt_destroy(b);
 *
 * Behind it is a gale_test of three parts: the sources as feeders, the bolt
 * as one task, and a reader of all that it emits. */
typedef struct gale_test_bolt gale_test_bolt;

/* A stream that the bolt reads. */
typedef struct gale_test_source {
    const char *component;
    const char *stream;       /* NULL: "default" */
    const gale_field *fields; /* ends with {0} */
} gale_test_source;

#define GALE_SOURCES(...) \
    GALE_ARRAY_(gale_test_source, __VA_ARGS__, { 0, 0, 0 })

typedef struct gale_test_bolt_opts {
    const char *component;           /* the bolt's id; NULL: "bolt" */
    const gale_test_source *sources; /* GALE_SOURCES(...); NULL: one, with no
                                        fields, called "source" */
    const gale_setting *conf;        /* of the component; ends with {0} */
    const void *arg;                 /* for gale_task_arg */
    uint32_t tick_ms; /* tick as virtual time passes; 0: only when asked */
    uint64_t seed;
    const char *reader; /* id of who reads what it emits, for bolts that emit
                           to a task they name; NULL: "reader" */
    uint32_t readers;   /* its tasks; 0: 1 */
} gale_test_bolt_opts;

/* Make a task of `bolt` and call its prepare.
 *
 *   bolt   borrowed until destroy
 *   opts   borrowed until return, names and arg until destroy; NULL for all
 *          defaults
 *   why    NULL, or where to say in words what has to be changed
 *
 * Returns as gale_test_create.
 */
GALE_API GALE_MUST_CHECK gale_err
gale_test_bolt_create(gale_test_bolt **out, const gale_bolt *bolt,
                      const gale_test_bolt_opts *opts, gale_diag *why);

/* Call its cleanup and forget everything.  NULL is fine. */
GALE_API void gale_test_bolt_destroy(gale_test_bolt *b);

/* Hand the bolt a tracked tuple of one of its sources, and let it run.
 *
 *   stream   NULL: "default"
 *   row      copied
 *   id       NULL, or where to put the number by which to ask for the answer:
 *            1, 2, 3, ...
 *
 * Returns GALE_OK; GALE_ENOTFOUND if there is no such source; GALE_EINVAL if
 *         the row does not fit its fields; GALE_ENOMEM.
 */
GALE_API GALE_MUST_CHECK gale_err gale_test_bolt_feed(gale_test_bolt *b,
                                                      const char *component,
                                                      const char *stream,
                                                      gale_row row,
                                                      uint64_t *id);

/* What the bolt answered for it: GALE_HOLD as long as it did not.  A tuple
 * held for longer than the message timeout fails, as everywhere. */
GALE_API gale_verdict gale_test_bolt_answer(const gale_test_bolt *b,
                                            uint64_t id);

/* Call its tick now (as gale_task_wake would). */
GALE_API void gale_test_bolt_tick(gale_test_bolt *b);

/* One emitted row. */
typedef struct gale_test_emit {
    const char *stream;
    gale_row row;
    bool anchored; /* to a tuple that was fed */
    uint32_t task; /* the reader's task that got it */
} gale_test_emit;

/* How many rows it emitted, and the i-th of them from 0, in order (with
 * several readers: in order for each of them); all zero beyond the last.
 * Tuples for a task that is not a reader's reach nobody and do not count.
 * Rows are borrowed until gale_test_bolt_forget or destroy. */
GALE_API size_t gale_test_bolt_emits(const gale_test_bolt *b);
GALE_API gale_test_emit gale_test_bolt_emit(const gale_test_bolt *b, size_t i);

/* Forget what was emitted so far. */
GALE_API void gale_test_bolt_forget(gale_test_bolt *b);

/* The test behind it: for its clock, counters and stats.  Borrowed until
 * destroy. */
GALE_API gale_test *gale_test_bolt_test(gale_test_bolt *b);

#ifdef __cplusplus
}
#endif
#endif /* GALE_TESTING_H */
