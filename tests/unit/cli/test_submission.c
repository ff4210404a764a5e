/* What Nimbus is told of a plan. */
#include <criterion/criterion.h>

#include "cli/submission.h"
#include "gale/gale.h"
#include "topology/plan.h"

static gale_verdict ack_all(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static bool give_up(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static const gale_spout lines = {
    .output = GALE_FIELDS(GALE_STR("line")),
    .next = give_up,
};
static const gale_bolt sink = { .execute = ack_all };

static const gale_component components[] = {
    { .id = "lines", .spout = &lines },
    {
        .id = "sink",
        .bolt = &sink,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("lines"),
                              { .from = "lines", .stream = GI_DEAD_LETTER }),
        .tasks = 4,
        .executors = 2,
        .conf =
            GALE_SETTINGS({ "topology.component.cpu.pcore.percent", "50" }),
    },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "small",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.message.timeout.secs", "7" }),
};

static gi_conf *over, *site;
static gi_plan *plan;
static gi_pool pool;
static gi_msg_submit s;

static void set(gi_conf *c, const char *key, const char *value)
{
    cr_assert_eq(gi_conf_set(c, key, value, "test"), GALE_OK);
}

static void begin(void)
{
    cr_assert_eq(gi_conf_create(&over, NULL), GALE_OK);
    cr_assert_eq(gi_conf_create(&site, NULL), GALE_OK);
}

static void end(void)
{
    gi_plan_destroy(plan);
    gi_conf_destroy(over);
    gi_conf_destroy(site);
    gi_pool_fini(&pool);
}

static void make(void)
{
    static const char *const words[] = { "a", "b" };
    gi_report r = { 0 };

    cr_assert_eq(gi_plan_create(&plan, &topology, over, &r), GALE_OK);
    cr_assert_eq(gi_submission_of(&s, plan, over, site, words, 2, &pool),
                 GALE_OK);
}

static const char *setting(const char *key)
{
    for (uint32_t i = 0; i < s.n_settings; i++)
        if (strcmp(s.settings[i].key, key) == 0)
            return s.settings[i].value;
    return NULL;
}

TestSuite(submission, .init = begin, .fini = end);

Test(submission, it_has_what_it_takes_to_place_it)
{
    make();
    cr_expect_str_eq(s.name, "small");
    cr_assert_eq(s.n_components, 2);
    cr_expect(s.components[0].spout && !s.components[1].spout);
    cr_expect_eq(s.components[1].first_task, 2);
    cr_expect_eq(s.components[1].n_tasks, 4);
    cr_expect_eq(s.components[1].n_executors, 2);
    cr_expect_eq(s.components[0].cpu, 10);
    cr_expect_eq(s.components[1].cpu, 50);
    cr_expect_eq(s.components[1].memory_mb, 128);
    cr_expect_eq(s.workers, 1);
    cr_expect_eq(s.priority, 29);
    cr_expect_eq(s.worker_memory_mb, 768);
    cr_expect_eq(s.timeout_ms, 7000);
    cr_expect_eq(s.n_words, 2);
    cr_expect_str_eq(s.words[1].text, "b");
}

Test(submission, two_streams_between_two_components_are_one_talk)
{
    make();
    cr_assert_eq(s.n_talks, 1);
    cr_expect_eq(s.talks[0].from, 0);
    cr_expect_eq(s.talks[0].to, 1);
}

Test(submission, workers_get_what_was_said_above_the_table_and_no_more)
{
    set(over, "topology.workers", "3");
    set(over, "mine.own", "x");
    set(over, "nimbus.seeds", "there");
    set(over, "gale.token.file", "/secret");
    make();
    cr_expect_eq(s.n_settings, 2);
    cr_expect_str_eq(setting("topology.workers"), "3");
    cr_expect_str_eq(setting("mine.own"), "x");
    cr_expect_eq(s.workers, 3);
}

Test(submission, the_clusters_file_speaks_where_nobody_else_does)
{
    set(over, "topology.workers", "3");
    set(site, "topology.workers", "5");
    set(site, "topology.message.timeout.secs", "99");
    set(site, "topology.max.spout.pending", "50");
    set(site, "topology.kryo.register", "Storm's");
    set(site, "storm.local.dir", "/var/x");
    make();
    cr_expect_eq(s.n_settings, 2);
    cr_expect_str_eq(setting("topology.workers"), "3");
    cr_expect_str_eq(setting("topology.max.spout.pending"), "50");
    cr_expect_eq(s.timeout_ms, 7000);
}

Test(submission, a_list_goes_with_its_elements)
{
    set(site, "topology.faults", "[2]");
    set(site, "topology.faults.0", "drop=0.1");
    set(site, "topology.faults.1", "seed=1");
    make();
    cr_expect_eq(s.n_settings, 3);
    cr_expect_str_eq(setting("topology.faults.1"), "seed=1");
}
