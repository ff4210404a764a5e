/* Whatever is defined: the program that comes of it is sound, rows meet where
 * they have to, and the plain topology passes its own check. */
#include <stdlib.h>

#include "algebra.h"
#include "topology/plan.h"

#define CHECK(what) \
    cr_assert(what, "seed %llu: %s", (unsigned long long)seed, #what)

static uint64_t seed;

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

/* --------------------------------------------------------- where rows lie */

typedef enum where {
    BY_KEYS,  /* the task of these very keys */
    BY_SOME,  /* or of some of them */
    TOGETHER, /* all of a batch in one task */
} where;

static bool lies(const gi_program *g, const gi_part *p, const gi_op *op,
                 uint32_t port, const uint32_t *slots, uint32_t n, where how);

static bool has(const uint32_t *slots, uint32_t n, uint32_t slot)
{
    for (uint32_t i = 0; i < n; i++)
        if (slots[i] == slot)
            return true;
    return false;
}

static bool sent_so(const gi_program *g, const gi_part *p, const gi_op *send,
                    const uint32_t *slots, uint32_t n, where how)
{
    bool global = false;

    (void)p;
    for (size_t i = 0; i < g->topology.components.n; i++) {
        const gale_component *c = &g->topology.components.at[i];

        for (const gale_input *in = c->inputs; in != NULL && in->from != NULL;
             in++)
            if (in->from == p->name && in->stream != NULL &&
                strcmp(in->stream, p->streams[send->stream - 1].name) == 0)
                global = in->how == GALE_GROUP_GLOBAL;
    }
    if (send->send == GI_SEND_BATCH || global)
        return how != BY_KEYS || (n == 0 && global);
    if (send->send != GI_SEND_KEYS || how == TOGETHER)
        return false;
    for (uint32_t i = 0; i < send->n_keys; i++)
        if (how == BY_KEYS ? i >= n || slots[i] != send->keys[i]
                           : !has(slots, n, send->keys[i]))
            return false;
    return how != BY_KEYS || n == send->n_keys;
}

/* Rows that come out of `op`. */
static bool come(const gi_program *g, const gi_part *p, const gi_op *op,
                 const uint32_t *slots, uint32_t n, where how)
{
    uint32_t was[GI_MOST_FIELDS], m = 0;
    bool right = true;

    if (op->kind == GI_OP_ENTRY) {
        for (uint32_t i = 0; i < p->n_inlets; i++) {
            const gi_part *from = &g->parts[p->inlets[i].part];

            for (uint32_t k = 0; p->inlets[i].op == op->no && k < from->n_ops;
                 k++)
                if (from->ops[k].kind == GI_OP_SEND &&
                    from->ops[k].stream == p->inlets[i].stream &&
                    !sent_so(g, from, &from->ops[k], slots, n, how))
                    return false;
        }
        return true;
    }
    if (op->kind == GI_OP_SOURCE)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t to = slots[i];

        if (op->kind == GI_OP_PROJECT)
            to = op->in[to];
        else if (op->kind == GI_OP_FOLD_BY || op->kind == GI_OP_PERSIST ||
                 op->kind == GI_OP_JOIN) {
            if (to >= op->n_keys && how == BY_KEYS)
                return false;
            if (to >= op->n_keys)
                continue;
            to = op->keys[to];
        } else if (to >= op->n_row) {
            if (how == BY_KEYS)
                return false;
            continue;
        } else if (op->kind == GI_OP_MAP || op->kind == GI_OP_FOLD ||
                   op->kind == GI_OP_UPDATE) {
            if (how == BY_KEYS)
                return false;
            continue;
        }
        was[m++] = to;
    }
    if (op->kind == GI_OP_JOIN) {
        uint32_t other[GI_MOST_FIELDS], o = 0;

        for (uint32_t i = 0; i < n; i++)
            if (slots[i] < op->n_keys)
                other[o++] = op->right_keys[slots[i]];
        right = lies(g, p, op, 1, other, o, how);
    }
    return right && lies(g, p, op, 0, was, m, how);
}

/* Rows that come to `op` at that port. */
static bool lies(const gi_program *g, const gi_part *p, const gi_op *op,
                 uint32_t port, const uint32_t *slots, uint32_t n, where how)
{
    if (p->tasks == 1)
        return true;
    for (uint32_t i = 0; i < op->no; i++)
        for (uint32_t k = 0; k < p->ops[i].n_next; k++)
            if (p->ops[i].next[k].op == op->no &&
                p->ops[i].next[k].port == port &&
                !come(g, p, &p->ops[i], slots, n, how))
                return false;
    return true;
}

static void check_meeting(const gi_program *g, const gi_part *p,
                          const gi_op *op)
{
    bool together;

    switch (op->kind) {
    case GI_OP_PERSIST:
        CHECK(lies(g, p, op, 0, op->keys, op->n_keys, BY_KEYS));
        break;
    case GI_OP_QUERY:
        CHECK(lies(g, p, op, 0, op->in, op->n_in, BY_KEYS));
        break;
    case GI_OP_FOLD_BY:
        CHECK(op->how == GI_FOLD_PARTIAL ||
              lies(g, p, op, 0, op->keys, op->n_keys, BY_SOME));
        break;
    case GI_OP_FOLD:
        CHECK(op->at == GI_FOLD_AT_EACH ||
              lies(g, p, op, 0, NULL, 0, TOGETHER));
        CHECK(op->how != GI_FOLD_MERGE || op->at != GI_FOLD_AT_EACH);
        break;
    case GI_OP_JOIN:
        together = lies(g, p, op, 0, NULL, 0, TOGETHER) &&
                   lies(g, p, op, 1, NULL, 0, TOGETHER);
        CHECK(together ||
              (lies(g, p, op, 0, op->keys, op->n_keys, BY_KEYS) &&
               lies(g, p, op, 1, op->right_keys, op->n_keys, BY_KEYS)));
        break;
    default:
        break;
    }
}

/* ------------------------------------------------------------------- parts */

static void check_state(const gi_part *p, const gi_op *op)
{
    bool there = false;

    if (op->kind != GI_OP_QUERY)
        return;
    for (uint32_t i = 0; i < op->no; i++)
        there = there || ((p->ops[i].kind == GI_OP_PERSIST ||
                           p->ops[i].kind == GI_OP_UPDATE) &&
                          strcmp(p->ops[i].id, op->id) == 0);
    CHECK(there);
}

static void check_send(const gi_program *g, const gi_part *p, const gi_op *op)
{
    const gi_part *to = &g->parts[op->to];
    const gale_stream *s = &p->streams[op->stream - 1];
    uint32_t read = 0, n = 0;

    CHECK(op->to < g->n_parts && op->to > p->no);
    CHECK(op->stream > GI_STREAM_REPORTS && op->stream <= p->n_streams);
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
        check_state(p, op);
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
    CHECK(p->n_streams == sends + 1);
    CHECK(p->source < p->n_ops || p->n_upstream > 0);
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

/* The text of the program, or "" if it was refused, as it may be. */
static char *lower(void)
{
    static algebra a;
    gale_diag why = { "" };
    gi_program *g = NULL;
    gale_err rv;
    char *text;

    define_any(&a, seed);
    rv = build(a.t, &g, &why);
    if (rv == GALE_OK) {
        for (uint32_t i = 0; i < g->n_parts; i++)
            check_part(g, &g->parts[i]);
        check_groups(g);
        check_topology(g);
        text = gi_program_print(g);
    } else {
        cr_assert_eq(rv, GALE_EPLAN);
        cr_assert(strstr(why.text, "cannot go in a circle") != NULL,
                  "seed %llu: %s", (unsigned long long)seed, why.text);
        text = gi_strdup("");
    }
    gi_program_destroy(g);
    gale_trident_destroy(a.t);
    cr_assert_not_null(text);
    return text;
}

Test(random, programs_are_sound_and_always_the_same)
{
    const char *only = getenv("GALE_SEED");
    uint32_t refused = 0, runs = 2000;

    for (uint64_t i = 0; i < runs; i++) {
        seed = only != NULL ? strtoull(only, NULL, 10) : i;
        char *one = lower(), *two = lower();

        cr_assert_str_eq(one, two, "seed %llu", (unsigned long long)seed);
        refused += *one == '\0';
        gi_free(one);
        gi_free(two);
        if (only != NULL)
            return;
    }
    cr_expect_lt(refused, runs / 10, "%u of %u were refused", refused, runs);
    cr_expect_gt(refused, 0);
}
