#include "worker/together.h"
#include "worker/fused.h"
#include "worker/settle.h"

/* in[at], if the call at hand has it. */
static inline void take_next(gale_task *t, const gi_together *g)
{
    uint64_t born = t->born;

    gi_take_input(t, g->at < g->n ? g->in[g->at] : NULL);
    if (GI_BUG(BORN_KEPT) && g->at > 0)
        t->born = born;
}

static inline void answer(gale_task *t, gi_together *g, gale_verdict v)
{
    const gale_tuple *in = t->in;

    if (__builtin_expect(g->between != NULL, 0))
        v = g->between->answers(g->between->arg, t, in, v);
    g->acked += g->batch == NULL
                    ? gi_fused_settle(t, v)
                    : gi_settle(t, g->batch, in, v, g->home, &g->n_home);
    g->at++;
    take_next(t, g);
}

void gale_answer(gale_bolt_ctx *ctx, gale_verdict v)
{
    gale_task *t = (gale_task *)(void *)ctx;
    gi_together *g = t->together;

    gi_check_here(t, "gale_answer");
    if (__builtin_expect(g == NULL, 0))
        gi_refuse(t,
                  "gale_answer is for execute_batch: execute returns its "
                  "answer, and gale_ack and gale_fail are for what is held");
    else if (__builtin_expect(g->at == g->n, 0))
        gi_refuse(t, "gale_answer for more tuples than execute_batch was "
                     "handed");
    else
        answer(t, g, v);
}

void gi_together_answer(gale_task *t, gale_verdict v)
{
    answer(t, t->together, v);
}

void gi_together_call(gale_task *t, gi_execute_batch call, size_t n)
{
    gi_together *g = t->together;
    uint32_t all = g->n;

    g->n = g->at + (uint32_t)n;
    take_next(t, g);
    call(t->self, &g->in[g->at], n, (gale_bolt_ctx *)(void *)t);
    if (__builtin_expect(g->at < g->n, 0))
        gi_refuse(t,
                  "execute_batch returned with %u of its %zu tuples "
                  "unanswered; they fail",
                  g->n - g->at, n);
    while (g->at < g->n)
        answer(t, g, GALE_FAIL);
    g->n = all;
    take_next(t, g);
}

static void gather(gi_together *g, gi_batch *b, const gale_tuple *first)
{
    uint32_t most = b->inner ? 1 : GALE_EXECUTE_MOST, n = 0;

    g->in[n++] = first;
    while (n < most && b->at < b->used) {
        g->in[n] = gi_batch_at(b, b->at);
        b->at += g->in[n++]->size;
    }
    g->n = n;
}

uint32_t gi_together_run(gale_task *t, gi_batch *b, const gale_tuple *first,
                         uint64_t *acked)
{
    gi_together g;

    g.at = g.acked = g.n_home = 0;
    g.batch = b;
    g.between = t->loop->w->between;
    gather(&g, b, first);
    if (g.n > 1)
        GI_SEEN(TOGETHER);
    t->together = &g;
    gi_count(&t->loop->steps, 1);
    gi_together_call(t, t->comp->bolt.execute_batch, g.n);
    t->together = NULL;
    memcpy(gi_answers(b) + b->answers, g.home, g.n_home * sizeof(g.home[0]));
    b->answers += g.n_home;
    *acked += g.acked;
    return g.n;
}

bool gi_together_run_one(gale_task *t, const gale_tuple *in)
{
    gi_together g;

    g.at = g.acked = g.n_home = 0;
    g.batch = NULL;
    g.between = t->loop->w->between;
    g.in[0] = in;
    g.n = 1;
    t->together = &g;
    gi_together_call(t, t->comp->bolt.execute_batch, 1);
    t->together = NULL;
    gi_take_input(t, NULL);
    return g.acked > 0;
}
