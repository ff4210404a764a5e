/* What arrives on a terminal, seen from its other side. */
#include <criterion/criterion.h>

#include "base/log.h"
#include "cli/screen.h"

#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int master;
static gi_screen screen;
static char seen[8192];

/* Standard error becomes a terminal of `columns`. */
static void open_terminal(unsigned short columns)
{
    struct winsize w = { .ws_row = 25, .ws_col = columns };
    struct termios raw;
    int slave;

    cfmakeraw(&raw);
    raw.c_cflag |= CS8;
    cr_assert_eq(openpty(&master, &slave, NULL, &raw, &w), 0);
    cr_assert_eq(dup2(slave, STDERR_FILENO), STDERR_FILENO);
    close(slave);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
}

/* What was written arrives in pieces: read on until `end` was seen. */
static void read_until(const char *end)
{
    size_t len = 0;
    struct pollfd fd = { .fd = master, .events = POLLIN };

    for (seen[0] = '\0'; strstr(seen, end) == NULL;) {
        cr_assert_eq(poll(&fd, 1, 5000), 1, "no '%s' in '%s'", end, seen);
        ssize_t n = read(master, seen + len, sizeof(seen) - 1 - len);
        cr_assert_gt(n, 0);
        len += (size_t)n;
        seen[len] = '\0';
    }
}

static void expect_seen(const char *text)
{
    read_until(text);
    cr_expect_str_eq(seen, text);
}

Test(screen, a_line_that_is_said_wipes_the_live_one)
{
    open_terminal(80);
    gi_screen_init(&screen, "words", GI_CHOOSE_AUTO);
    cr_expect(screen.tty && screen.look.colour);
    gi_screen_live(&screen, "  1.0 s");
    expect_seen("\r  1.0 s\033[K\r");
    gi_screen_say(&screen, "%d trees", 5);
    expect_seen("\r\033[Kwords: 5 trees\n");
    gi_screen_say(&screen, "again");
    expect_seen("words: again\n");
    gi_screen_live(&screen, "x");
    gi_screen_fini(&screen);
    expect_seen("\rx\033[K\r\r\033[K");
}

Test(screen, what_was_echoed_is_left_standing_or_wiped_with_the_live_line)
{
    open_terminal(80);
    gi_screen_init(&screen, "words", GI_CHOOSE_AUTO);
    gi_screen_echoed(&screen);
    gi_screen_live(&screen, "x");
    gi_screen_echoed(&screen);
    gi_screen_say(&screen, "said");
    expect_seen("\n\rx\033[K\r\r\033[Kwords: said\n");
}

Test(screen, the_live_line_never_reaches_the_last_column)
{
    open_terminal(10);
    gi_screen_init(&screen, "words", GI_CHOOSE_AUTO);
    gi_screen_live(&screen, "0123456789abc");
    expect_seen("\r012345678\033[K\r");
}

Test(screen, the_log_passes_through_it)
{
    open_terminal(80);
    gi_screen_init(&screen, "words", GI_CHOOSE_NEVER);
    gi_screen_take_log(&screen);
    gi_screen_live(&screen, "live");
    gi_log(GALE_LOG_WARN, "words/count/3", "slow");
    gi_screen_leave_log(&screen);
    read_until("\n");
    cr_expect_not_null(strstr(seen, "\033[K\r\r\033[K"), "%s", seen);
    cr_expect_not_null(strstr(seen, " WARN  words/count/3: slow\n"));
}

Test(screen, a_line_that_is_too_long_still_ends)
{
    static char text[20000];

    open_terminal(80);
    gi_screen_init(&screen, "words", GI_CHOOSE_NEVER);
    memset(text, 'x', sizeof(text) - 1);
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    gi_screen_say(&screen, "%s", text);
    ssize_t n = read(ends[0], text, sizeof(text));
    cr_assert_gt(n, 8000);
    cr_expect_eq(text[n - 1], '\n');
    cr_expect_null(memchr(text, '\0', (size_t)n));
}

Test(screen, colour_is_for_terminals_unless_told_otherwise)
{
    open_terminal(80);
    setenv("NO_COLOR", "1", 1);
    gi_screen_init(&screen, "words", GI_CHOOSE_AUTO);
    cr_expect_not(screen.look.colour);
    gi_screen_init(&screen, "words", GI_CHOOSE_ALWAYS);
    cr_expect(screen.look.colour && screen.out.colour);
    cr_expect_null(getenv("NO_COLOR"), "the log would stay colourless");

    gi_screen_init(&screen, "words", GI_CHOOSE_NEVER);
    cr_expect_not(screen.look.colour);
    cr_expect_not_null(getenv("NO_COLOR"), "the log would be coloured");

    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    gi_screen_init(&screen, "words", GI_CHOOSE_AUTO);
    cr_expect(!screen.look.colour && !screen.tty);
}

Test(screen, a_pipe_gets_no_live_line)
{
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    master = ends[0];
    gi_screen_init(&screen, "words", GI_CHOOSE_AUTO);
    gi_screen_live(&screen, "live");
    gi_screen_say(&screen, "said");
    expect_seen("words: said\n");
}
