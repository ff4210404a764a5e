/* progress.h -- what is said while a topology runs. */
#ifndef GI_CLI_PROGRESS_H
#define GI_CLI_PROGRESS_H

#include "cli/screen.h"
#include "gale/run.h"

/* What was seen when somebody last looked; zeroed, it has seen nothing. */
typedef struct gi_pace {
    int64_t at_ns;
    uint64_t done;
    uint64_t rate; /* a second, between the last two looks */
} gi_pace;

/* Note that `done` things are done at `now_ns`; the rate is renewed once a
 * second, so that it can be read. */
void gi_pace_note(gi_pace *p, int64_t now_ns, uint64_t done);

enum { GI_PROGRESS_TEXT = 256 };

/* "  12.4 s  1,234,567 acked  45,210/s  312 in flight  0 failed  p99 1.2 ms".
 * Without ackers it counts what was executed. */
void gi_progress_text(char to[GI_PROGRESS_TEXT], const gale_run_result *r,
                      uint64_t ran_ns, uint64_t rate, bool tracked,
                      bool draining);

/* Drives the screen while a run lasts. */
typedef struct gi_progress {
    gi_screen *screen;
    bool live;  /* a line that is drawn anew, five times a second */
    bool lines; /* a plain line every ten seconds */
    bool tracked;
    int64_t began_ns, due_ns;
    int64_t virtual_ns; /* of a simulation: what its clock says; else 0 */
    gi_pace pace;
} gi_progress;

void gi_progress_start(gi_progress *p, gi_screen *screen, gi_choice when,
                       bool tracked, int64_t now_ns);

/* Would gi_progress_show have something to say? */
bool gi_progress_due(const gi_progress *p, int64_t now_ns);
void gi_progress_show(gi_progress *p, int64_t now_ns, const gale_run_result *r,
                      bool draining);

#endif
