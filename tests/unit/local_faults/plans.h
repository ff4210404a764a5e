/* plans.h -- a topology to make fault plans for: lines -> split -> count
 * and side, with names that need quotes. */
#ifndef TESTS_LOCAL_FAULTS_PLANS_H
#define TESTS_LOCAL_FAULTS_PLANS_H

#include <criterion/criterion.h>

#include "base/mem.h"
#include "gale/run.h"
#include "local/faults/plan.h"

#define ODD_NAME "a \"b\\c\":d,e>f/0@1=2"

static bool give_up(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static gale_verdict ack_all(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static const gale_spout lines_spout = {
    .output = GALE_FIELDS(GALE_STR("line")),
    .next = give_up,
};
static const gale_bolt any_bolt = {
    .output = GALE_FIELDS(GALE_STR("word")),
    .execute = ack_all,
};

static const gale_component faulty_components[] = {
    { .id = "lines", .spout = &lines_spout, .tasks = 2 },
    {
        .id = "split",
        .bolt = &any_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")),
    },
    {
        .id = "count",
        .bolt = &any_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("split")),
        .tasks = 4,
    },
    {
        .id = "1.5",
        .bolt = &any_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("split"), GALE_SHUFFLE("count")),
    },
    {
        .id = ODD_NAME,
        .bolt = &any_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("1.5")),
        .tasks = 3,
    },
};

/* `ackers`: NULL for the default. */
static inline gi_plan *faulty_plan_with(const char *ackers)
{
    const gale_topology t = {
        .abi = GALE_ABI,
        .name = "faulty",
        .components = GALE_COMPONENTS(faulty_components),
    };
    gi_report r = { 0 };
    gi_conf *over;
    gi_plan *p = NULL;

    cr_assert_eq(gi_conf_create(&over, NULL), GALE_OK);
    if (ackers != NULL)
        cr_assert_eq(
            gi_conf_set(over, "topology.acker.executors", ackers, "test"),
            GALE_OK);
    cr_assert_eq(gi_plan_create(&p, &t, over, &r), GALE_OK, "%s",
                 r.n > 0 ? r.lines[0] : "");
    gi_conf_destroy(over);
    return p;
}

static inline gi_plan *faulty_plan(void)
{
    return faulty_plan_with(NULL);
}

#endif
