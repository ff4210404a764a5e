/* Trees that grow over several workers. */
#include "several.h"

#include "gale/gale.h"

enum { NUMBERS = 1000, PARTS = 3, SECOND = 1000000000 };

/* What the callbacks see, over all workers. */
static struct {
    struct several *s;
    uint32_t next[2];           /* of each spout task */
    uint32_t seen[2 * NUMBERS]; /* by number: parts that were counted */
    uint32_t acked;
    int64_t slow_ns; /* what a tuple costs in `count` */
    uint32_t forget; /* the number that `count` never answers; 0: none */
    uint32_t fail;   /* fails once */
} seen;

static gale_err begin_numbers(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    seen.next[gale_task_index(gale_spout_task(ctx))] = 0;
    return GALE_OK;
}

static bool give_number(void *self, gale_spout_ctx *ctx)
{
    uint32_t i = gale_task_index(gale_spout_task(ctx));
    uint32_t *next = &seen.next[i];

    (void)self;
    if (*next == NUMBERS)
        return false;
    int64_t number = i * NUMBERS + *next;
    ++*next;
    gale_spout_emit(ctx, (uint64_t)number, GALE_ROW(gale_val_i64(number)));
    return *next < NUMBERS;
}

static void on_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)id;
    (void)ctx;
    seen.acked++;
}

static gale_verdict split(void *self, const gale_tuple *in, gale_bolt_ctx *ctx)
{
    int64_t number = gale_tuple_i64(in, 0);

    (void)self;
    for (int64_t part = 0; part < PARTS; part++)
        gale_emit(ctx, GALE_ROW(gale_val_i64(number), gale_val_i64(part)));
    return GALE_ACK;
}

static gale_verdict count(void *self, const gale_tuple *in, gale_bolt_ctx *ctx)
{
    int64_t number = gale_tuple_i64(in, 0);

    (void)self;
    seen.s->now += seen.slow_ns;
    if (seen.fail != 0 && number == seen.fail) {
        seen.fail = 0;
        return GALE_FAIL;
    }
    if (seen.forget != 0 && number == seen.forget) {
        (void)gale_hold(ctx, in);
        return GALE_HOLD;
    }
    seen.seen[number] |= 1u << gale_tuple_i64(in, 1);
    return GALE_ACK;
}

static const gale_spout numbers = {
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = begin_numbers,
    .next = give_number,
    .ack = on_ack,
};
static const gale_bolt splitter = {
    .output = GALE_FIELDS(GALE_I64("number"), GALE_I64("part")),
    .execute = split,
};
static const gale_bolt counter = { .execute = count };

static const gale_component table[] = {
    { .id = "numbers", .spout = &numbers, .tasks = 2 },
    { .id = "split",
      .bolt = &splitter,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
      .tasks = 4 },
    { .id = "count",
      .bolt = &counter,
      .inputs = GALE_INPUTS(GALE_BY("split", "part")),
      .tasks = 4 },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "parts",
    .components = GALE_COMPONENTS(table),
    .conf = GALE_SETTINGS({ "topology.message.timeout.secs", "1" },
                          { "topology.batch.bytes", "1024" },
                          { "topology.max.spout.pending", "100" }),
};

static struct several *several_with(uint32_t n, uint64_t seed,
                                    const gale_setting *conf)
{
    struct several *s = gi_alloc(sizeof(*s));
    gale_diag why;

    memset(&seen, 0, sizeof(seen));
    seen.s = s;
    cr_assert_eq(gi_plan_of(&s->plan, &topology, conf, "test", &why), GALE_OK,
                 "%s", why.text);
    s->n = n;
    s->loops = 1 + seed % 2;
    s->place = gi_calloc(s->plan->n_tasks, sizeof(*s->place));
    gi_rng rng = { seed + 1 };
    for (uint32_t i = 0; i < s->plan->n_tasks; i++)
        s->place[i] = (uint32_t)gi_rng_below(&rng, n);
    return s;
}

static struct several *several(uint32_t n, uint64_t seed)
{
    return several_with(n, seed, NULL);
}

static void done(struct several *s)
{
    end_all(s);
    gi_plan_destroy(s->plan);
    gi_free(s->place);
    gi_free(s);
}

static void expect_all_seen(uint64_t seed)
{
    for (uint32_t i = 0; i < 2 * NUMBERS; i++)
        cr_assert_eq(seen.seen[i], (1u << PARTS) - 1,
                     "seed %llu: number %u: parts %x",
                     (unsigned long long)seed, i, seen.seen[i]);
}

static gale_run_result result(struct several *s, uint32_t no)
{
    gale_run_result r;

    gi_worker_result(s->node[no].w, &r);
    return r;
}

static void expect_saved(struct several *s)
{
    uint64_t saved = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        gi_port_counts c;

        gi_port_look(s->node[i].w, &c);
        saved += c.saved;
    }
    cr_expect_eq(saved > 0, s->packs && s->n > 1);
}

Test(port, trees_grow_over_any_number_of_workers_and_each_is_acked_once)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct several *s = several((uint32_t)(1 + seed % MOST_WORKERS), seed);

        s->packs = seed % 2 == 0;
        begin_all(s, seed);
        cr_assert(run_until_quiet(s, 60ll * SECOND), "seed %llu",
                  (unsigned long long)seed);
        expect_all_seen(seed);
        cr_expect_eq(seen.acked, 2 * NUMBERS);
        expect_saved(s);
        uint64_t executed = 0;
        for (uint32_t i = 0; i < s->n; i++) {
            executed += result(s, i).executed;
            cr_expect_eq(result(s, i).failed, 0);
        }
        cr_expect_eq(executed, 2 * NUMBERS * (1 + PARTS), "seed %llu",
                     (unsigned long long)seed);
        done(s);
    }
}

/* Each worker's bolt has what the other one's sink waits for, behind more for
 * the other one's bolt than a link can hold. */
Test(port, two_workers_never_wait_for_each_other)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct several *s = several_with(
            2, seed,
            (const gale_setting[]){ { "topology.max.spout.pending", "5000" },
                                    { "topology.batch.credit", "2" },
                                    { 0 } });

        for (uint32_t i = 0; i < s->plan->n_tasks; i++)
            s->place[i] = i % 2;
        begin_all(s, seed);
        cr_assert(run_until_quiet(s, 60ll * SECOND), "seed %llu",
                  (unsigned long long)seed);
        expect_all_seen(seed);
        done(s);
    }
}

Test(port, a_failure_far_away_reaches_the_spout)
{
    struct several *s = several(3, 5);

    s->place[0] = s->place[1] = 0;
    for (uint32_t i = 2; i < s->plan->n_tasks; i++)
        s->place[i] = 1 + i % 2;
    seen.fail = 17;
    begin_all(s, 5);
    cr_assert(run_until_quiet(s, 60ll * SECOND));
    expect_all_seen(5);
    cr_expect_eq(result(s, 0).failed, 1);
    cr_expect_eq(result(s, 0).replayed, 1);
    done(s);
}

Test(port, what_died_with_a_worker_is_replayed_at_once)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct several *s = several((uint32_t)(2 + seed % 3), seed);
        uint32_t victim;
        gi_rng rng = { seed };

        seen.slow_ns = 100000;
        begin_all(s, seed);
        for (uint32_t deaths = 0; deaths < 3; deaths++) {
            for (uint64_t i = gi_rng_below(&rng, 200); i > 0; i--)
                step(s);
            victim = (uint32_t)gi_rng_below(&rng, s->n);
            die(s, victim);
            for (uint64_t i = gi_rng_below(&rng, 50); i > 0; i--)
                step(s);
            begin(s, victim);
        }
        cr_assert(run_until_quiet(s, s->now + 120ll * SECOND), "seed %llu",
                  (unsigned long long)seed);
        expect_all_seen(seed);

        /* By evidence, and not because a timeout passed. */
        for (uint32_t i = 0; i < s->n; i++)
            cr_expect_eq(result(s, i).timed_out, 0, "seed %llu",
                         (unsigned long long)seed);
        done(s);
    }
}

Test(port, trees_of_frames_that_are_lost_fail_without_waiting)
{
    struct several *s = several(2, 9);

    for (uint32_t i = 0; i < s->plan->n_tasks; i++)
        s->place[i] = i < 6 ? 0 : 1;
    s->grace_ms = 100000;
    begin_all(s, 9);
    s->node[1].frozen = true; /* so all that it would get is under way */
    for (uint32_t i = 0; i < 60; i++)
        step(s);
    die(s, 1);
    s->node[1].frozen = false;
    begin(s, 1);
    cr_assert(run_until_quiet(s, s->now + SECOND / 2));
    expect_all_seen(9);
    cr_expect_eq(result(s, 0).timed_out, 0);
    cr_expect_gt(result(s, 0).replayed, 0);
    done(s);
}

Test(port, what_merely_waits_in_another_worker_never_times_out)
{
    struct several *s = several(2, 3);

    for (uint32_t i = 0; i < s->plan->n_tasks; i++)
        s->place[i] = i < 6 ? 0 : 1; /* count is elsewhere, and slow */
    seen.slow_ns = 20000000;
    begin_all(s, 3);
    cr_assert(run_until_quiet(s, 600ll * SECOND));
    expect_all_seen(3);
    cr_expect_gt(s->now, 40ll * SECOND, "far longer than the timeout");
    cr_expect_eq(result(s, 0).timed_out, 0);
    cr_expect_eq(result(s, 0).acked, 2 * NUMBERS);
    done(s);
}

Test(port, what_is_forgotten_in_another_worker_times_out_in_time)
{
    struct several *s = several(3, 4);
    gale_run_result r;

    s->place[0] = s->place[1] = 0;
    for (uint32_t i = 2; i < s->plan->n_tasks; i++)
        s->place[i] = 1 + i % 2;
    seen.forget = 7;
    begin_all(s, 4);
    while (seen.acked < 2 * NUMBERS - 1)
        step(s);
    int64_t since = s->now;
    do
        step(s);
    while (result(s, 0).timed_out == 0 && s->now < since + 10ll * SECOND);
    r = result(s, 0);
    cr_expect_eq(r.timed_out, 1);
    cr_expect_leq(s->now - since, SECOND * 110ll / 100,
                  "%lld ms after the last ack",
                  (long long)(s->now - since) / 1000000);
    done(s);
}

Test(port, while_a_worker_is_frozen_nothing_is_given_up)
{
    struct several *s = several(2, 6);

    for (uint32_t i = 0; i < s->plan->n_tasks; i++)
        s->place[i] = i < 6 ? 0 : 1;
    begin_all(s, 6);
    for (uint32_t i = 0; i < 60; i++)
        step(s);
    s->node[1].frozen = true;
    for (int64_t until = s->now + 20ll * SECOND; s->now < until;)
        step(s);
    cr_expect_eq(result(s, 0).timed_out, 0);
    s->node[1].frozen = false;
    cr_assert(run_until_quiet(s, s->now + 60ll * SECOND));
    expect_all_seen(6);
    cr_expect_eq(result(s, 0).timed_out, 0);
    done(s);
}
