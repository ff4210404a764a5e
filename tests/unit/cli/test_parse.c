#include <criterion/criterion.h>

#include "base/mem.h"
#include "cli/options.h"

enum { MAX_ARGS = 16 };

static gi_options o;
static gi_report r;

/* Read a command line whose words are the letters between blanks. */
static void read_as(const char *line, bool takes_words)
{
    static char text[256];
    char *argv[MAX_ARGS + 1] = { "program" };
    int argc = 1;

    gi_options_fini(&o);
    gi_report_fini(&r);
    strncpy(text, line, sizeof(text) - 1);
    for (char *w = strtok(text, " "); w != NULL; w = strtok(NULL, " "))
        argv[argc++] = w;
    cr_assert_eq(gi_options_parse(&o, argc, argv, takes_words, &r), GALE_OK);
}

static void read_fine(const char *line)
{
    read_as(line, true);
    cr_expect_eq(r.n, 0, "%s: %s", line, r.n == 0 ? "" : r.lines[0]);
}

/* Exactly one mistake, in these words. */
static void expect_said(const char *line, bool takes_words, const char *said)
{
    read_as(line, takes_words);
    cr_expect_eq(r.n, 1, "%s: %zu mistakes", line, r.n);
    if (r.n > 0)
        cr_expect_str_eq(r.lines[0], said);
}

static void done(void)
{
    gi_options_fini(&o);
    gi_report_fini(&r);
}

TestSuite(parse, .fini = done);

Test(parse, bare_is_run)
{
    read_fine("");
    cr_expect_eq(o.verb, GI_VERB_RUN);
    cr_expect_eq(o.n_words, 0);
    cr_expect_eq(o.run_ms, 0);
    cr_expect_eq(o.drain_ms, 0);
    cr_expect_eq(o.log_level, GALE_LOG_INFO);
    cr_expect(!o.json && !o.quiet);
    cr_expect_eq(o.color, GI_CHOOSE_AUTO);
    cr_expect_eq(o.progress, GI_CHOOSE_AUTO);
}

Test(parse, options_stand_before_and_behind_words_and_commands)
{
    read_fine("--json validate a --quiet b -c k=v");
    cr_expect_eq(o.verb, GI_VERB_VALIDATE);
    cr_expect(o.json && o.quiet);
    cr_assert_eq(o.n_words, 2);
    cr_expect_str_eq(o.words[0], "a");
    cr_expect_str_eq(o.words[1], "b");
    cr_expect_str_eq(gi_conf_get(o.conf, "k"), "v");
    cr_expect_str_eq(gi_conf_from(o.conf, "k"), "command line");
}

Test(parse, a_value_is_joined_by_an_equals_sign_or_follows)
{
    read_fine("--run-for=10s --drain-for 500ms");
    cr_expect_eq(o.run_ms, 10000);
    cr_expect_eq(o.drain_ms, 500);
    read_fine("--conf=a=b=c --conf d=");
    cr_expect_str_eq(gi_conf_get(o.conf, "a"), "b=c");
    cr_expect_str_eq(gi_conf_get(o.conf, "d"), "");
}

Test(parse, letters_may_be_joined)
{
    read_fine("-ca=b -qc c=d");
    cr_expect(o.quiet);
    cr_expect_str_eq(gi_conf_get(o.conf, "a"), "b");
    cr_expect_str_eq(gi_conf_get(o.conf, "c"), "d");
}

Test(parse, a_later_one_has_the_last_word)
{
    read_fine("-c a=1 -c a=2 --run-for 1 --run-for 2 --color never --color "
              "always");
    cr_expect_str_eq(gi_conf_get(o.conf, "a"), "2");
    cr_expect_eq(o.run_ms, 2000);
    cr_expect_eq(o.color, GI_CHOOSE_ALWAYS);
}

Test(parse, two_dashes_end_options_and_commands)
{
    read_fine("-- validate --json --");
    cr_expect_eq(o.verb, GI_VERB_RUN);
    cr_expect(!o.json);
    cr_assert_eq(o.n_words, 3);
    cr_expect_str_eq(o.words[0], "validate");
    cr_expect_str_eq(o.words[1], "--json");
    cr_expect_str_eq(o.words[2], "--");
}

Test(parse, only_the_first_word_is_a_command)
{
    read_fine("run validate");
    cr_expect_eq(o.verb, GI_VERB_RUN);
    cr_assert_eq(o.n_words, 1);
    read_fine("file validate");
    cr_expect_eq(o.verb, GI_VERB_RUN);
    cr_assert_eq(o.n_words, 2);
}

Test(parse, a_dash_alone_is_a_word)
{
    read_fine("- describe");
    cr_expect_eq(o.verb, GI_VERB_RUN);
    cr_assert_eq(o.n_words, 2);
    cr_expect_str_eq(o.words[0], "-");
}

Test(parse, files_keep_their_order)
{
    read_fine("--config a.yaml word --config=b.yaml");
    cr_assert_eq(o.n_files, 2);
    cr_expect_str_eq(o.files[0], "a.yaml");
    cr_expect_str_eq(o.files[1], "b.yaml");
}

Test(parse, loops_is_a_setting)
{
    read_fine("--loops 3");
    cr_expect_str_eq(gi_conf_get(o.conf, "topology.worker.loops"), "3");
    cr_expect_str_eq(gi_conf_from(o.conf, "topology.worker.loops"), "--loops");
}

Test(parse, faults_are_a_setting)
{
    read_fine("--faults drop=0.1,seed=7");
    cr_expect_str_eq(gi_conf_get(o.conf, "topology.faults"),
                     "drop=0.1,seed=7");
    cr_expect_str_eq(gi_conf_from(o.conf, "topology.faults"), "--faults");
}

Test(parse, faults_of_several_flags_all_happen)
{
    read_fine("--faults drop=0.1 word --faults=seed=7,kill=b@3s");
    cr_expect_str_eq(gi_conf_get(o.conf, "topology.faults"),
                     "drop=0.1,seed=7,kill=b@3s");
    read_fine("-c topology.faults=drop=0.1 --faults fail=1%");
    cr_expect_str_eq(gi_conf_get(o.conf, "topology.faults"), "fail=1%");
}

Test(parse, a_seed_is_any_number_of_64_bits)
{
    read_fine("");
    cr_expect_not(o.sim);
    read_fine("--sim 0");
    cr_expect(o.sim);
    cr_expect_eq(o.seed, 0);
    read_fine("--sim 18446744073709551615");
    cr_expect_eq(o.seed, UINT64_MAX);
    read_fine("--sim=0xFFffFFffFFffFFff --history file");
    cr_expect_eq(o.seed, UINT64_MAX);
    cr_expect_str_eq(o.history, "file");
}

Test(parse, json_is_a_format_unless_another_is_named)
{
    read_fine("describe --json");
    cr_expect_eq(o.format, GI_FORMAT_JSON);
    read_fine("describe --json --format dot");
    cr_expect_eq(o.format, GI_FORMAT_DOT);
    read_fine("describe");
    cr_expect_eq(o.format, GI_FORMAT_TEXT);
}

Test(parse, no_drain_at_all_is_the_shortest_one)
{
    read_fine("--drain-for 0");
    cr_expect_eq(o.drain_ms, 1);
}

Test(parse, words_choose_levels_and_colours)
{
    read_fine("--log-level=debug --color=never --progress");
    cr_expect_eq(o.log_level, GALE_LOG_DEBUG);
    cr_expect_eq(o.color, GI_CHOOSE_NEVER);
    cr_expect_eq(o.progress, GI_CHOOSE_ALWAYS);
    read_fine("--no-progress --log-level error");
    cr_expect_eq(o.progress, GI_CHOOSE_NEVER);
    cr_expect_eq(o.log_level, GALE_LOG_ERROR);
}

Test(parse, help_wins_over_everything_and_silences_mistakes)
{
    static const char *const lines[] = {
        "--help",          "-h", "help", "validate --help", "--jsno --help x",
        "--run-for x -qh",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        read_as(lines[i], false);
        cr_expect_eq(o.verb, GI_VERB_HELP, "%s", lines[i]);
        cr_expect(gi_report_empty(&r), "%s", lines[i]);
    }
    read_as("--version", false);
    cr_expect_eq(o.verb, GI_VERB_VERSION);
}

Test(parse, an_unknown_option_is_told_the_nearest_one)
{
    expect_said("--jsn", true,
                "unknown option '--jsn' (did you mean '--json'?)");
    expect_said("--runfor=3", true,
                "unknown option '--runfor' (did you mean '--run-for'?)");
    expect_said("-json", true,
                "unknown option '-json' (did you mean '--json'?)");
    expect_said("-config=x", true,
                "unknown option '-config' (did you mean '--config'?)");
    expect_said("--zzz", true,
                "unknown option '--zzz' (a word that begins with '-' goes "
                "behind '--')");
    expect_said("-x", true,
                "unknown option '-x' (a word that begins with '-' goes "
                "behind '--')");
}

Test(parse, the_value_of_an_option_that_was_meant_is_no_second_mistake)
{
    expect_said("--fault drop=1%", false,
                "unknown option '--fault' (did you mean '--faults'?)");
    expect_said("--fault=drop=1% validate", false,
                "unknown option '--fault' (did you mean '--faults'?)");
    read_as("--jsn word", false);
    cr_expect_eq(r.n, 2, "%zu mistakes: --json takes no value", r.n);
}

Test(parse, a_word_that_nobody_wants_may_be_a_command)
{
    expect_said("validat", false,
                "unexpected word 'validat' (did you mean the command "
                "'validate'?)");
    expect_said("foo", false,
                "unexpected word 'foo': the topology takes none");
    expect_said("validate validat", false,
                "unexpected word 'validat': the topology takes none");
    read_fine("validat");
    cr_expect_eq(o.n_words, 1);
}

Test(parse, missing_and_needless_values_are_named)
{
    expect_said("--run-for", true,
                "--run-for needs a value: --run-for DURATION");
    expect_said("-c", true, "-c needs a value: -c KEY=VALUE");
    expect_said("--json=1", true, "--json takes no value");
}

Test(parse, wrong_values_are_told_right_ones)
{
    expect_said("--log-level warm", true,
                "--log-level takes error, warn, info or debug, not 'warm' "
                "(did you mean 'warn'?)");
    expect_said("--color blue", true,
                "--color takes auto, always or never, not 'blue'");
    expect_said("describe --format svg", true,
                "--format takes text, json or dot, not 'svg'");
    expect_said("--run-for 10x", true,
                "--run-for: '10x' is not a duration (10s, 500ms, 2m, 1h30m; "
                "a number alone is seconds; 49 days at most)");
    expect_said("--run-for 0", true,
                "--run-for 0 would not run at all (to look without running: "
                "'validate')");
    expect_said("--sim 0x", true,
                "--sim: '0x' is not a seed (a number of at most 64 bits, such "
                "as 42 or 0x2a)");
    expect_said("--sim 18446744073709551616", true,
                "--sim: '18446744073709551616' is not a seed (a number of at "
                "most 64 bits, such as 42 or 0x2a)");
    expect_said("--history file", true,
                "--history goes with a simulation (write: --sim SEED "
                "--history file)");
    expect_said("-c foo", true,
                "'foo' (command line) is not of the form key=value");
    expect_said("--format dot", true,
                "--format goes with the command 'describe' (write: describe "
                "--format dot)");
}

Test(parse, all_mistakes_are_told_at_once)
{
    read_as("--jsn --color blue word -c x --run-for", false);
    cr_expect_eq(r.n, 5);
}

Test(parse, an_option_longer_than_any_is_unknown)
{
    char line[200];

    memset(line, 'a', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    memcpy(line, "--", 2);
    read_as(line, true);
    cr_expect_eq(r.n, 1);
}

Test(parse, without_arguments_at_all_it_is_run)
{
    char *argv[] = { NULL };

    cr_assert_eq(gi_options_parse(&o, 0, argv, false, &r), GALE_OK);
    cr_expect_eq(o.verb, GI_VERB_RUN);
}

Test(parse, running_out_of_memory_is_told_and_leaks_nothing)
{
    char *argv[] = { "p", "--jsn", "-c",        "a=b",      "--loops",
                     "2", "x",     "--color=x", "describe", NULL };
    gale_err rv = GALE_ENOMEM;
    uint64_t n = 0;

    for (; n < 1000; n++) {
        uint64_t before = gi_mem_asked();
        gi_mem_fail_after(n, UINT64_MAX);
        rv = gi_options_parse(&o, 9, argv, false, &r);
        gi_mem_fail_after(0, 0);
        bool all = gi_mem_asked() - before <= n;
        if (!all)
            cr_expect(rv == GALE_ENOMEM || r.dropped > 0 || r.n > 0);
        done();
        if (all)
            break;
    }
    cr_expect_eq(rv, GALE_OK);
    cr_expect_gt(n, 5);
}

Test(parse, an_option_of_one_command_does_not_go_with_another)
{
    read_fine("submit --nimbus there:1 --inactive --no-wait");
    cr_expect_eq(o.verb, GI_VERB_SUBMIT);
    cr_expect_str_eq(o.nimbus, "there:1");
    cr_expect(o.inactive && o.no_wait);
    expect_said("run --inactive", true,
                "--inactive does not go with 'run' (but with: submit)");
    expect_said("--no-wait", true,
                "--no-wait does not go with 'run' (but with: submit)");
}
