/* spout.h -- sources of tuples.
 *
 * A spout emits a tuple under a message id and hears back: ack, when the
 * whole tree of tuples that came of it has been handled, or fail, when a bolt
 * failed it, when it was lost with a process, or when nothing moved for
 * topology.message.timeout.secs.
 *
 * Who replays?  A spout that can rewind its source supplies `fail` and emits
 * again itself.  A spout without `fail` leaves that to the runtime, which
 * keeps a copy of each tracked tuple until it is acked and emits it again
 * after a pause that doubles from topology.replay.backoff.millis up to
 * topology.replay.backoff.max.millis.  After topology.replay.limit replays
 * (0, the default: no limit) it is given up, and goes, untracked, to the
 * spout's stream "__dead_letter", which a bolt may read, as in
 * GALE_SHUFFLE_OF("lines", "__dead_letter").  Its fields: stream; id; attempts
 * (how many replays there were); reason; values (a list).
 */
#ifndef GALE_SPOUT_H
#define GALE_SPOUT_H

#include "gale/stream.h"
#include "gale/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gale_spout_ctx gale_spout_ctx;

/* All callbacks of a task run on one thread, never two at once.  `self` is
 * the task's own zeroed block of state_size bytes. */
typedef struct gale_spout {
    size_t state_size;
    const gale_field *output;   /* the default stream; ends with {0} */
    const gale_stream *streams; /* further streams, or NULL; ends with {0} */

    /* The first call.  To return anything but GALE_OK ends the run; the
     * message has the task's name and the words of its last gale_task_error.
     * On a cluster the worker ends, and is started anew after a pause. */
    gale_err (*open)(void *self, gale_spout_ctx *ctx);

    /* Emit what is ready, a few tuples at most, and return; never wait.  When
     * nothing was emitted the runtime backs off by itself: at first for some
     * microseconds, soon for a millisecond, and for five if a second and more
     * has gone by without a tuple and none is pending (docs/performance.md).
     * Where that is too long, the thread that has something for the spout
     * calls gale_task_wake.
     *
     * Return true even if nothing was there, and false once the source will
     * never have more.  What is in flight is still followed and replayed; when
     * the last tree is done a local run ends (on a cluster the topology stays
     * until it is killed).  After false, next is called again whenever fail
     * was, which may have brought something back.  So look each time: if
     * nothing is left, return false; else emit, and return true. */
    bool (*next)(void *self, gale_spout_ctx *ctx);

    /* The tree of `id` is complete / has failed.  Without `fail` the runtime
     * replays it (see above).  Both may emit; neither is called from within an
     * emit.  With topology.acker.executors 0 nothing is followed, as in Storm:
     * ack comes as soon as the callback that emitted has returned, and fail
     * never. */
    void (*ack)(void *self, uint64_t id, gale_spout_ctx *ctx);
    void (*fail)(void *self, uint64_t id, gale_spout_ctx *ctx);

    /* The topology was (de)activated (`gale activate`).  While it is not
     * active, next is not called.  All callbacks but next are optional. */
    void (*activate)(void *self, gale_spout_ctx *ctx);
    void (*deactivate)(void *self, gale_spout_ctx *ctx);

    /* The last call.  Not promised when a process is killed. */
    void (*close)(void *self, gale_spout_ctx *ctx);
} gale_spout;

/* Emit one tuple on the default stream and follow its tree until `id` is
 * acked or failed.  Ids are the spout's own business; 0 is an id like any
 * other, and several tuples may share one (each is answered).
 *
 * Emitting cannot fail in a way that a caller could handle: a wrong number or
 * type of values is a bug and ends the process with the component's name;
 * when memory runs out the tree fails and is replayed.
 *
 *   row   copied
 *
 * Thread  that of the callback; any other is refused by name
 */
GALE_API void gale_spout_emit(gale_spout_ctx *ctx, uint64_t id, gale_row row);

/* The same, with everything that can be said about it. */
typedef struct gale_spout_emit_opts {
    unsigned stream;    /* its number; 0: the default stream */
    uint32_t task;      /* streams declared direct: to this task */
    uint64_t id;        /* the message id, unless ... */
    bool untracked;     /* ... nobody waits: no ack, no fail, no replay */
    uint32_t *sent_to;  /* NULL, or where to write the receiving tasks ... */
    size_t sent_to_cap; /* ... and for how many there is room */
} gale_spout_emit_opts;

/*   opts  not NULL; all zero but the id: as gale_spout_emit
 *
 * Returns how many tasks the tuple was sent to (0: nobody reads the stream,
 * and the tree is complete at once). */
GALE_API size_t gale_spout_emit_with(gale_spout_ctx *ctx,
                                     const gale_spout_emit_opts *opts,
                                     gale_row row);

/* In fail: why, in words ("failed by 'count'", "timed out after 30 s, last
 * moved by 'split'").
 * Borrowed until the callback returns; "" elsewhere. */
GALE_API const char *gale_spout_why(const gale_spout_ctx *ctx);

/* How many trees of this task are in flight or wait for their replay. */
GALE_API size_t gale_spout_pending(const gale_spout_ctx *ctx);

/* The task behind a context; see task.h. */
GALE_API gale_task *gale_spout_task(gale_spout_ctx *ctx);

#ifdef __cplusplus
}
#endif
#endif /* GALE_SPOUT_H */
