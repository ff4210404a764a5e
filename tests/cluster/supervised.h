/* A supervisor as a process of its own, its pretended Nimbus, and what a test
 * wants to know of the two. */
#ifndef TESTS_SUPERVISED_H
#define TESTS_SUPERVISED_H

#include <signal.h>
#include <sys/wait.h>

#include "base/failpoint.h"
#include "base/mix.h"
#include "pretend_nimbus.h"
#include "pretend_worker.h"
#include "supervisor/cookie.h"
#include "supervisor/daemon.h"
#include "supervisor/proc.h"
#include "wire/ask.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SLOWER = 4 };
#else
enum { SLOWER = 1 };
#endif

struct yard {
    struct nimbus nimbus;
    char dir[128];
    const char *how; /* see supervisor_main */
    pid_t supervisor;
    gi_rng rng;
    bool no_watch; /* more than one worker of a slot is as it should be */
};

static struct yard yard;
static const char *self; /* this program */

/* ------------------------------------------------ the supervisor's part -- */

static inline void fill_disk(int sig)
{
    gi_point_plan every = { .first = 1, .count = UINT64_MAX };

    if (sig == SIGUSR1) {
        gi_point_arm(GI_POINT_WRITE, 0, &every);
        gi_point_arm(GI_POINT_SYNC, 0, &every);
    } else {
        gi_point_disarm(GI_POINT_WRITE);
        gi_point_disarm(GI_POINT_SYNC);
    }
}

/* `how` holds words: kill (who stands still), stop (workers with it), soon (a
 * check that does not end is over). */
static inline int supervisor_main(const char *dir, const char *url,
                                  const char *how)
{
    uint16_t ports[SLOTS];
    bool kill_them = strstr(how, "kill") != NULL;
    gi_supervisor_daemon_opts o = {
        .dir = dir,
        .url = "tcp://127.0.0.1:0",
        .ports = ports,
        .n_ports = SLOTS,
        .nimbus = &url,
        .n_nimbus = 1,
        .signals = true,
        .stop_workers = strstr(how, "stop") != NULL,
        .check_ns = strstr(how, "soon") != NULL ? 5000000000 : 60000000000,
        .node.slot = {
            .well_ns = 50000000,
            .drain_ns = 500000000,
            .backoff = { .longest_ns = 500000000, .window_ns = 1 },
        },
        .node.health = {
            .kill_frozen = kill_them,
            .kill_stopped = kill_them,
            .kill_hung = kill_them,
            .callback_ns = 700000000,
        },
    };
    gale_diag why = { 0 };

    for (uint32_t i = 0; i < SLOTS; i++)
        ports[i] = (uint16_t)(FIRST_PORT + i);
    signal(SIGUSR1, fill_disk);
    signal(SIGUSR2, fill_disk);
    if (gi_supervisor_daemon_run(&o, &why) == GALE_OK)
        return 0;
    fprintf(stderr, "%s\n", why.text);
    return 1;
}

static inline pid_t spawn_supervisor(const char *log_name)
{
    pid_t pid = fork();
    char log[192];

    MUST(pid >= 0);
    if (pid != 0)
        return pid;
    snprintf(log, sizeof(log), "%s/%s", yard.dir, log_name);
    if (freopen(log, "a", stderr) == NULL)
        _exit(7);
    execl(self, self, "supervisor", yard.dir, yard.nimbus.url, yard.how, NULL);
    _exit(8);
}

static inline void start_supervisor(void)
{
    yard.supervisor = spawn_supervisor("stderr");
}

/* Its exit status; killed: -1. */
static inline int end_supervisor(int sig)
{
    int status;

    if (sig != 0)
        MUST(kill(yard.supervisor, sig) == 0);
    MUST(waitpid(yard.supervisor, &status, 0) == yard.supervisor);
    yard.supervisor = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---------------------------------------------------- what can be seen -- */

struct census {
    uint32_t n[SLOTS], strange; /* of no slot: programs being checked */
    pid_t pid[SLOTS], stranger;
};

static inline bool lives(pid_t pid)
{
    gi_proc_stat s;

    return gi_proc_look(pid, &s) == GALE_OK && s.state != 'Z' &&
           s.state != 'X' && s.group == pid;
}

static inline void count_one(void *arg, pid_t pid)
{
    struct census *c = arg;
    char text[GI_COOKIE_MOST];
    gi_cookie cookie;

    if (!lives(pid) ||
        gi_proc_env(pid, GI_COOKIE_NAME, text, sizeof(text)) != GALE_OK ||
        gi_cookie_read(&cookie, text) != GALE_OK ||
        strcmp(cookie.node, yard.nimbus.node) != 0)
        return;
    if (cookie.port < FIRST_PORT || cookie.port >= FIRST_PORT + SLOTS) {
        c->strange++;
        c->stranger = pid;
    } else {
        uint32_t i = cookie.port - FIRST_PORT;

        /* One that was seen first may have died meanwhile, and this one have
         * taken its place: two are those that live at one moment. */
        if (c->n[i] == 1 && !lives(c->pid[i]))
            c->n[i] = 0;
        c->n[i]++;
        c->pid[i] = pid;
    }
}

static inline struct census census(void)
{
    struct census c = { 0 };

    MUST(gi_proc_each(count_one, &c) == GALE_OK);
    return c;
}

/* Never two workers of one slot: looked at all the time. */
static inline void turn(void)
{
    static int64_t looked;

    nimbus_turn(&yard.nimbus);
    if (!yard.no_watch && yard.nimbus.node[0] != '\0' &&
        now_ns() - looked > 20000000) {
        struct census c = census();

        looked = now_ns();
        for (uint32_t i = 0; i < SLOTS; i++)
            MUST(c.n[i] <= 1);
    }
    worker_nap(1);
}

/* While the whole machine stands still, as it may, no time passes here. */
#define UNTIL(what)                                                         \
    do {                                                                    \
        int64_t left_ = 20 * SLOWER * 1000000000ll, was_ = now_ns(), gone_; \
        while (!(what)) {                                                   \
            turn();                                                         \
            gone_ = now_ns() - was_;                                        \
            was_ += gone_;                                                  \
            left_ -= gone_ < 50000000 ? gone_ : 50000000;                   \
            if (left_ < 0) {                                                \
                fprintf(stderr, "%s:%d: not within 20 s: %s\n", __FILE__,   \
                        __LINE__, #what);                                   \
                give_up();                                                  \
            }                                                               \
        }                                                                   \
    } while (0)

static inline void live_on(int ms)
{
    int64_t until = now_ns() + ms * 1000000ll;

    while (now_ns() < until)
        turn();
}

/* What the worker of a slot says of itself, if it is in full run; else 0. */
static inline uint64_t running_as(uint32_t slot, uint64_t *turn_no)
{
    char dir[192];
    gi_pool pool = { 0 };
    gi_progress p;
    uint64_t incarnation = 0;

    snprintf(dir, sizeof(dir), "%s/workers/%u", yard.dir, FIRST_PORT + slot);
    if (gi_progress_read(&p, dir, 0, &pool) == GALE_OK &&
        p.state == GI_PROGRESS_RUNNING) {
        incarnation = p.incarnation;
        if (turn_no != NULL)
            *turn_no = p.turn;
    }
    gi_pool_fini(&pool);
    return incarnation;
}

static inline bool state_is(uint32_t slot, const char *state)
{
    return strcmp(yard.nimbus.slots[slot].state, state) == 0;
}

static inline bool is_well(uint32_t slot)
{
    const struct heard *h = &yard.nimbus.slots[slot];

    return state_is(slot, "running") && strcmp(h->finding, "WELL") == 0 &&
           h->pid != 0;
}

/* For a while each slot has one worker, the one that Nimbus was told of. */
static inline bool has_settled(void)
{
    static int64_t since;
    struct census c = census();
    bool well = c.strange == 0;

    for (uint32_t k = 0; k < SLOTS; k++)
        well = well && is_well(k) && c.n[k] == 1 &&
               (pid_t)yard.nimbus.slots[k].pid == c.pid[k];
    if (!well)
        since = 0;
    else if (since == 0)
        since = now_ns();
    return since != 0 && now_ns() - since > 300000000;
}

static inline bool finds(uint32_t slot, const char *finding)
{
    return strcmp(yard.nimbus.slots[slot].finding, finding) == 0;
}

static inline bool says(uint32_t slot, const char *words)
{
    return strstr(yard.nimbus.slots[slot].words, words) != NULL;
}

/* ------------------------------------------------ beginning and ending -- */

static inline void place(uint32_t slot, const char *program, const char *does)
{
    struct place *p = &yard.nimbus.places[slot];

    p->program = program;
    p->does = does;
    p->version = yard.nimbus.version + 1;
    p->since = p->version;
}

static inline const char *blob_of_self(void)
{
    FILE *f = fopen(self, "r");
    size_t len;
    char *all;
    const char *hash;

    MUST(f != NULL && fseek(f, 0, SEEK_END) == 0);
    len = (size_t)ftell(f);
    rewind(f);
    all = malloc(len);
    MUST(all != NULL && fread(all, 1, len, f) == len);
    fclose(f);
    hash = nimbus_blob(&yard.nimbus, all, len);
    free(all);
    return hash;
}

static inline uint32_t kill_census(void)
{
    struct census c = census();
    uint32_t n = 0;

    for (uint32_t i = 0; i < SLOTS; i++)
        if (c.n[i] > 0)
            n += kill(-c.pid[i], SIGKILL) == 0;
    if (c.stranger != 0)
        n += kill(-c.stranger, SIGKILL) == 0;
    return n;
}

static void give_up(void)
{
    char cmd[256];

    snprintf(cmd, sizeof(cmd), "tail -n 40 '%s/stderr' >&2", yard.dir);
    if (system(cmd) != 0)
        fprintf(stderr, "and the supervisor said nothing\n");
    for (uint32_t i = 0; i < SLOTS; i++)
        fprintf(stderr, "slot %u: %s, %s, pid %d: %s\n", i,
                yard.nimbus.slots[i].state, yard.nimbus.slots[i].finding,
                (int)yard.nimbus.slots[i].pid, yard.nimbus.slots[i].words);
    if (yard.supervisor > 0)
        kill(yard.supervisor, SIGKILL);
    if (yard.nimbus.node[0] != '\0')
        kill_census();
    _exit(1);
}

static inline void yard_begin(const char *how, uint64_t seed)
{
    memset(&yard, 0, sizeof(yard));
    yard.rng.at = seed;
    yard.how = how;
    snprintf(yard.dir, sizeof(yard.dir), P_tmpdir "/gale-cluster-XXXXXX");
    MUST(mkdtemp(yard.dir) != NULL);
    nimbus_open(&yard.nimbus, "nimbus-1");
}

/* Ends what there is, and sees that nothing is left. */
static inline void yard_end(void)
{
    char cmd[192];

    if (yard.supervisor != 0)
        end_supervisor(SIGKILL);
    while (kill_census() > 0)
        worker_nap(5);
    MUST(census().strange == 0);
    if (yard.nimbus.answerer != NULL)
        nimbus_close(&yard.nimbus);
    for (uint32_t i = 0; i < yard.nimbus.n_blobs; i++)
        free(yard.nimbus.blobs[i].bytes);
    snprintf(cmd, sizeof(cmd), "rm -rf '%s'", yard.dir);
    MUST(system(cmd) == 0);
}

static uint64_t seed = 1;
static uint32_t rounds = 6;

static inline int64_t pick(int64_t from, int64_t end)
{
    return from + (int64_t)gi_rng_below(&yard.rng, (uint64_t)(end - from));
}

/* `n` workers that turn. */
static inline void begin_with(uint32_t n, const char *how)
{
    const char *program;

    yard_begin(how, seed);
    program = blob_of_self();
    for (uint32_t i = 0; i < n; i++)
        place(i, program, "");
    nimbus_say(&yard.nimbus);
    start_supervisor();
    for (uint32_t i = 0; i < n; i++)
        UNTIL(is_well(i));
}

/* As a client does. */
static inline gale_err ask_log(const char *topology, uint64_t port,
                               gi_pool *pool, gi_msg_log_piece *out,
                               gale_diag *why)
{
    const char *url = yard.nimbus.node_url;
    gi_asker_opts opts = { .urls = &url, .n_urls = 1 };
    gi_msg_log_read q = { .topology = topology, .port = port, .tail = true };
    gi_asker *a;
    gale_err rv;

    MUST(gi_asker_create(&a, &opts, NULL) == GALE_OK);
    rv = gi_ask(a, GI_ASK_LOG, &q, 20000, pool, out, why);
    gi_asker_destroy(a);
    return rv;
}

/* ---------------------------------------------------------------- main -- */

typedef struct supervised_test {
    const char *name;
    void (*run)(void);
} supervised_test;

/* What `main` is: NAME [SEED [ROUNDS]] runs that test, nothing all of them; by
 * other arguments it is a worker, a validation or a supervisor of a test. */
static inline int supervised_main(int argc, char **argv,
                                  const supervised_test *tests, size_t n)
{
    static char path[4096];
    bool any = false;

    if (argc == 3 && strcmp(argv[1], "worker") == 0)
        return worker_main(argv[2]);
    if (argc > 3 && strcmp(argv[1], "validate") == 0)
        return validate_main(argv[3]);
    if (argc == 5 && strcmp(argv[1], "supervisor") == 0)
        return supervisor_main(argv[2], argv[3], argv[4]);
    self = realpath("/proc/self/exe", path);
    signal(SIGPIPE, SIG_IGN);
    if (argc > 2)
        seed = strtoull(argv[2], NULL, 0);
    if (argc > 3)
        rounds = (uint32_t)strtoul(argv[3], NULL, 0);
    for (size_t i = 0; i < n; i++) {
        int64_t began = now_ns();

        if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
            continue;
        any = true;
        tests[i].run();
        yard_end();
        printf("%s: seed %llu, %.1f s\n", tests[i].name,
               (unsigned long long)seed, (double)(now_ns() - began) / 1e9);
        fflush(stdout);
    }
    return any ? 0 : 2;
}

#endif
