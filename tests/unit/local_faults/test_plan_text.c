/* The text of a plan is read as the same plan: for plans that chance makes. */
#include "base/mix.h"
#include "local/faults/rules.h"
#include "plans.h"

static uint64_t any_of(gi_rng *r, uint64_t n)
{
    return gi_rng_below(r, n);
}

/* Times of all sizes, whole units among them. */
static int64_t some_ns(gi_rng *r)
{
    static const uint64_t units[] = { 1,          1000,        1000000,
                                      1000000000, 60000000000, 3600000000000 };
    uint64_t unit = units[any_of(r, 6)];

    if (any_of(r, 8) == 0)
        return (int64_t)(1 +
                         (gi_rng_next(r) >> 1 >> any_of(r, 60)) % INT64_MAX);
    return (int64_t)((1 + any_of(r, 2000)) * unit);
}

static uint64_t some_chance(gi_rng *r)
{
    switch (any_of(r, 6)) {
    case 0:
        return UINT64_MAX;
    case 1:
        return 0;
    case 2:
        return 1 + any_of(r, 3);
    case 3:
        return UINT64_MAX - 1 - any_of(r, 3);
    case 4:
        return gi_rng_next(r) >> any_of(r, 64);
    default:
        return UINT64_MAX / 1000 * any_of(r, 1000);
    }
}

static void some_when(gi_rng *r, bool timed, gi_fault *f)
{
    if (timed || any_of(r, 2) == 0) {
        f->when = GI_FAULT_AT_TIME;
        f->at = any_of(r, 8) == 0 ? 0 : (uint64_t)some_ns(r);
        f->every = any_of(r, 2) == 0 ? 0 : (uint64_t)some_ns(r);
    } else {
        f->when = GI_FAULT_AT_COUNT;
        f->at = (gi_rng_next(r) >> any_of(r, 64)) | 1;
        f->every = any_of(r, 2) == 0 ? 0 : (gi_rng_next(r) >> 1) + 1;
    }
}

static void some_where(gi_rng *r, const gi_plan *p, const gi_fault_rule *rule,
                       gi_fault *f)
{
    const gi_edge *e = &p->edges[any_of(r, p->n_edges)];
    const gi_comp *c = &p->comps[any_of(r, p->n_comps)];
    uint64_t what = any_of(r, 4);

    if (rule->where == GI_FAULT_OF_PROCESS || what == 0)
        return;
    if (what == 1 && rule->acker) {
        f->acks = true;
        if (rule->where == GI_FAULT_OF_TASK && any_of(r, 2) == 0)
            f->task = (uint32_t)any_of(r, 4);
    } else if (rule->where == GI_FAULT_OF_EDGE) {
        f->comp = e->to;
        if (what == 2)
            f->from = p->streams[e->stream].comp;
    } else if (rule->spouts || !c->is_spout) {
        f->comp = c->no;
        if (what == 2)
            f->task = (uint32_t)any_of(r, c->n_tasks);
    }
}

static gi_fault some_fault(gi_rng *r, const gi_plan *p)
{
    gi_fault f = { .kind = (gi_fault_kind)any_of(r, GI_N_FAULT_KINDS),
                   .from = GI_FAULT_ANY,
                   .comp = GI_FAULT_ANY,
                   .task = GI_FAULT_ANY,
                   .chance = UINT64_MAX };
    const gi_fault_rule *rule = gi_fault_rule_of(f.kind);
    bool moment = rule->when == GI_FAULT_MUST ||
                  (rule->when == GI_FAULT_EITHER && any_of(r, 2) == 0);

    some_where(r, p, rule, &f);
    moment = moment || (f.acks && rule->where == GI_FAULT_OF_TASK);
    if (rule->time == GI_FAULT_MUST)
        f.ns = some_ns(r);
    if (rule->either_way && any_of(r, 2) == 0)
        f.ns = -f.ns;
    if (moment)
        some_when(r, rule->timed || f.acks, &f);
    else if (rule->chance != GI_FAULT_NOT)
        f.chance = some_chance(r);
    return f;
}

static bool same(const gi_fault *a, const gi_fault *b)
{
    return a->kind == b->kind && a->acks == b->acks && a->from == b->from &&
           a->comp == b->comp && a->task == b->task &&
           a->chance == b->chance && a->ns == b->ns && a->when == b->when &&
           a->at == b->at && a->every == b->every;
}

static void expect_same(const gi_fault_plan *a, const gi_plan *p,
                        uint64_t seed)
{
    gi_report r = { 0 };
    gi_fault_plan *b = NULL;
    char *text = gi_fault_plan_text(a, p);

    cr_assert_not_null(text);
    gale_err rv = gi_fault_plan_parse(&b, text, "test", p, &r);
    cr_assert_eq(rv, GALE_OK, "seed %llu: '%s': %s", (unsigned long long)seed,
                 text, r.n > 0 ? r.lines[0] : "");
    cr_assert_eq(a->n, b->n, "%s", text);
    for (uint32_t i = 0; i < a->n; i++) {
        char *one = gi_fault_text(&a->at[i], p);

        cr_assert(same(&a->at[i], &b->at[i]), "seed %llu: '%s'",
                  (unsigned long long)seed, one);
        cr_assert_not_null(strstr(text, one), "'%s' in '%s'", one, text);
        gi_free(one);
    }
    cr_assert_eq(a->seeded, b->seeded);
    cr_assert_eq(a->seed, b->seed);
    cr_assert_eq(a->until_ns, b->until_ns, "%s", text);
    gi_fault_plan_destroy(b);
    gi_free(text);
}

Test(fault_plan_text, is_read_as_the_same_plan)
{
    gi_plan *p = faulty_plan();

    for (uint64_t seed = 0; seed < 20000; seed++) {
        gi_rng r = { seed };
        gi_fault at[8];
        gi_fault_plan f = { .at = at,
                            .n = (uint32_t)any_of(&r, 8),
                            .seed = 1,
                            .until_ns = INT64_MAX };

        for (uint32_t i = 0; i < f.n; i++)
            at[i] = some_fault(&r, p);
        f.seeded = any_of(&r, 2) == 0;
        if (f.seeded)
            f.seed = gi_rng_next(&r) >> any_of(&r, 64);
        if (any_of(&r, 2) == 0)
            f.until_ns = some_ns(&r);
        expect_same(&f, p, seed);
    }
    gi_plan_destroy(p);
}

static void expect_text(const gi_plan *p, const char *from, const char *to)
{
    gi_report r = { 0 };
    gi_fault_plan *f = NULL;

    cr_assert_eq(gi_fault_plan_parse(&f, from, "test", p, &r), GALE_OK, "%s",
                 r.n > 0 ? r.lines[0] : "");
    char *text = gi_fault_plan_text(f, p);
    cr_expect_str_eq(text, to);
    gi_free(text);
    gi_fault_plan_destroy(f);
}

Test(fault_plan_text, is_short)
{
    gi_plan *p = faulty_plan();

    expect_text(p, "", "");
    expect_text(p, "drop=1%", "drop=0.01");
    expect_text(p, "drop=100%,drop=.1", "drop=1,drop=0.1");
    expect_text(p, "delay=split > count:0.05:0.02s",
                "delay=split>count:0.05:20ms");
    expect_text(p, "kill=count/2@3000ms+0.5s", "kill=count/2@3s+500ms");
    expect_text(p, "slow=count:100%:20ms", "slow=count:20ms");
    expect_text(p, "clock=1h@90s", "clock=+1h@90s");
    expect_text(p, "kill=@0m", "kill=@0s");
    expect_text(p, "until=2m\nseed=0x10", "seed=16,until=2m");
    gi_plan_destroy(p);
}

Test(fault_plan_text, without_memory_there_is_none)
{
    gi_plan *p = faulty_plan();
    gi_report r = { 0 };
    gi_fault_plan *f = NULL;

    cr_assert_eq(gi_fault_plan_parse(&f, "drop=0.1,kill=@3s", "test", p, &r),
                 GALE_OK);
    gi_mem_fail_after(0, 1);
    char *text = gi_fault_plan_text(f, p);
    gi_mem_fail_after(0, 0);
    cr_expect_null(text);
    gi_free(text);
    gi_fault_plan_destroy(f);
    gi_plan_destroy(p);
}
