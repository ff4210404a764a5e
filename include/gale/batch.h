/* batch.h -- what you write for a program on batches: functions, filters,
 * folds and spouts.
 *
 * Each is a table of callbacks that a step (trident.h) calls.  A callback is
 * handed rows with the fields that the step names, in that order; what it
 * emits has the fields that its table declares as `output`.
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

/* Hand a row to the next step.  It has the fields that the table declares as
 * `output`; a wrong number or type of values is a bug and ends the process.
 *
 *   row   borrowed until return
 */
GALE_API void gale_batch_emit(gale_batch_ctx *ctx, gale_row row);

/* This batch cannot be done now, for the reason that is given: it is done
 * again, as a new attempt, after a pause that doubles with each failure. */
GALE_API void gale_batch_fail(gale_batch_ctx *ctx, const char *format, ...)
    GALE_PRINTF(2, 3);

/* Which batch this is, and the task that works on it (task.h).  Callbacks that
 * see single rows (apply, keep, aggregate, ...) know the transaction only
 * where the rows have not moved since the spout; behind a repartitioning txid
 * is 0 there, and attempt is a number that only tells batches apart.  Spouts,
 * and callbacks that see a batch whole (complete, update), always know both.
 */
GALE_API uint64_t gale_batch_txid(const gale_batch_ctx *ctx);
GALE_API uint64_t gale_batch_attempt(const gale_batch_ctx *ctx);
GALE_API gale_task *gale_batch_task(gale_batch_ctx *ctx);

/* Slot `i` of a row, from 0.  A slot that is not there or has another type is
 * a bug, and ends the process with a message that says which. */
GALE_API bool gale_row_bool(gale_row r, unsigned i);
GALE_API int64_t gale_row_i64(gale_row r, unsigned i);
GALE_API double gale_row_f64(gale_row r, unsigned i);
GALE_API gale_str gale_row_str(gale_row r, unsigned i); /* STR, BYTES, LIST,
                                                           MAP */

/* What is done with each row.  `in` is borrowed until apply returns, which may
 * emit any number of rows.  Optional here and below: prepare and cleanup, the
 * first and the last call; what prepare returns ends the run if it is not
 * GALE_OK, as with bolts (bolt.h). */
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

/* A fold that can be done in parts, as a sum can: each task folds the rows it
 * has, and only the results are sent and combined, in whatever order they
 * come.
 *
 * `out`, `a` and `b` are arrays of as many values as `output` has fields. What
 * is written to *out may point into the arguments; it is copied if it has to
 * last. */
typedef struct gale_combiner {
    const gale_field *output;
    void (*init)(gale_row in, gale_value *out); /* of one row */
    void (*combine)(const gale_value *a, const gale_value *b, gale_value *out);
    void (*zero)(gale_value *out); /* of no row; not needed where rows are
                                      grouped by keys */
} gale_combiner;

/* A fold that cannot: row by row, all rows (of a key) in one task. */
typedef struct gale_reducer {
    const gale_field *output;
    void (*init)(gale_value *out);
    void (*reduce)(const gale_value *so_far, gale_row in, gale_value *out);
} gale_reducer;

/* A fold that emits as many rows as it likes.  `state`, a zeroed block, is
 * made for each batch, or for each key in it: init, aggregate for each row,
 * complete (which emits), and last drop, which frees what the state owns, also
 * if the batch is given up before complete.  Only aggregate and complete are
 * needed. */
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
    const gale_name *in; /* fields that it is handed; NULL: none */
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

/* Ready ones.  Of an empty batch, the sum is 0, and least and largest are nil.
 * All but gale_count leave out nil.  A sum of i64 wraps around; one with an
 * f64 in it is an f64. */
GALE_API extern const gale_combiner gale_count; /* field "count" */
GALE_API extern const gale_combiner gale_sum;   /* "sum": i64 or f64 */
GALE_API extern const gale_combiner gale_min;   /* "min": any; by type first */
GALE_API extern const gale_combiner gale_max;   /* "max" */

/* ------------------------------------------------------------- spouts -- */

typedef enum gale_spout_kind {
    GALE_SPOUT_TRANSACTIONAL = 0, /* a batch that is done again always has
                                     the same tuples */
    GALE_SPOUT_OPAQUE = 1, /* it may have others, but each tuple is in exactly
                              one batch that counts */
    GALE_SPOUT_NON_TRANSACTIONAL = 2, /* neither */
} gale_spout_kind;

typedef struct gale_batch_part gale_batch_part;

/* A source of batches.  It has two sides.
 *
 * The coordinator, one in the topology, says when there is something.  For a
 * transactional spout it also says what is in each batch: `plan` is handed
 * what it wrote for the batch before, and writes what is in the next one, in a
 * form of its own (offsets, say).  That is stored before any tuple is given,
 * so the same batch can be given again.
 *
 * The emitters, as many as the stream has tasks, give the tuples, beginning at
 * `from`: for a transactional spout what `plan` wrote, from which they give
 * the same tuples each time; for an opaque spout what this partition set as
 * `upto` in its last batch that counted ("" at first), from which they give as
 * many as they like.
 */
typedef struct gale_batch_spout {
    gale_spout_kind kind;
    const gale_field *output;
    const void *arg; /* handed to plan_open and open */

    /* --- the coordinator's side; optional but for `plan`, which a
     * transactional spout needs.  `c` is a zeroed block of plan_size bytes. */
    size_t plan_size;
    gale_err (*plan_open)(void *c, const void *arg, gale_task *task);
    /* Is there anything?  NULL: a batch is begun every
     * topology.trident.batch.emit.interval.millis.  Asked often. */
    bool (*ready)(void *c, gale_task *task);
    /* TRANSACTIONAL.  Write to `now` what is in the batch that follows
     * `before` ("" at first), and return how many bytes that is, at most
     * `room` (64 KiB); 0: there is nothing, so no batch is begun. */
    size_t (*plan)(void *c, gale_str before, char *now, size_t room);
    /* Is the source at its end?  Then a local run ends when all batches have
     * counted.  NULL: it never is. */
    bool (*ended)(void *c, gale_task *task);
    void (*plan_close)(void *c);
    /* All batches up to this one have counted, and that is on record: they
     * will never be asked for again, so the source may forget them.  A
     * coordinator that begins anew says it again; 0: none has counted yet. */
    void (*plan_committed)(void *c, uint64_t txid);

    /* --- the emitters' side */
    size_t state_size; /* of `self`, a zeroed block for each task */
    /* OPAQUE, NON_TRANSACTIONAL.  How many partitions the source has now; they
     * are divided among the tasks, evenly, and keep their numbers.  NULL: one
     * for each task. */
    uint32_t (*partitions)(void *self, gale_task *task);
    gale_err (*open)(void *self, const void *arg, gale_task *task);
    /* Emit some tuples; return true if this batch has more, to be called
     * again. A batch of an opaque or non-transactional spout is closed when it
     * has been filled for the interval (see `ready`), also after true: it has
     * what was emitted by then. */
    bool (*emit)(void *self, gale_batch_part *part, gale_batch_ctx *ctx);
    /* The batch has counted, and will not be asked for again.  Only a hint: it
     * is lost if the task dies.  See plan_committed. */
    void (*committed)(void *self, uint64_t txid);
    void (*close)(void *self); /* if open returned GALE_OK */
} gale_batch_spout;

/* What an emitter is asked for. */
struct gale_batch_part {
    uint64_t txid, attempt;
    uint32_t partition,
        partitions; /* transactional: the task's index, how many tasks */
    gale_str from;  /* where to begin; see gale_batch_spout */
    char upto[256]; /* OPAQUE: write where the next batch begins, before
                       returning false, or each time */
    uint32_t upto_len;
    bool first; /* is this the first call for this batch and partition? */
};

/* The lines of files, without their line ends: field "line", a str.
 * Transactional: a batch is a range of bytes of a file.  So files may grow at
 * their ends, and must not change otherwise; and when the program comes back
 * they have to be named by the same names in the same order, new ones behind
 * them.  Without an `arg` the files are the words of the command line.  To say
 * more, copy it:
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
 * on after the last batch.  Copy it, and say what the rows are:
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

/* Rows of an array, once or again and again.  Transactional.  Copy it, as
 * gale_generate, with a gale_fixed_opts as `arg`.  Storm: FixedBatchSpout. */
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
