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
 * ... (the transaction id).  All tasks work on a batch at once, and on several
 * batches at a time; but states are brought up to date batch by batch, in the
 * order of the numbers, and each batch counts once.  When something fails, the
 * batch and those behind it are done again, under the same numbers, as new
 * attempts.  Whether a batch that is done again has the same tuples depends on
 * the spout.  What is promised depends on that and on the kind of the state
 * (state.h):
 *
 *     spout \ state         non-transactional   transactional   opaque
 *     non-transactional     -                   -               -
 *     transactional         -                   exactly once    exactly once
 *     opaque                -                   -               exactly once
 *
 * Behind a gale_state_query, a gale_first_n or windows by rows a transactional
 * spout counts as an opaque one: when a batch is done again, states and the
 * order of rows may differ.  A program without "exactly once" runs all the
 * same; its --help and `describe` say which of its states have it.
 *
 * Mistakes are collected.  A call with wrong arguments notes what is wrong and
 * returns a stream all the same, which later calls take without complaint;
 * gale_trident_build names all mistakes.  What these calls return belongs to
 * the gale_trident.  Names, fields, folds and options are copied; tables of
 * callbacks (spouts, functions, filters, combiners, stores, choosers, ...) are
 * borrowed until it is destroyed.  NULL in place of a stream is a bug and ends
 * the process.  On a cluster the definition is run by whoever submits and by
 * every worker, and has to be the same each time.
 *
 * Thread  one, for all calls that define; what callbacks say, for those
 */
#ifndef GALE_TRIDENT_H
#define GALE_TRIDENT_H

#include "gale/batch.h"
#include "gale/run.h"
#include "gale/state.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gale_trident gale_trident;
typedef struct gale_batches gale_batches; /* a stream; Storm: Stream */
typedef struct gale_grouped gale_grouped; /* by keys; Storm: GroupedStream */
typedef struct gale_kept gale_kept;       /* a state; Storm: TridentState */

/* ------------------------------------------------------------ defining -- */

/* A program without steps; `name` is that of its topology, copied.
 *
 * Returns GALE_OK; GALE_ENOMEM.
 */
GALE_API gale_err gale_trident_create(gale_trident **out, const char *name);
GALE_API void gale_trident_destroy(gale_trident *t); /* NULL is fine */

/* For --help: `about`, a sentence or two on the program; `args`, which words
 * it takes on the command line, such as "FILE...".  Either may be NULL; a
 * program whose gale_lines reads the files of the command line needs no
 * `args`.  Copied. */
GALE_API void gale_trident_about(gale_trident *t, const char *about,
                                 const char *args);

/* Where coordinators and spouts keep how far they are.  Without this call, in
 * gale_store_embedded. */
GALE_API void gale_trident_remember(gale_trident *t, const gale_store *store);

/* A new source.  Under `id` it keeps how far it is, so do not change that once
 * the program has run. */
GALE_API gale_batches *gale_new_stream(gale_trident *t, const char *id,
                                       const gale_batch_spout *spout);

/* Steps between two repartitionings are one component of the topology.
 * gale_parallelism says how many tasks it has (1 if it is not said; if it is
 * said more than once, the largest counts), gale_named what it is called.
 * Both return `s`. */
GALE_API gale_batches *gale_parallelism(gale_batches *s, uint32_t tasks);
GALE_API gale_batches *gale_named(gale_batches *s, const char *name);

/* Row by row, in the task where the row is.  The callback is handed the fields
 * `in`, in that order; NULL: all fields.
 *
 *   each       a row for each one that f emits: all fields, then f's output
 *   where      only the rows that f keeps (Storm: filter)
 *   map_rows   what f emits in place of the row (Storm: map, flatMap)
 *   peek       the row as it is; f only looks, and has no output
 *   project    only the fields `keep`, in that order
 */
GALE_API gale_batches *gale_each(gale_batches *s, const gale_name *in,
                                 const gale_function *f);
GALE_API gale_batches *gale_where(gale_batches *s, const gale_name *in,
                                  const gale_filter *f);
GALE_API gale_batches *gale_map_rows(gale_batches *s, const gale_name *in,
                                     const gale_function *f);
GALE_API gale_batches *gale_peek(gale_batches *s, const gale_name *in,
                                 const gale_function *f);
GALE_API gale_batches *gale_project(gale_batches *s, const gale_name *keep);

/* Repartitioning: to which task of the next component a row goes.  A row that
 * is there already is not sent.
 *
 *   shuffle            any, evenly
 *   local_or_shuffle   one in the same worker if there is one
 *   partition_by       that of its keys, divided as states divide them
 *   partition          those that `chooser` says, which sees all fields
 *   global             the first one
 *   batch_global       one for each batch
 *   broadcast          every one
 */
GALE_API gale_batches *gale_shuffle(gale_batches *s);
GALE_API gale_batches *gale_local_or_shuffle(gale_batches *s);
GALE_API gale_batches *gale_partition_by(gale_batches *s,
                                         const gale_name *keys);
GALE_API gale_batches *gale_partition(gale_batches *s,
                                      const gale_chooser *chooser);
GALE_API gale_batches *gale_global(gale_batches *s);
GALE_API gale_batches *gale_batch_global(gale_batches *s);
GALE_API gale_batches *gale_broadcast(gale_batches *s);

/* Fold a whole batch (aggregate), or what each task has of it
 * (partition_aggregate), into one row; an aggregator may emit any number.  An
 * empty batch is folded, too. */
GALE_API gale_batches *gale_aggregate(gale_batches *s, const gale_fold *folds);
GALE_API gale_batches *gale_partition_aggregate(gale_batches *s,
                                                const gale_fold *folds);

/* The same for each key: a row has the keys, then what the folds put out. */
GALE_API gale_grouped *gale_group_by(gale_batches *s, const gale_name *keys);
GALE_API gale_batches *gale_group_aggregate(gale_grouped *g,
                                            const gale_fold *folds);

/* The first n rows of each batch, ordered by the field `by` ("-field": the
 * largest first); NULL: the n that come first. */
GALE_API gale_batches *gale_first_n(gale_batches *s, uint32_t n,
                                    const char *by);

/* The rows of both, whose fields have the same types; the names are those of
 * `a`. */
GALE_API gale_batches *gale_merge(gale_batches *a, gale_batches *b);

/* A row for each two rows of the same batch whose keys are equal: a's keys,
 * a's other fields, b's other fields.  LEFT, RIGHT, FULL: rows of that side
 * (of both) that have no partner come, too, with nil for what is missing;
 * fields that may be nil have type any from there on. */
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

/* A state that has, for each key, what the fold makes of all rows of all
 * batches.  `fold`: GALE_FOLD with exactly one combiner or reducer.  `id`: it
 * is found by this name, so do not change it once the program has run.  `opts`
 * NULL: all defaults. */
GALE_API gale_kept *gale_persistent_aggregate(gale_grouped *g, const char *id,
                                              const gale_fold *fold,
                                              const gale_state_opts *opts);

/* The same without keys: one value, in one task. */
GALE_API gale_kept *gale_persistent_total(gale_batches *s, const char *id,
                                          const gale_fold *fold,
                                          const gale_state_opts *opts);

/* A state that a function of yours keeps up to date.  For each batch, in the
 * order of the numbers, `update` is handed all rows of the batch that this
 * task has, and changes the map by gale_map_update or gale_map_put; begin and
 * commit are called for it.  What it emits is the stream of new values.  With
 * several tasks, divide the rows by the map's keys before
 * (gale_partition_by). */
typedef struct gale_updater {
    const gale_field *output; /* or NULL */
    gale_err (*update)(gale_map *map, const gale_row *in, size_t n,
                       gale_batch_ctx *ctx);
} gale_updater;
GALE_API gale_kept *gale_partition_persist(gale_batches *s, const char *id,
                                           const gale_name *in,
                                           const gale_updater *u,
                                           const gale_state_opts *opts);

/* A stream of the keys that each batch has changed, with their new values. */
GALE_API gale_batches *gale_new_values(gale_kept *k);

/* Look up each row in a state: the row goes to the task that has its key, the
 * fields `in` (NULL for a gale_persistent_total, which has no key), and the
 * value is appended as `output`, nil if there is none.
 *
 * In the stream that keeps the state, a batch sees what it and those before it
 * have made of the state, so it waits for them.  The same holds for a stream
 * that is merged or joined with that one somewhere: their batches have common
 * numbers.  Any other stream sees what each task has committed last, and
 * neither stream waits for the other or fails with it; what it sees of an
 * opaque state may yet be undone, if that batch is done again. */
GALE_API gale_batches *gale_state_query(gale_batches *s, gale_kept *k,
                                        const gale_name *in,
                                        const gale_field *output);

/* ------------------------------------------------------------- windows -- */

/* Window number k begins at k * slide and ends before k * slide + length.
 * These are numbers of rows (of the stream, or of each key; the first row has
 * number 0), or milliseconds since 1970. */
typedef enum gale_window_by {
    GALE_WINDOW_ROWS = 0,
    GALE_WINDOW_TIME = 1,
} gale_window_by;

typedef struct gale_window {
    gale_window_by by;
    int64_t length, slide; /* 1 <= slide <= length */
    /* By time: an i64 field that says when a row was, in milliseconds.  NULL:
     * when its batch was begun. */
    const char *time;
    /* With `time`: a window stays open until a row comes whose time is its end
     * plus this, or later. */
    int64_t lateness_ms;
    /* With `time`: after so long without a row the clock closes windows, until
     * a row comes.  0: they wait for rows. */
    int64_t idle_ms;
} gale_window;

// clang-format off
#define GALE_TUMBLING_ROWS(n)  GALE_SLIDING_ROWS(n, n)
#define GALE_SLIDING_ROWS(n, slide) \
    GALE_ARRAY_(gale_window, { GALE_WINDOW_ROWS, (n), (slide), 0, 0, 0 })
#define GALE_TUMBLING_MS(ms)   GALE_SLIDING_MS(ms, ms)
#define GALE_SLIDING_MS(ms, slide) \
    GALE_ARRAY_(gale_window, { GALE_WINDOW_TIME, (ms), (slide), 0, 0, 0 })
#define GALE_TUMBLING_TIME(field, ms, lateness) \
    GALE_SLIDING_TIME(field, ms, ms, lateness)
#define GALE_SLIDING_TIME(field, ms, slide, lateness) \
    GALE_ARRAY_(gale_window, { GALE_WINDOW_TIME, (ms), (slide), (field), \
                               (lateness), 0 })
// clang-format on

/* Fold each window, over batches: of the whole stream, in one task
 * (gale_window_aggregate), or of each key (gale_group_window).  When a window
 * closes, it puts out a row: the keys; window_start and window_end (i64; the
 * window ends before window_end); then what the folds put out.  A window
 * without rows puts out nothing.
 *
 * What windows have so far is kept in an opaque state, found by the name `id`;
 * `opts` NULL: all defaults.  So a row counts once in each of its windows,
 * whatever is done again.  For combiners that is a value for each stretch of
 * the greatest common divisor of length and slide; for other folds, all rows.
 *
 * When does a window close?
 *   By rows: with its last row.  Sliding windows that begin before row 0 are
 *   put out, too.
 *   By the time of rows: with the batch that has a row whose time is the
 *   window's end plus lateness_ms, or later; for all keys and in all tasks at
 *   once.  A row whose windows had all closed before its batch is late: it is
 *   dropped and counted (counter "late"), unless gale_late_rows is used.
 *   By the clock: also while no row comes.  A batch that is done again keeps
 *   the time that it had.
 */
GALE_API gale_batches *gale_window_aggregate(gale_batches *s, const char *id,
                                             const gale_window *w,
                                             const gale_fold *folds,
                                             const gale_state_opts *opts);
GALE_API gale_batches *gale_group_window(gale_grouped *g, const char *id,
                                         const gale_window *w,
                                         const gale_fold *folds,
                                         const gale_state_opts *opts);

/* The rows that came too late, unchanged.  `windows`: what one of the two
 * calls above returned. */
GALE_API gale_batches *gale_late_rows(gale_batches *windows);

/* ------------------------------------------------------------- running -- */

/* Make a plain topology of all that was defined, to be run by gale_main or
 * gale_local_run.  It belongs to `t`; nothing can be defined afterwards.
 *
 *   why   NULL, or where to say every mistake, one a line
 *
 * Returns GALE_OK; GALE_EPLAN: there are mistakes; GALE_ENOMEM. */
GALE_API gale_err gale_trident_build(gale_trident *t,
                                     const gale_topology **out,
                                     gale_diag *why);

/* All there is to main(): create, define, build, gale_main, destroy.
 *
 * Returns an exit code, as gale_main does. */
GALE_API int gale_trident_main(int argc, char **argv, const char *name,
                               void (*define)(gale_trident *t));

#ifdef __cplusplus
}
#endif
#endif /* GALE_TRIDENT_H */
