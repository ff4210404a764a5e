#include "local/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bell.h"

/* A handler may come on any thread of the process, and on two at once. */
static atomic_int seen;
static atomic_int rung = -1; /* a bell; < 0: none */

/* Runs of one process may begin and end side by side. */
static pthread_mutex_t mtx = PTHREAD_MUTEX_INITIALIZER; /* guards: */
static int users;
static struct sigaction old_int, old_term;

/* The third time nobody answers: leave without asking. */
static void on_signal(int sig)
{
    static const char bye[] = "gale: stopped without waiting\n";

    if (atomic_fetch_add(&seen, 1) >= 2) {
        if (write(STDERR_FILENO, bye, sizeof(bye) - 1) < 0)
            _Exit(128 + sig);
        _Exit(128 + sig);
    }
    gi_bell_strike(atomic_load(&rung));
}

static void begin(void)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_signal;
    sigemptyset(&sa.sa_mask);
    atomic_store(&seen, 0);
    atomic_store(&rung, -1);
    sigaction(SIGINT, &sa, &old_int);
    sigaction(SIGTERM, &sa, &old_term);
}

/* Two runs at once hear the same signals. */
void gi_signals_catch(void)
{
    pthread_mutex_lock(&mtx);
    if (users++ == 0)
        begin();
    pthread_mutex_unlock(&mtx);
}

void gi_signals_restore(void)
{
    pthread_mutex_lock(&mtx);
    if (--users == 0) {
        sigaction(SIGINT, &old_int, NULL);
        sigaction(SIGTERM, &old_term, NULL);
    }
    pthread_mutex_unlock(&mtx);
}

void gi_signals_ring(int bell)
{
    atomic_store(&rung, bell);
}

int gi_signals_seen(void)
{
    return atomic_load(&seen);
}
