/* The links of workers through a faulty network (proxy.h): nothing is lost,
 * nothing comes twice unless somebody died, and nothing waits for ever; and
 * a link that is slow holds up no other.
 *
 *     cluster_proxy NAME [SEED [ROUNDS]]
 *     cluster_proxy worker DIR    it is their program too
 *
 * With GALE_TLS_CA_FILE and GALE_TLS_CERT_FILE set they speak TLS.
 */
#include <inttypes.h>
#include <stddef.h>

#include "tests/cluster/crew.h"
#include "tests/cluster/proxy.h"
#include "tests/cluster/proxy_roads.h"

static uint64_t seed = 1;
static uint32_t rounds = 1;

static bool all_acked(struct crew *c)
{
    return c->board->acked == c->board->n;
}

/* All ways between the members lead through the proxy. */
static void ways(struct crew *c, struct proxy *x, int n, int64_t rate,
                 char hosts[CREW][CREW][16])
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) {
            if (i == k)
                continue;
            snprintf(hosts[i][k], sizeof(hosts[i][k]), "127.9.%d.%d", i,
                     k + 1);
            c->m[i].via[k] = hosts[i][k];
            CREW_MUST(c, proxy_way(x, hosts[i][k], c->m[k].port,
                                   i + k == 1 ? rate : 0));
        }
    CREW_MUST(c, proxy_start(x));
}

static void check_parts(struct crew *c, uint32_t most)
{
    for (uint32_t n = 0; n < c->board->n; n++)
        for (uint32_t part = 0; part < PARTS; part++) {
            CREW_MUST(c, c->board->is_acked[n] == 1);
            CREW_MUST(c, c->board->count[n][part] >= 1);
            CREW_MUST(c, c->board->count[n][part] <= most);
        }
    CREW_MUST(c, c->board->wrong_task == 0 && c->board->early == 0);
}

/* ------------------------------------------------------------- spoiled -- */

static void spoil(bool kills)
{
    enum { MEMBERS = 3, FAULTS = 25 };
    static struct proxy x;
    char hosts[CREW][CREW][16];
    struct crew c;

    crew_open(&c, MEMBERS, 100000);
    c.board->pace = 100000;
    c.board->upto = kills ? 1 : 0; /* they do not run on, see below */
    proxy_init(&x, seed, FAULTS);
    ways(&c, &x, MEMBERS, 0, hosts);
    for (int i = 0; i < MEMBERS; i++)
        crew_start(&c, i);
    for (uint32_t k = 0; kills && k < 3; k++) {
        int who = (int)gi_rng_below(&x.rng, MEMBERS);
        uint32_t acked = c.board->acked;

        c.board->upto = (k + 1) * 20000; /* else they may be done before us */
        CREW_UNTIL(&c, c.board->acked > acked + 1000, 20000);
        crew_kill(&c, who);
        crew_start(&c, who);
    }
    c.board->upto = 0;
    CREW_UNTIL(&c, all_acked(&c) || x.faults_left == 0, 60000);
    c.board->pace = 0;
    CREW_UNTIL(&c, all_acked(&c), 50000);
    proxy_say(&x);
    check_parts(&c, kills ? 255 : 1);
    CREW_MUST(&c, CREW_SUM(&c, timed_out) == 0);
    if (!kills)
        CREW_MUST(&c, CREW_SUM(&c, failed) == 0);
    crew_end(&c);
    proxy_stop(&x);
    crew_close(&c);
}

static void spoiled(void)
{
    spoil(false);
}

static void spoiled_and_killed(void)
{
    spoil(true);
}

/* ---------------------------------------------------------------- slow -- */

/* Numbers that came to the end of the left and the right road in so long. */
static void roads_in(struct crew *c, int64_t ms, uint32_t *left,
                     uint32_t *right)
{
    *left = c->board->road[0];
    *right = c->board->road[1];
    nap_ms(ms);
    *left = c->board->road[0] - *left;
    *right = c->board->road[1] - *right;
}

static void measure(int64_t rate, uint32_t *left, uint32_t *right)
{
    enum { MEMBERS = 3 };
    static struct proxy x;
    char hosts[CREW][CREW][16];
    struct crew c;

    setenv("CREW_ROADS", "1", 1); /* for their program */
    crew_open_with(&c, &roads, MEMBERS, 1);
    for (uint32_t task = 0; task < ROADS_TASKS; task++)
        c.where[task] = roads_where[task];
    proxy_init(&x, seed, 0);
    ways(&c, &x, MEMBERS, rate, hosts);
    for (int i = 0; i < MEMBERS; i++)
        crew_start(&c, i);
    CREW_UNTIL(&c, c.board->road[0] > 100 && c.board->road[1] > 100, 30000);
    nap_ms(500);
    roads_in(&c, 1500, left, right);
    for (int i = 0; i < MEMBERS; i++)
        crew_kill(&c, i);
    proxy_stop(&x);
    crew_close(&c);
    unsetenv("CREW_ROADS");
}

/* Two roads from one worker to two others; one of them is slow.  Both are
 * looked at in the same while, so a machine that has others to serve does not
 * matter. */
static void one_slow_link(void)
{
    uint32_t left, right;

    measure(100000, &left, &right);
    fprintf(stderr,
            "  in 1.5 s, with the first link at 100 KB/s: %u and %u tuples\n",
            left, right);
    if (right / 10 < left) { /* it is some hundred times as many */
        fprintf(stderr, "failed: the slow link is not the only slow one\n");
        exit(1);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "spoiled", spoiled },
    { "spoiled_and_killed", spoiled_and_killed },
    { "one_slow_link", one_slow_link },
};

int main(int argc, char **argv)
{
    bool any = false;

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return gale_main(argc, argv,
                         getenv("CREW_ROADS") != NULL ? &roads : &numbers);
    seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    rounds = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 0) : 1;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
            continue;
        any = true;
        for (uint32_t k = 0; k < rounds; k++, seed++) {
            int64_t began = now_ms();

            fprintf(stderr, "%s, seed %" PRIu64 "\n", tests[i].name, seed);
            tests[i].run();
            fprintf(stderr, "%s: %" PRId64 " ms\n", tests[i].name,
                    now_ms() - began);
        }
    }
    return any ? 0 : 2;
}
