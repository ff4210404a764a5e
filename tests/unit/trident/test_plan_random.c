/* Whatever is defined: the program that comes of it is sound, rows meet where
 * they have to, and the plain topology passes its own check. */
#include <stdlib.h>

#include "algebra.h"
#include "lying.h"
#include "topology/plan.h"

static uint32_t n_sends[256]; /* by home */

/* ------------------------------------------------------------------- steps */

static void check_slots(const uint32_t *slots, uint32_t n, uint32_t below_it)
{
    for (uint32_t i = 0; i < n; i++)
        CHECK(slots[i] < below_it);
}

static void check_op(const gi_part *p, const gi_op *op, uint32_t no)
{
    CHECK(op->no == no);
    for (uint32_t i = 0; i < op->n_out; i++)
        CHECK(op->out[i].name != NULL);
    CHECK(op->out[op->n_out].name == NULL);
    check_slots(op->in, op->n_in, op->n_row);
    check_slots(op->keys, op->n_keys, op->n_row);
    if (op->kind == GI_OP_JOIN)
        check_slots(op->right_keys, op->n_keys, op->n_right);
    for (uint32_t i = 0; i < op->n_folds; i++) {
        check_slots(op->folds[i].in, op->folds[i].n_in, op->n_row);
        CHECK(op->how != GI_FOLD_MERGE ||
              op->folds[i].n_in == op->folds[i].n_out);
    }
    for (uint32_t i = 0; i < op->n_next; i++) {
        const gi_op *to = &p->ops[op->next[i].op];

        CHECK(op->next[i].op > no && op->next[i].op < p->n_ops);
        CHECK(op->next[i].port == 0 || to->kind == GI_OP_JOIN);
        CHECK(op->n_out == (op->next[i].port == 0 ? to->n_row : to->n_right));
    }
    CHECK(op->kind != GI_OP_SEND || op->n_next == 0);
    CHECK(op->kind != GI_OP_PERSIST || op->state.store != NULL);
}

/* Everybody reads something: another step, or what comes in. */
static void check_fed(const gi_part *p)
{
    for (uint32_t i = 0; i < p->n_ops; i++) {
        uint32_t ports[2] = { 0, 0 }, inlets = 0;

        for (uint32_t k = 0; k < i; k++)
            for (uint32_t m = 0; m < p->ops[k].n_next; m++)
                if (p->ops[k].next[m].op == i)
                    ports[p->ops[k].next[m].port]++;
        for (uint32_t k = 0; k < p->n_inlets; k++)
            inlets += p->inlets[k].op == i;
        CHECK((inlets > 0) == (p->ops[i].kind == GI_OP_ENTRY));
        CHECK((ports[0] == 0) == (p->ops[i].kind == GI_OP_ENTRY ||
                                  p->ops[i].kind == GI_OP_SOURCE));
        CHECK((ports[1] > 0) == (p->ops[i].kind == GI_OP_JOIN));
    }
}

/* ------------------------------------------------------------------- parts */

/* The part in the same tasks that keeps a state; NULL: there is none. */
static const gi_part *keeper_of(const gi_program *g, const gi_part *p,
                                const char *state)
{
    const gi_home *home = gi_home_of(p);

    for (uint32_t i = 0; i < home->n_parts; i++) {
        const gi_part *k = &g->parts[home->parts[i]];

        for (uint32_t o = 0; o < k->n_ops; o++)
            if ((k->ops[o].kind == GI_OP_PERSIST ||
                 k->ops[o].kind == GI_OP_UPDATE) &&
                strcmp(k->ops[o].id, state) == 0)
                return k;
    }
    return NULL;
}

/* Has `to` all of a batch only when `from` is done with it? */
static bool is_before(const gi_program *g, const gi_part *from,
                      const gi_part *to)
{
    bool is = from == to;

    for (uint32_t i = 0; i < from->n_readers && !is; i++)
        is = is_before(g, &g->parts[from->readers[i]], to);
    return is;
}

static void check_query(const gi_program *g, const gi_part *p, const gi_op *op)
{
    const gi_part *keeper;

    if (op->kind != GI_OP_QUERY)
        return;
    keeper = keeper_of(g, p, op->id);
    CHECK(keeper != NULL);
    CHECK(keeper->group != p->group || is_before(g, keeper, p));
    for (uint32_t i = 0; p == keeper && i < op->no; i++)
        if (p->ops[i].kind == GI_OP_PERSIST &&
            strcmp(p->ops[i].id, op->id) == 0)
            return;
    CHECK(p != keeper);
}

static void check_send(const gi_program *g, const gi_part *p, const gi_op *op)
{
    const gi_part *to = &g->parts[op->to];
    const gi_home *home = gi_home_of(p);
    const gale_stream *s = &home->streams[op->stream - 1];
    uint32_t read = 0, n = 0;

    CHECK(op->to < g->n_parts && op->to > p->no);
    CHECK(op->stream > GI_STREAM_REPORTS && op->stream <= home->n_streams);
    CHECK(op->id == to->name);
    for (uint32_t i = 0; i < to->n_inlets; i++)
        if (to->inlets[i].part == p->no &&
            to->inlets[i].stream == op->stream) {
            const gi_op *entry = &to->ops[to->inlets[i].op];

            read++;
            CHECK(entry->kind == GI_OP_ENTRY && entry->n_out == op->n_row);
        }
    CHECK(read == 1);
    CHECK(s->direct == (op->send != GI_SEND_GROUPING));
    while (s->fields[n].name != NULL)
        n++;
    CHECK(n == op->n_row + 1);
    CHECK(has(p->readers, p->n_readers, op->to));
    CHECK(has(to->upstream, to->n_upstream, p->no));
    CHECK(p->group == to->group);
}

static void check_part(const gi_program *g, const gi_part *p)
{
    uint32_t sends = 0;
    bool commits = false, late = false, keeps = false;

    CHECK(p->program == g && p == &g->parts[p->no] && p->tasks > 0);
    for (uint32_t i = 0; i < p->n_ops; i++) {
        const gi_op *op = &p->ops[i];
        const gale_batch_spout *spout = op->user;

        check_op(p, op, i);
        check_query(g, p, op);
        check_meeting(g, p, op);
        if (op->kind == GI_OP_SEND) {
            check_send(g, p, op);
            sends++;
        }
        keeps = keeps || op->kind == GI_OP_PERSIST;
        commits =
            commits || op->kind == GI_OP_PERSIST ||
            (op->kind == GI_OP_SOURCE && spout->kind == GALE_SPOUT_OPAQUE);
        CHECK((op->kind == GI_OP_SOURCE) == (p->source == i));
    }
    check_fed(p);
    for (uint32_t i = 0; i < p->n_upstream; i++) {
        const gi_part *from = &g->parts[p->upstream[i]];

        late = late || from->late || from->commits;
        CHECK(has(from->readers, from->n_readers, p->no));
    }
    CHECK(!keeps || p->tasks <= GALE_STATE_GROUPS);
    CHECK(p->commits == commits && p->late == late);
    n_sends[p->home] += sends;
    CHECK(p->source < p->n_ops || p->n_upstream > 0);
}

/* Each part is in one home, which is named and divided like it. */
static void check_homes(const gi_program *g)
{
    uint32_t parts = 0;

    CHECK(g->n_homes + g->n_groups == g->topology.components.n);
    for (uint32_t i = 0; i < g->n_homes; i++) {
        const gi_home *home = &g->homes[i];
        const gi_part *first = &g->parts[home->parts[0]];

        CHECK(home->no == i && home->n_parts > 0);
        CHECK(home->n_streams == n_sends[i] + 1);
        for (uint32_t k = 0; k < home->n_parts; k++) {
            const gi_part *p = &g->parts[home->parts[k]];

            CHECK(p->home == i && p->name == first->name);
            CHECK(p->tasks == first->tasks);
        }
        parts += home->n_parts;
    }
    CHECK(parts == g->n_parts);
}

/* Only rows and who has to be first tie parts together: no query does. */
static void check_ties(const gi_program *g)
{
    uint32_t tie[256], n = 0;

    CHECK(g->n_parts <= 256);
    for (uint32_t i = 0; i < g->n_parts; i++)
        tie[i] = i;
    for (uint32_t i = 0; i < g->n_parts; i++)
        for (uint32_t k = 0; k < g->parts[i].n_inlets; k++) {
            uint32_t from = tie[g->parts[i].inlets[k].part], to = tie[i];

            for (uint32_t m = 0; m < g->n_parts; m++)
                if (tie[m] == from)
                    tie[m] = to;
        }
    for (uint32_t i = 0; i < g->n_parts; i++)
        n += tie[i] == i;
    for (uint32_t i = 0; i < g->n_parts; i++)
        for (uint32_t k = 0; k < i; k++)
            CHECK((tie[i] == tie[k]) ==
                  (g->parts[i].group == g->parts[k].group));
    CHECK(n == g->n_groups);
}

static void check_groups(const gi_program *g)
{
    uint32_t sources = 0, led = 0;

    for (uint32_t i = 0; i < g->n_parts; i++)
        sources += g->parts[i].source < g->parts[i].n_ops;
    for (uint32_t i = 0; i < g->n_groups; i++) {
        const gi_group *group = &g->groups[i];

        CHECK(group->n_sources > 0 && group->program == g);
        for (uint32_t k = 0; k < group->n_sources; k++)
            CHECK(g->parts[group->sources[k]].group == i);
        led += group->n_sources;
    }
    CHECK(led == sources);
}

static void check_topology(const gi_program *g)
{
    gi_report r;
    gi_plan *plan = NULL;
    gale_err rv;
    gale_diag why;

    gi_report_init(&r);
    rv = gi_plan_create(&plan, &g->topology, NULL, &r);
    gi_report_to_diag(&r, &why);
    cr_assert_eq(rv, GALE_OK, "seed %llu: %s", (unsigned long long)seed,
                 why.text);
    gi_plan_destroy(plan);
    gi_report_fini(&r);
}

/* -------------------------------------------------------------------- runs */

/* The text of the program. */
static char *lower(void)
{
    static algebra a;
    gale_diag why = { "" };
    gi_program *g = NULL;
    gale_err rv;
    char *text;

    define_any(&a, seed);
    rv = build(a.t, &g, &why);
    cr_assert_eq(rv, GALE_OK, "seed %llu: %s", (unsigned long long)seed,
                 why.text);
    memset(n_sends, 0, sizeof(n_sends));
    for (uint32_t i = 0; i < g->n_parts; i++)
        check_part(g, &g->parts[i]);
    check_homes(g);
    check_ties(g);
    check_groups(g);
    check_topology(g);
    text = gi_program_print(g);
    gi_program_destroy(g);
    gale_trident_destroy(a.t);
    cr_assert_not_null(text);
    return text;
}

Test(random, programs_are_sound_and_always_the_same)
{
    const char *only = getenv("GALE_SEED");
    uint32_t runs = 2000;

    for (uint64_t i = 0; i < runs; i++) {
        seed = only != NULL ? strtoull(only, NULL, 10) : i;
        char *one = lower(), *two = lower();

        cr_assert_str_eq(one, two, "seed %llu", (unsigned long long)seed);
        gi_free(one);
        gi_free(two);
        if (only != NULL)
            return;
    }
}
