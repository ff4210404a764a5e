#include "trident/tracker.h"

#include <string.h>

#include "base/mem.h"
#include "base/mix.h"
#include "base/testpoint.h"
#include "trident/mark.h"

void gi_tracker_init(gi_tracker *t, uint32_t n_from,
                     void (*drop)(void *arg, gi_record *r), void *arg)
{
    memset(t, 0, sizeof(*t));
    t->n_from = n_from;
    t->drop = drop;
    t->arg = arg;
}

void gi_tracker_finish(gi_tracker *t, gi_record *r)
{
    gi_free(r->from);
    *r = (gi_record){ 0 };
    if (t->last == r)
        t->last = NULL;
}

static void give_up(gi_tracker *t, gi_record *r)
{
    t->drop(t->arg, r);
    gi_tracker_finish(t, r);
}

void gi_tracker_fini(gi_tracker *t)
{
    for (size_t i = 0; i < GI_RECORDS; i++)
        if (t->records[i].used)
            give_up(t, &t->records[i]);
}

/* Is a, of which only the low bits may be known, an attempt before b? */
static bool before(uint64_t a, uint64_t b)
{
    uint64_t back = (b - a) & GI_MARK_ATTEMPTS;

    return back != 0 && back <= GI_MARK_ATTEMPTS / 2;
}

static gi_record *find(gi_tracker *t, uint64_t attempt)
{
    uint64_t low = attempt & GI_MARK_ATTEMPTS;

    if (t->last != NULL && (t->last->attempt & GI_MARK_ATTEMPTS) == low)
        return t->last;
    for (size_t i = 0; i < GI_RECORDS; i++) {
        gi_record *r = &t->records[i];

        if (r->used && (r->attempt & GI_MARK_ATTEMPTS) == low)
            return t->last = r;
    }
    return NULL;
}

/* A free one; if there is none, the oldest has been left behind. */
static gi_record *vacate(gi_tracker *t)
{
    gi_record *oldest = &t->records[0];

    for (size_t i = 0; i < GI_RECORDS; i++) {
        gi_record *r = &t->records[i];

        if (!r->used)
            return r;
        if (before(r->attempt, oldest->attempt))
            oldest = r;
    }
    give_up(t, oldest);
    return oldest;
}

static gi_came make(gi_tracker *t, uint64_t attempt, gi_record **out)
{
    gi_told *from = gi_calloc(t->n_from + 1u, sizeof(*from));
    gi_record *r;

    if (from == NULL)
        return GI_CAME_NOMEM;
    r = vacate(t);
    *r = (gi_record){
        .attempt = attempt, .missing = t->n_from, .used = true, .from = from
    };
    *out = t->last = r;
    return GI_CAME_WELL;
}

gi_came gi_tracker_row(gi_tracker *t, uint64_t mark, uint32_t from,
                       gi_record **out)
{
    uint64_t attempt = mark >> GI_MARK_BITS;
    gi_record *r = find(t, attempt);
    gi_told *told;

    if (r == NULL) {
        gi_came came;

        if (before(attempt, t->floor))
            return GI_CAME_STALE;
        came = make(t, attempt, &r);
        if (came != GI_CAME_WELL)
            return came;
    }
    *out = r;
    told = &r->from[from];
    told->n++;
    told->sum += gi_mix64(mark);
    return told->reported ? GI_CAME_SPOILT : GI_CAME_WELL;
}

/* Now that it is known which transaction it is: is there a later attempt?
 * Earlier ones go. */
static bool is_last_attempt(gi_tracker *t, uint64_t txid, uint64_t attempt)
{
    for (size_t i = 0; i < GI_RECORDS; i++) {
        gi_record *r = &t->records[i];

        if (!r->used || r->txid != txid || !r->whole)
            continue;
        if (r->attempt > attempt)
            return false;
        if (r->attempt < attempt) {
            GI_SEEN(RECORD_REPLACED);
            give_up(t, r);
        }
    }
    return true;
}

gi_came gi_tracker_find(gi_tracker *t, uint64_t txid, uint64_t attempt,
                        bool make_it, gi_record **out)
{
    gi_record *r = attempt < t->floor ? NULL : find(t, attempt);

    if (r == NULL && (!make_it || attempt < t->floor))
        return GI_CAME_STALE;
    if (r == NULL || !r->whole) {
        if (!is_last_attempt(t, txid, attempt)) {
            if (r != NULL)
                give_up(t, r);
            return GI_CAME_STALE;
        }
        if (r == NULL && make(t, attempt, &r) != GI_CAME_WELL)
            return GI_CAME_NOMEM;
        r->attempt = attempt;
        r->txid = txid;
        r->whole = true;
    }
    *out = r;
    return GI_CAME_WELL;
}

gi_came gi_tracker_report(gi_tracker *t, uint64_t txid, uint64_t attempt,
                          uint32_t from, uint64_t n, uint64_t sum,
                          gi_record **out)
{
    gi_came came = gi_tracker_find(t, txid, attempt, true, out);
    gi_told *told;

    if (came != GI_CAME_WELL)
        return came;
    told = &(*out)->from[from];
    if (told->reported)
        GI_SEEN(REPORTED_TWICE);
    if (told->reported && !GI_BUG(REPORT_TWICE))
        return GI_CAME_STALE;
    told->reported = true;
    (*out)->missing--;
    return told->n == n && (told->sum == sum || GI_BUG(SUM_IGNORED))
               ? GI_CAME_WELL
               : GI_CAME_SPOILT;
}

void gi_tracker_raise(gi_tracker *t, uint64_t floor)
{
    if (floor <= t->floor)
        return;
    t->floor = floor;
    for (size_t i = 0; i < GI_RECORDS; i++) {
        gi_record *r = &t->records[i];

        if (r->used && before(r->attempt, floor)) {
            GI_SEEN(RECORD_PASSED);
            give_up(t, r);
        }
    }
}
