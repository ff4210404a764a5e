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
 * Behind a gale_state_query, a gale_first_n or windows by rows a transactional
 * spout counts as an opaque one: when a batch is done again, states and the
 * order of rows may be others.  A program whose cell has no "exactly once" is
 * built all the same; its --help and `describe` say which states are exactly
 * once.
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

/* A sentence for its --help, before what is said of its states, and "FILE..."
 * or the like if it takes words from the command line; NULL for none, or for
 * "FILE..." if a gale_lines reads those.  Copied. */
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
 * that has the key.
 *
 * In the stream that keeps the state (or one that meets it in a merge or a
 * join somewhere: such streams are numbered together) a batch sees what it and
 * those before it have made of the state, and comes behind it.  In any other
 * stream it sees what each task has committed last; neither stream waits for
 * the other, or fails with it.  What an opaque state showed so may come
 * otherwise later, if its batch is done again. */
GALE_API gale_batches *gale_state_query(gale_batches *s, gale_kept *k,
                                        const gale_name *in,
                                        const gale_field *output);

/* ------------------------------------------------------------- windows -- */

/* Which windows.  Window k begins at k * slide and ends before
 * k * slide + length, in rows (of the stream, or of each key; the first has
 * number 0), or in milliseconds since 1970. */
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
    /* Rows may be so much behind the latest one of the stream. */
    int64_t lateness_ms;
    /* So long without a row, and windows close by the clock until one comes.
     * 0: they wait for rows. */
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

/* Folds by window, over batches: of the whole stream (in one task), or of each
 * key.  When a window closes, a row comes of it: the keys, window_start and
 * window_end (i64; the window ends before it), then what the folds put out.
 * Of a window without rows comes nothing.
 *
 * What is open is kept in an opaque state: `id`, its name for good; opts NULL:
 * all defaults.  So each row is in its windows once, whatever is done again.
 * Combiners keep one value for each piece of `slide`, others the rows.
 *
 * By rows, a window closes with its last row; those that begin before the
 * first row are put out, too.  By time, in the batch that shows the latest row
 * to be `lateness_ms` behind its end, for all keys and in all tasks at once. A
 * row all of whose windows were closed before its batch is late: it is dropped
 * and counted (counter "late"), unless somebody reads gale_late_rows.  Without
 * a time of rows the clock closes windows, also while nothing comes; a batch
 * keeps its time when it is done again. */
GALE_API gale_batches *gale_window_aggregate(gale_batches *s, const char *id,
                                             const gale_window *w,
                                             const gale_fold *folds,
                                             const gale_state_opts *opts);
GALE_API gale_batches *gale_group_window(gale_grouped *g, const char *id,
                                         const gale_window *w,
                                         const gale_fold *folds,
                                         const gale_state_opts *opts);

/* The rows that came too late, as they were; `windows`: what one of the two
 * returned. */
GALE_API gale_batches *gale_late_rows(gale_batches *windows);

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
