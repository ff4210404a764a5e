/* trident.h -- exactly-once micro-batches, as expressions over streams.
 *
 * Each call adds one step and returns the stream that comes out of it.  The
 * pointer types say what may follow: grouped streams can be folded by key, a
 * state can be asked, a plain stream neither.
 *
 *     static void define(gale_trident *t)
 *     {
 *         gale_batches *s = gale_new_stream(t, "lines", &lines);
 *         gale_batches *words = gale_each(s, GALE_NAMES("line"), &split);
 *
 *         gale_persistent_aggregate(gale_group_by(words, GALE_NAMES("word")),
 *                                   "counts", GALE_FOLD(GALE_COUNT("n")),
 *                                   NULL);
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         return gale_trident_main(argc, argv, "words", define);
 *     }
 *
 * What is promised.  The tuples of a stream come in batches, numbered 1, 2,
 * ... (the transaction id).  A batch is worked on by all tasks at once,
 * several batches at a time; but states are brought up to date batch by batch,
 * in the order of the numbers, and a batch either counts once or not yet. When
 * something fails, the batch and those behind it are done again, under the
 * same numbers, as new attempts.  What comes in a batch that is done again
 * depends on the spout; that, and the kind of the state (state.h), say what
 * holds:
 *
 *     spout \ state         non-transactional   transactional   opaque
 *     non-transactional     -                   -               -
 *     transactional         -                   exactly once    exactly once
 *     opaque                -                   -               exactly once
 *
 * Behind a gale_state_query or a gale_first_n a transactional spout counts as
 * an opaque one: when a batch is done again, states and the order of rows may
 * be others.  A program whose cell has no "exactly once" is built all the
 * same; its --help and `describe` say which states are exactly once.
 *
 * Errors stick.  A call that cannot make sense of its arguments notes why and
 * returns a node that takes everything and does nothing; gale_trident_build
 * names all of them.  Nodes belong to the gale_trident.  Names, fields, folds
 * and options are copied; tables of callbacks (spouts, functions, filters,
 * combiners, stores, choosers, ...) are borrowed until it is destroyed.  NULL
 * for a node is a bug and ends the process.  The definition is run by the
 * client and by every worker, and has to come out the same each time.
 *
 * Thread  one, for all calls that define; what callbacks say, for those
 */
#ifndef GALE_TRIDENT_H
#define GALE_TRIDENT_H

#include "gale/run.h"
#include "gale/state.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gale_trident gale_trident;
typedef struct gale_batches gale_batches; /* a stream; Storm: Stream */
typedef struct gale_grouped gale_grouped; /* by keys; Storm: GroupedStream */
typedef struct gale_kept gale_kept;       /* a state; Storm: TridentState */

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
    void (*zero)(gale_value *out); /* of none */
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
    /* The batch has counted; nothing before its end will be asked again. */
    void (*committed)(void *self, uint64_t txid);
    void (*close)(void *self);
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
 * their ends and must not change otherwise.  `arg`: a gale_lines_opts, or
 * NULL: the files are the words on the command line.  To say more than NULL,
 * copy it:
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

/* ------------------------------------------------------------ defining -- */

/* A program without steps; `name` is that of its topology, copied.
 *
 * Returns GALE_OK; GALE_ENOMEM.
 */
GALE_API gale_err gale_trident_create(gale_trident **out, const char *name);
GALE_API void gale_trident_destroy(gale_trident *t); /* NULL is fine */

/* A sentence for its --help, before what is said of its states, and "FILE..."
 * or the like if it takes words from the command line; NULL for none.  Copied.
 */
GALE_API void gale_trident_about(gale_trident *t, const char *about,
                                 const char *args);

/* Where coordinators and spouts remember how far they are; without this call
 * in gale_store_embedded. */
GALE_API void gale_trident_remember(gale_trident *t, const gale_store *store);

/* A new source.  `id`: its name for good, under which it remembers how far it
 * is. */
GALE_API gale_batches *gale_new_stream(gale_trident *t, const char *id,
                                       const gale_batch_spout *spout);

/* How many tasks do the steps up to the next repartitioning (1 if nobody says;
 * the most, if several do), and a name for that component.  Each returns `s`.
 */
GALE_API gale_batches *gale_parallelism(gale_batches *s, uint32_t tasks);
GALE_API gale_batches *gale_named(gale_batches *s, const char *name);
/* Where the rows are.  `in` NULL: all fields. */
GALE_API gale_batches *gale_each(gale_batches *s, const gale_name *in,
                                 const gale_function *f); /* appends output */
GALE_API gale_batches *gale_where(gale_batches *s, const gale_name *in,
                                  const gale_filter *f); /* Storm: filter */
GALE_API gale_batches *gale_map_rows(gale_batches *s, const gale_name *in,
                                     const gale_function *f); /* Storm: map,
                                     flatMap: only output remains */
GALE_API gale_batches *gale_peek(gale_batches *s, const gale_name *in,
                                 const gale_function *f); /* output NULL */
GALE_API gale_batches *gale_project(gale_batches *s, const gale_name *keep);

/* Where to.  Rows that lie there already do not move.  partition_by divides
 * keys as states do; a chooser is handed the row as it is here. */
GALE_API gale_batches *gale_shuffle(gale_batches *s);
GALE_API gale_batches *gale_local_or_shuffle(gale_batches *s);
GALE_API gale_batches *gale_partition_by(gale_batches *s,
                                         const gale_name *keys);
GALE_API gale_batches *gale_partition(gale_batches *s,
                                      const gale_chooser *chooser);
GALE_API gale_batches *gale_global(gale_batches *s);
GALE_API gale_batches *gale_batch_global(gale_batches *s);
GALE_API gale_batches *gale_broadcast(gale_batches *s);

/* Fold a batch: all of it, or what each task has of it.  One row comes of it
 * (for aggregators, as many as they emit), also of an empty batch. */
GALE_API gale_batches *gale_aggregate(gale_batches *s, const gale_fold *folds);
GALE_API gale_batches *gale_partition_aggregate(gale_batches *s,
                                                const gale_fold *folds);

/* The same for each key: the keys, then what the folds put out. */
GALE_API gale_grouped *gale_group_by(gale_batches *s, const gale_name *keys);
GALE_API gale_batches *gale_group_aggregate(gale_grouped *g,
                                            const gale_fold *folds);

/* The n first rows of a batch, by `by` (a leading '-': the largest first);
 * `by` NULL: whichever come first. */
GALE_API gale_batches *gale_first_n(gale_batches *s, uint32_t n,
                                    const char *by);

/* Two streams of the same types as one; the names of the first. */
GALE_API gale_batches *gale_merge(gale_batches *a, gale_batches *b);

/* Rows of the same batch whose keys are equal: a's keys, a's other fields,
 * b's other fields.  Outer: a row without a partner comes too, with nil, so
 * the fields of the side that may be missing have no type from there on. */
typedef enum gale_join_kind {
    GALE_JOIN_INNER = 0,
    GALE_JOIN_LEFT = 1,
    GALE_JOIN_RIGHT = 2,
    GALE_JOIN_FULL = 3,
} gale_join_kind;
GALE_API gale_batches *gale_join(gale_batches *a, const gale_name *a_keys,
                                 gale_batches *b, const gale_name *b_keys,
                                 gale_join_kind how);

/* -------------------------------------------------------------- states -- */

typedef struct gale_state_opts {
    const gale_store *store; /* NULL: gale_store_embedded */
    gale_state_kind kind;
    uint32_t tasks; /* 0: as many as the stream's; at most
                       GALE_STATE_GROUPS */
} gale_state_opts;

/* A map from keys to what the one fold, GALE_FOLD of a combiner or a reducer,
 * makes of all tuples of all batches.  `id`: its name for good; opts NULL: all
 * defaults. */
GALE_API gale_kept *gale_persistent_aggregate(gale_grouped *g, const char *id,
                                              const gale_fold *fold,
                                              const gale_state_opts *opts);

/* The same without keys: one value, in one task. */
GALE_API gale_kept *gale_persistent_total(gale_batches *s, const char *id,
                                          const gale_fold *fold,
                                          const gale_state_opts *opts);

/* A map that is kept up to date by hand.  `in` are all rows of a batch that
 * this task has; called in the order of the numbers, between begin and commit
 * of the map.  What it emits is the stream of new values.  With several tasks
 * the rows have to be divided by the map's keys: gale_partition_by. */
typedef struct gale_updater {
    const gale_field *output; /* or NULL */
    gale_err (*update)(gale_map *map, const gale_row *in, size_t n,
                       gale_batch_ctx *ctx);
} gale_updater;
GALE_API gale_kept *gale_partition_persist(gale_batches *s, const char *id,
                                           const gale_name *in,
                                           const gale_updater *u,
                                           const gale_state_opts *opts);

/* The keys that a batch has changed, and their values. */
GALE_API gale_batches *gale_new_values(gale_kept *k);

/* Ask a state: to each row are appended the values of its key `in` (NULL: that
 * of gale_persistent_total), nil where there is none.  Rows go to the task
 * that has the key; so they may not come from there by way of another
 * component. */
GALE_API gale_batches *gale_state_query(gale_batches *s, gale_kept *k,
                                        const gale_name *in,
                                        const gale_field *output);

/* ------------------------------------------------------------- running -- */

/* Lower it all to a plain topology, which belongs to `t`.  Nothing can be
 * defined after it.
 *
 *   why   NULL, or where to say every mistake, one a line
 *
 * Returns GALE_OK; GALE_EPLAN; GALE_ENOMEM. */
GALE_API gale_err gale_trident_build(gale_trident *t,
                                     const gale_topology **out,
                                     gale_diag *why);

/* create, define, build, gale_main, destroy. */
GALE_API int gale_trident_main(int argc, char **argv, const char *name,
                               void (*define)(gale_trident *t));

#ifdef __cplusplus
}
#endif
#endif /* GALE_TRIDENT_H */
