#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MAX_TEXT = 4096, MAX_LINE = MAX_TEXT + 512 };

static _Atomic gale_level lowest = GALE_LOG_INFO;
static gi_log_sink installed;
static void *sink_arg;
static gi_log_sink listener;
static void *listener_arg;

/* What is logged may quote data from anywhere; a line stays one line, and no
 * escape sequence reaches a terminal. */
static void tame(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
}

static bool wants_colour(void)
{
    const char *no = getenv("NO_COLOR"); /* set and not empty: no */

    return (no == NULL || *no == '\0') && isatty(STDERR_FILENO) == 1;
}

/* "2026-11-21T03:28:55.123Z" */
static void put_time(char text[32])
{
    struct timespec now;
    struct tm day;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &day);
    size_t n = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &day);
    snprintf(text + n, 32 - n, ".%03ldZ", now.tv_nsec / 1000000);
}

/* Whole lines of several threads and processes do not mix, because each is
 * one write.  Nothing can be done, nor said, if it fails. */
static void put_line(const char *line, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, line, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        line += n;
        len -= (size_t)n;
    }
}

static void to_stderr(gale_level level, const char *who, const char *text)
{
    static const struct {
        const char *name, *colour;
    } levels[] = {
        [GALE_LOG_ERROR] = { "ERROR", "\033[31m" },
        [GALE_LOG_WARN] = { "WARN ", "\033[33m" },
        [GALE_LOG_INFO] = { "INFO ", "" },
        [GALE_LOG_DEBUG] = { "DEBUG", "\033[2m" },
    };
    char when[32], from[256] = "", line[MAX_LINE];
    const char *colour = wants_colour() ? levels[level].colour : "";

    put_time(when);
    if (who != NULL) {
        snprintf(from, sizeof(from), "%s: ", who);
        tame(from);
    }
    int n = snprintf(line, sizeof(line), "%s%s %s %s%s%s\n", colour, when,
                     levels[level].name, from, text,
                     *colour == '\0' ? "" : "\033[0m");
    put_line(line, (size_t)n);
}

void gi_logv(gale_level level, const char *who, const char *format, va_list ap)
{
    char text[MAX_TEXT];
    int before = errno;

    if (level > atomic_load_explicit(&lowest, memory_order_relaxed))
        return;
    if (vsnprintf(text, sizeof(text), format, ap) >= MAX_TEXT)
        memcpy(text + MAX_TEXT - 4, "...", 4);
    tame(text);
    if (installed != NULL)
        installed(sink_arg, level, who, text);
    else
        to_stderr(level, who, text);
    if (listener != NULL)
        listener(listener_arg, level, who, text);
    errno = before;
}

void gi_log(gale_level level, const char *who, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    gi_logv(level, who, format, ap);
    va_end(ap);
}

void gi_log_set_level(gale_level level)
{
    atomic_store_explicit(&lowest, level, memory_order_relaxed);
}

void gi_log_set_sink(gi_log_sink sink, void *arg)
{
    installed = sink;
    sink_arg = arg;
}

void gi_log_set_listener(gi_log_sink heard, void *arg)
{
    listener = heard;
    listener_arg = arg;
}
