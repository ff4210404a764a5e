/* bolt.h -- what is done with tuples.
 *
 * execute() is handed a tuple and answers for it: GALE_ACK, GALE_FAIL or
 * GALE_HOLD.  There is no way out without an answer, so none is forgotten.
 * What it emits meanwhile is anchored to that tuple: the tree grows, and its
 * spout hears of it when all of it is done.
 *
 * A bolt that does better if it sees several tuples at a time has
 * execute_batch() instead.  One that keeps a table by the key that its input
 * is grouped by is told the key's hash: gale_tuple_hash (value.h).
 */
#ifndef GALE_BOLT_H
#define GALE_BOLT_H

#include "gale/stream.h"
#include "gale/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gale_bolt_ctx gale_bolt_ctx;

/* What became of the input. */
typedef enum gale_verdict {
    GALE_ACK = 0,  /* handled; what it gave rise to was emitted */
    GALE_FAIL = 1, /* its trees fail now, and are replayed by their spouts */
    GALE_HOLD = 2, /* after gale_hold: the answer will follow; without a
                      gale_hold it is as GALE_FAIL, and logged */
} gale_verdict;

typedef struct gale_bolt {
    size_t state_size;
    const gale_field *output;   /* the default stream; NULL: emits nothing */
    const gale_stream *streams; /* further streams, or NULL; ends with {0} */

    /* The first call.  To return anything but GALE_OK ends the run; the
     * message has the task's name and the words of its last gale_task_error.
     * On a cluster the worker ends, and is started anew after a pause. */
    gale_err (*prepare)(void *self, gale_bolt_ctx *ctx);

    gale_verdict (*execute)(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx);

    /* Every tick_ms of the component (and after gale_task_wake).  What is
     * emitted here is unanchored unless anchors are named.  Of ticks that are
     * due at the same time, a reader's comes before its sender's.  A tick that
     * was missed is not made up for, and one of a task whose readers have no
     * room waits until they have. */
    void (*tick)(void *self, gale_bolt_ctx *ctx);

    /* The last call.  Not promised when a process is killed.  In a local run
     * these calls (and the spouts' close) come one at a time, in the order of
     * the tasks' numbers.  Nobody reads any more: emitting and answering for
     * held tuples are refused, and the log names the task.  All callbacks but
     * execute, or execute_batch, are optional. */
    void (*cleanup)(void *self, gale_bolt_ctx *ctx);

    /* In place of execute: `n` tuples at once, 1 to GALE_EXECUTE_MOST, in the
     * order in which they came.  They are those that are there; none is waited
     * for, so now and then it is one.  Look at them as you like (ask for
     * memory early, write all of them to a store in one go), then go through
     * them in their order and answer for each:
     *
     *     for (size_t i = 0; i < n; i++)
     *         gale_answer(ctx, do_one(self, in[i], ctx));
     *
     * The tuple being executed, to which gale_emit anchors and which gale_hold
     * and GALE_INPUT mean, is the first that is not answered yet.  Those that
     * are not answered when it returns fail, and that is counted and logged
     * with the component's name.  So is what is emitted behind the last
     * answer, which is not sent.  Whether readers have room is asked before
     * the call, not for each tuple. */
    void (*execute_batch)(void *self, const gale_tuple *const *in, size_t n,
                          gale_bolt_ctx *ctx);
} gale_bolt;

/* The most that execute_batch is ever handed. */
enum { GALE_EXECUTE_MOST = 64 };

/* In execute_batch: what became of the tuple being executed, as execute would
 * have returned it.  From then on the next one is being executed.  Elsewhere,
 * or behind the last one, it is refused, counted and logged with the
 * component's name; it harms nothing. */
GALE_API void gale_answer(gale_bolt_ctx *ctx, gale_verdict v);

/* ------------------------------------------------------------ holding -- */

/* A tuple that a task keeps and still has to answer for.  A plain value:
 * copy it, store it, compare nothing but with a zeroed one. */
typedef struct gale_held {
    uint64_t ref;
} gale_held;

/* Wherever a held tuple is asked for: the one that execute is looking at. */
// clang-format off
#ifdef __cplusplus
#define GALE_INPUT (gale_held{ 0 })
#else
#define GALE_INPUT ((gale_held){ 0 })
#endif
// clang-format on

/* Keep a copy of `in`, the tuple being executed, beyond this call.  Return
 * GALE_HOLD from execute, and later, from another execute or a tick, gale_ack
 * or gale_fail it.  The message timeout goes on for held tuples, until
 * gale_reset_timeout starts it anew; one that is not answered by then fails,
 * and the reason names this component.  To return GALE_ACK or GALE_FAIL after
 * a gale_hold is fine: that is the answer.
 *
 * Returns a handle; {0} when memory is gone, and then the input fails
 *         whatever execute returns.
 */
GALE_API gale_held gale_hold(gale_bolt_ctx *ctx, const gale_tuple *in);

/* Read a held tuple; borrowed until it is answered.  NULL if it already is,
 * or belongs to another task. */
GALE_API const gale_tuple *gale_held_tuple(gale_bolt_ctx *ctx, gale_held h);

/* Answer for a held tuple.  Answering twice, or for another task's tuple, is
 * refused, counted and logged with the component's name; it harms nothing. */
GALE_API void gale_ack(gale_bolt_ctx *ctx, gale_held h);
GALE_API void gale_fail(gale_bolt_ctx *ctx, gale_held h);

/* The message timeout of the trees of `h` (or GALE_INPUT) begins anew now. */
GALE_API void gale_reset_timeout(gale_bolt_ctx *ctx, gale_held h);

/* ----------------------------------------------------------- emitting -- */

/* Emit one tuple on the default stream, anchored to the tuple being executed
 * (in tick: unanchored).  See gale_spout_emit for what may go wrong.
 *
 *   row   copied
 *
 * Thread  that of the callback; any other is refused by name
 */
GALE_API void gale_emit(gale_bolt_ctx *ctx, gale_row row);

/* The same on another of the component's streams, by number. */
GALE_API void gale_emit_on(gale_bolt_ctx *ctx, unsigned stream, gale_row row);

/* The same, with everything that can be said about it. */
typedef struct gale_emit_opts {
    unsigned stream;          /* its number; 0: the default stream */
    uint32_t task;            /* streams declared direct: to this task */
    const gale_held *anchors; /* anchored to these (GALE_INPUT is one) ... */
    size_t n_anchors;         /* ... 0: to the tuple being executed */
    bool unanchored;          /* to none: nobody learns if it is lost */
    uint32_t *sent_to;        /* NULL, or where to write the receivers ... */
    size_t sent_to_cap;       /* ... and for how many there is room */
} gale_emit_opts;

/* An anchor that was answered already is refused, counted and logged by name,
 * and the tuple is not emitted (what it would have promised nobody tracks).
 *
 *   opts  not NULL; all zero: as gale_emit
 *
 * Returns how many tasks the tuple was sent to.
 */
GALE_API size_t gale_emit_with(gale_bolt_ctx *ctx, const gale_emit_opts *opts,
                               gale_row row);

/* The task behind a context; see task.h. */
GALE_API gale_task *gale_bolt_task(gale_bolt_ctx *ctx);

#ifdef __cplusplus
}
#endif
#endif /* GALE_BOLT_H */
