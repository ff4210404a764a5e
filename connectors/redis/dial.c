#include "connectors/redis/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

int gi_redis_wait(int fd, short events, int64_t until_ms)
{
    struct pollfd p = { .fd = fd, .events = events };

    for (;;) {
        int64_t left = until_ms - gi_clock_ms();
        int n = poll(&p, 1, left < 0 ? 0 : (int)left);

        if (n > 0)
            return p.revents;
        if (n == 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

/* 0, or an errno. */
static int finish(int fd, int64_t until_ms)
{
    int wrong = 0, got = gi_redis_wait(fd, POLLOUT, until_ms);
    socklen_t size = sizeof(wrong);

    if (got <= 0)
        return got == 0 ? ETIMEDOUT : errno;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &wrong, &size) == 0 ? wrong
                                                                    : errno;
}

static int connect_to(int family, const struct sockaddr *to, socklen_t size,
                      int64_t until_ms, int *wrong)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        *wrong = errno;
        return -1;
    }
    *wrong = connect(fd, to, size) == 0 ? 0 : errno;
    if (*wrong == EINPROGRESS)
        *wrong = finish(fd, until_ms);
    if (*wrong == 0)
        return fd;
    close(fd);
    return -1;
}

static int dial_path(const gi_redis_opts *o, int64_t until_ms, int *wrong)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };

    if (strlen(o->path) >= sizeof(a.sun_path)) {
        *wrong = ENAMETOOLONG;
        return -1;
    }
    memcpy(a.sun_path, o->path, strlen(o->path) + 1);
    return connect_to(AF_UNIX, (const struct sockaddr *)&a, sizeof(a),
                      until_ms, wrong);
}

/* A peer that vanished is noticed, and small words are not kept back. */
static void set_up(int fd)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

static int dial_host(const gi_redis_opts *o, int64_t until_ms,
                     const char **wrong)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all;
    int rc = getaddrinfo(o->host, o->port, &hints, &all), fd = -1, e = 0;

    if (rc != 0) {
        *wrong = rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc);
        return -1;
    }
    for (const struct addrinfo *a = all; fd < 0 && a != NULL; a = a->ai_next)
        fd = connect_to(a->ai_family, a->ai_addr, a->ai_addrlen, until_ms, &e);
    freeaddrinfo(all);
    if (fd < 0)
        *wrong = strerror(e);
    else
        set_up(fd);
    return fd;
}

int gi_redis_dial(const gi_redis_opts *o, const char **wrong)
{
    int64_t until = gi_clock_ms() + o->timeout_ms;
    int fd, e = 0;

    if (o->path == NULL)
        return dial_host(o, until, wrong);
    fd = dial_path(o, until, &e);
    if (fd < 0)
        *wrong = strerror(e);
    return fd;
}
