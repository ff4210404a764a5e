/* Any bytes as a plan of faults: refused in words, or read; and what was read
 * has a text that is read as the same. */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gale/run.h"
#include "local/faults/plan.h"

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

static const gale_spout lines = {
    .output = GALE_FIELDS(GALE_STR("line")),
    .next = give_up,
};
static const gale_bolt work = {
    .output = GALE_FIELDS(GALE_STR("word")),
    .execute = ack_all,
};
static const gale_component components[] = {
    { .id = "lines", .spout = &lines },
    {
        .id = "split",
        .bolt = &work,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")),
        .tasks = 3,
    },
    {
        .id = "a\"b:c",
        .bolt = &work,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("split")),
    },
};

static gi_plan *plan;

static void make_plan(void)
{
    const gale_topology t = {
        .abi = GALE_ABI,
        .name = "t",
        .components = GALE_COMPONENTS(components),
    };
    gi_report r = { 0 };

    if (plan == NULL && gi_plan_create(&plan, &t, NULL, &r) != GALE_OK)
        abort();
}

static void expect_round(const gi_fault_plan *f)
{
    char *text = gi_fault_plan_text(f, plan);
    gi_report r = { 0 };
    gi_fault_plan *again = NULL;

    assert(text != NULL);
    if (strlen(text) > GI_FAULTS_TEXT_MOST) {
        gi_free(text); /* the shortest text is not always the one given */
        return;
    }
    gale_err rv = gi_fault_plan_parse(&again, text, "f", plan, &r);
    assert(rv == GALE_OK);
    char *more = gi_fault_plan_text(again, plan);
    assert(more != NULL && strcmp(text, more) == 0);
    assert(again->n == f->n && again->seed == f->seed);
    for (uint32_t i = 0; i < f->n; i++)
        assert(again->at[i].chance == f->at[i].chance &&
               again->at[i].at == f->at[i].at);
    gi_free(more);
    gi_free(text);
    gi_fault_plan_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);
    gi_fault_plan *f = NULL;
    gi_report r = { 0 };

    make_plan();
    if (text == NULL)
        return 0;
    memcpy(text, data, len);
    text[len] = '\0';
    gale_err rv = gi_fault_plan_parse(&f, text, "f", plan, &r);
    assert(gi_report_empty(&r) == (rv == GALE_OK));
    assert((f != NULL) == (rv == GALE_OK));
    if (f != NULL)
        expect_round(f);
    gi_fault_plan_destroy(f);
    gi_report_fini(&r);
    free(text);
    return 0;
}
