#include <criterion/criterion.h>

#include "base/mem.h"
#include "cli/table.h"
#include "cli/tally.h"

static gi_tally_comp comps[2];
static gi_tally_failure failures[2];
static gi_tally_counter counters[1];
static const gi_look plain;

/* A run in which something of everything happened. */
static gi_tally eventful(void)
{
    comps[0] = (gi_tally_comp){
        .id = "lines",
        .is_spout = true,
        .tasks = 1,
        .n = { .emitted = 1012,
               .transferred = 1012,
               .acked = 1000,
               .failed = 12,
               .timed_out = 2,
               .replayed = 12,
               .roots = 1012,
               .busy_ns = 500000000 },
    };
    comps[1] = (gi_tally_comp){
        .id = "split",
        .tasks = 4,
        .n = { .emitted = 5,
               .transferred = 6,
               .executed = 1010,
               .acked = 1000,
               .failed = 10,
               .refused = 1,
               .errors = 2,
               .held = 3,
               .queued = 7,
               .busy_ns = 3000000000 },
    };
    failures[0] = (gi_tally_failure){ GI_WHY_FAILED, "split", 10 };
    failures[1] = (gi_tally_failure){ GI_WHY_TIMEOUT, NULL, 2 };
    counters[0] = (gi_tally_counter){ "split", "too \"long\"", -1234 };
    return (gi_tally){
        .name = "words",
        .error = "3 trees were left when the drain ended",
        .tracked = true,
        .sum = { .emitted = 1017,
                 .transferred = 1018,
                 .executed = 1010,
                 .roots = 1012,
                 .acked = 1000,
                 .failed = 12,
                 .timed_out = 2,
                 .replayed = 12,
                 .dead = 1,
                 .pending = 3,
                 .refused = 1,
                 .errors = 2,
                 .p50_us = 120,
                 .p99_us = 1200,
                 .p999_us = 25000,
                 .max_us = 2000000,
                 .run_ns = 2000000000 },
        .batch_bytes = 65536,
        .bound_bytes = 1048576,
        .n_comps = 2,
        .n_failures = 2,
        .n_counters = 1,
        .comps = comps,
        .failures = failures,
        .counters = counters,
    };
}

static gi_tally quiet_one(void)
{
    gi_tally t = eventful();

    comps[0].n = (gi_comp_stats){ .emitted = 10, .acked = 10, .roots = 10 };
    t.sum = (gale_run_result){ .emitted = 10,
                               .roots = 10,
                               .acked = 10,
                               .p50_us = 1,
                               .p99_us = 2,
                               .p999_us = 3,
                               .max_us = 4,
                               .run_ns = 1000000 };
    t.error = NULL;
    t.n_comps = 1;
    t.n_failures = t.n_counters = 0;
    return t;
}

static void expect_text(const gi_tally *t, gi_look look, const char *said)
{
    char *text = gi_summary_text(t, "./words", look);

    cr_expect_str_eq(text, said);
    gi_free(text);
}

static void expect_part(const gi_tally *t, const char *part, bool there)
{
    char *text = gi_summary_text(t, "./words", plain);

    cr_expect_eq(strstr(text, part) != NULL, there, "%s %s in:\n%s", part,
                 there ? "is not" : "is", text);
    gi_free(text);
}

Test(summary, a_run_without_trouble_is_told_briefly)
{
    gi_tally t = quiet_one();

    expect_text(&t, plain,
                "words: done in 1.0 ms\n"
                "\n"
                "  component  tasks  emitted  executed  acked  failed  busy  "
                "queued\n"
                "  lines          1       10         -     10       0   0 %  "
                "     0\n"
                "\n"
                "  trees     10 acked   0 failed   0 replayed   0 left\n"
                "  latency   p50 1 us   p99 2 us   p99.9 3 us   max 4 us\n"
                "  speed     10,000 trees/s   0 tuples executed/s\n");
}

Test(summary, trouble_is_told_with_its_reasons_and_a_way_out)
{
    gi_tally t = eventful();

    expect_text(
        &t, plain,
        "words: failed after 2.0 s: 3 trees were left when the drain ended\n"
        "\n"
        "  component  tasks  emitted  executed  acked  failed   busy  queued\n"
        "  lines          1    1,012         -  1,000      12   25 %       0\n"
        "  split          4        5     1,010  1,000      10  150 %       7\n"
        "\n"
        "  trees     1,000 acked   12 failed   12 replayed   3 left\n"
        "            2 of them timed out   1 given up (dead letters)\n"
        "  latency   p50 120 us   p99 1.2 ms   p99.9 25.0 ms   max 2.0 s\n"
        "  speed     500 trees/s   505 tuples executed/s\n"
        "\n"
        "  counters\n"
        "  split  too \"long\"  -1,234\n"
        "\n"
        "  why trees failed\n"
        "  failed by 'split'                    10\n"
        "  timed out, and no bolt had answered   2\n"
        "\n"
        "  1 call was refused (a second ack, an emit after ack, ...):\n"
        "  the log names the component\n"
        "  2 errors reported by components: see the log\n"
        "  'split' still holds 3 tuples it never answered for:\n"
        "  each gale_hold needs its gale_ack or gale_fail\n"
        "  to wait longer for trees in flight: --drain-for DURATION\n");
}

Test(summary, time_outs_without_holds_lead_to_the_setting)
{
    gi_tally t = eventful();

    expect_part(&t, "topology.message.timeout.secs", false);
    comps[1].n.held = 0;
    expect_part(&t, "./words -c topology.message.timeout.secs=", true);
    t.sum.timed_out = 0;
    expect_part(&t, "topology.message.timeout.secs", false);
}

Test(summary, an_interrupted_run_is_called_that)
{
    gi_tally t = quiet_one();

    t.interrupted = true;
    expect_part(&t, "words: stopped and drained after 1.0 ms\n", true);
    t.cut_short = true;
    t.error = "interrupted";
    t.sum.pending = 5;
    expect_part(&t, "words: interrupted after 1.0 ms\n", true);
    expect_part(&t, "5 left", true);
    expect_part(&t, "--drain-for", false);
}

Test(summary, without_ackers_it_says_so)
{
    gi_tally t = quiet_one();

    t.tracked = false;
    expect_part(&t, "10 acked   (not tracked: there are no ackers)\n", true);
    expect_part(&t, "latency", false);
}

Test(summary, colour_changes_no_letter)
{
    gi_tally t = eventful();
    char *text = gi_summary_text(&t, "./words", (gi_look){ .colour = true });
    char *to = text;

    cr_expect_not_null(strstr(text, "\033[31m"));
    for (const char *at = text; *at != '\0';)
        if (*at == '\033')
            at += strcspn(at, "m") + 1;
        else
            *to++ = *at++;
    *to = '\0';
    expect_text(&t, plain, text);
    gi_free(text);
}

/* The table gives way when numbers are large and names are long. */
Test(summary, no_line_is_longer_than_a_terminal_is_wide)
{
    gi_tally t = eventful();

    comps[1].id = "a-component-with-a-name-of-more-than-twenty-four-letters";
    failures[0].comp = comps[1].id;
    uint64_t *n = (uint64_t *)&comps[1].n;
    for (size_t i = 0; i < sizeof(comps[1].n) / sizeof(*n); i++)
        n[i] = UINT64_MAX / 3;
    comps[1].n.busy_ns = 100 * t.sum.run_ns;
    comps[1].n.held = 0; /* that line must have the whole name */
    comps[1].tasks = 65535;
    t.sum.acked = t.sum.failed = 99999999999;
    t.sum.executed = UINT64_MAX / 1000;

    char *text = gi_summary_text(&t, "./words", plain);
    for (char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        cr_expect_leq(len, 80, "%.*s", (int)len, line);
        line += len + 1;
    }
    gi_free(text);
}

Test(summary, json_has_every_promised_field)
{
    gi_tally t = eventful();
    char *text = gi_summary_json(&t);

    cr_expect_str_eq(
        text,
        "{\"topology\":\"words\",\"ok\":false,"
        "\"error\":\"3 trees were left when the drain ended\","
        "\"seconds\":2,\"roots\":1012,\"acked\":1000,\"failed\":12,"
        "\"timed_out\":2,\"replayed\":12,\"dead\":1,\"pending\":3,"
        "\"emitted\":1017,\"transferred\":1018,\"executed\":1010,"
        "\"refused\":1,\"errors\":2,"
        "\"latency_us\":{\"p50\":120,\"p99\":1200,\"p999\":25000,"
        "\"max\":2000000},"
        "\"components\":["
        "{\"component\":\"lines\",\"kind\":\"spout\",\"tasks\":1,"
        "\"emitted\":1012,\"transferred\":1012,\"executed\":0,"
        "\"roots\":1012,\"acked\":1000,\"failed\":12,\"timed_out\":2,"
        "\"replayed\":12,\"dead\":0,\"refused\":0,\"errors\":0,\"held\":0,"
        "\"queued\":0,\"busy_seconds\":0.5},"
        "{\"component\":\"split\",\"kind\":\"bolt\",\"tasks\":4,"
        "\"emitted\":5,\"transferred\":6,\"executed\":1010,\"roots\":0,"
        "\"acked\":1000,\"failed\":10,\"timed_out\":0,\"replayed\":0,"
        "\"dead\":0,\"refused\":1,\"errors\":2,\"held\":3,\"queued\":7,"
        "\"busy_seconds\":3}],"
        "\"failures\":["
        "{\"why\":\"failed\",\"component\":\"split\",\"count\":10},"
        "{\"why\":\"timed_out\",\"component\":null,\"count\":2}],"
        "\"counters\":[{\"component\":\"split\","
        "\"name\":\"too \\\"long\\\"\",\"value\":-1234}],"
        "\"faults\":null,\"recovery\":{\"recovered\":0,"
        "\"redelivered\":0,\"forgotten\":0,\"p50_us\":0,\"p99_us\":0,"
        "\"max_us\":0},\"sim\":null,"
        "\"memory\":{\"batches_bytes\":65536,\"bound_bytes\":1048576}}");
    gi_free(text);
}

Test(summary, json_of_success_has_no_error)
{
    gi_tally t = quiet_one();
    char *text = gi_summary_json(&t);

    cr_expect_not_null(strstr(text, "\"ok\":true,\"error\":null,"));
    gi_free(text);
}

Test(summary, without_memory_there_is_no_half_a_summary)
{
    gi_tally t = eventful();

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
