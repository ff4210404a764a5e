/* window.h -- which windows there are, which of them a row is in, and when
 * they close.
 *
 * Window k begins at k * slide and ends before k * slide + length; what is
 * counted along is rows of a key, or milliseconds.  Windows that overlap share
 * what is in them: the line is cut into panes, as long as fit into length and
 * slide without a rest, and each row is put into one pane only, once.
 *
 *     slide 2, length 6      |  0  |  1  |  2  |  3  |  4  |  5   panes
 *                            [---- window 0 ---]
 *                                  [---- window 1 ---]
 *                                        [---- window 2 ---]
 *
 * Time.  A window closes when its end is not behind the watermark: the
 * greatest time that any row of the stream had, up to this batch, less the
 * lateness; or the time of the batch, where rows have none of their own.  Only
 * the first window that is open is remembered, not the watermark: it follows
 * from the greatest of all watermarks as from each of them.
 * Which ones are closed is known before a batch, so whether a row is late does
 * not depend on what comes with it, nor on the order of rows.
 *
 * Pure.
 */
#ifndef GI_TRIDENT_WINDOW_H
#define GI_TRIDENT_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* Times are cut to lie between these, so that nothing overflows: thirty
 * million years either way. */
#define GI_TIME_MOST (INT64_C(1) << 60)
/* A length, a lateness, ... in rows or ms, is at most this. */
#define GI_WINDOW_MOST (INT64_C(1) << 50)

/* A window with which all others lie behind, or none. */
#define GI_WINDOW_NONE INT64_MIN

typedef struct gi_window {
    int64_t length, slide; /* 1 <= slide <= length <= GI_WINDOW_MOST */
    int64_t pane;          /* how long a pane is */
} gi_window;

gi_window gi_window_of(int64_t length, int64_t slide);

static inline int64_t gi_floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;

    return q - (a % b < 0);
}

static inline int64_t gi_time_cut(int64_t t)
{
    return t > GI_TIME_MOST    ? GI_TIME_MOST
           : t < -GI_TIME_MOST ? -GI_TIME_MOST
                               : t;
}

/* The pane of what lies at `at`. */
static inline int64_t gi_window_pane(const gi_window *w, int64_t at)
{
    return gi_floor_div(at, w->pane);
}

/* The first and the last window that a pane is in. */
int64_t gi_window_first(const gi_window *w, int64_t pane);
int64_t gi_window_last(const gi_window *w, int64_t pane);

/* Where window k begins and ends, and its panes: from, and before upto. */
int64_t gi_window_begin(const gi_window *w, int64_t k);
int64_t gi_window_end(const gi_window *w, int64_t k);
int64_t gi_window_from(const gi_window *w, int64_t k);
int64_t gi_window_upto(const gi_window *w, int64_t k);

/* The first window that ends behind `at`: all before it are closed there. */
int64_t gi_window_open_at(const gi_window *w, int64_t at);

/* ---------------------------------------------------------------- time -- */

/* How far a stream is in time: the same in all tasks, after each batch. */
typedef struct gi_clock {
    int64_t open; /* the first window that is not closed; GI_WINDOW_NONE: none
                     ever was */
    /* If idle > 0, and there was a row: */
    bool seen;
    int64_t greatest; /* the greatest time of one */
    int64_t seen_ms;  /* the time of the last batch that had any */
} gi_clock;

typedef struct gi_clock_opts {
    bool of_rows;     /* else of batches */
    int64_t lateness; /* of_rows */
    int64_t idle;     /* of_rows: after so long without rows time goes on by
                         that of batches; 0: never */
} gi_clock_opts;

/* A batch: had it rows, of which time at most, and when was it begun? */
void gi_clock_batch(gi_clock *c, const gi_window *w, const gi_clock_opts *o,
                    bool any, int64_t greatest, int64_t batch_ms);

/* Is what is in this pane late? */
static inline bool gi_clock_late(const gi_clock *c, const gi_window *w,
                                 int64_t pane)
{
    return c->open != GI_WINDOW_NONE && gi_window_last(w, pane) < c->open;
}

#endif
