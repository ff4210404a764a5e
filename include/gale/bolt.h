/* bolt.h -- what is done with tuples.
 *
 * execute() is handed a tuple and answers for it: GALE_ACK, GALE_FAIL or
 * GALE_HOLD.  There is no way out without an answer, so none is forgotten.
 * What it emits meanwhile is anchored to that tuple: the tree grows, and its
 * spout hears of it when all of it is done.
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
    GALE_FAIL = 1, /* its trees are replayed from their spouts, now */
    GALE_HOLD = 2, /* gale_hold() was called; an answer will follow */
} gale_verdict;

typedef struct gale_bolt {
    size_t state_size;
    const gale_field *output;   /* the default stream; NULL: emits nothing */
    const gale_stream *streams; /* further streams, or NULL; ends with {0} */

    /* Before the first tuple.  An error ends the topology with its name. */
    gale_err (*prepare)(void *self, gale_bolt_ctx *ctx);

    gale_verdict (*execute)(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx);

    /* Every tick_ms of the component (and after gale_task_wake).  What is
     * emitted here is unanchored unless anchors are named.  Ticks due at the
     * same instant come sinks first; ticks missed are not made up for; and a
     * task whose readers have no room is ticked when they have. */
    void (*tick)(void *self, gale_bolt_ctx *ctx);

    /* The last call.  Not promised when a process is killed.  In a local run
     * these calls (and the spouts' close) come one at a time, in the order of
     * the tasks' numbers.  Emitting and answering for held tuples are refused
     * by name here: nobody reads any more. */
    void (*cleanup)(void *self, gale_bolt_ctx *ctx);
} gale_bolt;

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

/* Keep `in`, the tuple being executed, beyond this call: it is copied out of
 * its batch.  Return GALE_HOLD from execute, and later, from another execute
 * or a tick, gale_ack or gale_fail it.  Held tuples are still subject to the
 * message timeout: gale_reset_timeout starts it anew.  One that is never
 * answered fails then, and is reported with this component's name.
 * Returning GALE_ACK or GALE_FAIL after all answers for it there and then.
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

/* The trees of `h` (or of GALE_INPUT) count as in progress from now on. */
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
