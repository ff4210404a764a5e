/* What is said while a command waits, where no live line can be drawn. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <unistd.h>

#include "cli/waiting.h"

static gi_screen screen;
static FILE *said;

static void begin(void)
{
    said = tmpfile();
    cr_assert_not_null(said);
    cr_assert_eq(dup2(fileno(said), STDERR_FILENO), STDERR_FILENO);
    gi_screen_init(&screen, "words", GI_CHOOSE_AUTO);
}

static void end(void)
{
    gi_screen_fini(&screen);
    fclose(said);
}

TestSuite(waiting, .init = begin, .fini = end);

static void expect_said(const char *text)
{
    char all[256];

    rewind(said);
    all[fread(all, 1, sizeof(all) - 1, said)] = '\0';
    cr_expect_str_eq(all, text);
}

Test(waiting, what_takes_a_second_is_told_in_one_plain_line)
{
    gi_waiting w = { .screen = &screen, .since_ms = 100 };

    gi_waiting_show(&w, 100, "  0 of 3 workers run");
    gi_waiting_show(&w, 1100, "  1 of 3 workers run");
    expect_said("");
    gi_waiting_show(&w, 1101, "  2 of 3 workers run");
    gi_waiting_show(&w, 9000, "  3 of 3 workers run");
    expect_said("words: 2 of 3 workers run\n");
}

Test(waiting, who_wants_quiet_has_it)
{
    gi_waiting w = { .screen = &screen, .quiet = true };

    gi_waiting_show(&w, 5000, "  uploading 12 % of 3.4 MB");
    expect_said("");
}
