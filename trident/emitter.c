/* emitter.c -- the step that begins: a spout's tuples, batch by batch.
 *
 * One batch after the other, in the order of their numbers, some tuples a
 * turn. Where a partition of an opaque spout goes on is where the batch before
 * ended that is still under way here; else what is remembered of it: the last
 * transaction that counted, where that began and where it ended.  Is it this
 * very transaction, done again because nobody heard that it counted, it begins
 * again where it began. */
#include "trident/emitter.h"

#include <string.h>

#include "base/mem.h"
#include "base/testpoint.h"
#include "trident/remember.h"

enum { CALLS = 4 }; /* of emit, a turn: others have theirs soon */

/* A partition's share in a batch. */
struct gi_portion {
    gale_batch_part part;
    bool more;
};

struct gi_emitter {
    gi_step *step;
    const gale_batch_spout *spout;
    void *mine;  /* the spout's ... */
    bool opened; /* ... who has to hear of the end */
    gi_remember notes;
    int64_t interval_ms;
    uint64_t committed; /* OPAQUE: the last attempt that was, in this task */
};

static void pass(gale_batch_ctx *ctx, gale_row row)
{
    gi_pass(ctx->step, ctx->round, row);
}

/* ------------------------------------------------------------- the step -- */

static gale_err open(gi_step *s, gale_diag *why)
{
    gi_host *h = s->host;
    gi_emitter *e = s->self;
    const gale_batch_spout *spout = s->op->user;
    gale_err rv = GALE_OK;

    e->step = s;
    e->spout = spout;
    e->interval_ms =
        gale_task_conf_i64(s->task, GI_INTERVAL_KEY, GI_INTERVAL_MS);
    e->mine = gi_alloc(spout->state_size + 1);
    if (e->mine == NULL)
        return GALE_ENOMEM;
    h->emitter = e;
    if (spout->kind == GALE_SPOUT_OPAQUE)
        rv = gi_remember_open(&e->notes, h->part->program->store, s->task,
                              s->op->id, gale_task_index(s->task),
                              gale_task_count(s->task), why);
    /* A batch may follow one that was committed before this task died. */
    if (rv == GALE_OK && spout->kind == GALE_SPOUT_OPAQUE &&
        !gi_remember_attempt(&e->notes, &e->committed, why))
        rv = GALE_EIO;
    if (GI_BUG(COMMIT_FORGOTTEN))
        e->committed = 0;
    gi_step_here = s;
    if (rv == GALE_OK && spout->open != NULL)
        rv = spout->open(e->mine, spout->arg, s->task);
    gi_step_here = NULL;
    e->opened = rv == GALE_OK;
    return rv;
}

static void close(gi_step *s)
{
    gi_emitter *e = s->self;

    if (e->opened && e->spout->close != NULL)
        e->spout->close(e->mine);
    gi_free(e->mine);
    e->mine = NULL;
    e->opened = false;
    gi_remember_close(&e->notes);
}

const gi_op_type gi_op_source = { .size = sizeof(gi_emitter),
                                  .open = open,
                                  .close = close };

/* ---------------------------------------------------- where it goes on -- */

static gi_portion *portion_of(gi_stay *s, uint32_t partition)
{
    for (uint32_t i = 0; i < s->n_portions; i++)
        if (s->portions[i].part.partition == partition)
            return &s->portions[i];
    return NULL;
}

/* Where an opaque batch goes on. */
typedef enum base {
    BASE_RECORD, /* at what is remembered */
    BASE_STAY,   /* at the end of one that is under way here */
    BASE_NONE,   /* one that has not come yet, or has not ended */
} base;

static base base_of(gi_host *h, const gi_stay *s, gi_stay **last)
{
    *last = NULL;
    if (s->after == 0 || s->after == h->emitter->committed)
        return BASE_RECORD;
    for (size_t i = 0; i < GI_RECORDS; i++) {
        gi_record *r = &h->tracker.records[i];

        if (r->used && r->owner != NULL && r->attempt == s->after)
            *last = r->owner;
    }
    if (*last != NULL && !(*last)->emitting)
        return BASE_STAY;
    *last = NULL;
    return GI_BUG(AFTER_IGNORED) ? BASE_RECORD : BASE_NONE;
}

static bool set_from(gi_host *h, gi_stay *s, gi_stay *before, gi_portion *p)
{
    gi_emitter *e = h->emitter;
    const gi_portion *last =
        before == NULL ? NULL : portion_of(before, p->part.partition);
    gale_str from = { "", 0 };
    char *copy;

    if (e->spout->kind == GALE_SPOUT_OPAQUE) {
        if (last != NULL)
            from = (gale_str){ last->part.upto, last->part.upto_len };
        else if (!gi_remember_from(&e->notes, p->part.partition, s->round.txid,
                                   &from, &h->why)) {
            gi_round_fail(&s->round, "%.150s", h->why.text);
            return false;
        }
    }
    copy = gi_pool_take(&s->round.pool, from.len + 1u, 1);
    if (copy == NULL) {
        gi_round_fail(&s->round, "out of memory");
        return false;
    }
    memcpy(copy, from.ptr, from.len);
    p->part.from = (gale_str){ copy, from.len };
    memcpy(p->part.upto, copy, from.len);
    p->part.upto_len = from.len;
    return true;
}

/* Which partitions are this task's. */
static void deal(gi_host *h, gi_stay *s, gi_stay *before)
{
    gi_emitter *e = h->emitter;
    uint32_t count = gale_task_count(h->task), me = gale_task_index(h->task),
             n = e->spout->partitions == NULL
                     ? count
                     : e->spout->partitions(e->mine, h->task);
    bool mine_by_number = e->spout->kind == GALE_SPOUT_NON_TRANSACTIONAL &&
                          e->spout->partitions == NULL;

    s->portions = gi_pool_take(&s->round.pool, n + 1u, sizeof(*s->portions));
    if (s->portions == NULL) {
        gi_round_fail(&s->round, "out of memory");
        return;
    }
    for (uint32_t p = 0; p < n; p++) {
        gi_portion *to = &s->portions[s->n_portions];

        if ((mine_by_number ? p : gi_remember_part(p, count)) != me)
            continue;
        to->part = (gale_batch_part){ .txid = s->round.txid,
                                      .attempt = s->round.attempt,
                                      .partition = p,
                                      .partitions = n,
                                      .first = true };
        to->more = true;
        if (!set_from(h, s, before, to))
            return;
        s->n_portions++;
    }
}

/* ------------------------------------------------------------- a batch -- */

/* A transactional spout's: what the plan says, and all in one portion. */
static void deal_plan(gi_host *h, gi_stay *s, gale_str plan)
{
    char *copy = gi_pool_take(&s->round.pool, plan.len + 1u, 1);

    s->portions = gi_pool_take(&s->round.pool, 1, sizeof(*s->portions));
    if (copy == NULL || s->portions == NULL) {
        gi_round_fail(&s->round, "out of memory");
        return;
    }
    memcpy(copy, plan.ptr, plan.len);
    s->portions[0].part =
        (gale_batch_part){ .txid = s->round.txid,
                           .attempt = s->round.attempt,
                           .partition = gale_task_index(h->task),
                           .partitions = gale_task_count(h->task),
                           .from = { copy, plan.len },
                           .first = true };
    s->portions[0].more = true;
    s->n_portions = plan.len > 0; /* else there is nothing of it in here */
}

void gi_emitter_begin(gi_host *h, gi_stay *s, gale_str plan, uint64_t after)
{
    gi_stay **at = &h->emitting;

    s->after = after;
    if (h->emitter->spout->kind == GALE_SPOUT_TRANSACTIONAL)
        deal_plan(h, s, plan);
    s->emitting = true;
    while (*at != NULL && (*at)->round.txid < s->round.txid)
        at = &(*at)->next;
    s->next = *at;
    *at = s;
    gale_task_wake(h->task);
}

void gi_emitter_forget(gi_host *h, gi_stay *s)
{
    for (gi_stay **at = &h->emitting; *at != NULL; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            return;
        }
}

/* The next portion in turn that has more; NULL: the batch is all. */
static gi_portion *next_portion(gi_stay *s)
{
    for (uint32_t i = 0; i < s->n_portions; i++) {
        gi_portion *p = &s->portions[s->portion++ % s->n_portions];

        if (p->more)
            return p;
    }
    return NULL;
}

static bool is_full(const gi_host *h, const gi_stay *s)
{
    return h->emitter->spout->kind != GALE_SPOUT_TRANSACTIONAL &&
           gale_task_now_ms(h->task) - s->begun_ms >= h->emitter->interval_ms;
}

/* Is there more of it? */
static bool emit_some(gi_host *h, gi_stay *s)
{
    gi_emitter *e = h->emitter;
    gale_batch_ctx ctx = { .step = e->step,
                           .round = &s->round,
                           .emit = pass,
                           .output = e->spout->output,
                           .n_output = e->step->op->n_out };

    for (int i = 0; i < CALLS && !s->round.failed; i++) {
        gi_portion *p = next_portion(s);

        if (p == NULL)
            return false;
        gi_step_here = e->step;
        p->more = e->spout->emit(e->mine, &p->part, &ctx);
        gi_step_here = NULL;
        if (p->part.upto_len > sizeof(p->part.upto))
            gi_round_fail(&s->round, "upto_len is %u, but upto has %u bytes",
                          p->part.upto_len, (unsigned)sizeof(p->part.upto));
        p->more = p->more && !is_full(h, s);
        p->part.first = false;
    }
    return !s->round.failed;
}

/* Does this task have a partition at all? */
static bool has_some(const gi_host *h)
{
    const gi_emitter *e = h->emitter;
    uint32_t count = gale_task_count(h->task),
             n = e->spout->partitions == NULL
                     ? count
                     : e->spout->partitions(e->mine, h->task);

    for (uint32_t p = 0; p < n; p++)
        if (gi_remember_part(p, count) == gale_task_index(h->task))
            return true;
    return false;
}

/* Can it begin?  An opaque one has to know where the one before it ended; if
 * that has not come, it will, or both are void. */
static bool is_dealt(gi_host *h, gi_stay *s)
{
    gi_stay *before = NULL;

    if (s->portions != NULL || s->round.failed)
        return true;
    if (h->emitter->spout->kind == GALE_SPOUT_OPAQUE &&
        base_of(h, s, &before) == BASE_NONE && has_some(h)) {
        GI_SEEN(AFTER_MISSING);
        return false;
    }
    if (before != NULL)
        GI_SEEN(AFTER_UNDER_WAY);
    s->begun_ms = gale_task_now_ms(h->task);
    deal(h, s, before);
    return true;
}

void gi_emitter_turn(gi_host *h)
{
    gi_stay *s = h->emitting;

    if (s == NULL || !is_dealt(h, s))
        return;
    if (s->round.failed || !emit_some(h, s)) {
        h->emitting = s->next;
        s->emitting = false;
        gi_stay_look(h, s);
    }
    if (h->emitting != NULL)
        gale_task_wake(h->task);
}

/* ---------------------------------------------------------- it has counted */

bool gi_emitter_commit(gi_host *h, gi_stay *s)
{
    gi_emitter *e = h->emitter;

    if (e->spout->kind != GALE_SPOUT_OPAQUE)
        return true;
    for (uint32_t i = 0; i < s->n_portions; i++) {
        const gale_batch_part *p = &s->portions[i].part;

        if (!gi_remember_put(&e->notes, p->partition, s->round.txid, p->from,
                             (gale_str){ p->upto, p->upto_len })) {
            gi_round_fail(&s->round, "out of memory");
            return false;
        }
    }
    if (s->n_portions > 0 &&
        !gi_remember_put_attempt(&e->notes, s->round.attempt)) {
        gi_round_fail(&s->round, "out of memory");
        return false;
    }
    if (gi_remember_write(&e->notes, &h->why) == GALE_OK) {
        e->committed = s->round.attempt;
        return true;
    }
    gi_round_fail(&s->round, "%.150s", h->why.text);
    return false;
}

void gi_emitter_committed(gi_host *h, uint64_t txid)
{
    gi_emitter *e = h->emitter;

    if (e != NULL && e->spout->committed != NULL)
        e->spout->committed(e->mine, txid);
}
