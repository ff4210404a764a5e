#include "local/signals.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t seen;
static _Atomic int users;
static struct sigaction old_int, old_term;

/* The third time nobody answers: leave without asking. */
static void on_signal(int sig)
{
    static const char bye[] = "gale: stopped without waiting\n";

    if (++seen > 2) {
        if (write(STDERR_FILENO, bye, sizeof(bye) - 1) < 0)
            _Exit(128 + sig);
        _Exit(128 + sig);
    }
}

void gi_signals_catch(void)
{
    struct sigaction sa;

    if (users++ > 0)
        return; /* two runs at once hear the same signals */
    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_signal;
    sigemptyset(&sa.sa_mask);
    seen = 0;
    sigaction(SIGINT, &sa, &old_int);
    sigaction(SIGTERM, &sa, &old_term);
}

void gi_signals_restore(void)
{
    if (--users > 0)
        return;
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
}

int gi_signals_seen(void)
{
    return seen;
}
