/* drive.c -- one run from start to stop. */

#include "base/clock.h"
#include "base/diag.h"
#include "local/local.h"

static int ask(const gi_drive *d, gi_local *c, bool draining)
{
    gi_local_watch(c);
    return d->asked == NULL ? 0 : d->asked(d->arg, c, draining);
}

/* Until quiet, told otherwise, or `limit_ms` passed (0: for ever); returns
 * what was asked for, -1 for quiet, -2 for the limit, -3 when a task said
 * that it is over.  Short runs end at once: the naps grow from 1 ms to 50. */
static int wait(gi_local *c, const gi_drive *d, uint32_t limit_ms,
                bool draining)
{
    int64_t began = gi_clock_ms();
    int64_t pause = 1;

    for (;;) {
        if (gi_local_quiet(c))
            return -1;
        if (gi_worker_error(gi_local_worker(c), NULL) != GALE_OK)
            return -3;
        int asked = ask(d, c, draining);
        if (asked > (draining ? 1 : 0))
            return asked;
        int64_t left = limit_ms == 0 ? 50 : began + limit_ms - gi_clock_ms();
        if (left <= 0)
            return -2;
        gi_clock_nap_ms(pause < left ? pause : left);
        if (pause < 50)
            pause += pause / 4 + 1;
    }
}

enum { PATIENCE_MS = 1000 };

/* Cleaning up may take its time, unless somebody is in a hurry; a callback
 * that does not even let us begin with it has had that.  Time is counted in
 * naps: a machine that stood still for longer accuses no callback of it. */
static void stop(gi_local *c, const gi_drive *d, int end)
{
    gale_err rv = end == -1 ? GALE_OK : GALE_ETIME;
    int64_t waited = 0;

    gi_local_halt(c);
    for (int64_t pause = 0; !gi_local_ended(c); pause += pause < 20) {
        bool hurry = ask(d, c, true) > 1 || !gi_local_left(c);

        if (!hurry)
            waited = 0;
        else if (waited > PATIENCE_MS && d->stuck != NULL)
            d->stuck(d->arg, c, rv);
        gi_clock_nap_ms(pause);
        waited += pause;
    }
    gi_local_stop(c);
}

gale_err gi_local_drive(gi_local *c, const gi_drive *d, gale_diag *why)
{
    const gi_plan *plan = gi_local_plan(c);
    uint32_t drain_ms = d->drain_ms != 0 ? d->drain_ms : plan->set.timeout_ms;
    gale_err rv = gi_local_start(c, why);
    gale_run_result r;

    if (rv != GALE_OK)
        return rv;
    gi_local_activate(c, true);
    int end = wait(c, d, d->run_ms, false);
    if (end == 1 || end == -2) {
        gi_local_activate(c, false);
        end = wait(c, d, drain_ms, true);
    }
    stop(c, d, end);
    rv = gi_worker_error(gi_local_worker(c), why);
    if (rv != GALE_OK || end == -1)
        return rv;
    gi_worker_result(gi_local_worker(c), &r);
    gi_diag_say(why, "%llu tree%s not finished when the run ended",
                (unsigned long long)r.pending,
                r.pending == 1 ? " was" : "s were");
    return GALE_ETIME;
}
