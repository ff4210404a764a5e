#include "cli/progress.h"

#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#include "cli/number.h"

static const int64_t second_ns = 1000000000;

void gi_pace_note(gi_pace *p, int64_t now_ns, uint64_t done)
{
    int64_t passed = now_ns - p->at_ns;

    if (passed < second_ns)
        return;
    p->rate =
        done > p->done ? gi_number_rate(done - p->done, (uint64_t)passed) : 0;
    p->at_ns = now_ns;
    p->done = done;
}

void gi_progress_text(char to[GI_PROGRESS_TEXT], const gale_run_result *r,
                      uint64_t ran_ns, uint64_t rate, bool tracked,
                      bool draining)
{
    char time[GI_NUMBER_TEXT], done[GI_NUMBER_TEXT], speed[GI_NUMBER_TEXT],
        left[GI_NUMBER_TEXT], failed[GI_NUMBER_TEXT], p99[GI_NUMBER_TEXT];

    gi_number_time(time, ran_ns / 1000);
    gi_number_full(done, tracked ? r->acked : r->executed);
    gi_number_full(speed, rate);
    if (!tracked) {
        snprintf(to, GI_PROGRESS_TEXT, "  %s%s  %s executed  %s/s",
                 draining ? "draining  " : "", time, done, speed);
        return;
    }
    gi_number_full(left, r->pending);
    gi_number_short(failed, r->failed);
    gi_number_time(p99, r->p99_us);
    snprintf(to, GI_PROGRESS_TEXT,
             "  %s%s  %s acked  %s/s  %s in flight  %s failed  p99 %s",
             draining ? "draining  " : "", time, done, speed, left, failed,
             p99);
}

void gi_progress_start(gi_progress *p, gi_screen *screen, gi_choice when,
                       bool tracked, int64_t now_ns)
{
    *p = (gi_progress){ .screen = screen,
                        .live = screen->tty && when != GI_CHOOSE_NEVER,
                        .lines = !screen->tty && when == GI_CHOOSE_ALWAYS,
                        .tracked = tracked,
                        .began_ns = now_ns,
                        .pace = { .at_ns = now_ns } };
    p->due_ns = now_ns + (p->lines ? 10 : 1) * second_ns;
}

/* A topology that prints on this very terminal has the screen to itself.
 * stdio has no buffer for standard output before the first use of it. */
static bool others_print_here(void)
{
    return isatty(STDOUT_FILENO) == 1 && __fbufsize(stdout) > 0;
}

bool gi_progress_due(const gi_progress *p, int64_t now_ns)
{
    return (p->live || p->lines) && now_ns >= p->due_ns;
}

/* "  virtual 3 h 02 min in", and how many letters that is. */
static size_t put_virtual(const gi_progress *p, char *to)
{
    char time[GI_NUMBER_TEXT];

    if (p->virtual_ns <= 0)
        return 0;
    gi_number_time(time, (uint64_t)p->virtual_ns / 1000);
    return (size_t)sprintf(to, "  virtual %s in", time);
}

void gi_progress_show(gi_progress *p, int64_t now_ns, const gale_run_result *r,
                      bool draining)
{
    char text[GI_PROGRESS_TEXT], line[GI_PROGRESS_TEXT + 64];

    gi_pace_note(&p->pace, now_ns, p->tracked ? r->acked : r->executed);
    size_t n = put_virtual(p, line);
    gi_progress_text(text, r, (uint64_t)(now_ns - p->began_ns), p->pace.rate,
                     p->tracked, draining);
    snprintf(line + n, sizeof(line) - n, "%s\n", text);
    if (p->lines) {
        p->due_ns = now_ns + 10 * second_ns;
        gi_screen_put(p->screen, line);
        return;
    }
    p->due_ns = now_ns + second_ns / 5;
    if (others_print_here()) {
        gi_screen_live(p->screen, "");
        p->live = false;
        return;
    }
    line[strlen(line) - 1] = '\0';
    gi_screen_live(p->screen, line);
}
