#define _GNU_SOURCE /* P_PIDFD */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/process_start.h"

enum { STACK = 128 << 10 };

int gi_process_wait(int pidfd, siginfo_t *si, int how)
{
    int rc;

    do {
        *si = (siginfo_t){ 0 };
        rc = waitid(P_PIDFD, (id_t)pidfd, si, WEXITED | how);
    } while (rc != 0 && errno == EINTR);
    return rc;
}

static void *reap(void *arg)
{
    int pidfd = (int)(intptr_t)arg;
    siginfo_t si;

    gi_process_wait(pidfd, &si, 0);
    close(pidfd);
    return NULL;
}

/* Signals are for other threads. */
static bool reap_aside(int pidfd)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, old;
    int e;

    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, STACK);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    e = pthread_create(&thread, &attr, reap, (void *)(intptr_t)pidfd);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return e == 0;
}

void gi_process_reap(int pidfd)
{
    int own = fcntl(pidfd, F_DUPFD_CLOEXEC, 0);
    siginfo_t si;

    if (own >= 0 && reap_aside(own))
        return;
    if (own >= 0)
        close(own);
    gi_process_wait(pidfd, &si, 0);
}
