/* line_cut.c -- a link whose connections are cut in the middle of frames,
 * clogged, and left half-open, again and again: while both ends live, all
 * frames are executed, in order and once. */
#include "line_ends.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/mix.h"

enum { CUTS = 150, PAIRS = 4, BOTH = 2 };

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
    uint32_t n, cuts;
    uint32_t of[N_FATES];
    gi_rng rng;
    _Atomic bool stop;
    pthread_t thread;
};

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void reset(int *fd)
{
    struct linger now = { 1, 0 };

    setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    shut(fd);
}

static void come_to_pass(struct proxy *x, struct pair *p)
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
static void let_through(struct proxy *x)
{
    struct pair *p = &x->pair[x->n++ % PAIRS];
    struct sockaddr_in to = loopback(x->to);

    shut(&p->fd[0]);
    shut(&p->fd[1]);
    *p = (struct pair){ .left = INT64_MAX };
    p->fd[0] = accept(x->listener, NULL, NULL);
    p->fd[1] = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(p->fd[1], (void *)&to, sizeof(to)) == 0, "the other end");
    if (x->cuts == CUTS)
        return;
    x->cuts++;
    p->left = (int64_t)gi_rng_below(&x->rng, 200000);
    p->fate = (enum fate)gi_rng_below(&x->rng, N_FATES);
    if (p->fate == HALF_THERE && gi_rng_below(&x->rng, 4) != 0)
        p->fate = CUT; /* takes a silence to be noticed */
}

/* From one side to the other, as much as its fate allows. */
static void carry(struct proxy *x, struct pair *p, int from)
{
    static char bytes[65536];
    size_t most = sizeof(bytes);

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

static void *proxy_run(void *arg)
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

static void proxy_start(struct proxy *x, int to, uint64_t seed)
{
    struct sockaddr_in at = loopback(0);
    socklen_t len = sizeof(at);

    x->to = to;
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

int main(int argc, char **argv)
{
    const uint64_t n = 20000;
    static struct end a, b;
    static struct proxy x;

    alarm(120);
    end_open(&b, false, 2, 0, n, n, 1000);
    proxy_start(&x, gi_exchange_port(b.exchange),
                argc > 1 ? strtoull(argv[1], NULL, 10) : 1);
    end_open(&a, true, 1, x.port, n, n, 1000);
    end_start(&a);
    end_start(&b);
    pthread_join(a.thread, NULL);
    pthread_join(b.thread, NULL);
    atomic_store(&x.stop, true);
    pthread_join(x.thread, NULL);
    close(x.listener);
    CHECK(a.taken == n && b.taken == n, "all came");
    CHECK(a.executed == n && b.executed == n, "all were executed");
    CHECK(x.cuts == CUTS, "cut only %u times", x.cuts);
    CHECK(a.view.counts.resent + b.view.counts.resent > 0, "never in a frame");
    CHECK(a.view.counts.faults + b.view.counts.faults == 0, "nonsense");
    CHECK(a.view.counts.silences <= x.of[HALF_THERE] + CUTS / 10,
          "%llu ends of connections were noticed by silence only",
          (unsigned long long)a.view.counts.silences);
    for (int f = 0; f < N_FATES; f++)
        CHECK(x.of[f] > 0, "fate %d never came to pass", f);
    printf(
        "%llu frames each way over %llu connections, %llu sent again, "
        "%llu silences\n",
        (unsigned long long)n, (unsigned long long)a.view.counts.connections,
        (unsigned long long)(a.view.counts.resent + b.view.counts.resent),
        (unsigned long long)(a.view.counts.silences + b.view.counts.silences));
    end_close(&a);
    end_close(&b);
    CHECK(a.lost == 0 && b.lost == 0, "nothing is lost");
    return 0;
}
