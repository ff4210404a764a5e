/* calls.h -- what a program says to its files, counted: the n-th call ends the
 * process, as a kill would, or fails.
 *
 * These take the place of the C library's, for LMDB too. */
#ifndef TEST_STATE_CALLS_H
#define TEST_STATE_CALLS_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum calls_how { CALLS_COUNT, CALLS_KILL, CALLS_KILL_HALF, CALLS_FAIL };
enum { CALLS_KILLED = 42 };

static struct {
    enum calls_how how;
    long n, at;   /* so many were made; this one is it */
    long as_well; /* so many behind it fail, too */
    int error;
} calls;

/* Must it fail?  Of a write that is cut short, *half. */
static bool calls_hit(bool *half)
{
    long n = ++calls.n;

    if (calls.how == CALLS_COUNT || calls.at == 0 || n < calls.at)
        return false;
    if (calls.how == CALLS_FAIL) {
        errno = calls.error;
        return n <= calls.at + calls.as_well;
    }
    if (calls.how == CALLS_KILL_HALF && half != NULL && !*half) {
        *half = true;
        return false;
    }
    _exit(CALLS_KILLED);
}

#define CALLS_TELL(expression)    \
    do {                          \
        if (calls_hit(NULL))      \
            return -1;            \
        return (int)(expression); \
    } while (0)

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    bool half = false;

    if (calls_hit(&half))
        return -1;
    ssize_t rv = syscall(SYS_pwrite64, fd, p, half ? n / 2 : n, at);
    if (half)
        _exit(CALLS_KILLED);
    return rv;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at);
ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    return pwrite(fd, p, n, at);
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at)
{
    bool half = false;

    if (calls_hit(&half))
        return -1;
    ssize_t rv = syscall(SYS_pwritev, fd, v, half ? (n + 1) / 2 : n, at, 0);
    if (half)
        _exit(CALLS_KILLED);
    return rv;
}

ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t at);
ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t at)
{
    return pwritev(fd, v, n, at);
}

/* What is killed leaves what it wrote, synced or not; so nobody waits. */
int fdatasync(int fd)
{
    CALLS_TELL(fd < 0 ? -1 : 0);
}

int fsync(int fd)
{
    CALLS_TELL(fd < 0 ? -1 : 0);
}

int ftruncate(int fd, off_t n)
{
    CALLS_TELL(syscall(SYS_ftruncate, fd, n));
}

int ftruncate64(int fd, off64_t n);
int ftruncate64(int fd, off64_t n)
{
    CALLS_TELL(syscall(SYS_ftruncate, fd, n));
}

int rename(const char *from, const char *to)
{
    CALLS_TELL(syscall(SYS_renameat2, -100, from, -100, to, 0));
}

int unlink(const char *path)
{
    CALLS_TELL(syscall(SYS_unlinkat, -100, path, 0));
}

int unlinkat(int fd, const char *path, int flags)
{
    CALLS_TELL(syscall(SYS_unlinkat, fd, path, flags));
}

int rmdir(const char *path)
{
    CALLS_TELL(syscall(SYS_unlinkat, -100, path, 0x200));
}

int mkdir(const char *path, mode_t mode)
{
    CALLS_TELL(syscall(SYS_mkdirat, -100, path, mode));
}

#endif
