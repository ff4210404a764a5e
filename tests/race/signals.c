/* signals.c -- runs that begin and end side by side leave the handlers of
 * signals as they found them. */
#include "race.h"

#include <pthread.h>
#include <signal.h>

#include "local/signals.h"

enum { RUNS = 20000 };

static void *run_again_and_again(void *arg)
{
    (void)arg;
    for (int i = 0; i < RUNS; i++) {
        gi_signals_catch();
        gi_signals_restore();
    }
    return NULL;
}

static void expect_as_before(int sig)
{
    struct sigaction now;

    CHECK(sigaction(sig, NULL, &now) == 0, "signal %d", sig);
    CHECK(now.sa_handler == SIG_IGN, "of signal %d", sig);
}

int main(void)
{
    pthread_t other;

    alarm(600);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    CHECK(pthread_create(&other, NULL, run_again_and_again, NULL) == 0,
          "thread");
    run_again_and_again(NULL);
    pthread_join(other, NULL);
    expect_as_before(SIGINT);
    expect_as_before(SIGTERM);
    return 0;
}
