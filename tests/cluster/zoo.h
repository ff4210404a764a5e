/* zoo.h -- an ensemble of ZooKeeper (scripts/zookeeper), and Nimbuses' sides
 * of it, turned by one thread. */
#ifndef TESTS_CLUSTER_ZOO_H
#define TESTS_CLUSTER_ZOO_H

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nimbus/zookeeper/leader_inside.h"
#include "nimbus/zookeeper/store.h"

static inline void zoo_stop(void);

#define CHECK(what, ...)                                                 \
    do {                                                                 \
        if (!(what)) {                                                   \
            fprintf(stderr, "%s:%d: not true: %s; ", __FILE__, __LINE__, \
                    #what);                                              \
            fprintf(stderr, __VA_ARGS__);                                \
            fputc('\n', stderr);                                         \
            zoo_stop();                                                  \
            _Exit(1);                                                    \
        }                                                                \
    } while (0)

enum {
    SESSION_MS = 2000, /* of the ensemble's ticks, ten */
    PATIENT_MS = 8000, /* where none is to end, whoever stands still */
    TICK_MS = 200,
    PATIENCE_MS = 30000,
    NIMBUSES = 3,
    SKIPPED = 77,
};

static int session_ms = SESSION_MS; /* of Nimbuses that join */

static struct zoo {
    char dir[64], servers[256];
    const char *script;
    bool runs;
    pid_t owner;
} zoo;

static inline int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void nap(int ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

/* What it prints is left in `out`, if that is not NULL. */
static inline int zoo_script(char *out, size_t size, const char *format, ...)
{
    char words[128], cmd[512];
    size_t n = 0;
    va_list args;
    FILE *f;

    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    snprintf(cmd, sizeof(cmd), "'%s' %s", zoo.script, words);
    f = popen(cmd, "r");
    if (f == NULL)
        return -1;
    if (out != NULL) {
        n = fread(out, 1, size - 1, f);
        out[n] = '\0';
        out[strcspn(out, "\n")] = '\0';
    }
    return pclose(f);
}

static inline void zoo_stop(void)
{
    char cmd[128];

    if (!zoo.runs || getpid() != zoo.owner)
        return;
    zoo.runs = false;
    (void)zoo_script(NULL, 0, "stop %s", zoo.dir);
    snprintf(cmd, sizeof(cmd), "rm -rf '%s'", zoo.dir);
    if (system(cmd) != 0)
        fprintf(stderr, "%s stays\n", zoo.dir);
}

static inline void zoo_start(const char *script)
{
    char said[256];

    zoo.script = script;
    zoo.owner = getpid();
    if (zoo_script(said, sizeof(said), "available") != 0) {
        fprintf(stderr, "SKIPPED, nothing of ZooKeeper was tested: %s\n",
                said);
        exit(SKIPPED);
    }
    snprintf(zoo.dir, sizeof(zoo.dir), P_tmpdir "/gale-zoo-XXXXXX");
    CHECK(mkdtemp(zoo.dir) != NULL, "no directory");
    zoo.runs = true;
    CHECK(zoo_script(zoo.servers, sizeof(zoo.servers), "start -t %d -w %d %s",
                     TICK_MS, (int)getpid(), zoo.dir) == 0,
          "no ensemble");
    zoo_set_debug_level((ZooLogLevel)0);
}

/* The number of the node that leads the ensemble. */
static inline int zoo_leader(void)
{
    char mode[32];

    for (int64_t until = now_ms() + PATIENCE_MS; now_ms() < until; nap(50))
        for (int i = 1; i <= 3; i++)
            if (zoo_script(mode, sizeof(mode), "mode %s %d", zoo.dir, i) ==
                    0 &&
                strcmp(mode, "leader") == 0)
                return i;
    CHECK(false, "the ensemble has no leader");
    return 0;
}

/* ------------------------------------------------------------ Nimbuses -- */

struct nimbus {
    gi_leader_zk *z;
    char url[32];
    gi_standing stands;
};

struct crew {
    struct nimbus n[NIMBUSES];
    int wake; /* anybody's */
    char root[32];
};

static inline void woken(void *arg)
{
    uint64_t one = 1;

    (void)!write(((struct crew *)arg)->wake, &one, sizeof(one));
}

static inline void talk(void *arg, bool bad, const char *text)
{
    (void)arg;
    if (getenv("GALE_TEST_TALK") != NULL)
        fprintf(stderr, "%6d.%03d %d %c %s\n", (int)(now_ms() / 1000 % 100000),
                (int)(now_ms() % 1000), (int)getpid(), bad ? '!' : ' ', text);
}

static inline void join(struct crew *c, int i)
{
    gi_leader_zk_opts opts = {
        .servers = zoo.servers,
        .root = c->root,
        .session_ms = (uint32_t)session_ms,
        .url = c->n[i].url,
        .wake = woken,
        .note = talk,
        .arg = c,
    };
    gale_diag why = { "" };

    snprintf(c->n[i].url, sizeof(c->n[i].url), "tcp://n%d:1", i);
    CHECK(gi_leader_zk_open(&c->n[i].z, &opts, &why) == GALE_OK, "%s",
          why.text);
    c->n[i].stands = GI_STANDS_BY;
}

static inline void leave(struct crew *c, int i)
{
    gi_leader_zk_close(c->n[i].z);
    c->n[i].z = NULL;
}

/* Each has a root of its own: nothing is left of the one before. */
static inline void crew_init(struct crew *c, const char *name, int n)
{
    memset(c, 0, sizeof(*c));
    c->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK(c->wake >= 0, "no eventfd");
    snprintf(c->root, sizeof(c->root), "/test/%s", name);
    for (int i = 0; i < n; i++)
        join(c, i);
}

/* Whose sessions outlive that anybody stands still, or a slow election. */
static inline void crew_init_patient(struct crew *c, const char *name, int n)
{
    session_ms = PATIENT_MS;
    crew_init(c, name, n);
    session_ms = SESSION_MS;
}

static inline void crew_fini(struct crew *c)
{
    for (int i = 0; i < NIMBUSES; i++)
        leave(c, i);
    close(c->wake);
}

static inline void sleep_a_little(struct crew *c, uint32_t ms)
{
    struct pollfd fd = { .fd = c->wake, .events = POLLIN };
    uint64_t n;

    if (poll(&fd, 1, (int)ms) > 0)
        (void)!read(c->wake, &n, sizeof(n));
}

/* One turn of all; how many lead. */
static inline int turn(struct crew *c)
{
    uint32_t due = 50;
    int leading = 0;

    for (int i = 0; i < NIMBUSES; i++)
        if (c->n[i].z != NULL)
            c->n[i].stands = gi_leader_zk_turn(c->n[i].z);
    for (int i = 0; i < NIMBUSES; i++)
        if (c->n[i].z != NULL) {
            uint32_t ms = gi_leader_zk_due_ms(c->n[i].z);

            due = ms < due ? ms : due;
            leading += gi_leader_zk_standing(c->n[i].z) == GI_LEADS;
        }
    CHECK(leading <= 1, "%d lead", leading);
    sleep_a_little(c, due);
    return leading;
}

static inline int who_leads(const struct crew *c)
{
    for (int i = 0; i < NIMBUSES; i++)
        if (c->n[i].z != NULL && gi_leader_zk_standing(c->n[i].z) == GI_LEADS)
            return i;
    return -1;
}

/* Turns until one leads that is not `but`; which. */
static inline int until_led(struct crew *c, int but)
{
    int64_t until = now_ms() + PATIENCE_MS;
    int i;

    while ((i = who_leads(c)) < 0 || i == but) {
        CHECK(now_ms() < until, "nobody leads");
        turn(c);
    }
    return i;
}

static inline void turns_for(struct crew *c, int64_t ms)
{
    for (int64_t until = now_ms() + ms; now_ms() < until;)
        turn(c);
}

/* -------------------------------------------------------------- stores -- */

static inline gi_store store_of(struct nimbus *n)
{
    gi_store s = { 0 };
    gale_diag why = { "" };

    CHECK(gi_store_zk_open(&s, n->z, &why) == GALE_OK, "%s", why.text);
    return s;
}

static inline gale_err put(gi_store *s, const char *key, const char *text,
                           gale_diag *why)
{
    gi_store_change c = { key, text, text == NULL ? 0 : strlen(text) };

    return s->commit(s->self, &c, 1, why);
}

/* "key=bytes;" for each; long ones as "key=<len>;". */
struct text {
    char at[4096];
    size_t len;
};

static inline gale_err add_pair(void *arg, const char *key, const void *bytes,
                                size_t len)
{
    struct text *t = arg;

    t->len +=
        (size_t)(len > 20 ? snprintf(t->at + t->len, sizeof(t->at) - t->len,
                                     "%s=<%zu>;", key, len)
                          : snprintf(t->at + t->len, sizeof(t->at) - t->len,
                                     "%s=%.*s;", key, (int)len,
                                     (const char *)bytes));
    CHECK(t->len < sizeof(t->at), "more than was thought");
    return GALE_OK;
}

static inline const char *text_of(gi_store *s)
{
    static struct text t;
    gale_diag why = { "" };
    gale_err rv;

    t.len = 0;
    t.at[0] = '\0';
    rv = s->load(s->self, add_pair, &t, &why);
    CHECK(rv == GALE_OK, "%s", why.text);
    return t.at;
}

/* ----------------------------------------------- somebody's hand in it -- */

static inline zhandle_t *by_hand(void)
{
    zhandle_t *zh =
        zookeeper_init(zoo.servers, NULL, SESSION_MS, NULL, NULL, 0);
    int64_t until = now_ms() + PATIENCE_MS;

    while (zoo_state(zh) != ZOO_CONNECTED_STATE) {
        CHECK(now_ms() < until, "no connection");
        nap(5);
    }
    return zh;
}

/* By a second handle on it, with its number and password; and it has ended
 * when its candidate's node is gone. */
static inline void end_session_of(struct nimbus *n)
{
    zhandle_t *other = by_hand();
    clientid_t id = *zoo_client_id(n->z->zh);
    zhandle_t *zh =
        zookeeper_init(zoo.servers, NULL, SESSION_MS, &id, NULL, 0);
    int64_t until = now_ms() + PATIENCE_MS;

    while (zoo_state(zh) != ZOO_CONNECTED_STATE) {
        CHECK(now_ms() < until, "no connection");
        nap(5);
    }
    zookeeper_close(zh);
    while (zoo_exists(other, n->z->node, 0, NULL) != ZNONODE) {
        CHECK(now_ms() < until, "it goes on");
        nap(5);
    }
    zookeeper_close(other);
}

#endif
