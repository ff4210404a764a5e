/* daemon_wake.c -- the time of the daemon, and what wakes it. */
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/env.h"
#include "nimbus/daemon_inside.h"

gi_when gi_nd_now(void)
{
    return (gi_when){
        .ms = (uint64_t)gi_env_real.now_ns(gi_env_real.arg) / 1000000,
        .wall_ms = (uint64_t)gi_env_real.wall_ms(gi_env_real.arg),
    };
}

static void wake_fd(int fd)
{
    uint64_t one = 1;
    ssize_t n;

    do
        n = write(fd, &one, sizeof(one));
    while (n < 0 && errno == EINTR);
}

void gi_nd_wake(void *daemon)
{
    wake_fd(((gi_ndaemon *)daemon)->wake);
}

/* ------------------------------------------------------------- signals -- */

/* A handler may come on any thread of the process, so all it does is say
 * so. */

static atomic_int signalled;
static atomic_int signal_wake = -1;

static void on_signal(int number)
{
    int before = errno, fd = atomic_load(&signal_wake);

    atomic_store(&signalled, number);
    if (fd >= 0)
        wake_fd(fd);
    errno = before;
}

void gi_nd_catch_signals(const gi_ndaemon *d, gi_nd_signals *old)
{
    struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

    if (!d->o->signals)
        return;
    atomic_store(&signalled, 0);
    atomic_store(&signal_wake, d->wake);
    sigemptyset(&act.sa_mask);
    sigaction(SIGTERM, &act, &old->term);
    sigaction(SIGINT, &act, &old->interrupt);
}

void gi_nd_leave_signals(const gi_ndaemon *d, const gi_nd_signals *old)
{
    if (!d->o->signals)
        return;
    sigaction(SIGTERM, &old->term, NULL);
    sigaction(SIGINT, &old->interrupt, NULL);
    atomic_store(&signal_wake, -1);
}

bool gi_nd_signalled(const gi_ndaemon *d)
{
    return d->o->signals && atomic_load(&signalled) != 0;
}
