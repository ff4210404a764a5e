#include <criterion/criterion.h>

#include "base/mem.h"
#include "cli/tally.h"

static const gi_look plain;

/* A run with faults; what else it did is told in test_summary.c. */
static gi_tally faulty(void)
{
    gi_tally t = { .name = "words", .tracked = true, .faulty = true };

    t.sum = (gale_run_result){ .roots = 1035,
                               .acked = 1000,
                               .failed = 35,
                               .timed_out = 15,
                               .replayed = 35,
                               .p50_us = 151,
                               .p99_us = 9000,
                               .p999_us = 30800000,
                               .max_us = 30800000,
                               .run_ns = 30800000000,
                               .recovered = 34,
                               .recovery_p50_us = 9600,
                               .recovery_p99_us = 30800000,
                               .recovery_max_us = 30900000,
                               .redelivered = 1,
                               .faults = 1236 };
    t.faults[GI_FAULT_DROP] = 1234;
    t.faults[GI_FAULT_KILL] = 1;
    t.faults[GI_FAULT_MEMORY] = 1;
    return t;
}

static const gi_tally_sim simulated = {
    .seed = 42,
    .hash = 0xabc,
    .events = 9075,
    .steps = 3480,
    .virtual_ns = 7320000000000,
    .real_ns = 1500000000,
};

static void expect_part(const gi_tally *t, const char *part, bool there)
{
    char *text = gi_summary_text(t, "./words", plain);

    cr_expect_eq(strstr(text, part) != NULL, there, "%s %s in:\n%s", part,
                 there ? "is not" : "is", text);
    gi_free(text);
}

static void expect_json(const gi_tally *t, const char *part)
{
    char *text = gi_summary_json(t);

    cr_expect_not_null(strstr(text, part), "%s is not in:\n%s", part, text);
    gi_free(text);
}

Test(summary_faults, each_kind_that_happened_is_told_and_what_came_of_it)
{
    gi_tally t = faulty();

    expect_part(&t,
                "\n  faults\n"
                "  dropped             1,234\n"
                "  killed                  1\n"
                "  allocations failed      1\n"
                "  recovery  35 replays   1 tuple executed in them\n"
                "            34 recovered   p50 9.6 ms   p99 30.8 s   "
                "max 30.9 s\n",
                true);
    expect_part(&t, "delayed", false);
    expect_part(&t, "forgotten", false);
    t.sum.forgotten = 7;
    expect_part(&t, "            7 trees forgotten by spouts that died\n",
                true);
}

Test(summary_faults, a_plan_of_which_nothing_happened_is_told_too)
{
    gi_tally t = faulty();

    memset(t.faults, 0, sizeof(t.faults));
    t.sum.recovered = 0;
    expect_part(&t, "\n  faults\n  none happened\n  recovery  ", true);
    expect_part(&t, " recovered", false);
    expect_json(&t, "\"faults\":{},");
}

Test(summary_faults, without_a_plan_there_is_nothing_of_it)
{
    gi_tally t = faulty();

    t.faulty = false;
    expect_part(&t, "  faults\n", false);
    expect_part(&t, "  recovery", false);
    expect_part(&t, "topology.message.timeout.secs", true);
    expect_json(&t, "\"faults\":null,");
}

Test(summary_faults, time_outs_are_no_wonder_when_tuples_are_dropped)
{
    gi_tally t = faulty();

    expect_part(&t, "topology.message.timeout.secs", false);
}

Test(summary_faults, a_simulation_tells_its_clocks_and_its_history)
{
    gi_tally t = faulty();

    t.sim = &simulated;
    expect_part(&t, "words: done in 30.8 s of virtual time\n", true);
    expect_part(&t,
                "\n  virtual   2 h 02 min in 1.5 s, 4,880 times as fast as "
                "real time\n"
                "  seed      42   3,480 steps\n"
                "  history 0x0000000000000abc of 9,075 events\n",
                true);
    expect_part(&t, "trees/s", false);
}

Test(summary_faults, a_simulation_may_be_slower_than_real_time)
{
    gi_tally_sim slow = simulated;
    gi_tally t = faulty();

    slow.virtual_ns = 300000000;
    t.sim = &slow;
    expect_part(&t, ", 0.2 times as fast as real time\n", true);
    slow.real_ns = 0;
    expect_part(&t, " times as fast as real time\n", true);
}

Test(summary_faults, programs_get_the_same)
{
    gi_tally t = faulty();

    t.sim = &simulated;
    expect_json(&t, "\"faults\":{\"drop\":1234,\"kill\":1,\"memory\":1},"
                    "\"recovery\":{\"recovered\":34,\"redelivered\":1,"
                    "\"forgotten\":0,\"p50_us\":9600,\"p99_us\":30800000,"
                    "\"max_us\":30900000},"
                    "\"sim\":{\"seed\":42,\"hash\":\"0x0000000000000abc\","
                    "\"events\":9075,\"steps\":3480,\"virtual_ms\":7320000,"
                    "\"real_ms\":1500},");
}

Test(summary_faults, no_line_is_longer_than_a_terminal_is_wide)
{
    gi_tally t = faulty();
    gi_tally_sim large;

    memset(&large, 0x7f, sizeof(large));
    t.sim = &large;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        t.faults[i] = UINT64_MAX;
    t.sum.replayed = t.sum.redelivered = t.sum.recovered = 99999999999;
    t.sum.forgotten = UINT64_MAX;
    char *text = gi_summary_text(&t, "./words", plain);
    for (char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        cr_expect_leq(len, 80, "%.*s", (int)len, line);
        line += len + 1;
    }
    gi_free(text);
}

Test(summary_faults, without_memory_there_is_no_half_a_summary)
{
    gi_tally t = faulty();

    t.sim = &simulated;
    for (int json = 0; json < 2; json++)
        for (uint64_t n = 0; n < 1000; n++) {
            uint64_t before = gi_mem_asked();
            gi_mem_fail_after(n, UINT64_MAX);
            char *text = json ? gi_summary_json(&t)
                              : gi_summary_text(&t, "./words", plain);
            bool all = gi_mem_asked() - before <= n;
            gi_mem_fail_after(0, 0);
            cr_expect_eq(text != NULL, all, "allocation %d", (int)n);
            gi_free(text);
            if (all)
                break;
        }
}
