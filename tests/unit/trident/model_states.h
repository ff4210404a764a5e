/* model_states.h -- groups and states of random definitions, and who asks
 * them.
 *
 * Of his own family he is told what there is after his batch.  Of another he
 * may be told what there was after any, or nothing; whether that is so is
 * looked at where the rows are, and what the model has is that it is. */
#ifndef TEST_TRIDENT_MODEL_STATES_H
#define TEST_TRIDENT_MODEL_STATES_H

#include "model.h"

/* Groups of a batch, or of all there were: a key, and what it comes to. */
typedef struct groups {
    int64_t key[MOST * BATCHES], n[MOST * BATCHES];
    uint32_t many;
} groups;

static void add_to(groups *g, int64_t key, int64_t n)
{
    uint32_t i = 0;

    while (i < g->many && g->key[i] != key)
        i++;
    if (i == g->many) {
        g->key[g->many] = key;
        g->n[g->many++] = 0;
    }
    g->n[i] += n;
}

/* What is folded of a row, by which fold. */
static int64_t worth(const int64_t *v, uint32_t slot, uint32_t how)
{
    if (how == 0)
        return 1;
    return v[slot] == NIL ? 0 : v[slot];
}

static const gale_fold *fold(const stream *s, uint32_t slot, uint32_t how,
                             char *name)
{
    static gale_fold f[2];

    snprintf(name, NAME, "n%u", n_names++);
    f[0] = (gale_fold){ .as = name };
    if (how > 0)
        f[0].in = names(s, &slot, 1);
    if (how == 2)
        f[0].reducer = &summing;
    else
        f[0].combiner = how == 0 ? &gale_count : &gale_sum;
    return f;
}

/* ---------------------------------------------------------------- states */

typedef struct state {
    gale_kept *k;
    uint32_t family;
    groups after[BATCHES];
} state;

static state states[STATES];
static uint32_t n_states;

/* What a key has after a batch. */
static int64_t value_of(const state *s, int b, int64_t key)
{
    for (uint32_t i = 0; i < s->after[b].many; i++)
        if (s->after[b].key[i] == key)
            return s->after[b].n[i];
    return NIL;
}

/* By key: of a batch, or, if it is kept, of all batches so far. */
static void step_group(const stream *s, bool kept)
{
    static groups all, now;
    state *asked = kept && n_states < STATES ? &states[n_states] : NULL;
    uint32_t key = below(s->wide), slot = below(s->wide), how = below(3);
    const gale_state_opts o = { .store = &gale_store_memory,
                                .tasks = below(4) };
    stream to = { .family = s->family, .wide = 2 };
    const gale_fold *f = fold(s, slot, how, to.names[1]);
    gale_grouped *g = gale_group_by(s->s, names(s, &key, 1));

    strcpy(to.names[0], s->names[key]);
    if (kept) {
        gale_kept *it = gale_persistent_aggregate(g, to.names[1], f, &o);

        to.s = gale_new_values(it);
        if (asked != NULL) {
            *asked = (state){ .k = it, .family = s->family };
            n_states++;
        }
    } else
        to.s = gale_group_aggregate(g, f);
    if (below(2) == 0)
        gale_parallelism(to.s, 1 + below(4));
    all.many = 0;
    for (int b = 0; b < BATCHES; b++) {
        now.many = 0;
        for (uint32_t i = 0; i < s->b[b].n; i++) {
            const int64_t *v = s->b[b].v[i];

            add_to(&all, v[key], worth(v, slot, how));
            add_to(&now, v[key], worth(v, slot, how));
        }
        for (uint32_t i = 0; i < now.many; i++) {
            int64_t v[WIDE] = { now.key[i], now.n[i] };

            for (uint32_t k = 0; kept && k < all.many; k++)
                if (all.key[k] == now.key[i])
                    v[1] = all.n[k];
            put(&to.b[b], v);
        }
        if (asked != NULL)
            asked->after[b] = all;
    }
    keep(&to);
}

/* ---------------------------------------------------------------- asking */

static int64_t number(const gale_value *v)
{
    return v->type == GALE_T_NIL ? NIL : v->as.i;
}

/* A key, and what is said that it has: may that be? */
static void may_be(const state *s, gale_row in, gale_batch_ctx *ctx)
{
    int64_t key = number(&in.values[0]), said = number(&in.values[1]);
    bool may = said == NIL;

    for (int b = 0; b < BATCHES; b++)
        may = may || value_of(s, b, key) == said;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(may)));
}

#define MAY_BE(i)                                                        \
    static void may_be_##i(void *self, gale_row in, gale_batch_ctx *ctx) \
    {                                                                    \
        (void)self;                                                      \
        may_be(&states[i], in, ctx);                                     \
    }
MAY_BE(0)
MAY_BE(1)
MAY_BE(2)
MAY_BE(3)

static void (*const may_be_of[STATES])(void *, gale_row, gale_batch_ctx *) = {
    may_be_0, may_be_1, may_be_2, may_be_3
};

/* Instead of what it is told, whether that may be. */
static void look_at_it(stream *to, const stream *s, uint32_t slot,
                       uint32_t which)
{
    gale_name look[] = { s->names[slot], NULL, NULL }, left[WIDE + 1];
    stream seen = *to;

    look[1] = to->names[s->wide];
    seen.s =
        gale_each(to->s, look, function(&seen, s->wide, 1, may_be_of[which]));
    for (uint32_t i = 0; i <= s->wide; i++)
        left[i] = seen.names[i];
    left[s->wide + 1] = NULL;
    seen.s = gale_project(seen.s, left);
    *to = seen;
}

static void step_query(const stream *s)
{
    stream to = *s;
    uint32_t slot = below(s->wide), which;
    gale_field out[2] = { { to.names[s->wide], GALE_T_ANY }, { NULL, 0 } };
    bool same;

    if (n_states == 0 || s->wide == WIDE)
        return;
    which = below(n_states);
    same = families[states[which].family] == families[s->family];
    snprintf(to.names[s->wide], sizeof(to.names[0]), "q%u", n_names++);
    to.wide++;
    to.s = gale_state_query(s->s, states[which].k, names(s, &slot, 1), out);
    if (below(3) == 0)
        gale_parallelism(to.s, 1 + below(4));
    if (!same)
        look_at_it(&to, s, slot, which);
    for (int b = 0; b < BATCHES; b++)
        for (uint32_t i = 0; i < to.b[b].n; i++) {
            int64_t *v = to.b[b].v[i];

            v[s->wide] = same ? value_of(&states[which], b, v[slot]) : 1;
        }
    keep(&to);
}

#endif
