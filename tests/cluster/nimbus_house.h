/* nimbus_house.h -- a Nimbus as a process of its own, in a directory of its
 * own, and what a client and a supervisor ask it. */
#ifndef TESTS_NIMBUS_HOUSE_H
#define TESTS_NIMBUS_HOUSE_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/mix.h"
#include "base/sha256.h"
#include "nimbus/daemon.h"
#include "tests/free_port.h"
#include "wire/ask.h"

#define CHECK(what, ...)                                                 \
    do {                                                                 \
        if (!(what)) {                                                   \
            fprintf(stderr, "%s:%d: not true: %s; ", __FILE__, __LINE__, \
                    #what);                                              \
            fprintf(stderr, __VA_ARGS__);                                \
            fputc('\n', stderr);                                         \
            leave();                                                     \
            _Exit(1);                                                    \
        }                                                                \
    } while (0)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOWER = 4 };
#else
enum { SLOWER = 1 };
#endif

enum { PATIENCE_MS = 20000, READY_FD = 3, CODE_OF_ERR = 40 };

struct house {
    char dir[64], nimbus[80]; /* the daemon's is in the other */
    char url[64];
    pid_t pid; /* 0: it does not run */
    uint16_t port;
    int err; /* what it prints */
    char said[8192];
    size_t n_said;
    gi_asker *asker;
};

static struct house house;
static const char *this_program; /* this program, which is the daemon too */
static gale_diag why;

static inline int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline void leave(void)
{
    char cmd[300];

    if (house.pid > 0) {
        kill(house.pid, SIGKILL);
        waitpid(house.pid, NULL, 0);
        house.pid = 0;
    }
    gi_asker_destroy(house.asker);
    house.asker = NULL;
    snprintf(cmd, sizeof(cmd), "umount '%s' 2>/dev/null; rm -rf '%s'",
             house.nimbus, house.dir);
    if (house.dir[0] != '\0' && system(cmd) != 0)
        fprintf(stderr, "%s is left over\n", house.dir);
}

/* ---------------------------------------------------- the daemon's part -- */

static inline void fail_writes(int sig)
{
    gi_point_plan every = { .first = 1, .count = UINT64_MAX };

    (void)sig;
    gi_point_arm(GI_POINT_WRITE, 0, &every);
}

static inline void say_ready(void *arg, const char *url, uint16_t port)
{
    (void)arg;
    (void)port;
    if (write(READY_FD, url, strlen(url)) < 0)
        _exit(1);
    close(READY_FD);
}

/* daemon DIR URL [aside] */
static inline int daemon_main(int argc, char **argv)
{
    gi_nimbus_daemon_opts o = {
        .dir = argv[2],
        .url = argv[3],
        .set_damaged_aside = argc > 4,
        .blobs.keep_free = 1,
        .signals = true,
        .ready = say_ready,
    };
    gale_err rv;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGUSR1, fail_writes);
    rv = gi_nimbus_daemon_run(&o, &why);
    if (rv != GALE_OK)
        fprintf(stderr, "%s\n", why.text);
    return rv == GALE_OK ? 0 : CODE_OF_ERR + (int)rv;
}

/* ---------------------------------------------------- starting, ending -- */

/* The last of what it has printed so far; until it ends, if `all`. */
static inline void listen_to_it(bool all)
{
    enum { HALF = sizeof(house.said) / 2 };

    for (;;) {
        struct pollfd p = { .fd = house.err, .events = POLLIN };
        ssize_t n;

        if (house.n_said > HALF) {
            house.n_said -= HALF;
            memmove(house.said, house.said + HALF, house.n_said + 1);
        }
        if (poll(&p, 1, all ? PATIENCE_MS : 0) <= 0)
            return;
        n = read(house.err, house.said + house.n_said,
                 sizeof(house.said) - 1 - house.n_said);
        if (n <= 0)
            return;
        house.n_said += (size_t)n;
        house.said[house.n_said] = '\0';
    }
}

static inline void launch(const char *option, int ready)
{
    int ends[2];

    CHECK(pipe(ends) == 0, "no pipe");
    if (house.port == 0)
        house.port = free_port();
    house.n_said = 0;
    house.said[0] = '\0';
    house.pid = fork();
    CHECK(house.pid >= 0, "no process");
    if (house.pid == 0) {
        char at[64];

        snprintf(at, sizeof(at), "tcp://127.0.0.1:%u", house.port);

        dup2(ready, READY_FD);
        dup2(ends[1], 2);
        for (int fd = 4; fd < 64; fd++)
            close(fd);
        execl(this_program, this_program, "daemon", house.nimbus, at, option,
              (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (house.err > 0)
        close(house.err);
    house.err = ends[0];
}

/* Ready, and at which port; false: it ended before that. */
static inline bool started(const char *option)
{
    int ends[2];
    ssize_t n;

    CHECK(pipe(ends) == 0, "no pipe");
    launch(option, ends[1]);
    close(ends[1]);
    struct pollfd p = { .fd = ends[0], .events = POLLIN };
    CHECK(poll(&p, 1, PATIENCE_MS) == 1, "it is neither ready nor gone");
    char url[sizeof(house.url)];
    n = read(ends[0], url, sizeof(url) - 1);
    close(ends[0]);
    if (n <= 0)
        return false;
    url[n] = '\0';
    if (house.url[0] == '\0') {
        const char *urls[] = { house.url };
        gi_asker_opts opts = { .urls = urls, .n_urls = 1, .user = "ann" };

        snprintf(house.url, sizeof(house.url), "%s", url);
        CHECK(gi_asker_create(&house.asker, &opts, &why) == GALE_OK, "%s",
              why.text);
    }
    CHECK(strcmp(url, house.url) == 0, "%s, not %s", url, house.url);
    return true;
}

static inline void start(void)
{
    bool well = started(NULL);

    if (!well)
        listen_to_it(true);
    CHECK(well, "it does not start: %s", house.said);
}

/* Its exit code; -1: it was killed. */
static inline int ended(void)
{
    int64_t until = now_ms() + PATIENCE_MS;
    int status;

    while (waitpid(house.pid, &status, WNOHANG) == 0) {
        CHECK(now_ms() < until, "it does not end: %s", house.said);
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        listen_to_it(false);
    }
    listen_to_it(true);
    house.pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline bool it_runs(void)
{
    siginfo_t si = { 0 };

    CHECK(waitid(P_PID, (id_t)house.pid, &si, WEXITED | WNOHANG | WNOWAIT) ==
              0,
          "it is gone");
    return si.si_pid == 0;
}

static inline void kill_it(void)
{
    kill(house.pid, SIGKILL);
    CHECK(ended() == -1, "it ended by itself");
}

static inline void settle_in(void)
{
    snprintf(house.dir, sizeof(house.dir), P_tmpdir "/gale-nimbus-XXXXXX");
    CHECK(mkdtemp(house.dir) != NULL, "no directory");
    snprintf(house.nimbus, sizeof(house.nimbus), "%s/nimbus", house.dir);
}

/* -------------------------------------------------------------- asking -- */

static uint32_t patience_ms = PATIENCE_MS; /* of whoever asks */

static inline gale_err ask(gi_verb_no verb, const void *request, gi_pool *pool,
                           void *reply)
{
    why.text[0] = '\0';
    if (house.pid > 0)
        listen_to_it(false); /* else it would wait for somebody to read */
    return gi_ask(house.asker, verb, request, patience_ms, pool, reply, &why);
}

enum { SIZE = 2500000 };
static char program[SIZE], hash[GI_SHA256_HEX + 1];

static inline void make_program(void)
{
    gi_sha256 s;

    for (size_t i = 0; i < SIZE; i++)
        program[i] = (char)gi_mix64(i / 5);
    gi_sha256_begin(&s);
    gi_sha256_add(&s, program, SIZE);
    gi_sha256_end_hex(&s, hash);
}

/* Pieces from where it says, at most so many. */
static inline gi_msg_blob_size upload(int pieces)
{
    gi_msg_blob named = { hash };
    gi_msg_blob_size there;
    gi_pool pool = { 0 };

    CHECK(ask(GI_ASK_BLOB_HAS, &named, &pool, &there) == GALE_OK, "%s",
          why.text);
    for (int i = 0; i < pieces && !there.complete; i++) {
        size_t left = SIZE - (size_t)there.size;
        gi_msg_blob_put put = {
            .hash = hash,
            .total = SIZE,
            .offset = there.size,
            .bytes = { program + there.size, left < GI_MSG_BLOB_PIECE
                                                 ? (uint32_t)left
                                                 : GI_MSG_BLOB_PIECE },
        };

        CHECK(ask(GI_ASK_BLOB_PUT, &put, &pool, &there) == GALE_OK, "%s",
              why.text);
    }
    gi_pool_fini(&pool);
    return there;
}

static inline gale_err submit(const char *name, const char *once)
{
    gi_msg_component parts[] = {
        { .id = "words",
          .spout = true,
          .first_task = 1,
          .n_tasks = 1,
          .n_executors = 1 },
        { .id = "count", .first_task = 2, .n_tasks = 2, .n_executors = 2 },
    };
    gi_msg_talk talk = { 0, 1 };
    gi_msg_submit s = {
        .name = name,
        .program = hash,
        .machine = "x86_64",
        .workers = 1,
        .timeout_ms = 30000,
        .once = once,
        .n_components = 2,
        .components = parts,
        .n_talks = 1,
        .talks = &talk,
    };
    gi_msg_submitted reply;
    gi_pool pool = { 0 };
    gale_err rv = ask(GI_ASK_SUBMIT, &s, &pool, &reply);

    gi_pool_fini(&pool);
    return rv;
}

static inline gale_err submit_numbered(int i)
{
    char name[32], once[32];

    snprintf(name, sizeof(name), "t%d", i);
    snprintf(once, sizeof(once), "once%d", i);
    return submit(name, once);
}

static inline bool is_listed(const char *name)
{
    gi_msg_nothing nothing = { 0 };
    gi_msg_topologies all;
    gi_pool pool = { 0 };
    bool found = false;

    CHECK(ask(GI_ASK_LIST, &nothing, &pool, &all) == GALE_OK, "%s", why.text);
    for (uint32_t i = 0; i < all.n_topologies; i++)
        found = found || strcmp(all.topologies[i].name, name) == 0;
    gi_pool_fini(&pool);
    return found;
}

/* ---------------------------------------------------------- the program -- */

typedef struct house_test {
    const char *name;
    void (*run)(void);
} house_test;

#define HOUSE_TEST(name) { #name, name },

/* PROGRAM TEST; or what the tests call it as. */
static inline int house_main(int argc, char **argv, const house_test *tests,
                             size_t n)
{
    this_program = argv[0];
    if (argc > 3 && strcmp(argv[1], "daemon") == 0)
        return daemon_main(argc, argv);
    make_program();
    for (size_t i = 0; i < n; i++)
        if (argc > 1 && strcmp(argv[1], tests[i].name) == 0) {
            alarm(120);
            settle_in();
            tests[i].run();
            leave();
            return 0;
        }
    fprintf(stderr, "which test?\n");
    return 2;
}

#endif
