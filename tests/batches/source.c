/* source.c -- spouts of the three kinds, over the tokens of a scenario.
 *
 * Token t of a source is number t / partitions of partition t % partitions. */
#include <stdlib.h>
#include <string.h>

#include "batches.h"

static const uint32_t numbers[MAX_SOURCES] = { 0, 1 };

static uint32_t total(void)
{
    return m.s->partitions * m.s->tokens;
}

bool source_ended(uint32_t no)
{
    if (m.s->spout != GALE_SPOUT_NON_TRANSACTIONAL)
        return m.n_counted[no] >= total();
    for (uint32_t p = 0; p < m.s->partitions; p++)
        if (m.cursor[no][p] < m.s->tokens)
            return false;
    return true;
}

/* --------------------------------------------------- the coordinator's -- */

struct planner {
    uint32_t no;
    gale_task *task;
};

static gale_err plan_open(void *c, const void *arg, gale_task *task)
{
    *(struct planner *)c = (struct planner){ *(const uint32_t *)arg, task };
    return GALE_OK;
}

static bool ended(void *c, gale_task *task)
{
    (void)task;
    return source_ended(((struct planner *)c)->no);
}

static bool ready(void *c, gale_task *task)
{
    return !ended(c, task);
}

/* From where to where in each partition. */
struct ranges {
    uint32_t from[MAX_PARTITIONS], to[MAX_PARTITIONS];
};

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    const struct planner *p = c;
    struct ranges last = { { 0 }, { 0 } }, next;
    uint32_t n = 0;

    if (before.len == sizeof(last))
        memcpy(&last, before.ptr, sizeof(last));
    for (uint32_t i = 0; i < MAX_PARTITIONS; i++) {
        uint32_t most = i < m.s->partitions ? m.s->tokens - last.to[i] : 0;
        uint32_t so_many =
            (uint32_t)(gale_task_random(p->task) % (m.s->burst + 1));

        next.from[i] = last.to[i];
        next.to[i] = last.to[i] + (so_many < most ? so_many : most);
        n += most;
    }
    if (n == 0 || room < sizeof(next) || gale_task_random(p->task) % 8 == 0)
        return 0; /* nothing, or nothing yet */
    memcpy(now, &next, sizeof(next));
    return sizeof(next);
}

/* ------------------------------------------------------- the emitters' -- */

enum { SLOTS = 64 };

struct emitter {
    uint32_t no;
    gale_task *task;
    struct progress { /* of a batch of a transactional source, by attempt */
        uint32_t at[MAX_PARTITIONS];
    } slots[SLOTS];
};

static gale_err open(void *self, const void *arg, gale_task *task)
{
    struct emitter *e = self;

    e->no = *(const uint32_t *)arg;
    e->task = task;
    return GALE_OK;
}

static uint32_t partitions(void *self, gale_task *task)
{
    (void)self;
    (void)task;
    return m.s->partitions;
}

static void emit_token(struct emitter *e, const gale_batch_part *part,
                       uint32_t partition, uint32_t at, gale_batch_ctx *ctx)
{
    uint32_t token = at * m.s->partitions + partition;

    attempt_emitted(
        part->attempt,
        (item){ (uint16_t)e->no, (uint16_t)part->partition, (uint16_t)token });
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(token)));
}

/* A call gives some tokens, or all. */
static uint32_t call_most(struct emitter *e)
{
    uint64_t n = gale_task_random(e->task) % 4;

    return n == 0 ? 1 : n == 1 ? 3 : UINT32_MAX;
}

static bool emit_planned(void *self, gale_batch_part *part,
                         gale_batch_ctx *ctx)
{
    struct emitter *e = self;
    struct progress *at = &e->slots[part->attempt % SLOTS];
    uint32_t most = call_most(e);
    struct ranges r;

    if (part->from.len != sizeof(r)) {
        wrong("plan", "an emitter was handed a plan of %u bytes",
              part->from.len);
        return false;
    }
    memcpy(&r, part->from.ptr, sizeof(r));
    if (part->first) {
        attempt_restarts(part->attempt, e->no, part->partition);
        memcpy(at->at, r.from, sizeof(at->at));
    }
    for (uint32_t p = part->partition; p < m.s->partitions;
         p += part->partitions)
        for (; at->at[p] < r.to[p]; at->at[p]++) {
            if (most-- == 0)
                return true;
            emit_token(e, part, p, at->at[p], ctx);
        }
    return false;
}

static bool emit_opaque(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    struct emitter *e = self;
    uint32_t at = 0, n = (uint32_t)(gale_task_random(e->task) % 3);

    if (part->first) {
        attempt_restarts(part->attempt, e->no, part->partition);
        n = (uint32_t)(gale_task_random(e->task) % (m.s->burst + 1));
    }
    if (part->upto_len == sizeof(at))
        memcpy(&at, part->upto, sizeof(at));
    for (; n > 0 && at < m.s->tokens; n--, at++)
        emit_token(e, part, part->partition, at, ctx);
    memcpy(part->upto, &at, sizeof(at));
    part->upto_len = sizeof(at);
    return gale_task_random(e->task) % 3 == 0;
}

/* What was given is given: it lives on in the batch only. */
static bool emit_loose(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    struct emitter *e = self;
    uint32_t *at = &m.cursor[e->no][part->partition];
    uint32_t n = (uint32_t)(gale_task_random(e->task) % (m.s->burst + 1));

    if (part->first)
        attempt_restarts(part->attempt, e->no, part->partition);
    for (; n > 0 && *at < m.s->tokens; n--, ++*at)
        emit_token(e, part, part->partition, *at, ctx);
    return false;
}

static const gale_field token_out[] = { GALE_I64("token"), { 0, 0 } };

const gale_batch_spout *source_table(uint32_t no)
{
    static gale_batch_spout tables[MAX_SOURCES];
    gale_batch_spout *t = &tables[no];

    *t = (gale_batch_spout){
        .kind = m.s->spout,
        .output = token_out,
        .arg = &numbers[no],
        .plan_size = sizeof(struct planner),
        .plan_open = plan_open,
        .ended = ended,
        .state_size = sizeof(struct emitter),
        .open = open,
    };
    if (m.s->spout == GALE_SPOUT_TRANSACTIONAL) {
        t->plan = plan;
        t->emit = emit_planned;
        return t;
    }
    t->ready = m.s->asks ? ready : NULL;
    t->partitions = partitions;
    t->emit = m.s->spout == GALE_SPOUT_OPAQUE ? emit_opaque : emit_loose;
    return t;
}
