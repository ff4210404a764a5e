/* A whole cluster under load, in which everything that can be killed is
 * killed, at random instants: nothing is lost.
 *
 *     cluster_kill NAME GALE [SEED [SECONDS]]
 *
 * GALE is the program `gale`; this one is the topology's as well.  What became
 * of each number stands in a file that outlives them all (bench/flow.h): a
 * number that was begun is acked in the end, and was not before each of its
 * parts was counted.  Without SECONDS one round; else rounds until they are
 * over, each with a seed of its own, which is said.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mix.h"
#include "bench/bench.h"
#include "bench/flow.h"
#include "bench/house.h"

enum { KILLS = 8, A_SLOT = 3, A_DAEMON = 2, PORTS = 8 };

static const int64_t ms = 1000000;

struct yard {
    bench_house house;
    flow_board *b;
    gi_rng rng;
    uint32_t killed[PORTS];      /* workers, by their port modulo the size */
    uint32_t nimbus, supervisor; /* likewise */
};

static bool fails(const char *what)
{
    fprintf(stderr, "failed: %s\n", what);
    return false;
}

static uint32_t pick(struct yard *y, uint32_t from, uint32_t end)
{
    return from + (uint32_t)gi_rng_below(&y->rng, end - from);
}

static void nap_ms(uint32_t n)
{
    bench_nap_us((long)n * 1000);
}

/* So many more numbers are acked. */
static bool goes_on(struct yard *y, uint32_t more)
{
    uint32_t from = y->b->acked;
    int64_t end = bench_now_ns() + 20000 * ms;

    while (y->b->acked - from < more) {
        if (bench_now_ns() > end)
            return fails("nothing is acked any more");
        nap_ms(1);
    }
    return true;
}

static bool begin(struct yard *y, uint32_t workers)
{
    char text[64];
    const char *settings[] = { text, "topology.worker.loops=1", NULL };

    snprintf(text, sizeof(text), "topology.workers=%u", workers);
    return bench_house_begin(&y->house) &&
           bench_house_submit(&y->house, "flow", settings, true) &&
           goes_on(y, 500);
}

/* In the end all is as it should be; `once`: nothing came twice either. */
static bool is_right(struct yard *y, bool once)
{
    flow_sums s = flow_count(y->b);

    fprintf(stderr,
            "  %u numbers, %u acked, %u lost, %u acked too early, %u in a "
            "wrong task, %" PRIu64 " parts more than once\n",
            s.begun, s.acked, s.lost, y->b->early, y->b->wrong_task,
            s.duplicated);
    if (s.unacked != 0 || s.lost != 0)
        return fails("something is lost");
    if (y->b->early != 0)
        return fails("something was acked that was not counted");
    if (y->b->wrong_task != 0)
        return fails("something came to another task than before");
    return !once || s.duplicated == 0 || fails("something came twice");
}

static bool settles(struct yard *y)
{
    if (flow_settle(y->b, 60000 * ms))
        return is_right(y, false);
    is_right(y, false);
    return fails("not all is acked");
}

/* -------------------------------------------------------- what is done -- */

/* May it be killed once more?  Workers that die again and again are made to
 * wait for long, and of a daemon that does `gale dev` thinks that it cannot
 * come up. */
static bool has_lives(struct yard *y, const bench_process *p)
{
    if (p->role == BENCH_NIMBUS)
        return y->nimbus++ < A_DAEMON;
    if (p->role == BENCH_SUPERVISOR)
        return y->supervisor++ < A_DAEMON;
    return y->killed[p->port % PORTS]++ < A_SLOT;
}

/* One of these roles; 0: none. */
static pid_t pick_one(struct yard *y, unsigned roles, const char **what)
{
    bench_process p[BENCH_PROCESSES];
    uint32_t n = bench_house_find(&y->house, roles, p);

    for (int tries = 0; n > 0 && tries < 20; tries++) {
        const bench_process *who = &p[pick(y, 0, n)];

        *what = who->role == BENCH_NIMBUS       ? "Nimbus"
                : who->role == BENCH_SUPERVISOR ? "the supervisor"
                                                : "a worker";
        if (has_lives(y, who))
            return who->pid;
    }
    return 0;
}

static bool kill_some(struct yard *y, unsigned roles)
{
    const char *what;

    for (int i = 0; i < KILLS; i++) {
        nap_ms(pick(y, 0, 400));
        pid_t pid = pick_one(y, roles, &what);

        if (pid == 0)
            continue;
        fprintf(stderr, "  kills %s, %u acked\n", what, y->b->acked);
        kill(pid, SIGKILL);
    }
    return settles(y);
}

static bool workers(struct yard *y)
{
    return begin(y, 3) && kill_some(y, BENCH_WORKER);
}

static bool daemons(struct yard *y)
{
    return begin(y, 2) && kill_some(y, BENCH_NIMBUS | BENCH_SUPERVISOR);
}

static bool anything(struct yard *y)
{
    return begin(y, 3) &&
           kill_some(y, BENCH_NIMBUS | BENCH_SUPERVISOR | BENCH_WORKER);
}

/* Those that are stopped for a while, and then go on. */
static bool stopped(struct yard *y)
{
    const char *what;

    if (!begin(y, 3))
        return false;
    for (int i = 0; i < 4; i++) {
        uint32_t for_ms = pick(y, 20, 1500);
        pid_t pid = pick_one(y, BENCH_SUPERVISOR | BENCH_WORKER, &what);

        nap_ms(pick(y, 0, 200));
        if (pid == 0)
            continue;
        fprintf(stderr, "  stops %s for %u ms\n", what, for_ms);
        kill(pid, SIGSTOP);
        nap_ms(for_ms);
        kill(pid, SIGCONT);
    }
    return settles(y);
}

/* All processes at once, and then again from what is on the disk. */
static bool power_cut(struct yard *y)
{
    if (!begin(y, 3))
        return false;
    for (int i = 0; i < 3; i++) {
        nap_ms(pick(y, 0, 500));
        fprintf(stderr, "  the power goes, %u acked\n", y->b->acked);
        if (!bench_house_cut(&y->house) || !bench_house_begin(&y->house) ||
            !goes_on(y, 500))
            return false;
    }
    return settles(y);
}

/* In the middle of coming up: whatever was said to be done is done. */
static bool cut_early(struct yard *y)
{
    static const char *const settings[] = { "topology.workers=2",
                                            "topology.worker.loops=1", NULL };

    if (!bench_house_begin(&y->house) ||
        !bench_house_submit(&y->house, "flow", settings, false))
        return false;
    for (int i = 0; i < 4; i++) {
        nap_ms(pick(y, 0, 120));
        if (!bench_house_cut(&y->house) || !bench_house_begin(&y->house))
            return false;
    }
    return goes_on(y, 500) && settles(y);
}

/* Are these workers, and no others, there still? */
static bool same_live(struct yard *y, const bench_process *p, unsigned n)
{
    bench_process now[BENCH_PROCESSES];
    unsigned found = 0;

    if (bench_house_find(&y->house, BENCH_WORKER, now) != n)
        return false;
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < n; k++)
            found += now[i].pid == p[k].pid;
    return found == n;
}

/* `gale dev` alone: the daemons end, the workers go on, and the next one finds
 * them. */
static bool dev_dies(struct yard *y)
{
    bench_process p[BENCH_PROCESSES];

    if (!begin(y, 3))
        return false;
    for (int i = 0; i < 3; i++) {
        int64_t end = bench_now_ns() + 20000 * ms;

        nap_ms(pick(y, 0, 300));
        fprintf(stderr, "  kills gale dev, %u acked\n", y->b->acked);
        bench_house_kill_dev(&y->house);
        while (bench_house_find(&y->house, ~(unsigned)BENCH_WORKER, p) > 0) {
            if (bench_now_ns() > end)
                return fails("the daemons do not end");
            nap_ms(1);
        }
        if (bench_house_find(&y->house, BENCH_WORKER, p) != 3)
            return fails("the workers went, too");
        if (!bench_house_begin(&y->house) || !goes_on(y, 500))
            return false;
        if (!same_live(y, p, 3))
            return fails("the next one took other workers");
    }
    return settles(y);
}

/* ------------------------------------------------- ends in good order ---- */

static bool killed_by_name(struct yard *y)
{
    static const char *const words[] = { "kill", "flow", NULL };
    bench_process p[BENCH_PROCESSES];
    int64_t end = bench_now_ns() + 30000 * ms;

    if (!begin(y, 3) || !bench_house_gale(&y->house, words))
        return false;
    while (bench_house_find(&y->house, BENCH_WORKER, p) > 0) {
        if (bench_now_ns() > end)
            return fails("the workers do not end");
        nap_ms(2);
    }
    return is_right(y, true);
}

static bool ended(struct yard *y)
{
    return begin(y, 3) && bench_house_end(&y->house) && is_right(y, true);
}

/* Who began it is killed, and says nothing to anybody: all of it ends. */
static bool left_alone(struct yard *y)
{
    bench_process p[BENCH_PROCESSES];
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (begin(y, 3))
            raise(SIGKILL);
        _exit(1);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
        return fails("there is no cluster to leave alone");
    int64_t end = bench_now_ns() + 300000 * ms;
    while (bench_house_find(&y->house, BENCH_ALL, p) > 0) {
        if (bench_now_ns() > end)
            return fails("some go on");
        nap_ms(2);
    }
    return true;
}

static bool has_workers(struct yard *y, uint32_t n)
{
    bench_process p[BENCH_PROCESSES];
    int64_t end = bench_now_ns() + 60000 * ms;

    while (bench_house_find(&y->house, BENCH_WORKER, p) != n) {
        if (bench_now_ns() > end)
            return fails("not so many workers");
        nap_ms(2);
    }
    return true;
}

static bool off_and_on(struct yard *y)
{
    static const char *const off[] = { "deactivate", "flow", NULL };
    static const char *const on[] = { "activate", "flow", NULL };
    static const char *const two[] = { "rebalance", "flow", "-n", "2",
                                       "-w",        "30s",  NULL };

    return begin(y, 3) && bench_house_gale(&y->house, off) &&
           bench_house_gale(&y->house, on) && goes_on(y, 500) &&
           bench_house_gale(&y->house, two) && has_workers(y, 2) &&
           goes_on(y, 500) && bench_house_end(&y->house) && is_right(y, true);
}

static const struct {
    const char *name;
    bool (*run)(struct yard *y);
} tests[] = {
    { "workers", workers },       { "daemons", daemons },
    { "anything", anything },     { "stopped", stopped },
    { "power_cut", power_cut },   { "cut_early", cut_early },
    { "dev_dies", dev_dies },     { "killed_by_name", killed_by_name },
    { "ended", ended },           { "left_alone", left_alone },
    { "off_and_on", off_and_on },
};

/* What sanitizers said in any of the processes. */
static bool no_sanitizer(const struct yard *y)
{
    char command[384];

    snprintf(command, sizeof(command),
             "grep -rhE -A 12 'Sanitizer|runtime error:' '%s/said' "
             "'%s/gale/logs' >&2",
             y->house.dir, y->house.dir);
    return system(command) != 0 || fails("a sanitizer spoke");
}

static bool once(bool (*run)(struct yard *y), const char *gale, uint64_t seed)
{
    struct yard y = { .rng = { .at = seed } };
    bool fine = bench_house_open(&y.house, gale);

    y.b = fine ? flow_map(y.house.board, true) : NULL;
    if (fine && y.b == NULL)
        fprintf(stderr, "%s: %s\n", y.house.board, strerror(errno));
    if (y.b != NULL) {
        y.b->n = FLOW_MOST;
        y.b->pace = 100000;
        fine = run(&y) && (y.house.dev == 0 || bench_house_end(&y.house));
        fine = no_sanitizer(&y) && fine;
        if (!fine)
            bench_house_logs(&y.house);
        flow_unmap(y.b);
    }
    bench_house_close(&y.house);
    return fine && y.b != NULL;
}

int main(int argc, char **argv)
{
    static const char *const verbs[] = { "submit", "validate", "worker" };
    bool any = false;

    for (size_t i = 0; i < 3; i++)
        if (argc > 1 && strcmp(argv[1], verbs[i]) == 0)
            return gale_main(argc, argv, &flow_topology);
    if (argc < 3) {
        fprintf(stderr, "usage: cluster_kill NAME GALE [SEED [SECONDS]]\n");
        return 2;
    }
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
    int64_t end = bench_now_ns() +
                  (argc > 4 ? strtoll(argv[4], NULL, 0) : 0) * 1000 * ms;
    do {
        for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
            int64_t began = bench_now_ns();

            if (strcmp(argv[1], "all") != 0 &&
                strcmp(argv[1], tests[i].name) != 0)
                continue;
            any = true;
            fprintf(stderr, "%s, seed %" PRIu64 "\n", tests[i].name, seed);
            if (!once(tests[i].run, argv[2], seed))
                return 1;
            fprintf(stderr, "%s: %" PRId64 " ms\n", tests[i].name,
                    (bench_now_ns() - began) / ms);
        }
        seed++;
    } while (any && bench_now_ns() < end);
    return any ? 0 : 2;
}
