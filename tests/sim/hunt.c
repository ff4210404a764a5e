#include "hunt.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mix.h"

/* What a process says of its work; the parent reads it at any time. */
struct lane {
    uint64_t seed;  /* in work */
    double since_s; /* since then */
    bool ended;
    hunt_result sum;
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
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void hunt_scenario(scenario *s, uint64_t seed, const hunt_opts *o)
{
    char text[MAX_FAULTS * MAX_FAULT_TEXT];
    char *rest = NULL;

    generate(s, seed, &o->gen);
    if (o->faults == NULL)
        return;
    s->n_faults = 0;
    snprintf(text, sizeof(text), "%s", o->faults);
    for (char *f = strtok_r(text, ",", &rest);
         f != NULL && s->n_faults < MAX_FAULTS; f = strtok_r(NULL, ",", &rest))
        snprintf(s->fault[s->n_faults++], MAX_FAULT_TEXT, "%s", f);
}

/* ----------------------------------------------------------- in the child --
 */

static bool is_run_twice(uint64_t seed)
{
    return gi_mix64(seed ^ 0x7477696365u) % 20 == 0;
}

static void add_outcome(hunt_result *sum, const outcome *one)
{
    sum->runs++;
    sum->steps += one->steps;
    sum->virtual_ns += one->virtual_ns;
    sum->roots += one->roots;
    sum->acked += one->acked;
    sum->replayed += one->replayed;
    sum->dead += one->dead;
    sum->lost += one->lost;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        sum->faults[i] += one->faults[i];
    if (one->wrong[0] == '\0')
        return;
    if (sum->n_bad < MAX_BAD)
        sum->bad[sum->n_bad] = *one;
    sum->n_bad++;
}

/* The same scenario must give the same history. */
static void run_again(const scenario *s, const run_opts *o, outcome *one)
{
    outcome other;

    run_scenario(s, o, &other);
    if (one->wrong[0] != '\0' || other.hash == one->hash)
        return;
    snprintf(one->wrong, sizeof(one->wrong), "same-seed");
    snprintf(one->words, sizeof(one->words),
             "the same scenario gave the histories %016llx and %016llx",
             (unsigned long long)one->hash, (unsigned long long)other.hash);
}

static void run_seed(uint64_t seed, const hunt_opts *o, hunt_result *sum)
{
    bool twice = is_run_twice(seed);
    run_opts how = { .hash = twice || o->hashes };
    scenario s;
    outcome one;

    hunt_scenario(&s, seed, o);
    run_scenario(&s, &how, &one);
    if (twice) {
        run_again(&s, &how, &one);
        sum->twice++;
    }
    if (o->hashes) {
        printf("%llu %016llx\n", (unsigned long long)seed,
               (unsigned long long)one.hash);
        fflush(stdout);
    }
    add_outcome(sum, &one);
    for (int i = 0; i < GI_N_STATES; i++)
        sum->states[i] += gi_states_seen[i] > 0;
    memset(gi_states_seen, 0, sizeof(gi_states_seen));
}

static void work(struct worker *w, const hunt_opts *o, double until_s)
{
    struct lane *l = w->lane;

    said_take(w->said);
    for (uint64_t seed = w->next; seed <= o->to && now_s() < until_s;
         seed += o->jobs) {
        l->seed = seed;
        l->since_s = now_s();
        said_forget();
        run_seed(seed, o, &l->sum);
        if (o->stop && l->sum.n_bad > 0)
            break;
    }
    l->ended = true;
    exit(0); /* and whoever looks for leaks looks now */
}

/* ---------------------------------------------------------- in the parent --
 */

static void start(struct worker *w, const hunt_opts *o, double until_s)
{
    w->lane->ended = false;
    w->lane->since_s = now_s();
    fflush(NULL);
    w->pid = fork();
    if (w->pid == 0)
        work(w, o, until_s);
    if (w->pid < 0) {
        perror("gale-sim: fork");
        exit(3);
    }
}

/* It died over a seed: that is a find, and the next one goes on behind. */
static void bury(struct worker *w, const hunt_opts *o, int status, bool hangs,
                 double until_s)
{
    outcome one = { .seed = w->lane->seed };

    outcome_of_death(&one, status, hangs, w->said);
    add_outcome(&w->lane->sum, &one);
    w->next = w->lane->seed + o->jobs;
    if (!o->stop && w->next <= o->to && now_s() < until_s)
        start(w, o, until_s);
}

/* True: it is still at work. */
static bool look_after(struct worker *w, const hunt_opts *o, double until_s)
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
    if (!well || !w->lane->ended)
        bury(w, o, status, hangs, until_s);
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

static void show(const struct worker *w, uint32_t n, double began_s)
{
    uint64_t runs = 0, bad = 0;

    for (uint32_t i = 0; i < n; i++) {
        runs += w[i].lane->sum.runs;
        bad += w[i].lane->sum.n_bad;
    }
    fprintf(stderr, "\r%8.1f s  %llu runs  %.0f/s  %llu violations ",
            now_s() - began_s, (unsigned long long)runs,
            (double)runs / (now_s() - began_s + 1e-9),
            (unsigned long long)bad);
}

static void watch(struct worker *w, const hunt_opts *o, double began_s)
{
    double until_s = o->for_s > 0 ? began_s + o->for_s : 1e18;
    bool any = true;

    for (uint32_t i = 0; i < o->jobs; i++)
        start(&w[i], o, until_s);
    for (int tick = 0; any; tick++) {
        any = false;
        for (uint32_t i = 0; i < o->jobs; i++)
            any |= look_after(&w[i], o, until_s);
        for (uint32_t i = 0; o->stop && i < o->jobs; i++)
            if (w[i].lane->sum.n_bad > 0) {
                stop_all(w, o->jobs);
                any = false;
            }
        if (o->progress && tick % 20 == 0)
            show(w, o->jobs, began_s);
        if (any)
            usleep(10000);
    }
    if (o->progress)
        fprintf(stderr, "\r%60s\r", "");
}

static int by_seed(const void *a, const void *b)
{
    const outcome *x = a, *y = b;

    return (x->seed > y->seed) - (x->seed < y->seed);
}

static void merge(hunt_result *out, const hunt_result *r)
{
    out->runs += r->runs;
    out->steps += r->steps;
    out->virtual_ns += r->virtual_ns;
    out->roots += r->roots;
    out->acked += r->acked;
    out->replayed += r->replayed;
    out->dead += r->dead;
    out->lost += r->lost;
    out->twice += r->twice;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        out->faults[i] += r->faults[i];
    for (int i = 0; i < GI_N_STATES; i++)
        out->states[i] += r->states[i];
    for (uint32_t i = 0; i < r->n_bad; i++, out->n_bad++)
        if (i < MAX_BAD && out->n_bad < MAX_BAD)
            out->bad[out->n_bad] = r->bad[i];
}

void hunt(const hunt_opts *o, hunt_result *out)
{
    struct lane *lanes = shared_memory(o->jobs * sizeof(*lanes));
    struct worker *w = calloc(o->jobs, sizeof(*w));
    double began_s = now_s();

    if (w == NULL)
        exit(3);
    for (uint32_t i = 0; i < o->jobs; i++)
        w[i] = (struct worker){ .said = said_open(),
                                .next = o->from + i,
                                .lane = &lanes[i] };
    watch(w, o, began_s);
    memset(out, 0, sizeof(*out));
    for (uint32_t i = 0; i < o->jobs; i++) {
        merge(out, &lanes[i].sum);
        close(w[i].said);
    }
    qsort(out->bad, out->n_bad < MAX_BAD ? out->n_bad : MAX_BAD,
          sizeof(outcome), by_seed);
    out->seconds = now_s() - began_s;
    free(w);
    munmap(lanes, o->jobs * sizeof(*lanes));
}
