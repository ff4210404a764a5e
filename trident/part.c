/* part.c -- the bolt that a home is: who a tuple comes from, and what for. */
#include <string.h>

#include "base/testpoint.h"
#include "drpc/seat.h"
#include "gale/nested.h"
#include "trident/lodge.h"

static gale_err prepare(void *self, gale_bolt_ctx *ctx)
{
    gale_err rv = gi_lodge_open(self, ctx);

    if (rv != GALE_OK)
        gi_lodge_close(self); /* there is no cleanup without prepare */
    return rv;
}

/* -------------------------------------------------------------------- rows */

static const gi_way *way_of(const gi_sender *s, const char *stream)
{
    for (uint32_t i = 0; i < s->n_ways; i++)
        if (s->ways[i].stream == stream)
            return &s->ways[i];
    for (uint32_t i = 0; i < s->n_ways; i++)
        if (strcmp(s->ways[i].name, stream) == 0) {
            s->ways[i].stream = stream; /* names of streams stay */
            return &s->ways[i];
        }
    return NULL;
}

static void take_row(const gi_way *w, const gale_tuple *in)
{
    gi_host *h = w->host;
    gale_row row = gale_tuple_row(in);
    uint32_t from = w->from->base + gale_tuple_task(in) - w->from->first;
    gi_record *r;
    gi_came came;
    gi_stay *stay;

    came = gi_tracker_row(&h->tracker, (uint64_t)row.values[0].as.i, from, &r);
    if (came == GI_CAME_STALE)
        GI_SEEN(ROW_STALE);
    if (came == GI_CAME_STALE || came == GI_CAME_NOMEM)
        return; /* the report will say that it is missing */
    stay = r->owner != NULL ? r->owner : gi_stay_of(h, r);
    if (stay == NULL)
        return;
    if (came == GI_CAME_SPOILT) {
        GI_SEEN(ROW_LATE);
        gi_round_fail(&stay->round, "a row came behind its report");
    }
    if (stay->round.failed)
        return;
    w->entry->type->row(w->entry, &stay->round, 0,
                        (gale_row){ row.values + 1, row.n - 1 });
}

/* ----------------------------------------------------------------- reports */

/* One more has come.  All early ones come before anything is committed: those
 * that are not here then were lost with a task that died. */
static void count_report(gi_host *h, gi_stay *stay, const gi_part *from,
                         gi_came came)
{
    if (gi_host_is_early(h, from))
        stay->early++;
    else if (stay->early < h->n_early) {
        GI_SEEN(NOT_HERE);
        gi_round_fail(&stay->round, "not all of it is here any more");
    }
    if (came != GI_CAME_SPOILT)
        return;
    GI_SEEN(ROWS_SPOILT);
    gi_round_fail(&stay->round, "rows of '%s' were lost, or came twice",
                  from->name);
}

static gale_verdict take_report(gi_host *h, const gi_peers *p,
                                const gale_tuple *in)
{
    bool early = gi_host_is_early(h, p->part);
    gi_record *r;
    gi_stay *stay;
    gi_came came;

    gi_tracker_raise(&h->tracker,
                     (uint64_t)gale_tuple_i64(in, GI_REPORT_FLOOR));
    came = gi_tracker_report(&h->tracker,
                             (uint64_t)gale_tuple_i64(in, GI_REPORT_TXID),
                             (uint64_t)gale_tuple_i64(in, GI_REPORT_ATTEMPT),
                             p->base + gale_tuple_task(in) - p->first,
                             (uint64_t)gale_tuple_i64(in, GI_REPORT_N),
                             (uint64_t)gale_tuple_i64(in, GI_REPORT_SUM), &r);
    if (came == GI_CAME_STALE)
        return GALE_ACK; /* nobody minds what becomes of it */
    stay = came == GI_CAME_NOMEM ? NULL : gi_stay_of(h, r);
    if (stay == NULL)
        return GALE_FAIL;
    count_report(h, stay, p->part, came);
    if (h->part->late && !early)
        stay->round.time_ms = gale_tuple_i64(in, GI_REPORT_TIME);
    if ((early && stay->round.failed) ||
        (!early && !gi_stay_hold(h, stay, in))) {
        gi_stay_fail(h, stay);
        return GALE_FAIL;
    }
    gi_stay_look(h, stay);
    return early ? GALE_ACK : GALE_HOLD;
}

/* The part that it is for says which of its peers has sent it. */
static gale_verdict find_report(gi_lodge *l, const gale_tuple *in)
{
    gi_host *h = gi_lodge_host(l, (uint32_t)gale_tuple_i64(in, GI_REPORT_TO));
    const gi_peers *p =
        h == NULL ? NULL
                  : gi_peers_of(h->from, h->part->n_upstream,
                                (uint32_t)gale_tuple_i64(in, GI_REPORT_FROM));

    return p == NULL ? GALE_ACK : take_report(h, p, in);
}

/* ------------------------------------------------------- the coordinator's */

/* The bytes that are meant for this part's source. */
static gale_str plan_of(const gi_host *h, const gale_tuple *in)
{
    const gi_group *g = &h->part->program->groups[h->part->group];
    gale_unpack u = gale_unpack_of(*gale_tuple_at(in, GI_BATCH_PLANS));
    gale_value v;

    for (uint32_t i = 0; i < g->n_sources && gale_unpack_next(&u, &v); i++)
        if (g->sources[i] == h->part->no)
            return (gale_str){ v.as.p, v.len };
    return (gale_str){ "", 0 };
}

static gale_verdict take_batch(gi_host *h, const gale_tuple *in)
{
    gi_record *r;
    gi_stay *stay;
    gi_came came = gi_tracker_find(
        &h->tracker, (uint64_t)gale_tuple_i64(in, GI_BATCH_TXID),
        (uint64_t)gale_tuple_i64(in, GI_BATCH_ATTEMPT), true, &r);

    if (came == GI_CAME_STALE)
        return GALE_ACK;
    stay = came == GI_CAME_NOMEM ? NULL : gi_stay_of(h, r);
    if (stay == NULL)
        return GALE_FAIL;
    if (stay->n_held > 0) {
        GI_SEEN(BATCH_TWICE);
        return GALE_ACK; /* it came twice */
    }
    if (!gi_stay_hold(h, stay, in)) {
        gi_stay_fail(h, stay);
        return GALE_FAIL;
    }
    gi_emitter_begin(h, stay, plan_of(h, in),
                     (uint64_t)gale_tuple_i64(in, GI_BATCH_AFTER));
    return GALE_HOLD;
}

/* What is not here was lost with a task that died: the batch has to be done
 * again.  False: it has failed. */
static bool take_commit(gi_host *h, const gale_tuple *in)
{
    uint64_t attempt = (uint64_t)gale_tuple_i64(in, GI_BATCH_ATTEMPT);
    gi_record *r;
    gi_stay *stay;
    gi_came came = gi_tracker_find(&h->tracker,
                                   (uint64_t)gale_tuple_i64(in, GI_BATCH_TXID),
                                   attempt, GI_BUG(COMMIT_EMPTY), &r);

    if (came != GI_CAME_WELL && attempt == h->committed) {
        GI_SEEN(COMMIT_TWICE);
        return true;
    }
    if (came != GI_CAME_WELL) {
        GI_SEEN(NOT_HERE);
        return false;
    }
    stay = gi_stay_of(h, r);
    if (stay == NULL)
        return false;
    stay->round.time_ms = gale_tuple_i64(in, GI_COMMIT_TIME);
    if (!stay->processed && !GI_BUG(COMMIT_EMPTY))
        gi_round_fail(&stay->round, "not all of it is here any more");
    return gi_stay_commit(h, stay);
}

static gale_verdict take_word(gi_host *h, const gale_tuple *in)
{
    const char *stream = gale_tuple_stream(in);

    gi_tracker_raise(&h->tracker,
                     (uint64_t)gale_tuple_i64(in, GI_BATCH_FLOOR));
    if (strcmp(stream, "success") == 0)
        gi_emitter_committed(h, (uint64_t)gale_tuple_i64(in, GI_BATCH_TXID));
    else if (strcmp(stream, "commit") != 0)
        return h->emitter == NULL ? GALE_ACK : take_batch(h, in);
    else if (h->part->commits && !h->part->late && !take_commit(h, in))
        return GALE_FAIL;
    return GALE_ACK;
}

/* To all parts of its group; only one of them has a source, so nobody else
 * holds what that one does. */
static gale_verdict take_words(gi_lodge *l, const gale_tuple *in)
{
    uint32_t task = gale_tuple_task(in);
    gale_verdict all = GALE_ACK;

    for (uint32_t i = 0; i < l->home->n_parts; i++)
        if (l->hosts[i].coordinator == task) {
            gale_verdict one = take_word(&l->hosts[i], in);

            if (one != GALE_ACK)
                all = one;
        }
    return all;
}

/* ---------------------------------------------------------------- the bolt */

static void set_ctx(gi_lodge *l, gale_bolt_ctx *ctx)
{
    for (uint32_t i = 0; i < l->home->n_parts; i++)
        l->hosts[i].ctx = ctx;
}

static gale_verdict execute(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx)
{
    gi_lodge *l = self;
    uint32_t i = gale_tuple_task(in) - l->low;
    const gi_way *way;

    set_ctx(l, ctx);
    if (i >= l->n_senders || l->senders[i].ways == NULL)
        return take_words(l, in);
    way = way_of(&l->senders[i], gale_tuple_stream(in));
    if (way == NULL)
        return find_report(l, in);
    take_row(way, in);
    return GALE_ACK;
}

static void tick(void *self, gale_bolt_ctx *ctx)
{
    gi_lodge *l = self;

    set_ctx(l, ctx);
    for (uint32_t i = 0; i < l->home->n_parts; i++) {
        gi_emitter_turn(&l->hosts[i]);
        if (l->hosts[i].seat != NULL)
            gi_seat_turn(l->hosts[i].seat);
    }
}

static void cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)ctx;
    gi_lodge_close(self);
}

const gale_bolt gi_part_bolt = {
    .state_size = sizeof(gi_lodge),
    .prepare = prepare,
    .execute = execute,
    .tick = tick,
    .cleanup = cleanup,
};
