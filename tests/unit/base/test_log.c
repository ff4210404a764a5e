#include <criterion/criterion.h>

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A sink that keeps the last line. */
static struct kept {
    int n;
    gale_level level;
    char who[64], text[8192];
} kept;

static void keep(void *arg, gale_level level, const char *who,
                 const char *text)
{
    struct kept *k = arg;

    k->n++;
    k->level = level;
    snprintf(k->who, sizeof(k->who), "%s", who == NULL ? "nobody" : who);
    snprintf(k->text, sizeof(k->text), "%s", text);
}

Test(log, lines_below_the_level_are_dropped)
{
    gi_log_set_sink(keep, &kept);
    gi_log(GALE_LOG_DEBUG, NULL, "dropped");
    cr_assert_eq(kept.n, 0);
    gi_log(GALE_LOG_INFO, NULL, "kept");
    cr_assert_eq(kept.n, 1);
    cr_assert_str_eq(kept.who, "nobody");
    gi_log_set_level(GALE_LOG_ERROR);
    gi_log(GALE_LOG_WARN, NULL, "dropped");
    cr_assert_eq(kept.n, 1);
    gi_log_set_level(GALE_LOG_DEBUG);
    gi_log(GALE_LOG_DEBUG, "words/count/3", "%d kept", 2);
    cr_assert_eq(kept.n, 2);
    cr_assert_eq(kept.level, GALE_LOG_DEBUG);
    cr_assert_str_eq(kept.who, "words/count/3");
    cr_assert_str_eq(kept.text, "2 kept");
}

Test(log, a_line_is_one_line_and_moves_no_cursor)
{
    gi_log_set_sink(keep, &kept);
    gi_log(GALE_LOG_WARN, NULL, "%s", "a\nb\033[2Jc");
    cr_assert_str_eq(kept.text, "a b [2Jc");
}

Test(log, a_long_text_is_cut_visibly)
{
    gi_log_set_sink(keep, &kept);
    gi_log(GALE_LOG_WARN, NULL, "%5000s", "end");
    cr_assert_eq(strlen(kept.text), 4095);
    cr_assert_str_eq(kept.text + 4092, "...");
    gi_log(GALE_LOG_WARN, NULL, "%4095s", "end");
    cr_assert_str_eq(kept.text + 4092, "end");
}

Test(log, errno_survives)
{
    gi_log_set_sink(keep, &kept);
    errno = ENOENT;
    gi_log(GALE_LOG_WARN, NULL, "x");
    cr_assert_eq(errno, ENOENT);
}

/* ---------------------------------------------------- lines on stderr -- */

static char path[] = "gale_test_log_XXXXXX";
static int file;

static void stderr_to_file(void)
{
    file = mkstemp(path);
    cr_assert_geq(file, 0);
    cr_assert_eq(dup2(file, STDERR_FILENO), STDERR_FILENO);
    cr_assert_eq(fcntl(STDERR_FILENO, F_SETFL, O_APPEND), 0);
}

static void remove_file(void)
{
    unlink(path);
}

static ssize_t written(char *text, size_t cap)
{
    ssize_t n = pread(file, text, cap - 1, 0);

    text[n < 0 ? 0 : n] = '\0';
    return n;
}

TestSuite(log_line, .init = stderr_to_file, .fini = remove_file);

Test(log_line, has_time_level_who_and_what)
{
    char text[256];
    int y, mo, d, h, mi, s, ms, end = 0;

    gi_log(GALE_LOG_WARN, "words/count/3", "slow: %d ms", 12);
    cr_assert_gt(written(text, sizeof(text)), 0);
    cr_assert_eq(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %n", &y, &mo, &d,
                        &h, &mi, &s, &ms, &end),
                 7, "%s", text);
    cr_assert_eq(end, 25);
    cr_assert_geq(y, 2024);
    cr_assert_str_eq(text + end, "WARN  words/count/3: slow: 12 ms\n");
}

Test(log_line, has_no_who_if_there_is_none)
{
    char text[256];

    gi_log(GALE_LOG_ERROR, NULL, "lost");
    cr_assert_gt(written(text, sizeof(text)), 25);
    cr_assert_str_eq(text + 25, "ERROR lost\n");
}

static void *chatter(void *arg)
{
    for (int i = 0; i < 500; i++)
        gi_log(GALE_LOG_INFO, "thread", "%s %0200d", (const char *)arg, i);
    return NULL;
}

Test(log_line, stays_whole_among_those_of_other_threads)
{
    static char text[400000];
    pthread_t other;
    size_t lines = 0, len = 25 + strlen("INFO  thread: a ") + 200;

    cr_assert_eq(pthread_create(&other, NULL, chatter, "a"), 0);
    chatter("b");
    pthread_join(other, NULL);
    cr_assert_eq(written(text, sizeof(text)), (ssize_t)(1000 * (len + 1)));
    for (char *at = text; *at != '\0'; at += len + 1, lines++) {
        cr_assert_eq(at[len], '\n');
        cr_assert_eq(memcmp(at + 25, "INFO  thread: ", 14), 0);
    }
    cr_assert_eq(lines, 1000);
}

/* The line as a terminal gets it. */
static void on_terminal(char *text, size_t cap)
{
    int ours, theirs;

    cr_assert_eq(openpty(&ours, &theirs, NULL, NULL, NULL), 0);
    cr_assert_eq(dup2(theirs, STDERR_FILENO), STDERR_FILENO);
    gi_log(GALE_LOG_ERROR, NULL, "lost");
    ssize_t n = read(ours, text, cap - 1);
    cr_assert_gt(n, 0);
    text[n] = '\0';
}

Test(log_line, is_coloured_on_a_terminal)
{
    char text[256];

    unsetenv("NO_COLOR");
    on_terminal(text, sizeof(text));
    cr_assert_eq(strncmp(text, "\033[31m2", 6), 0);
    cr_assert_not_null(strstr(text, "ERROR lost\033[0m"));
}

Test(log_line, is_plain_on_a_terminal_that_wants_no_colour)
{
    char text[256];

    setenv("NO_COLOR", "1", 1);
    on_terminal(text, sizeof(text));
    cr_assert_null(strchr(text, '\033'));
}
