/* The ledger's one promise: DONE comes with the last update of a tree, never
 * before it, in whatever order the updates come and however they are merged.
 *
 * Random forests are grown first, as bolts would grow them: a step handles
 * one tuple, or joins two, and emits a few.  What each step says to the
 * ledger is written down, merged and shuffled, and then told to it.  The
 * oracle only counts: a tree is done when nothing about it is left to say.
 *
 * So that we know the oracle can tell, ledgers that are wrong in three ways
 * are put in front of it too. */
#include <criterion/criterion.h>

#include "acker/ledger.h"
#include "base/mix.h"

enum {
    MAX_ROOTS = 4,
    MAX_TUPLES = 400,
    MAX_FAN_OUT = 5,
    MAX_DEPTH = 8,
    SLOTS = 3000,
    TREES = 200000,
};

/* A tuple on its way: by which edge it hangs in each tree; 0: in none. */
struct tuple {
    uint64_t edge[MAX_ROOTS];
    int depth;
};

/* What a step says about one tree.  Rightly that is one number, their xor;
 * wrong ledgers look at the two. */
struct update {
    int root;
    bool init;
    uint64_t handled, made;
};

struct forest {
    gi_rng rng;
    uint64_t next_edge;
    int n_roots, budget;
    struct tuple waiting[MAX_TUPLES];
    int n_waiting;
    struct update said[(MAX_TUPLES + 1) * MAX_ROOTS];
    int n_said;
};

/* ------------------------------------------------------------- growing -- */

static int below(struct forest *f, int n)
{
    return (int)gi_rng_below(&f->rng, (uint64_t)n);
}

static void say(struct forest *f, int root, bool init, uint64_t handled,
                uint64_t made)
{
    f->said[f->n_said++] = (struct update){ root, init, handled, made };
}

static int fan_out(struct forest *f, int depth)
{
    int n = depth == MAX_DEPTH ? 0 : below(f, MAX_FAN_OUT + 1);

    if (n > f->budget)
        n = f->budget;
    f->budget -= n;
    return n;
}

static void plant(struct forest *f, int root)
{
    uint64_t made = 0;

    for (int n = fan_out(f, 0); n > 0; n--) {
        struct tuple *t = &f->waiting[f->n_waiting++];

        *t = (struct tuple){ .depth = 1 };
        t->edge[root] = gi_mix64(f->next_edge++);
        made ^= t->edge[root];
    }
    say(f, root, true, 0, made);
}

static struct tuple take_any(struct forest *f)
{
    int i = below(f, f->n_waiting);
    struct tuple t = f->waiting[i];

    f->waiting[i] = f->waiting[--f->n_waiting];
    return t;
}

/* Each anchor gives a child an id of its own, which hangs it in all the
 * anchor's trees; ids that meet in a tree are one edge. */
static void step(struct forest *f)
{
    struct tuple in[2];
    uint64_t born[2] = { 0, 0 };
    int n_in = f->n_waiting > 1 && below(f, 4) == 0 ? 2 : 1;

    for (int i = 0; i < n_in; i++)
        in[i] = take_any(f);
    int depth = in[n_in - 1].depth;
    for (int n = fan_out(f, depth); n > 0; n--) {
        struct tuple *child = &f->waiting[f->n_waiting++];

        *child = (struct tuple){ .depth = depth + 1 };
        for (int i = 0; i < n_in; i++) {
            uint64_t id = gi_mix64(f->next_edge++);

            born[i] ^= id;
            for (int r = 0; r < f->n_roots; r++)
                child->edge[r] ^= in[i].edge[r] != 0 ? id : 0;
        }
    }
    for (int i = 0; i < n_in; i++)
        for (int r = 0; r < f->n_roots; r++)
            if (in[i].edge[r] != 0)
                say(f, r, false, in[i].edge[r], born[i]);
}

/* Fold updates of bolts into earlier ones of the same tree, now and then. */
static void merge(struct forest *f)
{
    int chance = below(f, 4), kept = 0;

    for (int i = 0; i < f->n_said; i++) {
        struct update *u = &f->said[i], *into = NULL;

        if (kept > 0 && !u->init && below(f, 4) < chance)
            into = &f->said[below(f, kept)];
        if (into == NULL || into->init || into->root != u->root) {
            f->said[kept++] = *u;
            continue;
        }
        into->handled ^= u->handled;
        into->made ^= u->made;
    }
    f->n_said = kept;
}

static void shuffle(struct forest *f)
{
    for (int i = f->n_said - 1; i > 0; i--) {
        int k = below(f, i + 1);
        struct update u = f->said[i];

        f->said[i] = f->said[k];
        f->said[k] = u;
    }
}

static void grow(struct forest *f)
{
    f->n_roots = 1 + below(f, MAX_ROOTS);
    f->budget = below(f, 8) == 0 ? MAX_TUPLES : below(f, 60);
    f->n_waiting = f->n_said = 0;
    for (int r = 0; r < f->n_roots; r++)
        plant(f, r);
    while (f->n_waiting > 0)
        step(f);
    merge(f);
    shuffle(f);
}

/* ------------------------------------------------------------- ledgers -- */

/* The real one, and the same algorithm in a few lines with a fault. */
enum kind { REAL, COPY, TWO_UPDATES, SPOUT_FIRST, NO_MERGING };

struct copy {
    uint64_t sum;
    bool heard, done;
};

struct subject {
    enum kind kind;
    gi_ledger *real;
    uint64_t root[MAX_ROOTS];
    struct copy copy[MAX_ROOTS];
};

static gi_tree settle(struct copy *c)
{
    if (c->done)
        return GI_TREE_STALE;
    if (c->sum != 0 || !c->heard)
        return GI_TREE_OPEN;
    c->done = true;
    return GI_TREE_DONE;
}

static gi_tree tell(struct subject *s, const struct update *u)
{
    struct copy *c = &s->copy[u->root];
    uint64_t sum = u->handled ^ u->made;

    if (s->kind == REAL)
        return u->init ? gi_ledger_init(s->real, s->root[u->root], sum, 1, 1)
                       : gi_ledger_ack(s->real, s->root[u->root], sum, 1, 7);
    c->heard |= u->init;
    if (s->kind == SPOUT_FIRST && !c->heard)
        return GI_TREE_STALE;
    if (s->kind == TWO_UPDATES) {
        c->sum ^= u->handled;
        if (settle(c) != GI_TREE_OPEN)
            return GI_TREE_DONE;
        c->sum ^= u->made;
    } else if (s->kind == NO_MERGING) {
        c->sum = c->sum + u->made - u->handled;
    } else {
        c->sum ^= sum;
    }
    return settle(c);
}

/* -------------------------------------------------------------- oracle -- */

/* How many trees of the forest were not done exactly with their last
 * update? */
static int misjudged(struct subject *s, const struct forest *f)
{
    int left[MAX_ROOTS] = { 0 }, wrong = 0;
    bool bad[MAX_ROOTS] = { false };

    for (int i = 0; i < f->n_said; i++)
        left[f->said[i].root]++;
    for (int i = 0; i < f->n_said; i++) {
        int r = f->said[i].root;
        bool done = tell(s, &f->said[i]) == GI_TREE_DONE;

        bad[r] |= done != (--left[r] == 0);
    }
    for (int r = 0; r < f->n_roots; r++)
        wrong += bad[r];
    return wrong;
}

/* Trees judged wrongly among the first `trees`, each in a slot that others
 * had before it. */
static int judge(enum kind kind, int trees, uint64_t seed)
{
    static struct forest f;
    struct subject s = { .kind = kind };
    int wrong = 0;
    uint32_t slot = 0, gen = 1;

    f = (struct forest){ .rng = { seed }, .next_edge = seed << 20 | 1 };
    cr_assert_eq(gi_ledger_create(&s.real, 16), GALE_OK);
    for (int n = 0; n < trees; n += f.n_roots) {
        grow(&f);
        for (int r = 0; r < f.n_roots; r++) {
            s.root[r] = gi_root(3, slot, gen);
            s.copy[r] = (struct copy){ 0 };
            if (++slot == SLOTS) {
                slot = 0;
                gen = gi_root_next_gen(gen);
            }
        }
        wrong += misjudged(&s, &f);
    }
    if (kind == REAL)
        cr_assert_eq(gi_ledger_open(s.real), 0);
    gi_ledger_destroy(s.real);
    return wrong;
}

Test(trees, are_done_with_their_last_update_and_never_before)
{
    cr_assert_eq(judge(REAL, TREES, 1), 0);
}

Test(trees, the_oracle_finds_nothing_wrong_with_a_right_copy)
{
    cr_assert_eq(judge(COPY, TREES / 20, 2), 0);
}

Test(trees, handling_and_making_as_two_updates_would_be_caught)
{
    cr_assert_gt(judge(TWO_UPDATES, TREES / 20, 2), 100);
}

Test(trees, dropping_what_overtakes_the_spout_would_be_caught)
{
    cr_assert_gt(judge(SPOUT_FIRST, TREES / 20, 2), 100);
}

Test(trees, sums_that_cannot_be_merged_would_be_caught)
{
    cr_assert_gt(judge(NO_MERGING, TREES / 20, 2), 100);
}
