/* Two Nimbuses of one cluster, in threads, and an election that this test
 * holds.  `cluster_several NAME` is one test. */
#include "nimbus_house.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#include "nimbus/zookeeper/election.h"

enum { TWO = 2, NOBODY = -1, KEYS = 64 };

/* ------------------------------------------- what they share: the state -- */

static pthread_mutex_t mtx = PTHREAD_MUTEX_INITIALIZER; /* guards all here */
static struct {
    int leads, doubts;     /* which of the two; or NOBODY */
    gi_standing told[TWO]; /* what each of them heard last */
    bool refuses;          /* the next commit, whoever makes it */
    struct pair {
        char key[256], *bytes;
        size_t len;
    } pairs[KEYS];
} shared = { .leads = NOBODY, .doubts = NOBODY };

struct one {
    gi_nimbus_daemon_opts o;
    char dir[96], url[64];
    int number, up;
    gale_err rv;
    gale_diag why;
    pthread_t thread;
    gi_candidate who;
};

static struct one ones[TWO];

static gale_err load(void *self, gi_store_pair pair, void *arg, gale_diag *w)
{
    gale_err rv = GALE_OK;

    (void)self;
    (void)w;
    pthread_mutex_lock(&mtx);
    for (int i = 0; i < KEYS && rv == GALE_OK; i++)
        if (shared.pairs[i].bytes != NULL)
            rv = pair(arg, shared.pairs[i].key, shared.pairs[i].bytes,
                      shared.pairs[i].len);
    pthread_mutex_unlock(&mtx);
    return rv;
}

static void put(const gi_store_change *c)
{
    struct pair *at = NULL;

    for (int i = 0; i < KEYS; i++) {
        struct pair *p = &shared.pairs[i];

        if (p->bytes != NULL && strcmp(p->key, c->key) == 0) {
            free(p->bytes);
            p->bytes = NULL;
        }
        if (p->bytes == NULL)
            at = p;
    }
    CHECK(at != NULL, "more keys than there is room for");
    if (c->bytes == NULL)
        return;
    snprintf(at->key, sizeof(at->key), "%s", c->key);
    at->bytes = malloc(c->len + 1);
    memcpy(at->bytes, c->bytes, c->len);
    at->len = c->len;
}

static gale_err commit(void *self, const gi_store_change *changes, size_t n,
                       gale_diag *w)
{
    const struct one *one = self;
    gale_err rv = GALE_EIO;

    pthread_mutex_lock(&mtx);
    if (shared.leads == one->number && !shared.refuses) {
        for (size_t i = 0; i < n; i++)
            put(&changes[i]);
        rv = GALE_OK;
    } else if (w != NULL) {
        snprintf(w->text, sizeof(w->text), "another leads");
    }
    shared.refuses = false;
    pthread_mutex_unlock(&mtx);
    return rv;
}

static void shut(void *self)
{
    (void)self;
}

/* -------------------------------------------------------- the election -- */

static gi_standing standing(void *self)
{
    const struct one *one = self;
    gi_standing st;

    pthread_mutex_lock(&mtx);
    st = shared.doubts == one->number  ? GI_DOUBTS
         : shared.leads == one->number ? GI_LEADS
                                       : GI_STANDS_BY;
    shared.told[one->number] = st;
    pthread_mutex_unlock(&mtx);
    return st;
}

static uint32_t due_ms(const void *self)
{
    (void)self;
    return UINT32_MAX;
}

static const char *leader_url(const void *self)
{
    int leads;

    (void)self;
    pthread_mutex_lock(&mtx);
    leads = shared.doubts == NOBODY ? shared.leads : NOBODY;
    pthread_mutex_unlock(&mtx);
    return leads == NOBODY ? "" : ones[leads].url;
}

static gale_err store_of(void *self, gi_store *out, gale_diag *w)
{
    (void)w;
    *out = (gi_store){ self, load, commit, shut };
    return GALE_OK;
}

static void tell_both(void)
{
    for (int i = 0; i < TWO; i++)
        if (ones[i].who.wake != NULL)
            ones[i].who.wake(ones[i].who.arg);
}

/* Who resigns hands over to the other. */
static void resign(void *self)
{
    const struct one *one = self;

    pthread_mutex_lock(&mtx);
    if (shared.leads == one->number)
        shared.leads = 1 - one->number;
    pthread_mutex_unlock(&mtx);
    tell_both();
}

static gale_err take_part(gi_election *out, const void *with,
                          const gi_candidate *who, gale_diag *w)
{
    struct one *one = &ones[*(const int *)with];

    (void)w;
    one->who = *who;
    snprintf(one->url, sizeof(one->url), "%s", who->url);
    *out = (gi_election){ one,      standing, due_ms, leader_url,
                          store_of, resign,   shut };
    return GALE_OK;
}

static void elect(int leads, int doubts)
{
    pthread_mutex_lock(&mtx);
    shared.leads = leads;
    shared.doubts = doubts;
    pthread_mutex_unlock(&mtx);
    tell_both();
}

/* --------------------------------------------------------- two of them -- */

static int stop;

static void is_up(void *arg, const char *url, uint16_t port)
{
    struct one *one = arg;
    uint64_t n = 1;

    (void)url;
    (void)port;
    CHECK(write(one->up, &n, sizeof(n)) == sizeof(n), "no eventfd");
}

static void *run(void *arg)
{
    struct one *one = arg;

    one->rv = gi_nimbus_daemon_run(&one->o, &one->why);
    return NULL;
}

static void start_both(void)
{
    stop = eventfd(0, 0);
    for (int i = 0; i < TWO; i++) {
        struct one *one = &ones[i];
        uint64_t n;

        snprintf(one->dir, sizeof(one->dir), "%s/%d", house.dir, i);
        one->number = i;
        one->up = eventfd(0, 0);
        one->o = (gi_nimbus_daemon_opts){
            .dir = one->dir,
            .url = "tcp://127.0.0.1:0",
            .blobs.keep_free = 1,
            .elect = take_part,
            .elect_with = &one->number,
            .stop_fd = stop,
            .ready = is_up,
            .arg = one,
        };
        CHECK(pthread_create(&one->thread, NULL, run, one) == 0, "no thread");
        CHECK(read(one->up, &n, sizeof(n)) == sizeof(n), "no eventfd");
    }
}

static void ask_at(int i)
{
    const char *urls[] = { ones[i].url };
    gi_asker_opts opts = { .urls = urls, .n_urls = 1, .user = "ann" };

    gi_asker_destroy(house.asker);
    CHECK(gi_asker_create(&house.asker, &opts, &why) == GALE_OK, "%s",
          why.text);
}

static void stop_both(void)
{
    uint64_t n = 1;

    gi_asker_destroy(house.asker);
    house.asker = NULL;
    CHECK(write(stop, &n, sizeof(n)) == sizeof(n), "no eventfd");
    for (int i = 0; i < TWO; i++) {
        pthread_join(ones[i].thread, NULL);
        CHECK(ones[i].rv == GALE_OK, "%s", ones[i].why.text);
        close(ones[i].up);
    }
    for (int i = 0; i < KEYS; i++)
        free(shared.pairs[i].bytes);
    close(stop);
}

static bool has_file(int i, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", ones[i].dir, name);
    return access(path, F_OK) == 0;
}

/* A submission only waits for those of whom the leader has heard, and just now
 * that may be nobody (mirror.c tests that it waits). */
static void wait_until_mirrored(int i)
{
    int64_t until = now_ms() + PATIENCE_MS;
    char name[80];

    snprintf(name, sizeof(name), "blobs/%s", hash);
    while (!has_file(i, name)) {
        CHECK(now_ms() < until, "it does not come");
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
}

static void the_next_leader_knows_all_and_has_the_program(void)
{
    start_both();
    elect(0, NOBODY);
    ask_at(1); /* which says who leads */
    CHECK(upload(100).complete, "it is not complete");
    CHECK(submit("words", "1") == GALE_OK, "%s", why.text);
    wait_until_mirrored(1);
    elect(1, NOBODY);
    ask_at(0);
    CHECK(is_listed("words"), "it is gone");
    CHECK(upload(0).complete, "its program is gone");
    CHECK(submit("words", "1") == GALE_OK, "%s", why.text);
    CHECK(submit("bills", "2") == GALE_OK, "%s", why.text);
    elect(0, NOBODY);
    CHECK(is_listed("bills"), "the first one does not read anew");
    CHECK(!has_file(0, "state.mdb") && !has_file(1, "state.mdb"),
          "a store of its own");
    stop_both();
}

static void *settle_later(void *arg)
{
    nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
    elect(*(int *)arg, NOBODY);
    return NULL;
}

static void requests_wait_while_nobody_leads(void)
{
    pthread_t later;
    int who = 0;
    int64_t began;

    start_both();
    ask_at(0);
    began = now_ms();
    CHECK(pthread_create(&later, NULL, settle_later, &who) == 0, "no thread");
    CHECK(!is_listed("any"), "where from?");
    CHECK(now_ms() - began >= 250, "nobody led");
    pthread_join(later, NULL);
    CHECK(upload(100).complete, "it is not complete");
    CHECK(submit("words", "1") == GALE_OK, "%s", why.text);
    elect(0, 0); /* in doubt, it says nothing; then it is sure again */
    began = now_ms();
    CHECK(pthread_create(&later, NULL, settle_later, &who) == 0, "no thread");
    CHECK(is_listed("words"), "it is gone");
    CHECK(now_ms() - began >= 250, "it was in doubt");
    pthread_join(later, NULL);
    elect(NOBODY, NOBODY);
    gi_msg_nothing nothing = { 0 };
    gi_msg_topologies all;
    gi_pool pool = { 0 };
    patience_ms = 8000; /* longer than a Nimbus has */
    gale_err rv = ask(GI_ASK_LIST, &nothing, &pool, &all);
    CHECK(rv == GALE_EIO || rv == GALE_ETIME, "who leads?");
    patience_ms = PATIENCE_MS;
    CHECK(strstr(why.text, "no Nimbus leads") != NULL, "%s", why.text);
    gi_pool_fini(&pool);
    stop_both();
}

static void who_cannot_write_lets_another_lead(void)
{
    start_both();
    elect(0, NOBODY);
    ask_at(0);
    CHECK(upload(100).complete, "it is not complete");
    CHECK(submit("words", "1") == GALE_OK, "%s", why.text);
    pthread_mutex_lock(&mtx);
    shared.refuses = true;
    pthread_mutex_unlock(&mtx);
    CHECK(submit("bills", "2") != GALE_OK, "it was kept nowhere");
    CHECK(is_listed("words"), "the other does not lead");
    CHECK(submit("bills", "2") == GALE_OK, "%s", why.text);
    pthread_mutex_lock(&mtx);
    CHECK(shared.leads == 1, "%d leads", shared.leads);
    pthread_mutex_unlock(&mtx);
    stop_both();
}

static void on_done(void *arg)
{
    (void)arg; /* gi_asked waits for it */
}

/* What it was told it acts upon before it asks again. */
static void wait_until_told(int i, gi_standing what)
{
    int64_t until = now_ms() + PATIENCE_MS;
    bool told = false;

    while (!told) {
        CHECK(now_ms() < until, "it does not ask who leads");
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        pthread_mutex_lock(&mtx);
        told = shared.told[i] == what;
        pthread_mutex_unlock(&mtx);
    }
}

/* A report that waits is heard by who leads next, though that one has never
 * heard of its node. */
static void a_report_that_waits_is_heard_anew(void)
{
    gi_msg_port port = { 6700 };
    gi_msg_report r = { .node = "node-1",
                        .host = "127.0.0.1",
                        .url = "tcp://127.0.0.1:6628",
                        .machine = "x86_64",
                        .incarnation = 1,
                        .number = 1,
                        .cpu = 400,
                        .memory_mb = 4000,
                        .nimbus = "",
                        .n_ports = 1,
                        .ports = &port };
    gi_msg_orders first, later;
    gi_pool pool = { 0 };
    int64_t began, gone;

    start_both();
    elect(0, NOBODY);
    ask_at(0);
    do { /* until the leader goes while the report waits, which is a second */
        r.nimbus = "";
        r.version = 0;
        CHECK(ask(GI_ASK_REPORT, &r, &pool, &first) == GALE_OK, "%s",
              why.text);
        r.number++;
        r.nimbus = first.nimbus;
        r.version = first.version;
        began = now_ms();
        CHECK(gi_ask_begin(house.asker, GI_ASK_REPORT, &r, PATIENCE_MS,
                           on_done, NULL) == GALE_OK,
              "it cannot be asked");
        nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
        elect(NOBODY, NOBODY);
        wait_until_told(0, GI_STANDS_BY);
        gone = now_ms();
        elect(0, NOBODY);
        CHECK(gi_asked(house.asker, &pool, &later, &why) == GALE_OK, "%s",
              why.text);
        r.number++;
    } while (gone - began > 900);
    CHECK(strcmp(first.nimbus, later.nimbus) != 0, "it never was away");
    gi_pool_fini(&pool);
    stop_both();
}

#define TESTS(X)                                     \
    X(the_next_leader_knows_all_and_has_the_program) \
    X(requests_wait_while_nobody_leads)              \
    X(a_report_that_waits_is_heard_anew)             \
    X(who_cannot_write_lets_another_lead)

int main(int argc, char **argv)
{
    static const house_test tests[] = { TESTS(HOUSE_TEST) };

    return house_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
