#include "wire/whose.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { ESTABLISHED = 1, TRIES = 3 };

/* Addresses of both families as one; the port as a number. */
typedef struct where {
    uint8_t host[16];
    uint16_t port;
} where;

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* An IPv4 address as it lies in memory. */
static void set_four(where *w, const void *four)
{
    memcpy(w->host, mapped, sizeof(mapped));
    memcpy(w->host + sizeof(mapped), four, 4);
}

static bool place_of(const nng_sockaddr *a, where *out)
{
    if (a->s_family == NNG_AF_INET) {
        set_four(out, &a->s_in.sa_addr);
        out->port = ntohs(a->s_in.sa_port);
    } else if (a->s_family == NNG_AF_INET6) {
        memcpy(out->host, a->s_in6.sa_addr, sizeof(out->host));
        out->port = ntohs(a->s_in6.sa_port);
    } else {
        return false;
    }
    return true;
}

static bool same(const where *a, const where *b)
{
    return a->port == b->port &&
           memcmp(a->host, b->host, sizeof(a->host)) == 0;
}

static bool is_loopback(const where *w)
{
    static const uint8_t one[16] = { [15] = 1 };

    if (memcmp(w->host, mapped, sizeof(mapped)) == 0)
        return w->host[12] == 127;
    return memcmp(w->host, one, sizeof(one)) == 0;
}

/* "0100007F:1F90", or 32 digits for IPv6: each eight are 32 bits as this
 * machine lays them out. */
static bool read_place(const char *text, where *out)
{
    size_t n = strcspn(text, ":");
    uint32_t part[4];
    char digits[9] = "";
    unsigned port;

    if ((n != 8 && n != 32) || sscanf(text + n, ":%4x", &port) != 1)
        return false;
    for (size_t i = 0; i < n / 8; i++) {
        memcpy(digits, text + 8 * i, 8);
        if (sscanf(digits, "%8" SCNx32, &part[i]) != 1)
            return false;
    }
    if (n == 8)
        set_four(out, part);
    else
        memcpy(out->host, part, sizeof(out->host));
    out->port = (uint16_t)port;
    return true;
}

/* Who has closed it already has no inode, and is said to be user 0. */
static gi_whose read_line(const char *line, const where *ours,
                          const where *his, uint32_t *uid)
{
    char local[40], remote[40];
    unsigned state;
    uintmax_t inode;
    where a, b;

    if (sscanf(line,
               " %*d: %39s %39s %2x %*x:%*x %*x:%*x %*x %" SCNu32
               " %*d %" SCNuMAX,
               local, remote, &state, uid, &inode) != 5 ||
        !read_place(local, &a) || !read_place(remote, &b) || !same(&a, his) ||
        !same(&b, ours))
        return GI_WHOSE_ELSEWHERE;
    return state == ESTABLISHED && inode != 0 ? GI_WHOSE_KNOWN
                                              : GI_WHOSE_UNCLEAR;
}

static gi_whose look(const char *file, const where *ours, const where *his,
                     uint32_t *uid)
{
    gi_whose w = GI_WHOSE_ELSEWHERE;
    FILE *f = fopen(file, "re");
    char line[512];

    if (f == NULL)
        return w;
    while (w == GI_WHOSE_ELSEWHERE && fgets(line, sizeof(line), f) != NULL)
        w = read_line(line, ours, his, uid);
    fclose(f);
    return w;
}

/* User 0 must be said twice: between an inode and a user he may have hung up,
 * and what nobody has any more looks as if it were root's. */
gi_whose gi_whose_in(const char *file, const nng_sockaddr *ours,
                     const nng_sockaddr *his, uint32_t *uid)
{
    where a, b;
    gi_whose w;

    if (!place_of(ours, &a) || !place_of(his, &b))
        return GI_WHOSE_ELSEWHERE;
    w = look(file, &a, &b, uid);
    if (w == GI_WHOSE_KNOWN && *uid == 0)
        w = look(file, &a, &b, uid) == GI_WHOSE_KNOWN && *uid == 0
                ? GI_WHOSE_KNOWN
                : GI_WHOSE_UNCLEAR;
    return w;
}

/* While others come and go the kernel may skip one. */
static gi_whose look_in_tables(const nng_sockaddr *ours,
                               const nng_sockaddr *his, uint32_t *uid)
{
    static const char *const file[] = { "/proc/net/tcp", "/proc/net/tcp6" };
    gi_whose w = GI_WHOSE_ELSEWHERE;

    for (int i = 0; w == GI_WHOSE_ELSEWHERE && i < 2 * TRIES; i++)
        w = gi_whose_in(file[i % 2], ours, his, uid);
    return w;
}

/* Root must be said twice; see gi_whose_in. */
static gi_whose ask(const nng_sockaddr *ours, const nng_sockaddr *his,
                    uint32_t *uid)
{
    gi_whose w;

    if (!gi_whose_ask(ours, his, &w, uid))
        return look_in_tables(ours, his, uid);
    if (w == GI_WHOSE_KNOWN && *uid == 0 &&
        (!gi_whose_ask(ours, his, &w, uid) || *uid != 0))
        w = GI_WHOSE_UNCLEAR;
    return w;
}

/* Whoever is on the loopback is of this machine; unless nothing here says who
 * is where. */
gi_whose gi_whose_stream(nng_stream *s, uint32_t *uid)
{
    nng_sockaddr ours, his;
    gi_whose w;
    where he;

    if (nng_stream_get_addr(s, NNG_OPT_LOCADDR, &ours) != 0 ||
        nng_stream_get_addr(s, NNG_OPT_REMADDR, &his) != 0)
        return GI_WHOSE_UNCLEAR; /* it is over */
    if (!place_of(&his, &he))
        return GI_WHOSE_ELSEWHERE;
    w = ask(&ours, &his, uid);
    return w == GI_WHOSE_ELSEWHERE && is_loopback(&he) &&
                   access("/proc/net/tcp", R_OK) == 0
               ? GI_WHOSE_UNCLEAR
               : w;
}

char *gi_whose_name(uint32_t uid)
{
    struct passwd entry, *found = NULL;
    char bytes[4096];

    if (getpwuid_r(uid, &entry, bytes, sizeof(bytes), &found) != 0 ||
        found == NULL) {
        snprintf(bytes, sizeof(bytes), "%" PRIu32, uid);
        return gi_strdup(bytes);
    }
    return gi_strdup(found->pw_name);
}
