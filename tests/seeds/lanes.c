#include "tests/seeds/lanes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/seeds/said.h"

/* What a process says of its work; the parent reads it at any time. */
struct lane {
    uint64_t seed;  /* in work */
    uint64_t next;  /* where another process goes on; ended: nowhere */
    double since_s; /* since then */
    bool ended, paused;
    _Alignas(16) unsigned char sum[];
};

/* A process that works through its seeds. */
struct worker {
    pid_t pid; /* 0: none */
    int said;
    uint64_t next; /* where it begins */
    struct lane *lane;
};

double now_s(void)
{
    return (double)gi_clock_ns() / 1e9;
}

/* -------------------------------------------------------- in the child -- */

static void work(struct worker *w, const lanes_opts *o, double until_s)
{
    struct lane *l = w->lane;
    uint32_t done = 0;

    said_take(w->said);
    for (uint64_t seed = w->next; seed <= o->args->to && now_s() < until_s;
         seed += o->args->jobs) {
        if (o->most > 0 && done++ == o->most) {
            l->next = seed;
            l->paused = true;
            exit(0);
        }
        l->seed = seed;
        l->since_s = now_s();
        said_forget();
        o->run(seed, l->sum, o->arg);
        if (o->args->stop && o->bad(l->sum) > 0)
            break;
    }
    l->ended = true;
    exit(0); /* and whoever looks for leaks looks now */
}

/* ------------------------------------------------------- in the parent -- */

static void start(struct worker *w, const lanes_opts *o, double until_s)
{
    w->lane->ended = w->lane->paused = false;
    w->lane->since_s = now_s();
    fflush(NULL);
    w->pid = fork();
    if (w->pid == 0)
        work(w, o, until_s);
    if (w->pid < 0) {
        perror("fork");
        exit(3);
    }
}

/* It died over a seed: that is a find, and the next one goes on behind. */
static void bury(struct worker *w, const lanes_opts *o, int status, bool hangs,
                 double until_s)
{
    o->died(w->lane->seed, status, hangs, w->said, w->lane->sum);
    w->next = w->lane->seed + o->args->jobs;
    if (!o->args->stop && w->next <= o->args->to && now_s() < until_s)
        start(w, o, until_s);
}

/* True: it is still at work. */
static bool look_after(struct worker *w, const lanes_opts *o, double until_s)
{
    bool hangs = false;
    int status;

    if (w->pid == 0)
        return false;
    if (now_s() - w->lane->since_s > HANGS_AFTER_S) {
        kill(w->pid, SIGKILL);
        hangs = true;
    }
    if (waitpid(w->pid, &status, hangs ? 0 : WNOHANG) != w->pid)
        return true;
    w->pid = 0;
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (well && w->lane->paused) {
        w->next = w->lane->next;
        start(w, o, until_s);
    } else if (!well || !w->lane->ended) {
        bury(w, o, status, hangs, until_s);
    }
    return w->pid != 0;
}

static void stop_all(struct worker *w, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (w[i].pid != 0) {
            kill(w[i].pid, SIGKILL);
            waitpid(w[i].pid, NULL, 0);
            w[i].pid = 0;
        }
}

static void show(const struct worker *w, const lanes_opts *o, double began_s)
{
    uint64_t runs = 0, bad = 0;

    for (uint32_t i = 0; i < o->args->jobs; i++) {
        runs += o->runs(w[i].lane->sum);
        bad += o->bad(w[i].lane->sum);
    }
    fprintf(stderr, "\r%8.1f s  %llu runs  %.0f/s  %llu violations ",
            now_s() - began_s, (unsigned long long)runs,
            (double)runs / (now_s() - began_s + 1e-9),
            (unsigned long long)bad);
}

static void watch(struct worker *w, const lanes_opts *o, double began_s)
{
    double until_s = o->args->for_s > 0 ? began_s + o->args->for_s : 1e18;
    bool any = true;

    for (uint32_t i = 0; i < o->args->jobs; i++)
        start(&w[i], o, until_s);
    for (int tick = 0; any; tick++) {
        any = false;
        for (uint32_t i = 0; i < o->args->jobs; i++)
            any |= look_after(&w[i], o, until_s);
        for (uint32_t i = 0; o->args->stop && i < o->args->jobs; i++)
            if (o->bad(w[i].lane->sum) > 0) {
                stop_all(w, o->args->jobs);
                any = false;
            }
        if (o->args->progress && tick % 20 == 0)
            show(w, o, began_s);
        if (any)
            usleep(10000);
    }
    if (o->args->progress)
        fprintf(stderr, "\r%60s\r", "");
}

double lanes_run(const lanes_opts *o, void *all)
{
    size_t size = (sizeof(struct lane) + o->size + 63) / 64 * 64;
    unsigned char *lanes = shared_memory(o->args->jobs * size);
    struct worker *w = calloc(o->args->jobs, sizeof(*w));
    double began_s = now_s();

    if (w == NULL)
        exit(3);
    for (uint32_t i = 0; i < o->args->jobs; i++)
        w[i] = (struct worker){
            .said = said_open(),
            .next = o->args->from + i,
            .lane = (struct lane *)(void *)(lanes + i * size),
        };
    watch(w, o, began_s);
    for (uint32_t i = 0; i < o->args->jobs; i++) {
        o->add(all, w[i].lane->sum);
        close(w[i].said);
    }
    free(w);
    munmap(lanes, o->args->jobs * size);
    return now_s() - began_s;
}
