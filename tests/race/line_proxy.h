/* line_proxy.h -- what stands between two ends of links and lets connections
 * through, until it cuts, resets, clogs or halves them, in the middle of
 * frames as likely as not. */
#ifndef TEST_RACE_LINE_PROXY_H
#define TEST_RACE_LINE_PROXY_H

#include "race.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/mix.h"

enum { PAIRS = 4, BOTH = 2, RARELY = 20 };

/* What becomes of a connection when it has carried `left` bytes. */
enum fate { CUT, RESET, HALF_HERE, HALF_THERE, CLOG, N_FATES };

struct pair {
    int fd[2]; /* of the end that dials, of the one that listens; -1: closed */
    int64_t left;
    enum fate fate;
    bool silent; /* nothing goes through any more */
};

struct proxy {
    int listener, port, to;
    struct pair pair[PAIRS];
    uint32_t n, cuts, most_cuts;
    uint32_t of[N_FATES];
    gi_rng rng;
    char bytes[65536];
    _Atomic bool stop;
    pthread_t thread;
};

static inline struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static inline void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline void reset(int *fd)
{
    struct linger now = { 1, 0 };

    setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    shut(fd);
}

static inline void come_to_pass(struct proxy *x, struct pair *p)
{
    x->of[p->fate]++;
    p->left = INT64_MAX;
    switch (p->fate) {
    case RESET:
        reset(&p->fd[0]);
        reset(&p->fd[1]);
        break;
    case HALF_HERE:
    case HALF_THERE:
        p->silent = true;
        shut(&p->fd[p->fate == HALF_THERE]);
        break;
    case CLOG:
        race_nap_us((int64_t)gi_rng_below(&x->rng, 20000));
        p->fate = CUT;
        p->left = (int64_t)gi_rng_below(&x->rng, 50000);
        break;
    default:
        shut(&p->fd[0]);
        shut(&p->fd[1]);
    }
}

/* The oldest goes if there is no room: by then nobody speaks over it. */
static inline void let_through(struct proxy *x)
{
    struct pair *p = &x->pair[x->n++ % PAIRS];
    struct sockaddr_in to = loopback(x->to);

    shut(&p->fd[0]);
    shut(&p->fd[1]);
    *p = (struct pair){ .left = INT64_MAX };
    p->fd[0] = accept(x->listener, NULL, NULL);
    p->fd[1] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(p->fd[1], (void *)&to, sizeof(to)) != 0) {
        shut(&p->fd[0]); /* nobody is there */
        shut(&p->fd[1]);
        return;
    }
    if (x->cuts == x->most_cuts)
        return;
    x->cuts++;
    p->left = (int64_t)gi_rng_below(&x->rng, 200000);
    p->fate = (enum fate)gi_rng_below(&x->rng, N_FATES - 1);
    p->fate += p->fate >= HALF_THERE; /* which takes a silence to be noticed */
    if (x->cuts % RARELY == 0)
        p->fate = HALF_THERE;
}

/* From one side to the other, as much as its fate allows. */
static inline void carry(struct proxy *x, struct pair *p, int from)
{
    char *bytes = x->bytes;
    size_t most = sizeof(x->bytes);

    if (p->left < (int64_t)most)
        most = (size_t)p->left + 1;
    ssize_t n = recv(p->fd[from], bytes, most, 0);
    if (n <= 0) {
        shut(&p->fd[0]);
        shut(&p->fd[1]);
        return;
    }
    if (p->silent)
        return;
    for (ssize_t at = 0; at < n;) {
        ssize_t m =
            send(p->fd[1 - from], bytes + at, (size_t)(n - at), MSG_NOSIGNAL);
        if (m <= 0)
            break;
        at += m;
    }
    p->left -= n;
    if (p->left < 0)
        come_to_pass(x, p);
}

static inline void *proxy_run(void *arg)
{
    struct proxy *x = arg;

    while (!atomic_load(&x->stop)) {
        struct pollfd p[1 + BOTH * PAIRS] = { { x->listener, POLLIN, 0 } };

        for (int i = 0; i < BOTH * PAIRS; i++)
            p[1 + i] = (struct pollfd){ x->pair[i / 2].fd[i % 2], POLLIN, 0 };
        poll(p, 1 + BOTH * PAIRS, 20);
        for (int i = 0; i < BOTH * PAIRS; i++) {
            struct pair *pair = &x->pair[i / 2];

            if (p[1 + i].revents != 0 && pair->fd[i % 2] == p[1 + i].fd)
                carry(x, pair, i % 2);
        }
        if (p[0].revents != 0)
            let_through(x);
    }
    for (int i = 0; i < BOTH * PAIRS; i++)
        shut(&x->pair[i / 2].fd[i % 2]);
    return NULL;
}

static inline void proxy_start(struct proxy *x, int to, uint32_t cuts,
                               uint64_t seed)
{
    struct sockaddr_in at = loopback(0);
    socklen_t len = sizeof(at);

    x->to = to;
    x->most_cuts = cuts;
    x->rng.at = seed;
    for (int i = 0; i < PAIRS; i++)
        x->pair[i] = (struct pair){ .fd = { -1, -1 } };
    x->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(x->listener, (void *)&at, len) == 0, "a port");
    CHECK(listen(x->listener, 16) == 0, "to listen");
    CHECK(getsockname(x->listener, (void *)&at, &len) == 0, "which one");
    x->port = ntohs(at.sin_port);
    CHECK(pthread_create(&x->thread, NULL, proxy_run, x) == 0, "a thread");
}

static inline void proxy_stop(struct proxy *x)
{
    atomic_store(&x->stop, true);
    pthread_join(x->thread, NULL);
    close(x->listener);
}

#endif
