/* server.h -- a Redis of a test's own: on a socket in its directory, gone with
 * the process that began it.  REDIS_SERVER is the program. */
#ifndef TEST_REDIS_SERVER_H
#define TEST_REDIS_SERVER_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
    pid_t pid;
    char path[100];       /* of the socket */
    const char *more[12]; /* options beside the usual ones, up to a NULL */
} server = { .pid = -1 };

static inline void server_nap(void)
{
    nanosleep(&(struct timespec){ 0, 2000000 }, NULL);
}

static inline int server_dial(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The beginning of what it answers to a line; "" if it does not. */
static inline void server_ask(const char *line, char *answer, size_t size)
{
    int fd = server_dial(server.path);
    struct pollfd p = { .fd = fd, .events = POLLIN };
    ssize_t n = 0;

    if (fd >= 0 && send(fd, line, strlen(line), MSG_NOSIGNAL) > 0 &&
        poll(&p, 1, 20000) == 1)
        n = recv(fd, answer, size - 1, 0);
    answer[n < 0 ? 0 : n] = '\0';
    if (fd >= 0)
        close(fd);
}

static inline bool server_serves(void)
{
    char answer[64];

    server_ask("PING\r\n", answer, sizeof(answer));
    return strncmp(answer, "+PONG", 5) == 0 ||
           strncmp(answer, "-NOAUTH", 7) == 0;
}

static inline void server_kill(void)
{
    if (server.pid > 0) {
        kill(server.pid, SIGKILL);
        waitpid(server.pid, NULL, 0);
    }
    server.pid = -1;
}

/* What it had in the directory it has again. */
static inline void server_start(const char *dir)
{
    const char *argv[40] = {
        REDIS_SERVER, "--port",       "0",       "--save",
        "",           "--appendonly", "yes",     "--appendfsync",
        "no",         "--loglevel",   "warning", "--dir",
        dir,          "--logfile",    "log",     "--unixsocket",
        "redis.sock"
    };
    int n = 17;
    pid_t parent = getpid();

    for (int i = 0; server.more[i] != NULL; i++)
        argv[n++] = server.more[i];
    snprintf(server.path, sizeof(server.path), "%.80s/redis.sock", dir);
    unlink(server.path);
    server.pid = fork();
    if (server.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || chdir(dir) != 0)
            _exit(1);
        execv(REDIS_SERVER, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    for (int i = 0; i < 15000 && !server_serves(); i++) {
        if (waitpid(server.pid, NULL, WNOHANG) == server.pid) {
            fprintf(stderr, "redis-server does not run in %s\n", dir);
            abort();
        }
        server_nap();
    }
}

#endif
