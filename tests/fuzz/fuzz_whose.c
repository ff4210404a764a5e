/* Any bytes as the kernel's table of connections: only what stands there of
 * this very connection makes somebody known. */
#define _GNU_SOURCE /* memfd_create */
#include <arpa/inet.h>
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wire/whose.h"

static nng_sockaddr end(const char *host, uint16_t port)
{
    nng_sockaddr a = { .s_in = { .sa_family = NNG_AF_INET,
                                 .sa_port = htons(port) } };

    inet_pton(AF_INET, host, &a.s_in.sa_addr);
    return a;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    nng_sockaddr ours = end("127.0.0.1", 6627), his = end("127.0.0.1", 40000);
    int fd = memfd_create("table", MFD_CLOEXEC);
    uint32_t uid = 77;
    char path[64];

    if (fd < 0 || write(fd, data, len) != (ssize_t)len)
        return 0;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    gi_whose w = gi_whose_in(path, &ours, &his, &uid);
    assert(w == GI_WHOSE_ELSEWHERE || w == GI_WHOSE_KNOWN ||
           w == GI_WHOSE_UNCLEAR);
    close(fd);
    return 0;
}
