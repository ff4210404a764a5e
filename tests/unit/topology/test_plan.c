/* What a good table becomes. */
#include <criterion/criterion.h>

#include "plans.h"

static const gale_spout lines_spout = {
    .state_size = 24,
    .output = GALE_FIELDS(GALE_STR("line"), GALE_I64("no")),
    .streams = GALE_STREAMS({ "told", GALE_FIELDS(GALE_ANY("x")), true }),
    .next = give_up,
};
static const gale_bolt split_bolt = {
    .output = GALE_FIELDS(GALE_STR("word"), GALE_I64("n")),
    .execute = ack_all,
    .tick = tick_tock,
};
static const gale_bolt sink_bolt = { .execute = ack_all };
static const gale_chooser first = { .state_size = 8, .choose = choose_first };
static const int arg = 7;

static const gale_component components[] = {
    {
        .id = "sink",
        .bolt = &sink_bolt,
        .inputs = GALE_INPUTS(GALE_PARTIAL("split", "n", "word"),
                              GALE_CUSTOM("lines", &first),
                              GALE_DIRECT("lines", "told"),
                              { .from = "lines", .stream = GI_DEAD_LETTER }),
        .tasks = 4,
        .executors = 2,
    },
    {
        .id = "lines",
        .spout = &lines_spout,
        .executors = 3,
        .arg = &arg,
        .blocking = true,
        .conf = GALE_SETTINGS({ "topology.max.spout.pending", "7" },
                              { "own", "of lines" }),
    },
    {
        .id = "split",
        .bolt = &split_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("lines"), GALE_ALL("split")),
        .tick_ms = 250,
    },
};
static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "t",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.workers", "3" }, { "own", "of t" }),
    .about = "What it does.",
    .args = "FILE...",
};

static gi_plan *plan_of(const gale_topology *t, const gi_conf *over)
{
    gi_report r = { 0 };
    gi_plan *p = NULL;

    cr_assert_eq(gi_plan_create(&p, t, over, &r), GALE_OK, "%s",
                 r.n > 0 ? r.lines[0] : "");
    gi_report_fini(&r);
    return p;
}

Test(plan, tasks_are_numbered_from_one_in_the_order_of_the_table)
{
    gi_plan *p = plan_of(&table, NULL);

    cr_assert_eq(p->n_comps, 3);
    cr_assert_eq(p->n_tasks, 8);
    cr_expect_eq(p->comps[0].first_task, 1);
    cr_expect_eq(p->comps[1].first_task, 5);
    cr_expect_eq(p->comps[2].first_task, 8);
    for (uint32_t task = 1; task <= 8; task++)
        cr_expect_eq(gi_plan_task(p, task)->no, task <= 4   ? 0
                                                : task <= 7 ? 1
                                                            : 2);
    gi_plan_destroy(p);
}

Test(plan, executors_and_tasks_make_up_for_each_other)
{
    gi_plan *p = plan_of(&table, NULL);

    cr_expect_eq(p->comps[0].n_executors, 2);
    cr_expect_eq(p->comps[1].n_tasks, 3);
    cr_expect_eq(p->comps[1].n_executors, 3);
    cr_expect_eq(p->comps[2].n_tasks, 1);
    cr_expect_eq(p->comps[2].n_executors, 1);
    gi_plan_destroy(p);
}

Test(plan, a_component_keeps_what_its_table_says)
{
    gi_plan *p = plan_of(&table, NULL);
    const gi_comp *lines = gi_plan_comp(p, "lines");

    cr_assert_eq(lines, &p->comps[1]);
    cr_expect(lines->is_spout && lines->blocking);
    cr_expect_eq(lines->arg, &arg);
    cr_expect_eq(lines->spout.state_size, 24);
    cr_expect_eq(lines->spout.next, give_up);
    cr_expect_eq(gi_plan_comp(p, "split")->tick_ms, 250);
    cr_expect_null(gi_plan_comp(p, "line"));
    cr_expect_str_eq(p->name, "t");
    cr_expect_str_eq(p->about, "What it does.");
    cr_expect_str_eq(p->args, "FILE...");
    gi_plan_destroy(p);
}

Test(plan, streams_are_the_default_one_the_tables_and_the_dead_letters)
{
    gi_plan *p = plan_of(&table, NULL);
    const gi_comp *lines = gi_plan_comp(p, "lines");
    const gi_stream *s = &p->streams[lines->first_stream];

    cr_assert_eq(lines->n_streams, 3);
    cr_expect_str_eq(s[0].name, "default");
    cr_expect_eq(s[0].n_fields, 2);
    cr_expect_str_eq(s[0].fields[1].name, "no");
    cr_expect_eq(s[0].fields[1].type, GALE_T_I64);
    cr_expect_str_eq(s[1].name, "told");
    cr_expect(s[1].direct);
    cr_expect_str_eq(s[2].name, GI_DEAD_LETTER);
    cr_expect_eq(s[2].n_fields, 5);
    cr_expect_eq(gi_plan_comp(p, "split")->n_streams, 1);
    cr_expect_eq(gi_plan_comp(p, "sink")->n_streams, 1);
    for (uint32_t i = 0; i < p->n_streams; i++)
        cr_expect_eq(p->streams[i].no, i);
    gi_plan_destroy(p);
}

Test(plan, edges_stand_with_the_stream_that_they_leave)
{
    gi_plan *p = plan_of(&table, NULL);
    uint32_t seen = 0;

    cr_assert_eq(p->n_edges, 6);
    for (uint32_t i = 0; i < p->n_streams; i++)
        for (uint32_t k = 0; k < p->streams[i].n_edges; k++) {
            const gi_edge *e = &p->streams[i].edges[k];

            cr_expect_eq(e, &p->edges[seen]);
            cr_expect_eq(e->no, seen++);
            cr_expect_eq(e->stream, i);
        }
    cr_expect_eq(seen, 6);
    gi_plan_destroy(p);
}

Test(plan, keys_become_slots_in_the_order_in_which_they_are_named)
{
    gi_plan *p = plan_of(&table, NULL);
    const gi_comp *split = gi_plan_comp(p, "split");
    const gi_stream *s = &p->streams[split->first_stream];

    cr_assert_eq(s->n_edges, 2);
    cr_expect_eq(s->edges[0].to, 0);
    cr_expect_eq(s->edges[0].how, GALE_GROUP_PARTIAL_KEY);
    cr_assert_eq(s->edges[0].n_keys, 2);
    cr_expect_eq(s->edges[0].keys[0], 1);
    cr_expect_eq(s->edges[0].keys[1], 0);
    gi_plan_destroy(p);
}

Test(plan, choosers_are_copied_into_their_edges)
{
    gi_plan *p = plan_of(&table, NULL);
    const gi_comp *lines = gi_plan_comp(p, "lines");
    const gi_edge *e = &p->streams[lines->first_stream].edges[0];

    cr_expect_eq(e->how, GALE_GROUP_CUSTOM);
    cr_expect_eq(e->chooser.choose, choose_first);
    cr_expect_eq(e->chooser.state_size, 8);
    gi_plan_destroy(p);
}

Test(plan, ranks_fall_from_spout_to_sink_and_an_edge_within_a_cycle_is_inner)
{
    gi_plan *p = plan_of(&table, NULL);

    cr_expect_eq(gi_plan_comp(p, "lines")->rank, 2);
    cr_expect_eq(gi_plan_comp(p, "split")->rank, 1);
    cr_expect_eq(gi_plan_comp(p, "sink")->rank, 0);
    cr_expect(gi_plan_comp(p, "split")->in_cycle);
    cr_expect_not(gi_plan_comp(p, "lines")->in_cycle);
    for (uint32_t i = 0; i < p->n_edges; i++)
        cr_expect_eq(p->edges[i].inner, p->edges[i].how == GALE_GROUP_ALL);
    gi_plan_destroy(p);
}

/* ----------------------------------------------------------- settings -- */

Test(plan, settings_have_their_defaults)
{
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "t",
                              .components = GALE_COMPONENTS(components) };
    gi_plan *p = plan_of(&t, NULL);
    const gi_settings *s = &p->set;

    cr_expect(s->timeouts);
    cr_expect_not(s->debug);
    cr_expect_eq(s->timeout_ms, 30000);
    cr_expect_eq(s->max_pending, 0);
    cr_expect_eq(s->ackers, -1);
    cr_expect_eq(s->workers, 1);
    cr_expect_eq(s->loops, 0);
    cr_expect_eq(s->replay_backoff_ms, 10);
    cr_expect_eq(s->replay_backoff_max_ms, 10000);
    cr_expect(s->load_aware);
    cr_expect_eq(s->scope_high, 800);
    cr_expect_eq(s->scope_low, 200);
    cr_expect_eq(s->replay_limit, 0);
    cr_expect_eq(s->batch_bytes, 32768);
    cr_expect_eq(s->batch_credit, 4);
    cr_expect_eq(s->cycle_bytes, 67108864);
    cr_expect_eq(s->tuple_max_bytes, 16777216);
    cr_expect_eq(s->idle_sleep_ms, 1);
    cr_expect_eq(s->idle_longest_ms, 10);
    cr_expect_eq(s->spin_us, 50);
    cr_expect_eq(s->slow_callback_ms, 1000);
    cr_expect_eq(s->error_window_s, 10);
    cr_expect_eq(s->error_limit, 5);
    gi_plan_destroy(p);
}

Test(plan, what_is_set_from_outside_is_above_the_table_but_below_a_component)
{
    gi_conf *over = NULL;

    cr_assert_eq(gi_conf_create(&over, NULL), GALE_OK);
    cr_assert_eq(gi_conf_set(over, "own", "of x", "x"), GALE_OK);
    cr_assert_eq(gi_conf_set(over, "topology.max.spout.pending", "9", "x"),
                 GALE_OK);
    cr_assert_eq(
        gi_conf_set(over, "topology.message.timeout.secs", "0.25", "x"),
        GALE_OK);
    cr_assert_eq(gi_conf_set(over, "topology.acker.executors", "0", "x"),
                 GALE_OK);
    cr_assert_eq(gi_conf_set(over, "topology.name", "other", "x"), GALE_OK);
    gi_plan *p = plan_of(&table, over);
    gi_conf_destroy(over);

    const gi_conf *lines = gi_plan_comp(p, "lines")->conf;
    const gi_conf *split = gi_plan_comp(p, "split")->conf;
    cr_expect_str_eq(p->name, "other");
    cr_expect_eq(p->set.workers, 3);
    cr_expect_eq(p->set.max_pending, 9);
    cr_expect_eq(p->set.timeout_ms, 250);
    cr_expect_eq(p->set.ackers, 0);
    cr_expect_str_eq(gi_conf_get(lines, "own"), "of lines");
    cr_expect_str_eq(gi_conf_from(lines, "own"), "spout 'lines'");
    cr_expect_str_eq(gi_conf_get(lines, "topology.max.spout.pending"), "7");
    cr_expect_str_eq(gi_conf_get(split, "own"), "of x");
    cr_expect_str_eq(gi_conf_from(split, "own"), "x");
    cr_expect_str_eq(gi_conf_from(split, "topology.workers"),
                     "the topology's table");
    gi_plan_destroy(p);
}

Test(plan, an_empty_text_unsets)
{
    gi_conf *over = NULL;

    cr_assert_eq(gi_conf_create(&over, NULL), GALE_OK);
    cr_assert_eq(gi_conf_set(over, "topology.name", "", "x"), GALE_OK);
    cr_assert_eq(gi_conf_set(over, "topology.acker.executors", "", "x"),
                 GALE_OK);
    gi_plan *p = plan_of(&table, over);
    gi_conf_destroy(over);

    cr_expect_str_eq(p->name, "t");
    cr_expect_eq(p->set.ackers, -1);
    gi_plan_destroy(p);
}

/* A plan of the table with one setting more. */
static gi_plan *plan_with(const char *key, const char *value)
{
    gi_conf *over = NULL;

    cr_assert_eq(gi_conf_create(&over, NULL), GALE_OK);
    cr_assert_eq(gi_conf_set(over, key, value, "x"), GALE_OK);
    gi_plan *p = plan_of(&table, over);
    gi_conf_destroy(over);
    return p;
}

Test(plan, the_bound_on_parallelism_cuts_tasks_and_executors)
{
    gi_plan *p = plan_with("topology.max.task.parallelism", "1");

    cr_expect_eq(p->n_tasks, 3);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(p->comps[i].n_tasks, 1);
        cr_expect_eq(p->comps[i].n_executors, 1);
    }
    gi_plan_destroy(p);

    p = plan_with("topology.max.task.parallelism", "3");
    cr_expect_eq(p->comps[0].n_tasks, 3);
    cr_expect_eq(p->comps[0].n_executors, 2);
    cr_expect_eq(p->comps[2].n_tasks, 1, "it cuts and does not stretch");
    gi_plan_destroy(p);
}

Test(plan, the_setting_for_ticks_is_above_tick_ms_and_for_those_that_tick)
{
    gi_plan *p = plan_with("topology.tick.tuple.freq.secs", "1.5");

    cr_expect_eq(gi_plan_comp(p, "split")->tick_ms, 1500);
    cr_expect_eq(gi_plan_comp(p, "sink")->tick_ms, 0);
    cr_expect_eq(gi_plan_comp(p, "lines")->tick_ms, 0);
    gi_plan_destroy(p);

    p = plan_with("topology.tick.tuple.freq.secs", "0.0019");
    cr_expect_eq(gi_plan_comp(p, "split")->tick_ms, 2);
    gi_plan_destroy(p);

    p = plan_with("topology.tick.tuple.freq.secs", "2000000");
    cr_expect_eq(gi_plan_comp(p, "split")->tick_ms, 2000000000);
    gi_plan_destroy(p);
}

Test(plan, the_last_task_number_can_be_used)
{
    const gale_component most[] = {
        { .id = "lines", .spout = &lines_spout, .tasks = GI_MAX_TASKS },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "t",
                              .components = GALE_COMPONENTS(most) };
    gi_plan *p = plan_of(&t, NULL);

    cr_expect_eq(p->n_tasks, GI_MAX_TASKS);
    cr_expect_eq(p->task_comp[GI_MAX_TASKS], 0);
    gi_plan_destroy(p);
}

/* ------------------------------------------------------------- memory -- */

/* The sanitizer sees what is not given back. */
static void starve(const gale_topology *t, gale_err fed)
{
    uint64_t asked = 1;

    for (uint64_t n = 0; n <= asked; n++) {
        gi_report r = { 0 };
        gi_plan *p = NULL;
        uint64_t before = gi_mem_asked();

        gi_mem_fail_after(n, 1);
        gale_err rv = gi_plan_create(&p, t, NULL, &r);
        gi_mem_fail_after(0, 0);
        asked = gi_mem_asked() - before;
        cr_assert(rv == fed || rv == GALE_ENOMEM, "%s", gale_err_name(rv));
        cr_assert_eq(p != NULL, rv == GALE_OK);
        cr_assert(rv == GALE_OK || rv == GALE_ENOMEM || !gi_report_empty(&r));
        cr_assert(n < asked || rv == fed);
        gi_plan_destroy(p);
        gi_report_fini(&r);
    }
}

Test(plan, wherever_memory_ends_nothing_leaks_and_nothing_is_handed_out)
{
    const gale_component spoilt[] = {
        { .id = "lines", .spout = &lines_spout, .tick_ms = 1 },
        { .id = "sink",
          .bolt = &sink_bolt,
          .inputs = GALE_INPUTS(GALE_BY("lines", "lime"), GALE_SHUFFLE("lime"),
                                { .from = "lines", .stream = "tolt" }) },
    };
    const gale_topology bad = { .abi = GALE_ABI,
                                .name = "t",
                                .components = GALE_COMPONENTS(spoilt) };

    starve(&table, GALE_OK);
    starve(&bad, GALE_EPLAN);
}
