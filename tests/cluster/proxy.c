#include "tests/cluster/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t proxy_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t proxy_below(struct proxy *x, int64_t n)
{
    return (int64_t)gi_rng_below(&x->rng, (uint32_t)n);
}

/* -------------------------------------------------------------- one end -- */

static void flow_empty(struct flow *f)
{
    struct piece *p;

    while ((p = f->first) != NULL) {
        f->first = p->next;
        free(p);
    }
    *f = (struct flow){ .last = &f->first };
}

static void conn_close(struct conn *c, bool reset)
{
    const struct linger at_once = { 1, 0 };

    for (int i = 0; i < 2; i++) {
        if (c->fd[i] >= 0 && reset)
            setsockopt(c->fd[i], SOL_SOCKET, SO_LINGER, &at_once,
                       sizeof(at_once));
        if (c->fd[i] >= 0)
            close(c->fd[i]);
        c->fd[i] = -1;
        flow_empty(&c->to[i]);
    }
}

static void flow_put(struct flow *f, const char *bytes, size_t len,
                     int64_t due)
{
    struct piece *p = malloc(sizeof(*p) + len);

    if (p == NULL)
        abort();
    *p = (struct piece){ .len = len, .due = due };
    memcpy(p->bytes, bytes, len);
    *f->last = p;
    f->last = &p->next;
    f->queued += len;
}

static int proxy_dial(const struct way *w)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    if (fd < 0 ||
        connect(fd, (const void *)&w->target, sizeof(w->target)) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

static struct conn *proxy_conn(struct proxy *x, int way, bool alone)
{
    struct conn *c = NULL;

    for (int i = 0; i < PROXY_CONNS && c == NULL; i++)
        if (x->conns[i].fd[0] < 0 && x->conns[i].fd[1] < 0)
            c = &x->conns[i];
    if (c == NULL) { /* nobody speaks over the oldest any more */
        c = &x->conns[x->n_conns % PROXY_CONNS];
        conn_close(c, false);
    }
    *c = (struct conn){ .fd = { -1, proxy_dial(&x->ways[way]) },
                        .way = way,
                        .fate = FATE_CLEAN,
                        .left = INT64_MAX,
                        .alone = alone };
    for (int i = 0; i < 2; i++)
        c->to[i].last = &c->to[i].first;
    x->n_conns++;
    return c;
}

/* ---------------------------------------------------------------- fate -- */

/* What was said on this way before, once more: by itself, or in front. */
static void say_again(struct proxy *x, struct conn *c)
{
    struct way *w = &x->ways[c->way];

    if (c->fate == FATE_REPLAY)
        c = proxy_conn(x, c->way, true);
    if (c->fd[1] >= 0 && w->taped[1] > 0)
        flow_put(&c->to[1], w->tape[1], w->taped[1], 0);
}

static void draw_fate(struct proxy *x, struct conn *c)
{
    if (atomic_load(&x->faults_left) == 0)
        return;
    x->faults_left--;
    c->fate = (enum proxy_fate)proxy_below(x, N_FATES);
    c->side = (int)proxy_below(x, 2);
    c->left = proxy_below(x, proxy_below(x, 3) == 0 ? 500 : 300000);
    if (c->fate == FATE_DEAF && proxy_below(x, 3) != 0)
        c->fate = FATE_CUT; /* it takes a silence to be noticed */
    x->of[c->fate]++;
    if (c->fate == FATE_GARBLE || c->fate == FATE_REPLAY)
        say_again(x, c);
    if (c->fate == FATE_DELAY)
        c->to[c->side].delay_ns = 1000000 + proxy_below(x, 60) * 1000000;
    else
        c->to[c->side].delay_ns = 0;
}

/* It has carried so much. */
static void meet_fate(struct proxy *x, struct conn *c, int64_t now)
{
    struct flow *f = &c->to[c->side];

    c->left = INT64_MAX;
    switch (c->fate) {
    case FATE_CUT:
    case FATE_REPLAY:
    case FATE_GARBLE:
        conn_close(c, false);
        break;
    case FATE_RESET:
        conn_close(c, true);
        break;
    case FATE_HALF:
        f->ends = true;
        break;
    case FATE_DEAF:
        f->deaf = true;
        break;
    case FATE_STALL:
        f->still_until = now + (10 + proxy_below(x, 700)) * 1000000;
        draw_fate(x, c);
        break;
    case FATE_SLOW:
        f->rate = 20000 + proxy_below(x, 200000);
        f->slow_until = now + 1000000000;
        draw_fate(x, c);
        break;
    default:
        draw_fate(x, c);
    }
}

/* --------------------------------------------------------------- bytes -- */

static void remember(struct way *w, struct conn *c, int to, const char *bytes,
                     size_t len)
{
    if (to != 1 || c->alone)
        return;
    if (len > PROXY_TAPE - w->taped[0])
        len = PROXY_TAPE - w->taped[0];
    memcpy(w->tape[0] + w->taped[0], bytes, len);
    w->taped[0] += len;
}

static void take_bytes(struct proxy *x, struct conn *c, int from, int64_t now)
{
    char bytes[PROXY_PIECE];
    struct flow *f = &c->to[1 - from];
    size_t most = sizeof(bytes);

    if (c->fate != FATE_CLEAN && c->left < (int64_t)most)
        most = (size_t)c->left + 1;
    ssize_t n = recv(c->fd[from], bytes, most, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0 || (n == 0 && c->alone)) {
        conn_close(c, n < 0);
        return;
    }
    if (n == 0)
        f->ends = true;
    else if (c->fd[1 - from] >= 0 && !f->deaf && !c->alone) {
        remember(&x->ways[c->way], c, 1 - from, bytes, (size_t)n);
        flow_put(f, bytes, (size_t)n, now + f->delay_ns);
    }
    if (c->left != INT64_MAX && (c->left -= n) < 0)
        meet_fate(x, c, now);
}

/* As much as may go now, and what comes after the last of it. */
static void give_bytes(struct proxy *x, struct conn *c, int to, int64_t now)
{
    struct way *w = &x->ways[c->way];
    struct flow *f = &c->to[to];

    if (f->slow_until != 0 && now >= f->slow_until)
        f->rate = f->slow_until = 0;
    int64_t rate = w->rate != 0 ? w->rate : f->rate;
    while (f->first != NULL && now >= f->still_until && now >= f->ready) {
        struct piece *p = f->first;
        size_t most = p->len - p->at;

        if (now < p->due)
            return;
        if (rate != 0 && most > (size_t)rate / 100 + 1)
            most = (size_t)rate / 100 + 1;
        ssize_t n = send(c->fd[to], p->bytes + p->at, most, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0) {
            conn_close(c, true);
            return;
        }
        if (rate != 0)
            f->ready = now + n * 1000000000 / rate;
        w->carried += n;
        p->at += (size_t)n;
        f->queued -= (size_t)n;
        if (p->at < p->len)
            continue;
        f->first = p->next;
        if (f->first == NULL)
            f->last = &f->first;
        free(p);
    }
    if (f->first == NULL && f->ends && c->fd[to] >= 0)
        shutdown(c->fd[to], SHUT_WR);
}

static void proxy_accept(struct proxy *x, int way)
{
    struct way *w = &x->ways[way];
    struct conn *c;
    char *spare = w->tape[1];
    int one = 1, fd = accept(w->listener, NULL, NULL);

    if (fd < 0)
        return;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    c = proxy_conn(x, way, false);
    c->fd[0] = fd;
    if (c->fd[1] < 0) {
        conn_close(c, false); /* nobody is there */
        return;
    }
    if (w->taped[0] > 1000) {
        w->tape[1] = w->tape[0];
        w->taped[1] = w->taped[0];
        w->tape[0] = spare;
    }
    w->taped[0] = 0;
    draw_fate(x, c);
}

/* ---------------------------------------------------------- the thread -- */

static bool may_read(const struct conn *c, int from)
{
    const struct flow *f = &c->to[1 - from];

    return c->fd[from] >= 0 && !f->ends && f->queued < PROXY_QUEUE;
}

static void serve(struct proxy *x, struct conn *c, const struct pollfd *p,
                  int64_t now)
{
    for (int i = 0; i < 2; i++)
        if (p[i].fd >= 0 && p[i].fd == c->fd[i] &&
            (p[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            take_bytes(x, c, i, now);
    for (int i = 0; i < 2; i++)
        if (c->fd[i] >= 0)
            give_bytes(x, c, i, now);
    if (c->to[0].ends && c->to[1].ends && c->to[0].first == NULL &&
        c->to[1].first == NULL)
        conn_close(c, false);
}

static void *proxy_run(void *arg)
{
    enum { LISTEN = PROXY_CONNS * 2 };
    struct proxy *x = arg;

    while (!atomic_load(&x->stop)) {
        struct pollfd p[LISTEN + PROXY_WAYS];
        int64_t now;

        for (int i = 0; i < LISTEN; i++) {
            const struct conn *c = &x->conns[i / 2];

            p[i] = (struct pollfd){ may_read(c, i % 2) ? c->fd[i % 2] : -1,
                                    POLLIN, 0 };
        }
        for (int i = 0; i < x->n_ways; i++)
            p[LISTEN + i] = (struct pollfd){ x->ways[i].listener, POLLIN, 0 };
        poll(p, (nfds_t)(LISTEN + x->n_ways), 1);
        now = proxy_now();
        for (int i = 0; i < PROXY_CONNS; i++)
            serve(x, &x->conns[i], &p[2 * i], now);
        for (int i = 0; i < x->n_ways; i++)
            if (p[LISTEN + i].revents != 0)
                proxy_accept(x, i);
    }
    return NULL;
}

void proxy_init(struct proxy *x, uint64_t seed, uint32_t faults)
{
    memset(x, 0, sizeof(*x));
    x->rng.at = seed;
    x->faults_left = faults;
    for (int i = 0; i < PROXY_CONNS; i++)
        x->conns[i] = (struct conn){ .fd = { -1, -1 } };
}

bool proxy_way(struct proxy *x, const char *host, uint16_t port, int64_t rate)
{
    struct way *w = &x->ways[x->n_ways++];
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
    int one = 1;

    w->rate = rate;
    w->target = at;
    w->target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 2; i++)
        w->tape[i] = malloc(PROXY_TAPE);
    w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return w->listener >= 0 && w->tape[0] != NULL && w->tape[1] != NULL &&
           inet_pton(AF_INET, host, &at.sin_addr) == 1 &&
           setsockopt(w->listener, SOL_SOCKET, SO_REUSEADDR, &one,
                      sizeof(one)) == 0 &&
           bind(w->listener, (const void *)&at, sizeof(at)) == 0 &&
           listen(w->listener, 16) == 0;
}

bool proxy_start(struct proxy *x)
{
    return pthread_create(&x->thread, NULL, proxy_run, x) == 0;
}

void proxy_stop(struct proxy *x)
{
    atomic_store(&x->stop, true);
    pthread_join(x->thread, NULL);
    for (int i = 0; i < PROXY_CONNS; i++)
        conn_close(&x->conns[i], false);
    for (int i = 0; i < x->n_ways; i++) {
        close(x->ways[i].listener);
        free(x->ways[i].tape[0]);
        free(x->ways[i].tape[1]);
    }
}

void proxy_say(const struct proxy *x)
{
    static const char *const names[] = {
#define X(name, text) text,
        PROXY_FATES(X)
#undef X
    };

    fprintf(stderr, "  %u connections:", x->n_conns);
    for (int i = 0; i < N_FATES; i++)
        if (x->of[i] != 0)
            fprintf(stderr, " %u %s", x->of[i], names[i]);
    fprintf(stderr, "\n");
}
