#include "base/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whoever has it open can read and write: so a bell at which nobody waits is
 * rung in vain, and nobody is sent a signal for it. */
static int open_pipe(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)))
        return fd;
    close(fd);
    errno = EEXIST;
    return -1;
}

int gi_bell_hang(const char *path)
{
    /* An older one may be another user's by now. */
    if (unlink(path) != 0 && errno != ENOENT)
        return -1;
    return mkfifo(path, 0600) == 0 ? open_pipe(path) : -1;
}

bool gi_bell_wait(int bell, int ms)
{
    struct pollfd pfd = { .fd = bell, .events = POLLIN };
    char rings[512]; /* at most; more of them wake again */

    return poll(&pfd, 1, ms) > 0 && read(bell, rings, sizeof(rings)) > 0;
}

void gi_bell_strike(int bell)
{
    int kept = errno;

    /* A pipe that is full has been rung often enough. */
    if (bell >= 0 && write(bell, "", 1) < 0)
        errno = kept;
    errno = kept;
}

void gi_bell_ring(const char *path)
{
    struct stat st;
    int kept = errno;

    /* Looked at before: to open a device can do things. */
    if (lstat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
        int bell = open_pipe(path);

        gi_bell_strike(bell);
        if (bell >= 0)
            close(bell);
    }
    errno = kept;
}

bool gi_bell_heard(const char *path)
{
    struct stat st;
    int kept = errno;
    int bell = lstat(path, &st) == 0 && S_ISFIFO(st.st_mode)
                   ? open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
                   : -1;

    if (bell >= 0)
        close(bell);
    errno = kept;
    return bell >= 0; /* where nobody reads there is nothing to write to */
}
