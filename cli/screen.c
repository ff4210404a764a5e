#include "cli/screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum { MAX_LINE = 8192 };

/* ------------------------------------------------------------- looking -- */

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

static bool can_move(int fd)
{
    const char *term = env("TERM");

    return isatty(fd) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

static bool wants_colour(int fd, gi_choice colour)
{
    if (colour != GI_CHOOSE_AUTO)
        return colour == GI_CHOOSE_ALWAYS;
    return can_move(fd) && env("NO_COLOR") == NULL;
}

static unsigned columns(int fd, unsigned otherwise)
{
    struct winsize w = { 0 };

    if (ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
        return w.ws_col;
    return otherwise;
}

void gi_screen_init(gi_screen *s, const char *name, gi_choice colour)
{
    *s = (gi_screen){ .name = name };
    pthread_mutex_init(&s->mtx, NULL);
    s->tty = can_move(STDERR_FILENO);
    s->look.colour = wants_colour(STDERR_FILENO, colour);
    s->look.columns = columns(STDERR_FILENO, 0);
    s->out.colour = wants_colour(STDOUT_FILENO, colour);
    s->out.columns = columns(STDOUT_FILENO, 0);

    /* The log asks the environment; so do programs that a task may start. */
    if (colour == GI_CHOOSE_NEVER)
        setenv("NO_COLOR", "1", 1);
    else if (colour == GI_CHOOSE_ALWAYS)
        unsetenv("NO_COLOR");
}

/* ------------------------------------------------------------- writing -- */

static void write_all(const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

static void wipe_locked(gi_screen *s)
{
    if (s->drawn)
        write_all("\r\033[K", 4);
    s->drawn = false;
}

void gi_screen_put(gi_screen *s, const char *text)
{
    pthread_mutex_lock(&s->mtx);
    wipe_locked(s);
    write_all(text, strlen(text));
    pthread_mutex_unlock(&s->mtx);
}

void gi_screen_say(gi_screen *s, const char *format, ...)
{
    char line[MAX_LINE];
    va_list ap;
    int n = snprintf(line, sizeof(line), "%s: ", s->name);
    size_t at = n < 0 ? 0 : (size_t)n;

    at = at < sizeof(line) ? at : sizeof(line) - 1;
    va_start(ap, format);
    vsnprintf(line + at, sizeof(line) - at, format, ap);
    va_end(ap);
    at = strnlen(line, sizeof(line) - 2);
    line[at] = '\n';
    line[at + 1] = '\0';
    gi_screen_put(s, line);
}

void gi_screen_echoed(gi_screen *s)
{
    pthread_mutex_lock(&s->mtx);
    if (s->tty && !s->drawn)
        write_all("\n", 1);
    pthread_mutex_unlock(&s->mtx);
}

/* The live line is in ASCII: a byte is a column. */
void gi_screen_live(gi_screen *s, const char *text)
{
    char line[512];
    unsigned room = columns(STDERR_FILENO, 80) - 1;

    if (!s->tty)
        return;
    pthread_mutex_lock(&s->mtx);
    if (*text == '\0') {
        wipe_locked(s);
    } else {
        int n = snprintf(line, sizeof(line), "\r%.*s\033[K\r",
                         (int)(room < 400 ? room : 400), text);
        write_all(line, (size_t)n);
        s->drawn = true;
    }
    pthread_mutex_unlock(&s->mtx);
}

void gi_screen_fini(gi_screen *s)
{
    gi_screen_live(s, "");
    pthread_mutex_destroy(&s->mtx);
}

/* ----------------------------------------------------------------- log -- */

/* Somebody is watching, so the time of day will do. */
static void log_line(void *arg, gale_level level, const char *who,
                     const char *text)
{
    static const struct {
        const char *name;
        gi_paint paint;
    } levels[] = {
        [GALE_LOG_ERROR] = { "ERROR", GI_PAINT_BAD },
        [GALE_LOG_WARN] = { "WARN ", GI_PAINT_BAD },
        [GALE_LOG_INFO] = { "INFO ", GI_PAINT_OFF },
        [GALE_LOG_DEBUG] = { "DEBUG", GI_PAINT_FAINT },
    };
    gi_screen *s = arg;
    char line[MAX_LINE], when[16] = "";
    time_t now = time(NULL);
    struct tm day;

    if (localtime_r(&now, &day) != NULL)
        strftime(when, sizeof(when), "%H:%M:%S", &day);
    int n = snprintf(line, sizeof(line) - 1, "%s%s %s %s%s%s%s",
                     gi_paint_text(s->look, levels[level].paint), when,
                     levels[level].name, who == NULL ? "" : who,
                     who == NULL ? "" : ": ", text,
                     gi_paint_text(s->look, GI_PAINT_OFF));
    size_t len = n < 0 ? 0 : strlen(line);
    line[len] = '\n';
    line[len + 1] = '\0';
    gi_screen_put(s, line);
}

void gi_screen_take_log(gi_screen *s)
{
    if (s->tty)
        gi_log_set_sink(log_line, s);
}

void gi_screen_leave_log(gi_screen *s)
{
    if (s->tty)
        gi_log_set_sink(NULL, NULL);
}
