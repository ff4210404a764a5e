#include "cli/gale/ports.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Bind and listen, and be done; *port becomes the one that it was. */
static bool listens(const char *host, uint16_t *port)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *at = NULL;
    struct sockaddr_storage got;
    socklen_t len = sizeof(got);
    char name[8];
    int one = 1;

    snprintf(name, sizeof(name), "%u", *port);
    if (getaddrinfo(host, name, &hints, &at) != 0)
        return false;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool fine =
        fd >= 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
        bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 1) == 0 &&
        getsockname(fd, (struct sockaddr *)&got, &len) == 0;
    freeaddrinfo(at);
    if (fine)
        *port = ntohs(got.ss_family == AF_INET6
                          ? ((struct sockaddr_in6 *)&got)->sin6_port
                          : ((struct sockaddr_in *)&got)->sin_port);
    if (fd >= 0)
        close(fd);
    return fine;
}

bool gi_port_free(const char *host, uint16_t port)
{
    return listens(host, &port);
}

static bool is_among(uint16_t port, const uint16_t *ports, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (ports[i] == port)
            return true;
    return false;
}

uint16_t gi_port_pick(uint16_t wanted, const uint16_t * not, unsigned n)
{
    uint16_t port = wanted;

    if (!is_among(wanted, not, n) && listens("127.0.0.1", &port))
        return wanted;
    for (int tries = 0; tries < 64; tries++) {
        port = 0;
        if (listens("127.0.0.1", &port) && !is_among(port, not, n))
            return port;
    }
    return 0;
}

int gi_port_claim(uint16_t port)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    /* The first byte is zero: a name of the kernel's, not a file. */
    int n = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1,
                     "gale-port-%u", port);
    socklen_t len =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&name, len) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}
