#define _GNU_SOURCE /* ppoll */
#include "base/park.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

gale_err gi_parker_init(gi_parker *p)
{
    atomic_init(&p->asleep, 0);
    p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return p->fd < 0 ? GALE_EIO : GALE_OK;
}

void gi_parker_fini(gi_parker *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

void gi_parker_sleep(gi_parker *p, int64_t ns)
{
    struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
    struct timespec ts = { .tv_sec = ns / 1000000000,
                           .tv_nsec = ns % 1000000000 };
    uint64_t drained;

    if (ppoll(&pfd, 1, ns < 0 ? NULL : &ts, NULL) > 0 &&
        read(p->fd, &drained, sizeof(drained)) < 0 && errno == EBADF)
        return;
    gi_parker_cancel(p);
}

/* One write wakes; exchanging the flag first keeps a crowd of producers from
 * writing more than one. */
void gi_parker_wake_slow(gi_parker *p)
{
    uint64_t one = 1;

    if (atomic_exchange_explicit(&p->asleep, 0, memory_order_relaxed) != 0 &&
        write(p->fd, &one, sizeof(one)) < 0)
        return; /* EAGAIN: it is awake many times over */
}
