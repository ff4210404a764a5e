/* Faults on demand: each kind happens, is counted, and costs nothing but
 * replays. */
#include "gale/sim.h"
#include "semantics.h"

enum { N = 400 };

/* A source of N messages; what was acked stays so when the spout dies. */
static unsigned n_acked[N];
static bool lost_state;

struct src {
    int at;
};

static bool src_next(void *self, gale_spout_ctx *ctx)
{
    struct src *s = self;

    while (s->at < N && n_acked[s->at] > 0)
        s->at++;
    if (s->at < N) {
        gale_spout_emit(ctx, (uint64_t)s->at, ROW(I64(s->at)));
        s->at++;
    }
    return s->at < N;
}

static void src_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    n_acked[id]++;
}

static const gale_spout src = {
    .state_size = sizeof(struct src),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .next = src_next,
    .ack = src_ack,
};

/* How often each message came to the end, how many came to each task, and
 * whether a task has forgotten that, as it does when it dies. */
static unsigned arrived[N], given[2];

static gale_verdict end_execute(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    unsigned *n = self;
    unsigned *all = &given[gale_task_index(gale_bolt_task(ctx))];

    if (++*n != ++*all)
        lost_state = true;
    arrived[gale_tuple_i64(in, 0)]++;
    return GALE_ACK;
}

static const gale_bolt end = {
    .state_size = sizeof(int),
    .execute = end_execute,
};

static const gale_component parts[] = {
    { .id = "src", .spout = &src },
    { .id = "mid",
      .bolt = &branch,
      .tasks = 2,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("src")) },
    { .id = "end",
      .bolt = &end,
      .tasks = 2,
      .inputs = GALE_INPUTS(GALE_BY("mid", "v")) },
};

static const gale_setting conf[] = {
    { "topology.message.timeout.secs", "2" },
    { "topology.batch.bytes", "1024" },
    { "topology.max.spout.pending", "50" },
    { NULL, NULL },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "faulty",
    .components = GALE_COMPONENTS(parts),
};

static void forget(void)
{
    memset(n_acked, 0, sizeof(n_acked));
    memset(arrived, 0, sizeof(arrived));
    memset(given, 0, sizeof(given));
    lost_state = false;
}

/* Under `faults` everything is acked in the end, and has arrived. */
static gale_run_result survives(const char *faults, uint64_t seed)
{
    gale_diag why = { "" };
    gale_test_opts o = { .conf = conf, .faults = faults, .seed = seed };
    gale_test *t = start(&topology, &o);

    forget();
    gale_err rv = gale_test_run(t, 3600000, &why);
    cr_assert_eq(rv, GALE_OK, "%s: %s", faults, why.text);
    gale_run_result r = result(t);
    gale_test_destroy(t);
    for (int i = 0; i < N; i++) {
        cr_assert(n_acked[i] >= 1, "%s: %d was not acked", faults, i);
        cr_assert(arrived[i] >= 1, "%s: %d did not arrive", faults, i);
    }
    return r;
}

/* ------------------------------------------------------------- one by one --
 */

static const char *const plans[] = {
    "drop=0.05",          "drop=src>mid:0.05",
    "drop=mid>end:0.05",  "drop=__acker:0.05",
    "duplicate=0.05",     "duplicate=__acker:0.2",
    "reorder=0.1",        "reorder=__acker:0.1",
    "delay=0.2:20ms",     "delay=__acker:0.2:20ms",
    "late=0.05:3s",       "late=__acker:0.05:3s",
    "fail=0.05",          "fail=end@7+50",
    "slow=end:0.05:3ms",  "hang=mid:1s@50",
    "hang=end/1:3s@1ms",  "kill=mid@100",
    "kill=end:0.01",      "kill=end/0@1ms+500us",
    "kill=src@100",       "kill=__acker@1ms",
    "restart=end@100+50", "clock=+1h@1ms",
    "suspend=10s@1ms",
};

Test(faults, each_kind_happens_and_is_survived)
{
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        gale_run_result r = survives(plans[i], i);

        cr_assert(r.faults > 0, "%s: nothing happened", plans[i]);
    }
}

Test(faults, all_at_once_are_survived)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        survives("drop=2%, drop=__acker:2%, duplicate=2%, "
                 "duplicate=__acker:5%, reorder=5%, delay=5%:5ms, "
                 "late=2%:3s, late=__acker:2%:3s, fail=2%, kill=mid:0.1%, "
                 "kill=end:0.1%, kill=__acker@5ms+1s, hang=end/0:100ms@100, "
                 "kill=src@200, until=10s",
                 seed);
}

/* ---------------------------------------------------------- what they do --
 */

Test(faults, a_delay_loses_nothing_and_is_no_reason_to_replay)
{
    gale_run_result r = survives("delay=0.5:5s", 3);

    cr_assert_eq(r.failed, 0);
    cr_assert_eq(r.roots, N);
}

Test(faults, a_dropped_tuple_is_replayed_after_the_timeout)
{
    gale_run_result r = survives("drop=src>mid:0.05", 4);

    cr_assert_eq(r.timed_out, r.failed);
    cr_assert(r.recovered > 0 && r.recovered <= r.timed_out);
    cr_assert(r.recovery_p50_us >= 2000000);
    cr_assert_eq(r.faults, r.timed_out);
}

Test(faults, a_duplicate_arrives_twice_and_fails_nothing)
{
    gale_run_result r = survives("duplicate=mid>end:0.1", 5);
    unsigned twice = 0;

    for (int i = 0; i < N; i++)
        twice += arrived[i] == 2;
    cr_assert_eq(r.failed, 0);
    cr_assert_eq(twice, r.faults);
    cr_assert_eq(r.redelivered, r.faults);
}

Test(faults, duplicated_notes_are_noticed)
{
    gale_run_result r = survives("duplicate=__acker:1", 6);

    cr_assert_eq(r.failed, 0);
    cr_assert_eq(r.acked, N);
}

Test(faults, a_killed_bolt_forgets_its_state_and_its_input_is_replayed_soon)
{
    gale_run_result r = survives("kill=end/0@60", 7);

    cr_assert(lost_state);
    cr_assert_eq(r.timed_out, 0);
    cr_assert(r.failed > 0);
    cr_assert(r.recovery_max_us < 1000000);
}

Test(faults, an_acker_that_dies_is_replaced_without_waiting)
{
    gale_run_result r = survives("kill=__acker@1ms", 8);

    cr_assert_eq(r.timed_out, 0);
}

Test(faults, lost_notes_about_trees_do_not_leave_a_spout_waiting)
{
    for (uint64_t seed = 0; seed < 10; seed++)
        survives("drop=__acker:0.5, drop=0.2, until=20s", seed);
}

Test(faults, nothing_happens_after_until)
{
    gale_diag why = { "" };
    gale_test_opts o = { .conf = conf, .faults = "drop=1,until=5s" };
    gale_test *t = start(&topology, &o);

    forget();
    advance(t, 5000);
    cr_assert_eq(result(t).acked, 0);
    cr_assert_eq(gale_test_run(t, 20000, &why), GALE_OK, "%s", why.text);
    cr_assert_eq(result(t).acked, N);
    cr_assert_eq(gale_test_faults(t, "drop"), gale_test_faults(t, NULL));
    cr_assert_eq(gale_test_faults(t, "kill"), 0);
    cr_assert_eq(gale_test_faults(t, "no such kind"), 0);
    gale_test_destroy(t);
}

Test(faults, the_settings_may_ask_for_them)
{
    const gale_setting faulty[] = { { "topology.faults", "fail=end@1" },
                                    { NULL, NULL } };
    gale_test_opts o = { .conf = faulty };
    gale_test *t = start(&topology, &o);

    forget();
    run(t, 1000000);
    cr_assert_eq(result(t).failed, 2); /* the first of each task */
    gale_test_destroy(t);
}

Test(faults, a_plan_with_mistakes_is_refused)
{
    gale_diag why = { "" };
    gale_test_opts o = { .faults = "kill=edn@1,dorp=0.1" };
    gale_test *t = NULL;

    cr_assert_eq(gale_test_create(&t, &topology, &o, &why), GALE_ECONF);
    cr_assert(strstr(why.text, "end") != NULL, "%s", why.text);
    cr_assert(strstr(why.text, "drop") != NULL, "%s", why.text);
}

/* ------------------------------------------------------------ simulation --
 */

Test(sim, the_same_seed_gives_the_same_history)
{
    uint64_t hash[20];

    for (uint64_t seed = 0; seed < 20; seed++) {
        gale_sim_opts o = { .conf = conf,
                            .seed = seed,
                            .loops = 1 + (uint32_t)seed % 3,
                            .faults = "drop=2%,late=__acker:5%:3s,kill=end:1%,"
                                      "hang=mid:50ms@40,until=10s" };
        gale_sim_result r[2];
        gale_diag why = { "" };

        for (int i = 0; i < 2; i++) {
            forget();
            cr_assert_eq(gale_sim_run(&topology, &o, &r[i], &why), GALE_OK,
                         "%s", why.text);
        }
        cr_assert_eq(r[0].hash, r[1].hash);
        cr_assert_eq(r[0].events, r[1].events);
        cr_assert(r[0].run.faults > 0);
        hash[seed] = r[0].hash;
        for (uint64_t other = 0; other < seed; other++)
            cr_assert_neq(hash[other], hash[seed]);
    }
}

Test(sim, an_hour_takes_no_time)
{
    gale_sim_opts o = { .conf = conf, .faults = "hang=end/0:1h@10" };
    gale_sim_result r;
    gale_diag why = { "" };

    forget();
    cr_assert_eq(gale_sim_run(&topology, &o, &r, &why), GALE_OK, "%s",
                 why.text);
    cr_assert(r.virtual_ms >= 3600000);
}

static int calls;

/* Repeatable only as long as nobody counts its calls across runs. */
static bool moody_next(void *self, gale_spout_ctx *ctx)
{
    int *n = self;

    gale_spout_emit(ctx, (uint64_t)*n, ROW(I64(calls++)));
    return ++*n < 10;
}

static const gale_spout moody = {
    .state_size = sizeof(int),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .next = moody_next,
};

Test(sim, a_topology_that_is_not_repeatable_is_found_out)
{
    const gale_component bad[] = {
        { .id = "src", .spout = &moody },
        { .id = "end",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("src")) },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "moody",
                              .components = GALE_COMPONENTS(bad) };
    gale_diag why = { "" };

    cr_assert_eq(gale_sim_check(&t, NULL, &why), GALE_EUSER);
    cr_assert(strstr(why.text, "went differently") != NULL, "%s", why.text);
}

Test(sim, what_never_ends_is_cut_off)
{
    gale_sim_opts o = { .conf = conf, .faults = "drop=1", .within_ms = 60000 };
    gale_sim_result r;
    gale_diag why = { "" };

    forget();
    cr_assert_eq(gale_sim_run(&topology, &o, &r, &why), GALE_ETIME);
    cr_assert(strstr(why.text, "unfinished") != NULL, "%s", why.text);
    cr_assert_eq(r.run.acked, 0);
}
