/* signals.c -- runs that begin and end side by side leave the handlers of
 * signals as they found them; and of signals that come on two threads at once
 * each counts. */
#include "race.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "local/signals.h"

enum { RUNS = 20000, ROUNDS = 20000 / RACE_SLOWER };

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

/* Whoever comes first looks for the other one for a while, so that they leave
 * together. */
static void meet(void)
{
    static atomic_uint came;
    unsigned all = (atomic_fetch_add(&came, 1) | 1) + 1;

    for (int looks = 0; (int)(atomic_load(&came) - all) < 0; looks++)
        if (looks > 2000)
            sched_yield();
}

static void *raise_terms(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        meet();
        raise(SIGTERM);
        meet();
    }
    return NULL;
}

static void expect_both(void)
{
    pthread_t other;

    CHECK(pthread_create(&other, NULL, raise_terms, NULL) == 0, "thread");
    for (int i = 0; i < ROUNDS; i++) {
        gi_signals_catch();
        meet();
        raise(SIGINT);
        meet();
        CHECK(gi_signals_seen() == 2, "round %d: %d", i, gi_signals_seen());
        gi_signals_restore();
    }
    pthread_join(other, NULL);
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
    expect_both();
    return 0;
}
