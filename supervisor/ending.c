#define _GNU_SOURCE /* sigabbrev_np, sigdescr_np */
#include "supervisor/ending.h"

#include <signal.h>
#include <stdio.h>

static void signal_text(gi_ending e, char *text, size_t size)
{
    const char *name = sigabbrev_np(e.number);
    const char *what = sigdescr_np(e.number);
    const char *hint = "";

    if (e.number == SIGKILL)
        hint = ", by hand or by the kernel for want of memory";
    else if (e.core)
        hint = ", and left a core file";
    if (name == NULL || what == NULL)
        snprintf(text, size, "killed by signal %d%s", e.number, hint);
    else
        snprintf(text, size, "killed by SIG%s (%s)%s", name, what, hint);
}

void gi_ending_text(gi_ending e, char *text, size_t size)
{
    switch (e.kind) {
    case GI_END_UNKNOWN:
        snprintf(text, size, "ended, and nobody saw how");
        break;
    case GI_END_EXIT:
        snprintf(text, size, "ended with status %d", e.number);
        break;
    case GI_END_SIGNAL:
        signal_text(e, text, size);
        break;
    case GI_END_NEVER:
        snprintf(text, size, "was never started");
        break;
    }
}
