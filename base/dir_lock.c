#include "base/dir_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"

static gale_err say(gale_diag *why, const char *dir)
{
    gi_diag_say(why, "%s: %s", dir, strerror(errno));
    return GALE_EIO;
}

/* "a/b/c": a, a/b, a/b/c.  Those that are there stay as they are. */
static gale_err make_dirs(const char *dir, gale_diag *why)
{
    char *part = gi_strdup(dir);
    gale_err rv = GALE_OK;

    if (part == NULL)
        return GALE_ENOMEM;
    for (char *at = part; rv == GALE_OK && *at != '\0'; at++)
        if (*at == '/' && at > part) {
            *at = '\0';
            if (mkdir(part, 0755) != 0 && errno != EEXIST)
                rv = say(why, part);
            *at = '/';
        }
    if (rv == GALE_OK && mkdir(dir, 0700) != 0 && errno != EEXIST)
        rv = say(why, dir);
    gi_free(part);
    return rv;
}

static gale_err refuse(int fd, const char *dir, const char *who,
                       gale_diag *why)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;

    if (why == NULL)
        return GALE_ELIMIT;
    if (pid > 0)
        snprintf(text, sizeof(text), " (process %ld)", pid);
    else
        text[0] = '\0';
    gi_diag_say(
        why, "%s: another %s%s has this directory; each needs one of its own",
        dir, who, text);
    return GALE_ELIMIT;
}

gale_err gi_dir_lock(int *out, const char *dir, const char *who,
                     gale_diag *why)
{
    gale_err rv = make_dirs(dir, why);
    char text[32];
    int at, fd;

    if (rv != GALE_OK)
        return rv;
    at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return say(why, dir);
    fd = openat(at, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    rv = fd < 0 ? say(why, dir) : GALE_OK;
    close(at);
    if (rv != GALE_OK)
        return rv;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        rv = errno == EWOULDBLOCK ? refuse(fd, dir, who, why) : say(why, dir);
        close(fd);
        return rv;
    }
    /* Who it is helps, but is not needed: the disk may be full. */
    snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, strlen(text), 0) < 0)
        errno = 0;
    *out = fd;
    return GALE_OK;
}
