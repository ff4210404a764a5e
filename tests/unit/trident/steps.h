/* steps.h -- steps of a part made by hand, fed with rows, and what comes out
 * at the end as text: a line a row, values with blanks between.
 *
 * Tests of steps link without the part, its tasks and states: SEND is what
 * records, a task is what is said here, a map is fake_map.h (but for the
 * tests that define STEPS_REAL_MAP). */
#ifndef TESTS_UNIT_TRIDENT_STEPS_H
#define TESTS_UNIT_TRIDENT_STEPS_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "trident/op.h"

#ifndef STEPS_REAL_MAP
#include "tests/unit/trident/fake_map.h"
#endif

enum { STEPS_MOST = 8, STEPS_TEXT = 1 << 21 };

struct gale_task {
    uint32_t index, count;
    uint64_t random;
};

typedef struct world {
    gi_op op[STEPS_MOST];
    gi_op_next next[STEPS_MOST][4];
    gi_step step[STEPS_MOST];
    uint32_t n;
    gale_task task;
    gi_round round;
    bool under_way;
    void *mine[STEPS_MOST];
    char why[sizeof(((gi_round *)NULL)->why)]; /* the round's, if it failed */
} world;

/* ------------------------------------------------------- what is linked -- */

const char *gale_task_component(const gale_task *t)
{
    (void)t;
    return "counts";
}

const char *gale_task_topology(const gale_task *t)
{
    (void)t;
    return "words";
}

uint32_t gale_task_index(const gale_task *t)
{
    return t->index;
}

uint32_t gale_task_count(const gale_task *t)
{
    return t->count;
}

uint64_t gale_task_random(gale_task *t)
{
    return t->random;
}

/* One counter will do. */
static int64_t counted;

gale_counter *gale_task_counter(gale_task *t, const char *name)
{
    (void)t;
    (void)name;
    return NULL;
}

void gale_counter_add(gale_counter *c, int64_t n)
{
    (void)c;
    counted += n;
}

static char said[STEPS_TEXT];
static size_t n_said;

static void say_value(const gale_value *v)
{
    char *at = said + n_said;
    size_t room = sizeof(said) - n_said;
    int n;

    switch (v->type) {
    case GALE_T_NIL:
        n = snprintf(at, room, "nil");
        break;
    case GALE_T_BOOL:
        n = snprintf(at, room, "%s", v->as.b ? "true" : "false");
        break;
    case GALE_T_I64:
        n = snprintf(at, room, "%" PRId64, v->as.i);
        break;
    case GALE_T_F64:
        n = snprintf(at, room, "%.17g", v->as.f);
        break;
    default:
        n = snprintf(at, room, "%.*s", (int)v->len, v->len ? v->as.p : "");
    }
    n_said += (size_t)n;
    cr_assert_lt(n_said, sizeof(said));
}

static void record(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    (void)s, (void)r, (void)port;
    for (size_t i = 0; i < in.n; i++) {
        if (i > 0)
            said[n_said++] = ' ';
        say_value(&in.values[i]);
    }
    said[n_said++] = '\n';
    said[n_said] = 0;
}

const gi_op_type gi_op_send = { .row = record };
const gi_op_type gi_op_return = { .size = 0 };
const gi_op_type gi_op_source = { .size = 0 };

/* ------------------------------------------------------------- making -- */

#define SLOTS(...)   ((uint32_t[]){ __VA_ARGS__ })
#define N_OF(...)    (sizeof(SLOTS(__VA_ARGS__)) / sizeof(uint32_t))
#define IN(...)      .in = SLOTS(__VA_ARGS__), .n_in = N_OF(__VA_ARGS__)
#define KEYS(...)    .keys = SLOTS(__VA_ARGS__), .n_keys = N_OF(__VA_ARGS__)
#define FOLD_IN(...) SLOTS(__VA_ARGS__), N_OF(__VA_ARGS__)

/* Adds a step; rows that it passes on go to the one that is added next, unless
 * `link` says otherwise. */
static inline gi_op *add(world *w, gi_op op)
{
    gi_op *it = &w->op[w->n];

    cr_assert_lt(w->n, STEPS_MOST);
    *it = op;
    it->no = w->n++;
    it->next = w->next[it->no];
    return it;
}

static inline void link_to(world *w, uint32_t from, uint32_t to, uint32_t port)
{
    gi_op *op = &w->op[from];

    op->next[op->n_next++] = (gi_op_next){ to, port };
}

/* One behind the other. */
static inline void chain(world *w)
{
    for (uint32_t i = 0; i + 1 < w->n; i++)
        link_to(w, i, i + 1, 0);
}

static inline void stop(world *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        gi_step *s = &w->step[i];

        if (s->type != NULL && s->type->close != NULL && s->self != NULL)
            s->type->close(s);
        gi_free(s->self);
        gi_free(s->scratch);
        *s = (gi_step){ .op = NULL };
    }
}

static inline gale_err try_start(world *w, gale_diag *why)
{
    gale_err rv = GALE_OK;

    n_said = 0;
    said[0] = 0;
    if (w->task.count == 0)
        w->task.count = 1;
    for (uint32_t i = 0; i < w->n; i++) {
        gi_step *s = &w->step[i];
        const gi_op_type *type = gi_op_types[w->op[i].kind];

        *s = (gi_step){ .op = &w->op[i],
                        .type = type,
                        .all = w->step,
                        .n_all = w->n,
                        .home = w->step,
                        .n_home = w->n,
                        .task = &w->task };
        s->self = gi_alloc(type->size + 1);
        s->scratch = gi_calloc(w->op[i].n_out + 1, sizeof(*s->scratch));
        if (s->self == NULL || s->scratch == NULL)
            return GALE_ENOMEM;
    }
    for (uint32_t i = 0; rv == GALE_OK && i < w->n; i++)
        if (w->step[i].type->open != NULL)
            rv = w->step[i].type->open(&w->step[i], why);
    return rv;
}

static inline void start(world *w)
{
    gale_diag why = { "" };

    cr_assert_eq(try_start(w, &why), GALE_OK, "%s", why.text);
}

/* -------------------------------------------------------------- rounds -- */

static inline void begin(world *w, uint64_t txid, uint64_t attempt)
{
    w->round = (gi_round){ .txid = txid, .attempt = attempt };
    memset(w->mine, 0, sizeof(w->mine));
    w->round.mine = w->mine;
    w->under_way = true;
}

static inline void feed_at(world *w, uint32_t op, unsigned port, gale_row row)
{
    gi_step *s = &w->step[op];

    if (!w->under_way)
        begin(w, w->round.txid + 1, 1);
    s->type->row(s, &w->round, port, row);
}

#define FEED(w, ...) feed_at((w), 0, 0, GALE_ROW(__VA_ARGS__))
#define S(z)         gale_val_cstr(z)
#define I(n)         gale_val_i64(n)

/* The end of the round: true if it went well. */
static inline bool finish(world *w)
{
    if (!w->under_way)
        begin(w, w->round.txid + 1, 1);
    for (uint32_t i = 0; !w->round.failed && i < w->n; i++)
        if (w->step[i].type->finish != NULL)
            w->step[i].type->finish(&w->step[i], &w->round);
    for (uint32_t i = 0; i < w->n; i++)
        if (w->step[i].type->drop != NULL)
            w->step[i].type->drop(&w->step[i], &w->round);
    gi_pool_fini(&w->round.pool);
    memcpy(w->why, w->round.why, sizeof(w->why));
    w->under_way = false;
    return !w->round.failed;
}

/* What came out since it was asked last. */
static inline const char *came(void)
{
    static char copy[STEPS_TEXT];

    memcpy(copy, said, n_said + 1);
    n_said = 0;
    said[0] = 0;
    return copy;
}

/* ------------------------------------------------------- without memory -- */

/* Calls `play` with each allocation failing once, from the first on, until it
 * needs no more; true from it: all went well.  What it says then has to be
 * what it says without failures. */
static inline void fail_each_allocation(bool (*play)(void))
{
    static char well[STEPS_TEXT];
    uint64_t n = 0;

    cr_assert(play());
    memcpy(well, said, n_said + 1);
    for (;; n++) {
        bool ok;

        gi_mem_fail_after(n, 1);
        ok = play();
        gi_mem_fail_after(0, 0);
        if (ok)
            cr_assert_str_eq(said, well, "allocation %" PRIu64, n);
        uint64_t asked = gi_mem_asked();
        bool again = play();
        cr_assert(again);
        if (n >= gi_mem_asked() - asked)
            break;
    }
    cr_expect_gt(n, 3);
}

#endif
