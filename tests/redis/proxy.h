/* proxy.h -- stands between a test and its Redis, counts commands, and cuts
 * the connection at one of them, or kills Redis. */
#ifndef TEST_REDIS_PROXY_H
#define TEST_REDIS_PROXY_H

#include <stdatomic.h>
#include <sys/mman.h>

#include "server.h"

enum proxy_how {
    PROXY_PASS,
    PROXY_LOSE_COMMAND, /* it never comes to Redis */
    PROXY_LOSE_ANSWER,  /* it does, and nobody is told */
    PROXY_KILL,         /* Redis is killed when it has come */
};

static struct proxy {
    atomic_int how;
    atomic_long at, n; /* which command, how many there were */
    atomic_bool hit;
    atomic_int victim; /* of PROXY_KILL */
    char path[100], to[100];
} * proxy;
static pid_t proxy_pid;

/* A command while it goes by. */
typedef struct proxy_reading {
    char head[32], *whole;
    size_t n, skip, len, cap;
    long words;
} proxy_reading;

/* True: the byte was the last one of a command. */
static inline bool proxy_byte(proxy_reading *r, char c)
{
    if (r->len == r->cap) {
        r->cap = r->cap == 0 ? 4096 : 2 * r->cap;
        r->whole = realloc(r->whole, r->cap);
        if (r->whole == NULL)
            abort();
    }
    r->whole[r->len++] = c;
    if (r->skip > 0)
        return --r->skip == 0 && --r->words == 0;
    if (r->n + 1 < sizeof(r->head))
        r->head[r->n++] = c;
    if (c != '\n')
        return false;
    r->head[r->n] = '\0';
    r->n = 0;
    if (r->head[0] == '*')
        r->words = atol(r->head + 1);
    else
        r->skip = (size_t)atol(r->head + 1) + 2;
    return false;
}

static inline void proxy_send(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t some = send(fd, p, n, MSG_NOSIGNAL);

        if (some <= 0)
            _exit(0);
        p += some;
        n -= (size_t)some;
    }
}

/* Redis does what it was told, and says so to nobody. */
static inline void proxy_let_it_end(int redis)
{
    char room[4096];

    shutdown(redis, SHUT_WR);
    while (recv(redis, room, sizeof(room), 0) > 0)
        ;
}

static inline void proxy_command(proxy_reading *r, int redis)
{
    bool it = atomic_fetch_add(&proxy->n, 1) + 1 == atomic_load(&proxy->at);
    int how = it ? atomic_load(&proxy->how) : PROXY_PASS;

    if (how != PROXY_PASS)
        atomic_store(&proxy->hit, true);
    if (how == PROXY_LOSE_COMMAND) {
        proxy_let_it_end(redis);
        _exit(0);
    }
    proxy_send(redis, r->whole, r->len);
    r->len = 0;
    if (how == PROXY_LOSE_ANSWER) {
        proxy_let_it_end(redis);
        _exit(0);
    }
    if (how == PROXY_KILL)
        kill(atomic_load(&proxy->victim), SIGKILL);
}

/* One connection, in a process of its own. */
static inline void proxy_serve(int client)
{
    int redis = server_dial(proxy->to);
    proxy_reading r = { .words = 0 };
    struct pollfd p[2] = { { .fd = client, .events = POLLIN },
                           { .fd = redis, .events = POLLIN } };
    char room[65536];

    while (redis >= 0 && poll(p, 2, -1) > 0) {
        ssize_t n;

        if (p[0].revents != 0) {
            n = recv(client, room, sizeof(room), 0);
            if (n <= 0)
                break;
            for (ssize_t i = 0; i < n; i++)
                if (proxy_byte(&r, room[i]))
                    proxy_command(&r, redis);
        }
        if (p[1].revents != 0) {
            n = recv(redis, room, sizeof(room), 0);
            if (n <= 0)
                break;
            proxy_send(client, room, (size_t)n);
        }
    }
    _exit(0);
}

static inline void proxy_run(int fd)
{
    for (;;) {
        int client = accept(fd, NULL, NULL);

        if (client < 0)
            continue;
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            close(fd);
            proxy_serve(client);
        }
        close(client);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

/* Tests that ask for server.path are answered by it from now on. */
static inline void proxy_start(const char *dir)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    proxy = mmap(NULL, sizeof(*proxy), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (proxy == MAP_FAILED || fd < 0)
        abort();
    snprintf(proxy->path, sizeof(proxy->path), "%.80s/proxy.sock", dir);
    snprintf(proxy->to, sizeof(proxy->to), "%s", server.path);
    snprintf(a.sun_path, sizeof(a.sun_path), "%s", proxy->path);
    if (bind(fd, (const struct sockaddr *)&a, sizeof(a)) != 0 ||
        listen(fd, 64) != 0)
        abort();
    proxy_pid = fork();
    if (proxy_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGCHLD, SIG_DFL);
        proxy_run(fd);
    }
    close(fd);
}

static inline void proxy_end(void)
{
    kill(proxy_pid, SIGKILL);
    waitpid(proxy_pid, NULL, 0);
}

static inline void proxy_plan(enum proxy_how how, long at)
{
    atomic_store(&proxy->hit, false);
    atomic_store(&proxy->n, 0);
    atomic_store(&proxy->at, at);
    atomic_store(&proxy->victim, server.pid);
    atomic_store(&proxy->how, (int)how);
}

#endif
