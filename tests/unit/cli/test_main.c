/* gale_main as a whole, in this process; tests/cli asks a program. */
#include <criterion/criterion.h>

#include "base/mem.h"
#include "gale/run.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static bool three_next(void *self, gale_spout_ctx *ctx)
{
    int64_t *n = self;

    gale_spout_emit(ctx, 0, GALE_ROW(gale_val_i64(*n)));
    return ++*n < 3;
}

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static const gale_field fields[] = { { "n", GALE_T_I64 }, { 0 } };
static const gale_spout three = {
    .state_size = sizeof(int64_t),
    .output = fields,
    .next = three_next,
};
static const gale_bolt sink = { .execute = sink_execute };
static const gale_component components[] = {
    { .id = "three", .spout = &three },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("three")) },
};
static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "t",
    .components = GALE_COMPONENTS(components),
};

/* What is said is not what these tests are about. */
static void hush(void)
{
    int null = open("/dev/null", O_WRONLY);

    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    close(null);
}

static int call(const gale_topology *t, const char *a, const char *b)
{
    char program[] = "./t", first[64], second[64];
    char *argv[] = { program, first, b == NULL ? NULL : second, NULL };

    snprintf(first, sizeof(first), "%s", a);
    snprintf(second, sizeof(second), "%s", b == NULL ? "" : b);
    return gale_main(b == NULL ? 2 : 3, argv, t);
}

TestSuite(main, .init = hush);

Test(main, it_can_be_called_again_and_again)
{
    cr_expect_eq(call(&topology, "run", NULL), 0);
    cr_expect_eq(call(&topology, "run", "--json"), 0);
    cr_expect_eq(call(&topology, "--run-fro", "3"), 2);
    cr_expect_eq(call(&topology, "run", "-q"), 0);
}

Test(main, a_program_without_arguments_has_no_name_but_runs)
{
    char *argv[] = { NULL };

    cr_expect_eq(gale_main(0, argv, &topology), 0);
}

Test(main, a_table_that_cannot_be_read_is_a_mistake_and_help_still_helps)
{
    gale_abi newer = GALE_ABI_SIZES;
    gale_topology t = topology;

    cr_expect_eq(call(NULL, "run", NULL), 2);
    cr_expect_eq(call(NULL, "--help", NULL), 0);
    t.abi = NULL;
    cr_expect_eq(call(&t, "run", NULL), 2);
    cr_expect_eq(call(&t, "--help", NULL), 0);
    newer.version = GALE_ABI_VERSION + 1;
    t.abi = &newer;
    cr_expect_eq(call(&t, "validate", NULL), 2);
    cr_expect_eq(call(&t, "help", NULL), 0);
}

/* A table of an older program ends before `args`: what lies there is not
 * looked at. */
Test(main, a_shorter_table_takes_no_words)
{
    gale_abi older = GALE_ABI_SIZES;
    gale_topology t = topology;

    t.about = t.args = (const char *)1;
    older.topology = offsetof(gale_topology, about);
    t.abi = &older;
    cr_expect_eq(call(&t, "--help", NULL), 0);
    cr_expect_eq(call(&t, "run", NULL), 0);
    cr_expect_eq(call(&t, "word", NULL), 2);
}

static void starve(const char *a, const char *b, int when_fed)
{
    for (uint64_t n = 0; n < 5000; n++) {
        uint64_t before = gi_mem_asked();
        gi_mem_fail_after(n, UINT64_MAX);
        int code = call(&topology, a, b);
        bool fed = gi_mem_asked() - before <= n;
        gi_mem_fail_after(0, 0);
        if (fed) {
            cr_expect_eq(code, when_fed, "%s %s", a, b);
            return;
        }
        cr_expect_eq(code, 1, "%s %s without allocation %d: %d", a, b, (int)n,
                     code);
    }
    cr_expect_fail("%s %s never has enough", a, b);
}

Test(main, without_memory_everything_that_looks_fails)
{
    starve("validate", "--json", 0);
    starve("describe", "--quiet", 0);
    starve("describe", "--json", 0);
    starve("describe", "--format=dot", 0);
    starve("settings", "-qca=b", 0);
    starve("settings", "--json", 0);
    starve("settings", "--faults=kill=@3s,drop=0.1", 0);
    starve("validate", "--faults=kill=@3s,drop=0.1", 0);
    starve("help", "faults", 0);
    starve("--help", "x", 0);
}

/* While it runs a lack of memory may pass: a run goes on, or fails. */
static void survive(const char *a, const char *b)
{
    for (uint64_t n = 0; n < 5000; n++) {
        uint64_t before = gi_mem_asked();
        gi_mem_fail_after(n, 1);
        int code = call(&topology, a, b);
        bool fed = gi_mem_asked() - before <= n;
        gi_mem_fail_after(0, 0);
        cr_expect(code == 0 || code == 1, "allocation %d: %d", (int)n, code);
        if (fed)
            return;
    }
    cr_expect_fail("it never has enough");
}

Test(main, a_run_survives_one_allocation_that_fails, .timeout = 60)
{
    survive("run", "--json");
    survive("run", "--faults=drop=0");
}

Test(main, so_does_a_simulation, .timeout = 60)
{
    survive("--sim=1", "--json");
    survive("--sim=1", "--faults=drop=0");
}

Test(main, faults_must_make_sense_whatever_is_asked_for)
{
    cr_expect_eq(call(&topology, "validate", "--faults=drop=0.1"), 0);
    cr_expect_eq(call(&topology, "validate", "--faults=drop=2"), 2);
    cr_expect_eq(call(&topology, "run", "--faults=drop=2"), 2);
    cr_expect_eq(call(&topology, "--sim=1", "--faults=drop=2"), 2);
    cr_expect_eq(call(&topology, "--sim=1", "--faults=drop=1,until=1ms"), 0);
}
