/* part.c -- the bolt that a part is: who a tuple comes from, and what for. */
#include <string.h>

#include "base/testpoint.h"
#include "gale/nested.h"
#include "trident/host.h"

static gale_err prepare(void *self, gale_bolt_ctx *ctx)
{
    return gi_host_open(self, ctx);
}

/* -------------------------------------------------------------------- rows */

static gi_step *entry_of(const gi_sender *s, const char *stream)
{
    for (uint32_t i = 0; i < s->n_ways; i++)
        if (s->ways[i].stream == stream)
            return s->ways[i].entry;
    for (uint32_t i = 0; i < s->n_ways; i++)
        if (strcmp(s->ways[i].name, stream) == 0) {
            s->ways[i].stream = stream; /* names of streams stay */
            return s->ways[i].entry;
        }
    return NULL;
}

static void take_row(gi_host *h, const gi_sender *s, uint32_t from,
                     const gale_tuple *in)
{
    gi_step *entry = entry_of(s, gale_tuple_stream(in));
    gale_row row = gale_tuple_row(in);
    gi_record *r;
    gi_came came;
    gi_stay *stay;

    if (entry == NULL)
        return;
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
    entry->type->row(entry, &stay->round, 0,
                     (gale_row){ row.values + 1, row.n - 1 });
}

/* ----------------------------------------------------------------- reports */

/* Does this sender finish a batch while it is processed, although this part
 * does so only while it is committed? */
static bool is_early(const gi_host *h, uint32_t part)
{
    const gi_part *p = &h->part->program->parts[part];

    return h->part->late && !p->late && !p->commits;
}

static gale_verdict take_report(gi_host *h, const gi_sender *s, uint32_t from,
                                const gale_tuple *in)
{
    gi_record *r;
    gi_stay *stay;
    gi_came came;

    gi_tracker_raise(&h->tracker,
                     (uint64_t)gale_tuple_i64(in, GI_REPORT_FLOOR));
    came = gi_tracker_report(&h->tracker,
                             (uint64_t)gale_tuple_i64(in, GI_REPORT_TXID),
                             (uint64_t)gale_tuple_i64(in, GI_REPORT_ATTEMPT),
                             from, (uint64_t)gale_tuple_i64(in, GI_REPORT_N),
                             (uint64_t)gale_tuple_i64(in, GI_REPORT_SUM), &r);
    if (came == GI_CAME_STALE)
        return GALE_ACK; /* nobody minds what becomes of it */
    stay = came == GI_CAME_NOMEM ? NULL : gi_stay_of(h, r);
    if (stay == NULL)
        return GALE_FAIL;
    if (came == GI_CAME_SPOILT)
        GI_SEEN(ROWS_SPOILT);
    if (came == GI_CAME_SPOILT)
        gi_round_fail(&stay->round, "rows of '%s' were lost, or came twice",
                      h->part->program->parts[s->part].name);
    if (!is_early(h, s->part) && !gi_stay_hold(h, stay, in)) {
        gi_stay_fail(h, stay);
        return GALE_FAIL;
    }
    if (stay->round.failed && is_early(h, s->part)) {
        gi_stay_fail(h, stay);
        return GALE_FAIL;
    }
    gi_stay_look(h, stay);
    return is_early(h, s->part) ? GALE_ACK : GALE_HOLD;
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
 * again.  A late part's rows are yet to come. */
static gale_verdict take_commit(gi_host *h, const gale_tuple *in)
{
    gi_record *r;
    gi_stay *stay;
    gi_came came = gi_tracker_find(
        &h->tracker, (uint64_t)gale_tuple_i64(in, GI_BATCH_TXID),
        (uint64_t)gale_tuple_i64(in, GI_BATCH_ATTEMPT),
        h->part->late || GI_BUG(COMMIT_EMPTY), &r);

    if (came != GI_CAME_WELL) {
        GI_SEEN(NOT_HERE);
        return GALE_FAIL;
    }
    stay = gi_stay_of(h, r);
    if (stay == NULL)
        return GALE_FAIL;
    if (stay->commit) {
        GI_SEEN(COMMIT_TWICE);
        return GALE_ACK; /* it came twice */
    }
    if (!gi_stay_hold(h, stay, in)) {
        gi_stay_fail(h, stay);
        return GALE_FAIL;
    }
    stay->commit = true;
    if (GI_BUG(COMMIT_EMPTY) && !h->part->late)
        r->missing = 0;
    else if (!h->part->late && !stay->processed)
        gi_round_fail(&stay->round, "not all of it is here any more");
    gi_stay_look(h, stay);
    return GALE_HOLD;
}

static gale_verdict take_word(gi_host *h, const gale_tuple *in)
{
    const char *stream = gale_tuple_stream(in);

    gi_tracker_raise(&h->tracker,
                     (uint64_t)gale_tuple_i64(in, GI_BATCH_FLOOR));
    if (strcmp(stream, "commit") == 0)
        return take_commit(h, in);
    if (strcmp(stream, "success") != 0)
        return take_batch(h, in);
    gi_emitter_committed(h, (uint64_t)gale_tuple_i64(in, GI_BATCH_TXID));
    return GALE_ACK;
}

/* ---------------------------------------------------------------- the bolt */

static gale_verdict execute(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx)
{
    gi_host *h = self;
    uint32_t i, task = gale_tuple_task(in);

    h->ctx = ctx;
    if (task == h->coordinator)
        return take_word(h, in);
    i = task - h->low;
    if (i >= h->n_senders || h->senders[i].ways == NULL)
        return GALE_ACK;
    if (strcmp(gale_tuple_stream(in), "reports") == 0)
        return take_report(h, &h->senders[i], h->from[i], in);
    take_row(h, &h->senders[i], h->from[i], in);
    return GALE_ACK;
}

static void tick(void *self, gale_bolt_ctx *ctx)
{
    gi_host *h = self;

    h->ctx = ctx;
    gi_emitter_turn(h);
}

static void cleanup(void *self, gale_bolt_ctx *ctx)
{
    gi_host *h = self;

    h->ctx = ctx;
    gi_host_close(h);
}

const gale_bolt gi_part_bolt = {
    .state_size = sizeof(gi_host),
    .prepare = prepare,
    .execute = execute,
    .tick = tick,
    .cleanup = cleanup,
};
