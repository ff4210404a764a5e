#include <criterion/criterion.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "gale/sim.h"

#include <stdio.h>

static char *help(const char *about, const char *args)
{
    char *text = gi_help_text("./bin/tally", "tally", about, args);

    cr_assert_not_null(text);
    return text;
}

Test(help, every_option_and_command_is_in_it)
{
    char *text = help("counts", "FILE...");
    char left[64];
    size_t n;
    const gi_option *options = gi_options_all(&n);

    for (size_t i = 0; i < n; i++) {
        snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
                 options[i].arg == NULL ? "" : " ",
                 options[i].arg == NULL ? "" : options[i].arg);
        cr_expect_not_null(strstr(text, left), "%s is missing", left);
    }
    const gi_command *commands = gi_commands_all(&n);
    for (size_t i = 0; i < n; i++) {
        snprintf(left, sizeof(left), "\n  %s ", commands[i].name);
        if (commands[i].text == NULL) /* not for people */
            cr_expect_null(strstr(text, left), "%s is there", left);
        else
            cr_expect_not_null(strstr(text, left), "%s is missing", left);
    }
    gi_free(text);
}

Test(help, it_begins_with_what_the_topology_does)
{
    char *text = help("counts the words of files", "FILE...");

    cr_expect_eq(strncmp(text, "tally: counts the words of files\n", 33), 0);
    cr_expect_not_null(strstr(text, "./bin/tally [run] [OPTION...] [--] FILE"
                                    "...\n"));
    gi_free(text);
}

Test(help, a_topology_without_words_has_none_in_its_usage)
{
    char *text = help(NULL, NULL);

    cr_expect_not_null(strstr(text, "./bin/tally [run] [OPTION...]\n"));
    cr_expect_null(strstr(text, "[--]"));
    gi_free(text);
}

Test(help, it_fits_a_terminal)
{
    char *text = help("a sentence about the topology that goes on and on "
                      "until it is longer than a line of any terminal",
                      "FILE...");

    for (char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        cr_expect_leq(n, 80, "%.*s", (int)n, line);
        line += n + 1;
    }
    gi_free(text);
}

Test(help, faults_are_a_topic_of_their_own)
{
    const char *text = gale_faults_help();
    char name[32];

    cr_expect_eq(text, gale_faults_help());
    for (int i = 0; i < GI_N_FAULT_KINDS; i++) {
        gi_fault_kind kind = (gi_fault_kind)i;

        snprintf(name, sizeof(name), "\n  %s ", gi_fault_name(kind));
        cr_expect_not_null(strstr(text, name), "%s is missing", name);
        cr_expect_not_null(strstr(text, gi_fault_form(kind)));
        cr_expect_not_null(strstr(text, gi_fault_about(kind)));
    }
    cr_expect_not_null(strstr(text, "\n  seed "));
    cr_expect_not_null(strstr(text, "\n  until "));
    cr_expect_not_null(strstr(text, "stands in quotes"));
    for (const char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        cr_expect_leq(n, 79, "%.*s", (int)n, line);
        line += n + 1;
    }
}

Test(help, without_memory_there_is_none)
{
    gi_mem_fail_after(0, UINT64_MAX);
    char *text = gi_help_text("t", "t", NULL, NULL);
    gi_mem_fail_after(0, 0);
    cr_expect_null(text);
}
