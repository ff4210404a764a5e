/* leap.c -- the wall clock of a process, as the file $HOME/leap wants it: so
 * many seconds from what it is.  The file is 8 bytes, digits after a sign, and
 * may be written over at any time; where there is none, nothing leaps.
 *
 * Part of a program, or before all others by LD_PRELOAD.
 */
#define _GNU_SOURCE /* syscall */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LEN = 8 };

static const volatile char *leap;

__attribute__((constructor)) static void find_leap(void)
{
    const char *home = getenv("HOME");
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/leap", home == NULL ? "" : home);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (lseek(fd, 0, SEEK_END) >= LEN) {
        void *map = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);

        leap = map == MAP_FAILED ? NULL : map;
    }
    close(fd);
}

/* It is written by one call, yet may be seen in parts: another leap. */
static int64_t seconds(void)
{
    int64_t n = 0;

    if (leap == NULL)
        return 0;
    for (int i = 1; i < LEN; i++)
        if (leap[i] >= '0' && leap[i] <= '9')
            n = n * 10 + (leap[i] - '0');
    return leap[0] == '-' ? -n : n;
}

#pragma GCC visibility push(default)

int clock_gettime(clockid_t id, struct timespec *t)
{
    int rv = (int)syscall(SYS_clock_gettime, id, t);

    if (rv == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        t->tv_sec += seconds();
    return rv;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *t = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
    return 0;
}

time_t time(time_t *t)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (t != NULL)
        *t = now.tv_sec;
    return now.tv_sec;
}
