/* plans.h -- callbacks that do nothing, and tables in one expression, for
 * tests that are only about what a table says. */
#ifndef TEST_TOPOLOGY_PLANS_H
#define TEST_TOPOLOGY_PLANS_H

#include <criterion/criterion.h>

#include "base/mem.h"
#include "gale/run.h"
#include "topology/plan.h"

static inline bool give_up(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static inline gale_verdict ack_all(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static inline void tick_tock(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
}

static inline size_t choose_first(void *self, gale_row row, uint32_t *chosen)
{
    (void)self;
    (void)row;
    (void)chosen;
    return 0;
}

#define COMPONENTS(...)                                       \
    {                                                         \
        (const gale_component[]){ __VA_ARGS__ },              \
            sizeof((const gale_component[]){ __VA_ARGS__ }) / \
                sizeof(gale_component)                        \
    }
#define TABLE(...)                                                           \
    {                                                                        \
        .abi = GALE_ABI, .name = "t", .components = COMPONENTS(__VA_ARGS__), \
    }

/* Making a plan of `t` is refused in exactly these words. */
static inline void expect_said(const gale_topology *t, const char *said,
                               gale_err err)
{
    gi_report r = { 0 };
    gi_plan *p = (gi_plan *)&r; /* anything that is not NULL */
    gale_err rv = gi_plan_create(&p, t, NULL, &r);
    gale_diag why;

    gi_report_to_diag(&r, &why);
    cr_expect_str_eq(why.text, said);
    cr_expect_eq(rv, err, "%s: %s", said, gale_err_name(rv));
    cr_expect_eq(p, (gi_plan *)&r, "written in spite of: %s", said);
    gi_report_fini(&r);
}

#endif
