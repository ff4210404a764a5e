/* settle.c -- rounds that begin, are finished, or fail. */
#include "base/mem.h"
#include "base/testpoint.h"
#include "drpc/seat.h"
#include "trident/host.h"

static gi_stay *make(const gi_host *h)
{
    gi_stay *s = gi_alloc(sizeof(*s));

    if (s == NULL)
        return NULL;
    s->round.mine = gi_calloc(h->part->n_ops + 1u, sizeof(void *));
    s->sent = gi_calloc(h->n_to + 1u, sizeof(*s->sent));
    if (s->round.mine != NULL && s->sent != NULL)
        return s;
    gi_free(s->round.mine);
    gi_free(s->sent);
    gi_free(s);
    return NULL;
}

gi_stay *gi_stay_of(gi_host *h, gi_record *r)
{
    gi_stay *s = r->owner != NULL ? r->owner : make(h);

    /* What came would be taken for done: now it is missed. */
    if (s == NULL) {
        gi_tracker_finish(&h->tracker, r);
        return NULL;
    }
    s->record = r;
    r->owner = s;
    s->round.txid = r->txid;
    s->round.attempt = r->attempt;
    return s;
}

bool gi_stay_hold(gi_host *h, gi_stay *s, const gale_tuple *in)
{
    if (s->n_held == s->cap_held) {
        uint32_t cap = s->cap_held == 0 ? 8 : 2 * s->cap_held;
        gale_held *held = gi_realloc(s->held, cap * sizeof(*held));

        if (held == NULL)
            return false;
        s->held = held;
        s->cap_held = cap;
    }
    s->held[s->n_held] = gale_hold(h->ctx, in);
    if (s->held[s->n_held].ref == 0)
        return false;
    s->n_held++;
    return true;
}

/* In cleanup nobody listens any more. */
static void answer(gi_host *h, gi_stay *s, bool well)
{
    for (uint32_t i = 0; h->ctx != NULL && i < s->n_held; i++)
        if (well)
            gale_ack(h->ctx, s->held[i]);
        else
            gale_fail(h->ctx, s->held[i]);
    s->n_held = 0;
}

static void unmake(gi_host *h, gi_stay *s)
{
    gi_emitter_forget(h, s);
    for (uint32_t i = 0; i < h->part->n_ops; i++)
        if (h->steps[i].type->drop != NULL)
            h->steps[i].type->drop(&h->steps[i], &s->round);
    gi_pool_fini(&s->round.pool);
    gi_free(s->round.mine);
    gi_free(s->sent);
    gi_free(s->held);
    gi_free(s);
}

void gi_stay_drop(void *host, gi_record *r)
{
    gi_host *h = host;
    gi_stay *s = r->owner;

    if (s == NULL)
        return;
    /* Of an attempt that is over, or that will be: failing is right. */
    answer(h, s, false);
    r->owner = NULL;
    unmake(h, s);
}

static void over(gi_host *h, gi_stay *s, bool well)
{
    gi_record *r = s->record;

    answer(h, s, well);
    unmake(h, s);
    gi_tracker_finish(&h->tracker, r);
}

void gi_stay_fail(gi_host *h, gi_stay *s)
{
    if (s->round.failed)
        gale_task_error(h->task, "batch %llu, attempt %llu: %s",
                        (unsigned long long)s->round.txid,
                        (unsigned long long)s->round.attempt, s->round.why);
    if (s->round.failed && h->seat != NULL)
        gi_seat_note(h->seat, s->round.txid, gale_cstr(s->round.why));
    over(h, s, false);
}

static bool finish(gi_host *h, gi_stay *s)
{
    for (uint32_t i = 0; i < h->part->n_ops && !s->round.failed; i++)
        if (h->steps[i].type->finish != NULL)
            h->steps[i].type->finish(&h->steps[i], &s->round);
    if (!s->round.failed && h->part->commits && h->emitter != NULL)
        gi_emitter_commit(h, s);
    if (s->round.failed) {
        gi_stay_fail(h, s);
        return false;
    }
    gi_send_reports(h, s);
    over(h, s, true);
    return true;
}

bool gi_stay_commit(gi_host *h, gi_stay *s)
{
    uint64_t attempt = s->round.attempt;

    if (s->round.failed) {
        gi_stay_fail(h, s);
        return false;
    }
    if (!finish(h, s))
        return false;
    h->committed = attempt;
    return true;
}

void gi_stay_look(gi_host *h, gi_stay *s)
{
    if (s->round.failed) {
        gi_stay_fail(h, s);
        return;
    }
    if (s->emitting || s->record->missing > (uint32_t)GI_BUG(REPORT_EARLY))
        return;
    if (!h->part->commits || h->part->late) {
        if (h->part->late)
            GI_SEEN(LATE_COMMIT);
        finish(h, s);
    } else if (!s->processed) {
        s->processed = true;
        answer(h, s, true);
    }
}
