/* Workers on two nodes, which are network namespaces of this machine: the
 * network between them fails, in both directions or in one, and a worker is
 * frozen.  It is noticed by silence, nobody dies of it, and nothing is lost.
 *
 *     cluster_net NAME [SECONDS]    how long the fault lasts (3)
 *     cluster_net worker DIR        it is their program too
 *
 * Needs root, ip and nft; else it is skipped, and says why.  With
 * GALE_TLS_CA_FILE and GALE_TLS_CERT_FILE set the workers speak TLS.
 */
#define _GNU_SOURCE /* setns */
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>

#include "tests/cluster/crew.h"

enum { MEMBERS = 3, SKIPPED = 77 };

/* How soon a cut is noticed counts at full speed only. */
#ifdef __SANITIZE_ADDRESS__
enum { NOTICED_MS = 20000 };
#else
enum { NOTICED_MS = 8000 };
#endif

static int64_t fault_ms = 3000;
static char node[2][32]; /* names of the namespaces */
static const char *const address[2] = { "10.213.77.1", "10.213.77.2" };

/* ------------------------------------------------------------- network -- */

static bool run(const char *format, ...) GALE_PRINTF(1, 2);

static bool run(const char *format, ...)
{
    char line[512];
    va_list ap;

    va_start(ap, format);
    vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    return system(line) == 0;
}

static void clear_network(void)
{
    for (int i = 0; i < 2; i++)
        if (node[i][0] != '\0')
            run("ip netns del %s 2>/dev/null", node[i]);
}

static void skip(const char *why)
{
    fprintf(stderr, "SKIPPED: %s\n", why);
    clear_network();
    exit(SKIPPED);
}

static void make_network(void)
{
    if (geteuid() != 0)
        skip("network namespaces are for root");
    if (!run("command -v ip >/dev/null"))
        skip("there is no ip; install iproute2");
    if (!run("command -v nft >/dev/null"))
        skip("there is no nft; install nftables");
    for (int i = 0; i < 2; i++)
        snprintf(node[i], sizeof(node[i]), "gale-%d-%d", (int)getpid(), i);
    if (!run("ip netns add %s && ip netns add %s", node[0], node[1]))
        skip("this machine makes no network namespaces");
    if (!run("ip link add galev0 netns %s type veth peer name galev1 netns %s",
             node[0], node[1]))
        skip("this machine makes no pairs of virtual interfaces");
    for (int i = 0; i < 2; i++)
        if (!run("ip -n %s addr add %s/24 dev galev%d && "
                 "ip -n %s link set galev%d up && ip -n %s link set lo up",
                 node[i], address[i], i, node[i], i, node[i]))
            skip("the virtual interfaces cannot be set up");
    if (!run("ip netns exec %s nft add table inet cut", node[1]))
        skip("nft does not work here");
    atexit(clear_network);
}

/* What comes to the second node is dropped, and what leaves it too. */
static bool cut(bool both)
{
    return run("ip netns exec %s nft -f - <<END\n"
               "table inet cut {\n"
               "  chain in { type filter hook input priority 0;\n"
               "    ip saddr %s drop\n  }\n"
               "  chain out { type filter hook output priority 0;\n"
               "    %s\n  }\n"
               "}\nEND",
               node[1], address[0], both ? "ip daddr 10.213.77.1 drop" : "");
}

static bool heal(void)
{
    return run("ip netns exec %s nft flush table inet cut", node[1]);
}

static bool enter(int net)
{
    return setns(net, CLONE_NEWNET) == 0;
}

/* ---------------------------------------------------------------- crew -- */

/* The first one on the first node, the others on the second. */
static void open_nodes(struct crew *c)
{
    make_network();
    if (getenv("GALE_TLS_CA_FILE") == NULL)
        setenv("GALE_OPEN", "1", 1);
    crew_open(c, MEMBERS, 100000);
    c->board->pace = 200000;
    c->board->upto = 40000;
    for (int i = 0; i < CREW; i++) {
        char path[64];
        int at = i == 0 ? 0 : 1;

        snprintf(path, sizeof(path), "/run/netns/%s", node[at]);
        c->m[i].host = address[at];
        c->m[i].net = open(path, O_RDONLY | O_CLOEXEC);
        c->m[i].enter = enter;
        CREW_MUST(c, c->m[i].net >= 0);
    }
    for (int i = 0; i < MEMBERS; i++)
        crew_start(c, i);
    CREW_UNTIL(c, c->board->acked > 1000, 30000);
}

/* How often does this one's log say so of that one? */
static uint32_t said(struct crew *c, int i, const char *what, int of)
{
    char line[512], want[64];
    uint32_t n = 0;
    FILE *f = fopen(c->m[i].log, "r");

    snprintf(want, sizeof(want), "%s touch with worker node:%u", what,
             c->m[of].port);
    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        n += strstr(line, want) != NULL;
    if (f != NULL)
        fclose(f);
    return n;
}

/* Both ends of the way between the nodes notice. */
static void noticed(struct crew *c, bool here, int64_t since)
{
    CREW_UNTIL(c, said(c, 1, "lost", 0) > 0 && said(c, 2, "lost", 0) > 0,
               NOTICED_MS);
    fprintf(stderr, "  noticed after %" PRId64 " ms", now_ms() - since);
    if (here)
        CREW_UNTIL(c, said(c, 0, "lost", 1) > 0 && said(c, 0, "lost", 2) > 0,
                   NOTICED_MS);
    fprintf(stderr, ", by both sides after %" PRId64 " ms\n",
            now_ms() - since);
}

/* Until the fault has lasted long enough. */
static void last(int64_t since)
{
    int64_t left = since + fault_ms - now_ms();

    if (left > 0)
        nap_ms(left);
}

/* These two are on one node, where nothing fails; but a machine may keep one
 * of them from running for as long as makes the other suspicious, once. */
static void in_touch(struct crew *c, int i, int with)
{
    uint32_t lost = said(c, i, "lost", with);

    CREW_MUST(c, lost <= 1);
    CREW_UNTIL(c, said(c, i, "in", with) > lost, 30000);
}

static void check(struct crew *c, uint32_t most)
{
    c->board->pace = c->board->upto = 0;
    CREW_UNTIL(c, c->board->acked == c->board->n, 60000);
    for (uint32_t n = 0; n < c->board->n; n++)
        for (uint32_t part = 0; part < PARTS; part++) {
            CREW_MUST(c, c->board->is_acked[n] == 1);
            CREW_MUST(c, c->board->count[n][part] >= 1);
            CREW_MUST(c, c->board->count[n][part] <= most);
        }
    CREW_MUST(c, c->board->wrong_task == 0 && c->board->early == 0);
    CREW_MUST(c, CREW_SUM(c, timed_out) == 0);
    in_touch(c, 1, 2);
    in_touch(c, 2, 1);
}

static void close_nodes(struct crew *c)
{
    crew_end(c);
    for (int i = 0; i < CREW; i++)
        close(c->m[i].net);
    crew_close(c);
}

/* ----------------------------------------------------------- the faults -- */

static void parted(bool both)
{
    struct crew c;
    int64_t since, healed;

    open_nodes(&c);
    since = now_ms();
    CREW_MUST(&c, cut(both));
    noticed(&c, true, since);
    last(since);
    uint32_t acked = c.board->acked;
    c.board->upto += 20000; /* there is still something to do */
    CREW_MUST(&c, heal());
    healed = now_ms();
    CREW_UNTIL(&c, c.board->acked > acked + 100, 30000);
    fprintf(stderr, "  goes on %" PRId64 " ms after it is healed\n",
            now_ms() - healed);
    check(&c, 1); /* nobody died, so nothing comes twice */
    CREW_MUST(&c, CREW_SUM(&c, failed) == 0);
    close_nodes(&c);
}

static void no_way(void)
{
    parted(true);
}

static void one_way(void)
{
    parted(false);
}

/* Nimbus gives its work to another one, on the other side; it lives on, and
 * comes back when it is not wanted any more. */
static void replaced(void)
{
    struct crew c;
    int64_t since;

    open_nodes(&c);
    since = now_ms();
    CREW_MUST(&c, cut(true));
    noticed(&c, false, since);
    c.version++;
    c.m[0].here = false;
    c.m[3].here = true;
    c.m[3].since = c.version;
    for (uint32_t i = 0; i < CREW_TASKS; i++)
        if (c.where[i] == 0)
            c.where[i] = 3;
    crew_start(&c, 3);
    crew_tell_all(&c);
    uint32_t acked = c.board->acked;
    c.board->upto += 20000;
    CREW_UNTIL(&c, c.board->acked > acked + 500, 30000);
    fprintf(stderr, "  goes on without it after %" PRId64 " ms\n",
            now_ms() - since);
    last(since);
    CREW_MUST(&c, heal());
    acked = c.board->acked;
    c.board->upto += 20000;
    CREW_UNTIL(&c, c.board->acked > acked + 2000, 30000);
    CREW_MUST(&c, kill(c.m[0].pid, 0) == 0);
    check(&c, 255);
    crew_kill(&c, 0);
    close_nodes(&c);
}

static void frozen(void)
{
    struct crew c;
    int64_t since;

    open_nodes(&c);
    since = now_ms();
    crew_stop(&c, 0);
    noticed(&c, false, since);
    last(since);
    CREW_MUST(&c, kill(c.m[0].pid, SIGCONT) == 0);
    check(&c, 1);
    CREW_MUST(&c, CREW_SUM(&c, failed) == 0);
    close_nodes(&c);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "no_way", no_way },
    { "one_way", one_way },
    { "replaced", replaced },
    { "frozen", frozen },
};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return gale_main(argc, argv, &numbers);
    if (argc > 2)
        fault_ms = strtoll(argv[2], NULL, 10) * 1000;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (argc < 2 || strcmp(argv[1], tests[i].name) != 0)
            continue;
        int64_t began = now_ms();

        fprintf(stderr, "%s\n", tests[i].name);
        tests[i].run();
        fprintf(stderr, "%s: %" PRId64 " ms\n", tests[i].name,
                now_ms() - began);
        return 0;
    }
    fprintf(stderr, "which of the tests?\n");
    return 2;
}
