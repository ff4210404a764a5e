/* batch.h -- what a program on batches is made of: callbacks, folds, spouts.
 *
 * Tables of functions that steps (trident.h) are told to call.  A row is
 * handed to them in the fields that the step names, in that order, and what
 * they emit has the fields that the table declares.
 *
 * Tables are borrowed until the gale_trident is destroyed.
 *
 * Thread  each task's callbacks: one at a time, that of the task
 */
#ifndef GALE_BATCH_H
#define GALE_BATCH_H

#include "gale/stream.h"
#include "gale/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------- callbacks -- */

/* Handed to callbacks: where their rows go. */
typedef struct gale_batch_ctx gale_batch_ctx;

/* One row to the next step, in the fields that the table declares.  Copied
 * when it is kept; cheap. */
GALE_API void gale_batch_emit(gale_batch_ctx *ctx, gale_row row);

/* This batch cannot be done: it is tried again, as a new attempt, after a
 * pause that doubles with each failure. */
GALE_API void gale_batch_fail(gale_batch_ctx *ctx, const char *format, ...)
    GALE_PRINTF(2, 3);

/* Which batch, and the task that works on it (task.h).  Rows that come from
 * other tasks do not say of which transaction they are, but their batch does
 * when all of it has come: so behind a repartitioning, in callbacks that look
 * at single rows, txid is 0 and attempt a number that only tells batches
 * apart. Where batches are finished (complete, update) and where they begin,
 * both are what they should be. */
GALE_API uint64_t gale_batch_txid(const gale_batch_ctx *ctx);
GALE_API uint64_t gale_batch_attempt(const gale_batch_ctx *ctx);
GALE_API gale_task *gale_batch_task(gale_batch_ctx *ctx);

/* Slot `i` of a row, as what it has to be; a slot that is not there or has
 * another type ends the process with a message that says which. */
GALE_API bool gale_row_bool(gale_row r, unsigned i);
GALE_API int64_t gale_row_i64(gale_row r, unsigned i);
GALE_API double gale_row_f64(gale_row r, unsigned i);
GALE_API gale_str gale_row_str(gale_row r, unsigned i); /* STR to MAP */

/* What is done with each row: `in` has the fields that the step names, in
 * that order, borrowed until apply returns.  It emits any number of rows. */
typedef struct gale_function {
    size_t state_size;        /* one zeroed block a task */
    const gale_field *output; /* what it emits; ends with {0} */
    gale_err (*prepare)(void *self, gale_task *task);
    void (*apply)(void *self, gale_row in, gale_batch_ctx *ctx);
    void (*cleanup)(void *self, gale_task *task);
} gale_function;

/* Does the row stay? */
typedef struct gale_filter {
    size_t state_size;
    gale_err (*prepare)(void *self, gale_task *task);
    bool (*keep)(void *self, gale_row in, gale_batch_ctx *ctx);
    void (*cleanup)(void *self, gale_task *task);
} gale_filter;

/* -------------------------------------------------------------- folds -- */

/* An associative fold: parts of a batch are folded where they are, and what
 * comes of that travels.  Values are those of `output`; what *out points to
 * may belong to any of the arguments, and is copied when it has to last. */
typedef struct gale_combiner {
    const gale_field *output;
    void (*init)(gale_row in, gale_value *out); /* of one tuple */
    void (*combine)(const gale_value *a, const gale_value *b, gale_value *out);
    void (*zero)(gale_value *out); /* of none; NULL is fine by key */
} gale_combiner;

/* A fold that is not: tuple by tuple, all in one place. */
typedef struct gale_reducer {
    const gale_field *output;
    void (*init)(gale_value *out);
    void (*reduce)(const gale_value *so_far, gale_row in, gale_value *out);
} gale_reducer;

/* Whatever else: `state` is zeroed for each batch, or for each group in it,
 * and may own memory until `drop`, which comes last, also when the batch is
 * given up.  `complete` emits what came of it. */
typedef struct gale_aggregator {
    size_t state_size;
    const gale_field *output;
    void (*init)(void *state, gale_batch_ctx *ctx);
    void (*aggregate)(void *state, gale_row in, gale_batch_ctx *ctx);
    void (*complete)(void *state, gale_batch_ctx *ctx);
    void (*drop)(void *state);
} gale_aggregator;

/* One fold of a step: exactly one of the three, over the fields named. */
typedef struct gale_fold {
    const gale_name *in; /* ends with NULL; NULL: no field */
    const gale_combiner *combiner;
    const gale_reducer *reducer;
    const gale_aggregator *aggregator;
    const char *as; /* another name for its first output field, or NULL */
} gale_fold;

// clang-format off
#define GALE_FOLD(...) GALE_ARRAY_(gale_fold, __VA_ARGS__, { 0, 0, 0, 0, 0 })
#define GALE_COMBINE(c, ...)    { GALE_NAMES(__VA_ARGS__), (c), 0, 0, 0 }
#define GALE_REDUCE(r, ...)     { GALE_NAMES(__VA_ARGS__), 0, (r), 0, 0 }
#define GALE_AGGREGATE(a, ...)  { GALE_NAMES(__VA_ARGS__), 0, 0, (a), 0 }
#define GALE_COUNT(name)        { 0, &gale_count, 0, 0, (name) }
#define GALE_SUM(of, name)      { GALE_NAMES(of), &gale_sum, 0, 0, (name) }
#define GALE_MIN(of, name)      { GALE_NAMES(of), &gale_min, 0, 0, (name) }
#define GALE_MAX(of, name)      { GALE_NAMES(of), &gale_max, 0, 0, (name) }
// clang-format on

/* Ready ones.  A sum, least or largest value of an empty batch is 0, nil, nil;
 * and nil counts for nothing in them.  A sum of whole numbers wraps around,
 * one with a float in it is a float. */
GALE_API extern const gale_combiner gale_count; /* field "count" */
GALE_API extern const gale_combiner gale_sum;   /* "sum": i64 or f64 */
GALE_API extern const gale_combiner gale_min;   /* "min": any; by type first */
GALE_API extern const gale_combiner gale_max;   /* "max" */

/* ------------------------------------------------------------- spouts -- */

typedef enum gale_spout_kind {
    GALE_SPOUT_TRANSACTIONAL = 0, /* a number always means the same tuples */
    GALE_SPOUT_OPAQUE = 1,        /* a tuple is in one batch that counts */
    GALE_SPOUT_NON_TRANSACTIONAL = 2,
} gale_spout_kind;

typedef struct gale_batch_part gale_batch_part;

/* A source of batches.  It has two sides.
 *
 * The coordinator, one in the topology, says when there is something and, for
 * a transactional spout, what is in each batch: `plan` is handed what it said
 * of the batch before, and says what is in this one, in words of its own
 * (offsets, say), which are made durable before anybody acts on them.
 *
 * The emitters, as many as the step has tasks, give the tuples.  `from` is
 * what `plan` said; for an opaque spout what this partition's last batch set
 * as `upto` and was committed, "" at first.  The rest of a batch, if it comes
 * again, follows: transactional emitters give the same again; opaque ones give
 * what they like from `from` on.
 */
typedef struct gale_batch_spout {
    gale_spout_kind kind;
    const gale_field *output;
    const void *arg; /* handed to plan_open and open */

    /* --- the coordinator's side; all optional but for `plan` */
    size_t plan_size; /* its zeroed block */
    gale_err (*plan_open)(void *c, const void *arg, gale_task *task);
    /* Is there anything?  NULL: a batch is begun every
     * topology.trident.batch.emit.interval.millis.  Asked often. */
    bool (*ready)(void *c, gale_task *task);
    /* TRANSACTIONAL.  Write what is in the batch behind `before` ("" at first)
     * to `now` and return how many bytes (at most `room`, 64 KiB); 0: there is
     * nothing, and no batch. */
    size_t (*plan)(void *c, gale_str before, char *now, size_t room);
    /* Is the source at its end?  Then the topology ends when all is
     * committed.  NULL: never. */
    bool (*ended)(void *c, gale_task *task);
    void (*plan_close)(void *c);
    /* All up to this one have counted, and that is on record: nothing before
     * its end will be asked again.  Said again by whoever takes the
     * coordinator's place, 0 if there is none yet. */
    void (*plan_committed)(void *c, uint64_t txid);

    /* --- the emitters' side */
    size_t state_size; /* its zeroed block, one a task */
    /* OPAQUE, NON_TRANSACTIONAL.  How many partitions the source has now; they
     * are dealt out to the tasks, evenly, and keep their numbers.  NULL: one a
     * task. */
    uint32_t (*partitions)(void *self, gale_task *task);
    gale_err (*open)(void *self, const void *arg, gale_task *task);
    /* Emit some tuples; true: there are more of this batch, call again.  A new
     * batch of an opaque or non-transactional spout that fills for longer than
     * the interval is not called again: what was emitted is the batch. */
    bool (*emit)(void *self, gale_batch_part *part, gale_batch_ctx *ctx);
    /* The batch has counted; nothing before its end will be asked again.  A
     * hint, which is lost with a task that dies; the next one is as good. */
    void (*committed)(void *self, uint64_t txid);
    void (*close)(void *self); /* if open returned GALE_OK */
} gale_batch_spout;

/* What an emitter is asked for. */
struct gale_batch_part {
    uint64_t txid, attempt;
    uint32_t partition,
        partitions; /* transactional: the task's index, count */
    gale_str from;
    char upto[256]; /* OPAQUE: set it before returning false, or each time */
    uint32_t upto_len;
    bool first; /* of this batch's calls for this part */
};

/* The lines of files, without their ends: field "line", a str.  Transactional;
 * where a batch begins and ends are bytes of a file, so files may grow at
 * their ends and must not change otherwise; they have to be named by the same
 * names in the same order when a program comes back, new ones behind them.
 * `arg`: a gale_lines_opts, or NULL: the files are the words on the command
 * line.  To say more than NULL, copy it:
 *
 *     gale_batch_spout spout = gale_lines;
 *     spout.arg = &opts;
 */
typedef struct gale_lines_opts {
    const char *const *paths; /* ends with NULL; NULL: the command line's */
    uint32_t batch_bytes;     /* at most in a batch; 0: 4 MiB */
    bool follow; /* the last file goes on growing: wait for more lines */
} gale_lines_opts;
GALE_API extern const gale_batch_spout gale_lines;

/* Rows that are made from their numbers, 0, 1, 2, ...: for load, for tests,
 * for all that can be computed again.  Transactional; after a restart it goes
 * on behind the last batch.  Copy it, and say what the rows are:
 *
 *     gale_batch_spout spout = gale_generate;
 *     spout.output = fields;
 *     spout.arg = &opts;
 */
typedef struct gale_generate_opts {
    /* Emit row `i`, in the fields of `output`; usually one, but 0 or several
     * will do.  The same for the same `i`, whenever it is asked, on whatever
     * thread. */
    void (*row)(const void *arg, uint64_t i, gale_batch_ctx *ctx);
    const void *arg;
    uint64_t rows;       /* then the topology ends; 0: it never does */
    uint32_t batch_rows; /* at most in a batch; 0: 1000 */
    double rate;         /* at most so many rows a second; 0: no limit */
} gale_generate_opts;
GALE_API extern const gale_batch_spout gale_generate;

/* Rows that are there already, in batches of so many, once or round and round.
 * Transactional.  Copied and told as gale_generate is; Storm: FixedBatchSpout.
 */
typedef struct gale_fixed_opts {
    const gale_row *rows; /* they and what they point to stay as they are */
    size_t n;
    uint32_t batch_rows; /* at most in a batch; 0: all of them */
    bool cycle;          /* begin again behind the last, for ever */
    double rate;         /* at most so many rows a second; 0: no limit */
} gale_fixed_opts;
GALE_API extern const gale_batch_spout gale_fixed;

#ifdef __cplusplus
}
#endif
#endif /* GALE_BATCH_H */
