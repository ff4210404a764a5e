/* Words are counted in a state in Redis, by a program that is killed, while
 * Redis is killed, and tuples are lost: in the end each word has been counted
 * as often as it was there.
 *
 *     wordcount            the test
 *     wordcount run ...    the program, as gale_trident_main has it
 */
#include <inttypes.h>
#include <stdio.h>

#include "gale/redis.h"
#include "gale/trident.h"
#include "server.h"

#define NAME "words"
enum { TOTAL = 160000, SIZE = 500, WORDS = 211, PARTS = 3, KILLS = 6 };

/* --------------------------------------------------------- the program -- */

static const gale_field word[] = { GALE_STR("word"), { 0, 0 } };

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    long from = before.len == 0 ? 0 : strtol(before.ptr, NULL, 10) + SIZE;

    (void)c;
    return from >= TOTAL ? 0 : (size_t)snprintf(now, room, "%ld", from) + 1;
}

static bool always(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return true;
}

static bool emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    long from = strtol(p->from.ptr, NULL, 10);

    (void)self;
    for (long i = from; i < from + SIZE; i++) {
        char text[16];

        if ((uint32_t)(i % p->partitions) != p->partition)
            continue;
        snprintf(text, sizeof(text), "w%ld", i * i % WORDS);
        gale_batch_emit(ctx, GALE_ROW(gale_val_cstr(text)));
    }
    return false;
}

static const gale_batch_spout numbers = {
    .kind = GALE_SPOUT_TRANSACTIONAL,
    .output = word,
    .plan = plan,
    .ended = always,
    .emit = emit,
};

static void define(gale_trident *t)
{
    gale_state_opts o = { .store = &gale_store_redis, .tasks = PARTS };

    gale_trident_remember(t, &gale_store_redis);
    gale_persistent_aggregate(
        gale_group_by(gale_new_stream(t, "numbers", &numbers),
                      GALE_NAMES("word")),
        "counts", GALE_FOLD(GALE_COUNT("count")), &o);
}

/* ------------------------------------------------------------ the test -- */

static const char *me;
static char dir[64];

static pid_t start(void)
{
    char where[160];
    pid_t pid, parent = getpid();
    int nobody;

    snprintf(where, sizeof(where), "topology.state.redis.server=%s",
             server.path);
    pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    nobody = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nobody, STDERR_FILENO);
    execl(me, me, "run", "-q", "-c", where, "-c",
          "topology.state.redis.timeout.millis=2000", "-c",
          "topology.message.timeout.secs=3", "--faults", "drop=0.1%",
          (char *)NULL);
    _exit(127);
}

static gale_err add(void *arg, gale_row key, gale_row value)
{
    (void)key;
    *(int64_t *)arg += value.values[0].as.i;
    return GALE_OK;
}

static gale_map *open_it(void)
{
    gale_store_where w = { .topology = NAME,
                           .state = "counts",
                           .count = 1,
                           .place = server.path,
                           .read_only = true };
    gale_map *m = NULL;

    return gale_map_open(&m, &gale_store_redis, &w, GALE_STATE_OPAQUE, NULL) ==
                   GALE_OK
               ? m
               : NULL;
}

/* So many are counted; -1: that cannot be asked now. */
static int64_t counted(void)
{
    gale_map *m = open_it();
    int64_t n = 0;

    if (m == NULL || gale_map_scan(m, add, &n, NULL) != GALE_OK)
        n = -1;
    gale_map_close(m);
    return n;
}

static bool until(int64_t n, pid_t *pid)
{
    for (int i = 0; i < 60000; i++) {
        if (counted() >= n)
            return true;
        if (waitpid(*pid, NULL, WNOHANG) == *pid)
            *pid = start(); /* it gave up, or is at its end */
        server_nap();
    }
    return false;
}

/* Each word, as a plain loop has it. */
static int compare(void)
{
    gale_map *m = open_it();
    int wrong = m == NULL;
    int64_t sums[WORDS] = { 0 };

    for (long i = 0; i < TOTAL; i++)
        sums[i * i % WORDS]++;
    for (int w = 0; m != NULL && w < WORDS; w++) {
        char text[16];
        gale_value key;
        gale_row row = { &key, 1 }, got;
        int64_t is;

        snprintf(text, sizeof(text), "w%d", w);
        key = gale_val_cstr(text);
        if (gale_map_get(m, &row, 1, &got, NULL) != GALE_OK)
            return 1;
        is = got.values == NULL ? 0 : got.values[0].as.i;
        if (is != sums[w])
            fprintf(stderr, "'%s' is %" PRId64 ", not %" PRId64 "\n", text, is,
                    sums[w]);
        wrong += is != sums[w];
    }
    gale_map_close(m);
    return wrong;
}

static int test(void)
{
    pid_t pid;
    bool ok = true;
    int wrong;

    snprintf(dir, sizeof(dir), "%s/gale-redis-XXXXXX", P_tmpdir);
    if (mkdtemp(dir) == NULL)
        return 1;
    server_start(dir);
    pid = start();
    for (int i = 1; ok && i <= KILLS; i++) {
        ok = until((int64_t)TOTAL * i / (KILLS + 2), &pid);
        if (i % 3 == 0) { /* now the program itself */
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
            pid = start();
        }
        server_kill();
        server_start(dir);
    }
    ok = ok && until(TOTAL, &pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    wrong = ok ? compare() : 1;
    if (!ok)
        fprintf(stderr, "%" PRId64 " of %d were counted\n", counted(), TOTAL);
    server_kill();
    snprintf(server.path, sizeof(server.path), "rm -rf %s", dir);
    return system(server.path) == 0 && wrong == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    me = "/proc/self/exe";
    if (argc > 1 && strcmp(argv[1], "run") == 0)
        return gale_trident_main(argc - 1, argv + 1, NAME, define);
    return test();
}
