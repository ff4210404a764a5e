/* Nimbus as a process: asked, killed, started again, its disk full or damaged.
 * `cluster_nimbus NAME` is one test. */
#include "nimbus_house.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mount.h>

static void a_restart_forgets_nothing(void)
{
    gi_msg_blob_get get = { hash, SIZE - 10, 1000 };
    gi_msg_blob_piece piece;
    gi_pool pool = { 0 };

    start();
    CHECK(submit("early", "0") == GALE_EINVAL ||
              submit("early", "0") == GALE_ENOTFOUND,
          "its program is not there");
    CHECK(!is_listed("early"), "but it is there");
    CHECK(upload(100).complete, "it is not complete");
    CHECK(submit("words", "1") == GALE_OK, "%s", why.text);
    kill_it();
    start();
    CHECK(is_listed("words"), "it is gone");
    CHECK(upload(0).complete, "its program is gone");
    CHECK(ask(GI_ASK_BLOB_GET, &get, &pool, &piece) == GALE_OK, "%s",
          why.text);
    CHECK(piece.total == SIZE && piece.bytes.n == 10 &&
              memcmp(piece.bytes.at, program + SIZE - 10, 10) == 0,
          "%u bytes", piece.bytes.n);
    gi_pool_fini(&pool);
    CHECK(submit("words", "1") == GALE_OK, "sent twice: %s", why.text);
    CHECK(submit("words", "2") != GALE_OK, "two of one name");
}

static void kill_soon(int64_t us)
{
    pid_t daemon = house.pid, killer = fork();

    CHECK(killer >= 0, "no process");
    if (killer == 0) {
        nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
        kill(daemon, SIGKILL);
        _exit(0);
    }
}

/* Whatever it said is there; and what it did not say can be said again. */
static void killed_at_any_moment(void)
{
    char name[32];
    int said = 0, alive = 0;

    start();
    CHECK(upload(100).complete, "it is not complete");
    for (int round = 0; round < 15 || alive < 6; round++) {
        int longer = 1 + round / 15; /* if it is that slow */

        patience_ms = 100 * SLOWER * longer;
        kill_soon((int64_t)(gi_mix64((uint64_t)round) % 30000) * longer);
        for (; submit_numbered(said) == GALE_OK; said++)
            alive++;
        CHECK(ended() == -1, "it ended by itself: %s", house.said);
        patience_ms = PATIENCE_MS;
        start();
        for (int i = 0; i < said; i++) {
            snprintf(name, sizeof(name), "t%d", i);
            CHECK(is_listed(name), "%s was submitted, and is gone", name);
        }
        CHECK(submit_numbered(said) == GALE_OK, "again: %s", why.text);
        said++;
    }
}

/* ------------------------------------------------------------- reports -- */

enum { PORTS = 5, FIRST_PORT = 6700 };

static gi_msg_port ports[PORTS];
static gi_msg_slot slots[PORTS];

static gi_msg_report report_of(const gi_msg_orders *known)
{
    static uint64_t number;

    for (uint64_t i = 0; i < PORTS; i++) {
        ports[i] = (gi_msg_port){ FIRST_PORT + i };
        slots[i] = (gi_msg_slot){ .port = FIRST_PORT + i, .state = "empty" };
    }
    return (gi_msg_report){
        .node = "node-1",
        .host = "127.0.0.1",
        .url = "tcp://127.0.0.1:6628",
        .machine = "x86_64",
        .incarnation = 1,
        .number = ++number,
        .cpu = 400,
        .memory_mb = 4000,
        .nimbus = known->nimbus == NULL ? "" : known->nimbus,
        .version = known->version,
        .n_ports = PORTS,
        .ports = ports,
        .n_slots = PORTS,
        .slots = slots,
    };
}

static gi_msg_orders report(gi_pool *pool, const gi_msg_orders *known)
{
    gi_msg_report r = report_of(known);
    gi_msg_orders orders;

    CHECK(ask(GI_ASK_REPORT, &r, pool, &orders) == GALE_OK, "%s", why.text);
    return orders;
}

/* By a client of its own: the other one waits. */
static void submit_apart(int i)
{
    const char *urls[] = { house.url };
    gi_asker_opts opts = { .urls = urls, .n_urls = 1, .user = "ann" };
    gi_asker *mine = house.asker;

    CHECK(gi_asker_create(&house.asker, &opts, NULL) == GALE_OK, "no asker");
    CHECK(submit_numbered(i) == GALE_OK, "%s", why.text);
    gi_asker_destroy(house.asker);
    house.asker = mine;
}

static void on_done(void *arg)
{
    (void)arg; /* gi_asked waits for it */
}

/* How long the first of a node's reports takes, in milliseconds. */
static int64_t first_report(gi_pool *pool, gi_msg_orders *known)
{
    int64_t began = now_ms();

    *known = (gi_msg_orders){ 0 };
    *known = report(pool, known);
    CHECK(!known->same, "it knows nothing yet");
    return now_ms() - began;
}

/* How long one takes while which another topology is submitted. */
static int64_t report_of_news(gi_pool *pool, int i)
{
    gi_msg_orders known, orders;
    int64_t began;

    first_report(pool, &known);
    gi_msg_report r = report_of(&known);
    began = now_ms();
    CHECK(gi_ask_begin(house.asker, GI_ASK_REPORT, &r, PATIENCE_MS, on_done,
                       NULL) == GALE_OK,
          "it cannot be asked");
    nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
    submit_apart(i);
    CHECK(gi_asked(house.asker, pool, &orders, &why) == GALE_OK, "%s",
          why.text);
    began = now_ms() - began;
    if (orders.same) { /* it was over before */
        CHECK(began >= 900, "it did not wait: %d ms", (int)began);
        return began;
    }
    CHECK(orders.n_orders == (uint32_t)i + 1 &&
              orders.orders[0].port >= FIRST_PORT &&
              orders.orders[0].port < FIRST_PORT + PORTS,
          "%u orders", orders.n_orders);
    CHECK(strcmp(orders.orders[0].program, hash) == 0, "%s",
          orders.orders[0].program);
    return began;
}

/* It waits for a second.  What does not wait is quicker, at least once in a
 * few times, whatever the machine is doing. */
static void a_report_waits_until_there_is_news(void)
{
    gi_msg_orders known;
    gi_pool pool = { 0 };
    int64_t took = INT64_MAX, began;

    start();
    CHECK(upload(100).complete, "it is not complete");
    for (int i = 0; i < PORTS && took >= 800; i++)
        took = first_report(&pool, &known);
    CHECK(took < 800 && known.n_orders == 0, "the first one waited");
    began = now_ms();
    known = report(&pool, &known);
    CHECK(known.same, "there was news");
    CHECK(now_ms() - began >= 900, "it did not wait: %d ms",
          (int)(now_ms() - began));
    took = INT64_MAX;
    for (int i = 0; i < PORTS && took >= 900; i++)
        took = report_of_news(&pool, i);
    CHECK(took < 900, "it came %d ms later", (int)took);
    gi_pool_fini(&pool);
}

/* ---------------------------------------------------------------- ends -- */

static void it_ends_in_order(void)
{
    gi_msg_orders known = { 0 };
    gi_pool pool = { 0 };
    int64_t began;

    for (int signal = SIGINT;; signal = SIGTERM) {
        start();
        known = report(&pool, &known);
        gi_msg_report r = report_of(&known);
        CHECK(gi_ask_begin(house.asker, GI_ASK_REPORT, &r, PATIENCE_MS, NULL,
                           NULL) == GALE_OK,
              "it cannot be asked");
        began = now_ms();
        kill(house.pid, signal);
        CHECK(ended() == 0, "%s", house.said);
        CHECK(now_ms() - began < 15000, "it took %d ms",
              (int)(now_ms() - began));
        gi_ask_cancel(house.asker);
        if (signal == SIGTERM)
            break;
    }
    gi_pool_fini(&pool);
}

static void one_a_directory(void)
{
    struct house first;
    char pid[16];

    start();
    first = house;
    house.err = 0;
    CHECK(!started(NULL), "a second one runs in the same directory");
    CHECK(ended() == CODE_OF_ERR + GALE_ELIMIT, "%s", house.said);
    snprintf(pid, sizeof(pid), "%d", (int)first.pid);
    CHECK(strstr(house.said, pid) != NULL, "%s", house.said);
    close(house.err);
    house = first;
    CHECK(!is_listed("any"), "the first one does not answer");
    kill_it();
    start(); /* whoever is killed has no lock any more */
}

static void a_port_that_is_taken_is_said(void)
{
    struct house first;

    start();
    first = house;
    house.err = 0;
    snprintf(house.nimbus, sizeof(house.nimbus), "%s/other", house.dir);
    CHECK(!started(NULL), "two at one port");
    CHECK(ended() == CODE_OF_ERR + GALE_EIO, "%s", house.said);
    CHECK(strstr(house.said, strrchr(first.url, ':')) != NULL, "%s",
          house.said);
    close(house.err);
    house = first;
}

/* -------------------------------------------------- a store that fails -- */

static void a_write_that_fails_ends_it(void)
{
    start();
    CHECK(upload(100).complete, "it is not complete");
    CHECK(submit("before", "1") == GALE_OK, "%s", why.text);
    kill(house.pid, SIGUSR1);
    patience_ms = 2000;
    CHECK(submit("after", "2") != GALE_OK, "it was kept nowhere");
    patience_ms = PATIENCE_MS;
    CHECK(ended() == CODE_OF_ERR + GALE_EIO, "%s", house.said);
    CHECK(strstr(house.said, "state.mdb") != NULL, "%s", house.said);
    start();
    CHECK(is_listed("before"), "it is gone");
    CHECK(!is_listed("after"), "it is there");
    CHECK(submit("after", "2") == GALE_OK, "%s", why.text);
}

static void a_full_disk_ends_it_and_loses_nothing(void)
{
    char name[16];
    int said = 0;

    CHECK(mkdir(house.nimbus, 0700) == 0, "no directory");
    if (mount("none", house.nimbus, "tmpfs", 0, "size=3200k") != 0) {
        fprintf(stderr, "SKIPPED: no tmpfs may be mounted here\n");
        return;
    }
    start();
    CHECK(upload(100).complete, "it is not complete");
    patience_ms = 3000;
    while (said < 3000) {
        if (submit_numbered(said) == GALE_OK)
            said++;
        else if (!it_runs())
            break;
    }
    patience_ms = PATIENCE_MS;
    CHECK(said > 10 && said < 3000, "%d fitted", said);
    CHECK(ended() == CODE_OF_ERR + GALE_EIO, "%s", house.said);
    CHECK(strstr(house.said, "full") != NULL, "%s", house.said);
    CHECK(mount("none", house.nimbus, "tmpfs", MS_REMOUNT, "size=8m") == 0,
          "it stays as small");
    start();
    for (int i = 0; i < said; i += 7) {
        snprintf(name, sizeof(name), "t%d", i);
        CHECK(is_listed(name), "%s is gone", name);
    }
    CHECK(submit_numbered(said) == GALE_OK, "%s", why.text);
}

static void a_damaged_store_is_a_persons_matter(void)
{
    char path[128];
    FILE *f;

    start();
    CHECK(upload(100).complete, "it is not complete");
    CHECK(submit("words", "1") == GALE_OK, "%s", why.text);
    kill_it();
    snprintf(path, sizeof(path), "%s/state.mdb", house.nimbus);
    CHECK(truncate(path, 9000) == 0, "%s", path);
    CHECK(!started(NULL), "it goes on with half of it");
    CHECK(ended() == CODE_OF_ERR + GALE_EFORMAT, "%s", house.said);
    CHECK(strstr(house.said, "--set-damaged-aside") != NULL, "%s", house.said);
    f = fopen(path, "r");
    CHECK(f != NULL, "it is not where it was");
    fclose(f);
    CHECK(started("aside"), "%s", house.said);
    CHECK(!is_listed("words"), "where from?");
    CHECK(upload(0).complete, "programs are not damaged");
    CHECK(submit("words", "1") == GALE_OK, "%s", why.text);
}

/* ------------------------------------------------------------ programs -- */

static void an_upload_goes_on_where_it_was(void)
{
    gi_msg_blob_size there;

    start();
    there = upload(1);
    CHECK(there.size == GI_MSG_BLOB_PIECE && !there.complete, "%d",
          (int)there.size);
    there = upload(1);
    CHECK(there.size == 2 * GI_MSG_BLOB_PIECE && !there.complete, "%d",
          (int)there.size);
    kill_it();
    start();
    there = upload(0);
    CHECK(there.size == 0, "half of it, of which nobody knows whether it is "
                           "on the disk");
    CHECK(upload(100).complete, "it is not complete");
}

/* --------------------------------------------------------- in a thread -- */

struct inside {
    gi_nimbus_daemon_opts o;
    char url[64];
    int up;
    gale_err rv;
    gale_diag why;
};

static void is_up(void *arg, const char *url, uint16_t number)
{
    struct inside *in = arg;
    uint64_t one = 1;

    CHECK(number != 0, "no port");
    snprintf(in->url, sizeof(in->url), "%s", url);
    CHECK(write(in->up, &one, sizeof(one)) == sizeof(one), "no eventfd");
}

static void *run_inside(void *arg)
{
    struct inside *in = arg;

    in->rv = gi_nimbus_daemon_run(&in->o, &in->why);
    return NULL;
}

static void in_a_thread_it_is_stopped_by_a_descriptor(void)
{
    struct inside in[2] = { 0 };
    char dirs[2][96];
    pthread_t threads[2];
    int stop = eventfd(0, 0);
    uint64_t n = 1;

    for (int i = 0; i < 2; i++) {
        snprintf(dirs[i], sizeof(dirs[i]), "%s/state/%d", house.dir, i);
        in[i].up = eventfd(0, 0);
        in[i].o = (gi_nimbus_daemon_opts){
            .dir = dirs[i],
            .url = "tcp://127.0.0.1:0",
            .stop_fd = stop,
            .ready = is_up,
            .arg = &in[i],
        };
        CHECK(pthread_create(&threads[i], NULL, run_inside, &in[i]) == 0,
              "no thread");
        CHECK(read(in[i].up, &n, sizeof(n)) == sizeof(n), "no eventfd");
    }
    for (int i = 0; i < 2; i++) {
        const char *urls[] = { in[i].url };
        gi_asker_opts opts = { .urls = urls, .n_urls = 1 };

        CHECK(gi_asker_create(&house.asker, &opts, &why) == GALE_OK, "%s",
              why.text);
        CHECK(!is_listed("words"), "where from?");
        gi_asker_destroy(house.asker);
        house.asker = NULL;
    }
    CHECK(write(stop, &n, sizeof(n)) == sizeof(n), "no eventfd");
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        CHECK(in[i].rv == GALE_OK, "%s", in[i].why.text);
        close(in[i].up);
    }
    close(stop);
}

#define TESTS(X)                             \
    X(a_restart_forgets_nothing)             \
    X(killed_at_any_moment)                  \
    X(a_report_waits_until_there_is_news)    \
    X(it_ends_in_order)                      \
    X(one_a_directory)                       \
    X(a_port_that_is_taken_is_said)          \
    X(a_write_that_fails_ends_it)            \
    X(a_full_disk_ends_it_and_loses_nothing) \
    X(a_damaged_store_is_a_persons_matter)   \
    X(an_upload_goes_on_where_it_was)        \
    X(in_a_thread_it_is_stopped_by_a_descriptor)

int main(int argc, char **argv)
{
    static const house_test tests[] = { TESTS(HOUSE_TEST) };

    return house_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
