#include "cli/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or behind a '@' a name that is in no directory. */
static bool address(struct sockaddr_un *to, socklen_t *len, const char *name)
{
    size_t n = strlen(name);

    if ((name[0] != '/' && name[0] != '@') || n < 2 ||
        n >= sizeof(to->sun_path))
        return false;
    *to = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(to->sun_path, name, n);
    if (name[0] == '@')
        to->sun_path[0] = '\0';
    *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    return true;
}

gale_err gi_notify(const char *what)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to;
    socklen_t len;
    ssize_t n;
    int fd;

    if (name == NULL || *name == '\0')
        return GALE_OK;
    if (!address(&to, &len, name))
        return GALE_EINVAL;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return GALE_EIO;
    do
        n = sendto(fd, what, strlen(what), MSG_NOSIGNAL,
                   (const struct sockaddr *)&to, len);
    while (n < 0 && errno == EINTR);
    int error = errno;
    close(fd);
    errno = error;
    return n < 0 ? GALE_EIO : GALE_OK;
}
