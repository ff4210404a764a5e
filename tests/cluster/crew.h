/* crew.h -- the workers of one topology as processes, without a supervisor:
 * duties are written, progress is read, and they are killed, by the test. */
#ifndef TESTS_CLUSTER_CREW_H
#define TESTS_CLUSTER_CREW_H

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/mem.h"
#include "tests/cluster/numbers.h"
#include "tests/free_port.h"
#include "topology/plan.h"
#include "wire/duty.h"
#include "wire/progress.h"

enum { CREW = 5, CREW_TASKS = SPOUTS + 3 + SINKS };

struct member {
    char dir[128], log[160];
    uint16_t port;
    uint64_t since, incarnation, number;
    uint64_t ended;         /* incarnations of it, as others are told */
    pid_t pid;              /* 0: none */
    bool here;              /* one of the workers */
    int status;             /* of the last one that ended */
    const char *host;       /* where it listens; NULL: on this machine only */
    const char *via[CREW];  /* where it reaches them; NULL: where they are */
    int net;                /* for `enter` */
    bool (*enter)(int net); /* in its process, before it begins; NULL: none */
    gi_pool pool;           /* what progress is in */
    gi_progress at;         /* the last that was read */
};

struct crew {
    char dir[96], board_path[128];
    struct board *board;
    gi_plan *plan;
    struct member m[CREW];
    uint32_t where[CREW_TASKS]; /* task - 1: member */
    uint64_t version, turn;
    bool active;
    const char *setting[2]; /* one more; NULL: none */
    uint32_t other_tasks;   /* the duty speaks of another topology */
};

static inline int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void nap_ms(int64_t ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Ends the test; what the workers said goes with it.  They end first: where
 * nobody reads any more, the first word ends this process. */
static inline void crew_fail(struct crew *c, const char *what)
{
    for (int i = 0; i < CREW; i++)
        if (c->m[i].pid != 0)
            kill(c->m[i].pid, SIGKILL);
    fprintf(stderr,
            "failed: %s\n  acked %u of %u (%u early), begun %u, parts %u\n",
            what, c->board->acked, c->board->n, c->board->early,
            c->board->begun, c->board->parts);
    for (int i = 0; i < CREW; i++) {
        char line[512];
        FILE *f = fopen(c->m[i].log, "r");

        if (c->m[i].status != 0)
            fprintf(stderr, "  worker %d ended with %d\n", i, c->m[i].status);
        while (f != NULL && fgets(line, sizeof(line), f) != NULL)
            fprintf(stderr, "  worker %d: %s", i, line);
        if (f != NULL)
            fclose(f);
    }
    exit(1);
}

#define CREW_MUST(c, what)                    \
    do {                                      \
        if (!(what))                          \
            crew_fail((c), "not so: " #what); \
    } while (0)

/* While the whole machine stands still, as it may, no time passes here. */
#define CREW_UNTIL(c, what, ms)                                  \
    do {                                                         \
        int64_t left_ = (ms), was_ = now_ms(), gone_;            \
        while (!(what)) {                                        \
            gone_ = now_ms() - was_;                             \
            was_ += gone_;                                       \
            left_ -= gone_ < 50 ? gone_ : 50;                    \
            if (left_ < 0)                                       \
                crew_fail((c), "not within " #ms " ms: " #what); \
            nap_ms(1);                                           \
        }                                                        \
    } while (0)

static inline void crew_open_with(struct crew *c, const gale_topology *t,
                                  uint32_t n_members, uint32_t n_numbers)
{
    const char *tmp = getenv("TMPDIR");

    *c = (struct crew){ .version = 1, .turn = 1, .active = true };
    snprintf(c->dir, sizeof(c->dir), "%.60s/gale-crew-XXXXXX",
             tmp == NULL ? "/tmp" : tmp);
    if (mkdtemp(c->dir) == NULL ||
        gi_plan_of(&c->plan, t, NULL, "test", NULL) != GALE_OK) {
        perror("cannot begin");
        exit(1);
    }
    snprintf(c->board_path, sizeof(c->board_path), "%s/board", c->dir);
    c->board = board_map(c->board_path, true);
    if (c->board == NULL) {
        perror(c->board_path);
        exit(1);
    }
    c->board->n = n_numbers;
    for (int i = 0; i < CREW; i++) {
        struct member *m = &c->m[i];

        snprintf(m->dir, sizeof(m->dir), "%s/%d", c->dir, i);
        snprintf(m->log, sizeof(m->log), "%s/%d.log", c->dir, i);
        mkdir(m->dir, 0700);
        m->here = i < (int)n_members;
        m->since = 1;
        m->port = free_port();
        CREW_MUST(c, m->port != 0);
    }
    for (uint32_t i = 0; i < CREW_TASKS; i++)
        c->where[i] = i % n_members;
}

static inline void crew_open(struct crew *c, uint32_t n_members,
                             uint32_t n_numbers)
{
    crew_open_with(c, &numbers, n_members, n_numbers);
}

static inline void crew_close(struct crew *c)
{
    char command[160];

    for (int i = 0; i < CREW; i++)
        gi_pool_fini(&c->m[i].pool);
    gi_plan_destroy(c->plan);
    munmap(c->board, sizeof(*c->board));
    snprintf(command, sizeof(command), "rm -rf '%s'", c->dir);
    if (system(command) != 0)
        fprintf(stderr, "%s is left over\n", c->dir);
}

/* What member `i` shall do, as things stand. */
static inline void crew_tell(struct crew *c, int i)
{
    struct member *m = &c->m[i];
    gi_msg_span spans[CREW_TASKS];
    gi_msg_peer peers[CREW];
    gi_msg_component comps[8];
    gi_msg_word word = { c->board_path };
    gi_msg_pair settings[] = { { "topology.worker.loops", "1" },
                               { c->setting[0], c->setting[1] } };
    gi_msg_topology t = {
        .id = "topology-1",
        .name = c->plan->name,
        .owner = "test",
        .program = "a program",
        .version = c->version,
        .turn = c->turn,
        .active = c->active,
        .log_level = GALE_LOG_INFO,
        .n_settings = c->setting[0] == NULL ? 1 : 2,
        .settings = settings,
        .n_words = 1,
        .words = &word,
        .n_components = c->plan->n_comps,
        .components = comps,
        .workers = peers,
    };
    gi_msg_duty d = {
        .node = "node",
        .host = m->host == NULL ? "127.0.0.1" : m->host,
        .port = m->port,
        .since = m->since,
        .incarnation = m->incarnation,
        .number = ++m->number,
        .n_topology = 1,
        .topology = &t,
    };
    uint32_t n_spans = 0;

    for (uint32_t k = 0; k < c->plan->n_comps; k++) {
        const gi_comp *from = &c->plan->comps[k];

        comps[k] = (gi_msg_component){
            .id = from->id,
            .spout = from->is_spout,
            .first_task = from->first_task,
            .n_tasks = from->n_tasks + (k == 2 ? c->other_tasks : 0),
            .n_executors = from->n_tasks,
        };
    }
    for (int k = 0; k < CREW; k++) {
        if (!c->m[k].here)
            continue;
        gi_msg_peer *p = &peers[t.n_workers++];
        const char *host = m->via[k] != NULL ? m->via[k] : c->m[k].host;
        *p = (gi_msg_peer){ .node = "node",
                            .host = host == NULL ? "127.0.0.1" : host,
                            .port = c->m[k].port,
                            .since = c->m[k].since,
                            .ended = c->m[k].ended,
                            .executors = &spans[n_spans] };
        for (uint32_t task = 1; task <= c->plan->n_tasks; task++)
            if (c->where[task - 1] == (uint32_t)k) {
                spans[n_spans++] = (gi_msg_span){ task, task + 1 };
                p->n_executors++;
            }
    }
    CREW_MUST(c, gi_duty_write(m->dir, &d) == GALE_OK);
}

static inline void crew_tell_all(struct crew *c)
{
    for (int i = 0; i < CREW; i++)
        if (c->m[i].here)
            crew_tell(c, i);
}

/* A new incarnation of it. */
static inline void crew_start(struct crew *c, int i)
{
    struct member *m = &c->m[i];

    m->incarnation++;
    crew_tell(c, i);
    m->pid = fork();
    CREW_MUST(c, m->pid >= 0);
    if (m->pid != 0)
        return;

    int fd = open(m->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd >= 0 && dup2(fd, 2) == 2 && (m->enter == NULL || m->enter(m->net)))
        execl("/proc/self/exe", "numbers", "worker", m->dir, (char *)NULL);
    _exit(127);
}

/* Wait until it has ended; -1 - N: by signal N. */
static inline int crew_wait(struct crew *c, int i, int64_t ms)
{
    struct member *m = &c->m[i];
    int status = 0;

    CREW_UNTIL(c, waitpid(m->pid, &status, WNOHANG) == m->pid, ms);
    m->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1 - WTERMSIG(status);
}

static inline void crew_kill(struct crew *c, int i)
{
    kill(c->m[i].pid, SIGKILL);
    CREW_MUST(c, crew_wait(c, i, 30000) == -1 - SIGKILL);
}

/* It has stopped, with all its threads, when this returns. */
static inline void crew_stop(struct crew *c, int i)
{
    CREW_MUST(c, kill(c->m[i].pid, SIGSTOP) == 0 &&
                     waitpid(c->m[i].pid, NULL, WUNTRACED) == c->m[i].pid);
}

static inline bool crew_look(struct crew *c, int i)
{
    struct member *m = &c->m[i];

    gi_pool_fini(&m->pool);
    m->at = (gi_progress){ 0 };
    return gi_progress_read(&m->at, m->dir, m->incarnation, &m->pool) ==
           GALE_OK;
}

static inline uint64_t crew_sum_of(struct crew *c, size_t offset)
{
    uint64_t sum = 0;

    for (int i = 0; i < CREW; i++) {
        if (!c->m[i].here || !crew_look(c, i))
            continue;
        for (uint32_t k = 0; k < c->m[i].at.n_tallies; k++)
            sum += *(const uint64_t *)((const char *)&c->m[i].at.tallies[k] +
                                       offset);
    }
    return sum;
}
#define CREW_SUM(c, what) crew_sum_of((c), offsetof(gi_msg_tally, what))

/* All of them, in order, and they end well: those that came up. */
static inline void crew_end(struct crew *c)
{
    for (int i = 0; i < CREW; i++)
        if (c->m[i].pid != 0)
            CREW_UNTIL(c, crew_look(c, i), 30000);
    for (int i = 0; i < CREW; i++)
        if (c->m[i].pid != 0)
            kill(c->m[i].pid, SIGTERM);
    for (int i = 0; i < CREW; i++)
        if (c->m[i].pid != 0)
            CREW_MUST(c, (c->m[i].status = crew_wait(c, i, 30000)) == 0);
}

#endif
