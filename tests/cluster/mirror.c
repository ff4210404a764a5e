/* A leading Nimbus as a process, and here the part of one that stands by.
 * `cluster_mirror NAME` is one test. */
#include "nimbus_house.h"

#include <stdatomic.h>
#include <sys/eventfd.h>

#include "nimbus/mirror.h"

static gi_blobs *blobs;
static gi_mirror *mirror;
static int woken;
static char notes[2048];

static void wake(void *arg)
{
    uint64_t one = 1;

    (void)arg;
    if (write(woken, &one, sizeof(one)) != sizeof(one))
        _exit(1);
}

static void note(void *arg, bool bad, const char *text)
{
    size_t n = strlen(notes);

    (void)arg;
    snprintf(notes + n, sizeof(notes) - n, "%s%s\n", bad ? "BAD " : "", text);
}

static void stand_by(void)
{
    gi_mirror_opts opts = { .id = "other", .wake = wake, .note = note };
    gi_blobs_opts in = { .keep_free = 1 };
    char dir[96];

    snprintf(dir, sizeof(dir), "%s/other", house.dir);
    in.dir = dir;
    CHECK(gi_blobs_open(&blobs, &in, (uint64_t)now_ms(), &why) == GALE_OK,
          "%s", why.text);
    opts.blobs = blobs;
    woken = eventfd(0, EFD_NONBLOCK);
    CHECK(gi_mirror_create(&mirror, &opts) == GALE_OK, "no memory");
    gi_mirror_follow(mirror, house.url);
}

static void stand_down(void)
{
    gi_mirror_destroy(mirror);
    gi_blobs_close(blobs);
    close(woken);
}

static bool is_here(void)
{
    gi_blob_state state;

    CHECK(gi_blobs_look(blobs, hash, (uint64_t)now_ms(), &state, &why) ==
              GALE_OK,
          "%s", why.text);
    return state.complete;
}

/* One turn, when there is reason to. */
static void turn(int most_ms)
{
    struct pollfd p = { .fd = woken, .events = POLLIN };
    uint64_t due = gi_mirror_due(mirror), now = (uint64_t)now_ms(), n;
    int nap = due <= now                      ? 0
              : due - now < (uint64_t)most_ms ? (int)(due - now)
                                              : most_ms;

    if (poll(&p, 1, nap) == 1 && read(woken, &n, sizeof(n)) < 0)
        CHECK(false, "no eventfd");
    gi_mirror_turn(mirror, (uint64_t)now_ms());
}

static void turn_until_here(void)
{
    int64_t until = now_ms() + PATIENCE_MS;

    while (!is_here()) {
        CHECK(now_ms() < until, "it does not come: %s", notes);
        turn(100);
    }
}

static void expect_the_same_bytes(void)
{
    static char got[SIZE];
    uint64_t total;
    size_t len;

    CHECK(gi_blobs_get(blobs, hash, 0, got, SIZE, 0, &total, &len, &why) ==
              GALE_OK,
          "%s", why.text);
    CHECK(len == SIZE && memcmp(got, program, SIZE) == 0, "other bytes");
}

static void programs_come_by_themselves(void)
{
    start();
    stand_by();
    turn(0); /* it has asked, and is kept waiting */
    CHECK(upload(100).complete, "it is not complete");
    turn_until_here();
    expect_the_same_bytes();
    CHECK(gi_mirror_uses(mirror, hash), "the leader does not have it");
    CHECK(strstr(notes, "BAD") == NULL, "%s", notes);
    stand_down();
}

static void a_leader_that_dies_is_asked_again(void)
{
    start();
    CHECK(upload(100).complete, "it is not complete");
    stand_by();
    for (int i = 0; i < 3; i++)
        turn(1000); /* a list, and a piece or two */
    kill_it();
    for (int64_t until = now_ms() + 300; now_ms() < until;)
        turn(50);
    CHECK(!is_here(), "it came too soon for this test");
    start();
    turn_until_here();
    expect_the_same_bytes();
    stand_down();
}

static void who_follows_nobody_asks_nobody(void)
{
    start();
    CHECK(upload(100).complete, "it is not complete");
    stand_by();
    turn(0);
    gi_mirror_follow(mirror, NULL); /* in the middle of a question */
    CHECK(gi_mirror_due(mirror) == UINT64_MAX, "something is due");
    turn(50);
    CHECK(!is_here(), "where from?");
    gi_mirror_follow(mirror, house.url);
    turn_until_here();
    stand_down();
}

static atomic_bool answered;

static void on_answer(void *arg)
{
    (void)arg;
    atomic_store(&answered, true);
}

static gi_asker *another(void)
{
    const char *urls[] = { house.url };
    gi_asker_opts opts = { .urls = urls, .n_urls = 1, .user = "ann" };
    gi_asker *a;

    CHECK(gi_asker_create(&a, &opts, &why) == GALE_OK, "%s", why.text);
    return a;
}

static void say_what_there_is(const char *of)
{
    gi_msg_blob one = { of };
    gi_msg_mirror m = { "other", of == NULL ? 0 : 1, &one };
    gi_msg_mirrored reply;
    gi_pool pool = { 0 };

    CHECK(ask(GI_ASK_MIRROR, &m, &pool, &reply) == GALE_OK, "%s", why.text);
    CHECK(reply.n_blobs == 1 && strcmp(reply.blobs[0].hash, hash) == 0,
          "%u programs", reply.n_blobs);
    gi_pool_fini(&pool);
}

static void a_submission_waits_until_its_program_is_safe(void)
{
    gi_msg_component part = { .id = "words",
                              .spout = true,
                              .first_task = 1,
                              .n_tasks = 1,
                              .n_executors = 1 };
    gi_msg_submit s = { .name = "words",
                        .program = hash,
                        .machine = "x86_64",
                        .workers = 1,
                        .timeout_ms = 30000,
                        .once = "1",
                        .n_components = 1,
                        .components = &part };
    gi_msg_submitted reply;
    gi_pool pool = { 0 };
    gi_asker *client;
    int64_t began;

    start();
    CHECK(upload(100).complete, "it is not complete");
    say_what_there_is(NULL);
    client = another();
    CHECK(gi_ask_begin(client, GI_ASK_SUBMIT, &s, PATIENCE_MS, on_answer,
                       NULL) == GALE_OK,
          "it cannot be asked");
    say_what_there_is(NULL);
    nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
    CHECK(!atomic_load(&answered), "it would be lost with the leader");
    CHECK(!is_listed("words"), "it runs already");
    began = now_ms();
    say_what_there_is(hash); /* which is kept for a second */
    CHECK(gi_asked(client, &pool, &reply, &why) == GALE_OK, "%s", why.text);
    CHECK(now_ms() - began < 4500 * SLOWER, "it came %d ms later",
          (int)(now_ms() - began));
    CHECK(is_listed("words"), "it is not there");
    gi_asker_destroy(client);
    gi_pool_fini(&pool);
}

#define TESTS(X)                         \
    X(programs_come_by_themselves)       \
    X(a_leader_that_dies_is_asked_again) \
    X(who_follows_nobody_asks_nobody)    \
    X(a_submission_waits_until_its_program_is_safe)

int main(int argc, char **argv)
{
    static const house_test tests[] = { TESTS(HOUSE_TEST) };

    return house_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
