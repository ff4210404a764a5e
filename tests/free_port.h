/* free_port.h -- a port of 127.0.0.1 for who closes it and opens it again. */
#ifndef TESTS_FREE_PORT_H
#define TESTS_FREE_PORT_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

static inline bool port_is_free(uint16_t port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool ok;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ok = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* One that is free now, and still will be when it is opened again: none of
 * those that the system gives to whoever asks for any, and none that other
 * tests try first (scripts/zookeeper and several.sh look above).  0: there is
 * none. */
static inline uint16_t free_port(void)
{
    enum { FIRST = 10000, PORTS = 20000, EACH = 16 };
    static uint32_t n;

    for (int i = 0; i < PORTS; i++) {
        uint32_t at = ((uint32_t)getpid() * EACH + n++) % PORTS;

        if (port_is_free((uint16_t)(FIRST + at)))
            return (uint16_t)(FIRST + at);
    }
    return 0;
}

#endif
