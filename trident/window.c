#include "trident/window.h"

static int64_t common(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

gi_window gi_window_of(int64_t length, int64_t slide)
{
    return (gi_window){ length, slide, common(length, slide) };
}

/* The first whose end is not before the pane's: begins at or after
 * pane end - length. */
int64_t gi_window_first(const gi_window *w, int64_t pane)
{
    return -gi_floor_div(w->length - (pane + 1) * w->pane, w->slide);
}

int64_t gi_window_last(const gi_window *w, int64_t pane)
{
    return gi_floor_div(pane * w->pane, w->slide);
}

int64_t gi_window_begin(const gi_window *w, int64_t k)
{
    return k * w->slide;
}

int64_t gi_window_end(const gi_window *w, int64_t k)
{
    return k * w->slide + w->length;
}

int64_t gi_window_from(const gi_window *w, int64_t k)
{
    return gi_window_begin(w, k) / w->pane;
}

int64_t gi_window_upto(const gi_window *w, int64_t k)
{
    return gi_window_end(w, k) / w->pane;
}

int64_t gi_window_open_at(const gi_window *w, int64_t at)
{
    return gi_floor_div(at - w->length, w->slide) + 1;
}

/* ---------------------------------------------------------------- time -- */

/* Where the stream is by its rows; false: this batch does not say. */
static bool by_rows(gi_clock *c, const gi_clock_opts *o, bool any,
                    int64_t greatest, int64_t batch_ms, int64_t *at)
{
    int64_t still;

    *at = greatest - o->lateness;
    if (o->idle == 0)
        return any;
    if (any && (!c->seen || greatest > c->greatest))
        c->greatest = greatest;
    if (any)
        c->seen_ms = batch_ms;
    c->seen = c->seen || any;
    still = batch_ms - c->seen_ms;
    *at = c->greatest - o->lateness + (still >= o->idle ? still : 0);
    return c->seen;
}

void gi_clock_batch(gi_clock *c, const gi_window *w, const gi_clock_opts *o,
                    bool any, int64_t greatest, int64_t batch_ms)
{
    int64_t at = batch_ms;

    if (o->of_rows && !by_rows(c, o, any, greatest, batch_ms, &at))
        return;
    at = gi_window_open_at(w, at);
    if (at > c->open)
        c->open = at;
}
