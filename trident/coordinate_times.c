/* coordinate_times.c -- the times of batches, on record where windows go by
 * them: that of the last that counted, for time does not go back, and of those
 * under way.  A batch with a time is known, also if no source has anything in
 * it. */
#include <inttypes.h>
#include <stdio.h>

#include "base/testpoint.h"
#include "trident/coordinate.h"

static void time_name(char out[GALE_STATE_KEY_MOST], uint64_t txid)
{
    snprintf(out, GALE_STATE_KEY_MOST, "time/%" PRIu64, txid);
}

/* 0 is for none. */
gale_err gi_coordinate_recall_times(gi_coordinate *x, uint64_t committed,
                                    uint32_t *known)
{
    x->timed = x->time_noted = 0;
    x->time = (gi_batch_time){ .every_ms = x->group->every_ms,
                               .horizon_ms = x->group->horizon_ms };
    for (uint32_t i = 0; x->group->timed && i < GI_TXNS; i++) {
        char name[GALE_STATE_KEY_MOST];
        uint64_t ms = 0;
        gale_err rv;

        time_name(name, committed + i);
        rv = gi_coordinate_read(x, name, &ms);
        if (rv != GALE_OK)
            return rv;
        if (ms == 0)
            continue;
        gi_batch_time_recall(&x->time, committed + i, (int64_t)ms - 1);
        x->timed = x->time_noted = committed + i;
        *known = i > *known ? i : *known;
    }
    return GALE_OK;
}

int64_t gi_coordinate_time(gi_coordinate *x, uint64_t txid)
{
    char name[GALE_STATE_KEY_MOST];
    int64_t ms = gi_batch_time_of(&x->time, txid, gale_task_wall_ms(x->task));

    time_name(name, txid);
    if (x->group->timed && txid > x->timed &&
        gi_coordinate_note(x, name, (uint64_t)ms + 1))
        x->time_noted = txid;
    return ms;
}

bool gi_coordinate_forget_times(gi_coordinate *x)
{
    char name[GALE_STATE_KEY_MOST];

    for (uint64_t t = x->written; x->group->timed && t < x->c.committed; t++) {
        time_name(name, t);
        if (!gi_remember_note(&x->notes, name, (gale_str){ NULL, 0 }))
            return false;
    }
    return true;
}

bool gi_coordinate_noted(const gi_coordinate *x, uint64_t txid)
{
    return (x->written == x->c.committed || GI_BUG(COUNT_LATE)) &&
           (x->timed >= txid || !x->group->timed);
}
