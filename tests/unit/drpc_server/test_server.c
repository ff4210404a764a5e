/* A DRPC server on a thread: callers on one side, a pretended worker on the
 * other, and strangers who say what they like. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/env.h"
#include "base/mem.h"
#include "drpc/server/daemon.h"
#include "wire/ask.h"
#include "wire/brief.h"

enum { WAIT_MS = 20000 };

static gi_drpc_daemon_opts opts;
static pthread_t thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t known = PTHREAD_COND_INITIALIZER;
static uint16_t ports[3]; /* call, take, HTTP; 0: not yet */
static gale_err ended;
static char secret_file[64];

/* ----------------------------------------------------------- the server -- */

static void ready(void *arg, uint16_t call, uint16_t take, uint16_t http)
{
    (void)arg;
    pthread_mutex_lock(&lock);
    ports[0] = call;
    ports[1] = take;
    ports[2] = http;
    pthread_cond_signal(&known);
    pthread_mutex_unlock(&lock);
}

static void *run(void *arg)
{
    gale_diag why = { "" };

    (void)arg;
    ended = gi_drpc_daemon_run(&opts, &why);
    if (ended != GALE_OK)
        fprintf(stderr, "%s\n", why.text);
    ready(NULL, 1, 1, 1);
    return NULL;
}

static void start(void)
{
    opts.call_url = opts.take_url = "tcp://127.0.0.1:0";
    opts.http_host = "127.0.0.1";
    opts.queue = 4;
    opts.most_bytes = 4096;
    opts.timeout_ms = WAIT_MS;
    opts.stop_fd = eventfd(0, EFD_CLOEXEC);
    opts.ready = ready;
    ports[0] = 0;
    cr_assert_eq(pthread_create(&thread, NULL, run, NULL), 0);
    pthread_mutex_lock(&lock);
    while (ports[0] == 0)
        pthread_cond_wait(&known, &lock);
    pthread_mutex_unlock(&lock);
}

static void stop(void)
{
    uint64_t one = 1;

    if (ports[0] == 0)
        return;
    cr_assert_eq(write(opts.stop_fd, &one, sizeof(one)), (ssize_t)sizeof(one));
    pthread_join(thread, NULL);
    close(opts.stop_fd);
    cr_expect_eq(ended, GALE_OK);
    if (secret_file[0] != '\0')
        unlink(secret_file);
}

/* Only a test that has called it knows its users and secrets. */
static void start_plain(void)
{
    memset(&opts, 0, sizeof(opts));
    start();
}

TestSuite(server, .init = start_plain, .fini = stop, .timeout = 60);
TestSuite(guarded, .fini = stop, .timeout = 60);

/* ------------------------------------------------------------ both sides --
 */

static gi_asker *asker(int port, const gi_secrets *s, const char *topology)
{
    char url[64];
    const char *urls = url;
    gi_asker_opts o = {
        .urls = &urls, .n_urls = 1, .secrets = s, .topology = topology
    };
    gi_asker *a;

    snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", ports[port]);
    cr_assert_eq(gi_asker_create(&a, &o, NULL), GALE_OK);
    return a;
}

static void done(void *arg)
{
    (void)arg;
}

static gi_asker *call(const char *function, const char *args, uint64_t wait_ms)
{
    gi_asker *a = asker(0, NULL, NULL);
    gi_msg_drpc_call m = { .function = function,
                           .args = { args, (uint32_t)strlen(args) },
                           .wait_ms = wait_ms };

    cr_assert_eq(gi_ask_begin(a, GI_ASK_DRPC_CALL, &m, WAIT_MS, done, NULL),
                 GALE_OK);
    return a;
}

static void hears(gi_asker *a, gale_err rv, const char *text)
{
    gi_pool pool = { 0 };
    gi_msg_drpc_answer got;
    gale_diag why = { "" };

    cr_expect_eq(gi_asked(a, &pool, &got, &why), rv, "%s", why.text);
    if (rv == GALE_OK)
        cr_expect(got.text.n == strlen(text) &&
                  memcmp(got.text.at, text, got.text.n) == 0);
    else
        cr_expect_not_null(strstr(why.text, text), "%s", why.text);
    gi_pool_fini(&pool);
    gi_asker_destroy(a);
}

/* What a worker takes; the last of them stays in `args`. */
static char args[100];
static uint64_t number;

static uint32_t take_most(gi_asker *a, uint64_t session, uint64_t after,
                          uint64_t most, uint64_t *id)
{
    gi_msg_drpc_take m = { .function = "f",
                           .key = "test",
                           .session = session,
                           .after = after,
                           .most = most };
    gi_pool pool = { 0 };
    gi_msg_drpc_requests got;
    gale_diag why = { "" };
    uint32_t n;

    cr_assert_eq(gi_ask(a, GI_ASK_DRPC_TAKE, &m, WAIT_MS, &pool, &got, &why),
                 GALE_OK, "%s", why.text);
    n = got.n_requests;
    number = got.number;
    if (n > 0) {
        *id = got.requests[n - 1].id;
        snprintf(args, sizeof(args), "%.*s", (int)got.requests[n - 1].args.n,
                 (const char *)got.requests[n - 1].args.at);
    }
    gi_pool_fini(&pool);
    return n;
}

static uint32_t take(gi_asker *a, uint64_t session, uint64_t after,
                     uint64_t *id)
{
    return take_most(a, session, after, 8, id);
}

/* Can take nothing now, and so is not kept waiting for long. */
static void serve(gi_asker *a, uint64_t session)
{
    uint64_t id;

    cr_assert_eq(take_most(a, session, 0, 0, &id), 0);
}

static void say(gi_asker *a, uint64_t id, gi_drpc_word_kind what,
                const char *text)
{
    gi_msg_drpc_word w = { .id = id,
                           .what = what,
                           .text = { text, (uint32_t)strlen(text) } };
    gi_msg_drpc_words m = { .n_words = 1, .words = &w };
    gi_msg_nothing nothing;
    gi_pool pool = { 0 };

    cr_assert_eq(
        gi_ask(a, GI_ASK_DRPC_SAY, &m, WAIT_MS, &pool, &nothing, NULL),
        GALE_OK);
    gi_pool_fini(&pool);
}

/* --------------------------------------------------------------- by nng -- */

Test(server, a_question_goes_to_a_worker_and_its_answer_back)
{
    gi_asker *worker = asker(1, NULL, NULL), *caller;
    uint64_t id = 0;

    serve(worker, 5);
    caller = call("f", "what?", 0);
    cr_assert_eq(take(worker, 5, 0, &id), 1);
    cr_assert_str_eq(args, "what?");
    say(worker, id, GI_DRPC_ANSWER, "[[1]]");
    hears(caller, GALE_OK, "[[1]]");
    caller = call("f", "again?", 0);
    cr_assert_eq(take(worker, 5, number, &id), 1);
    say(worker, id, GI_DRPC_NOTE, "no page");
    say(worker, id, GI_DRPC_FAIL, "failed");
    hears(caller, GALE_EUSER, "no page");
    gi_asker_destroy(worker);
}

Test(server, nobody_waits_for_what_nobody_serves)
{
    gi_asker *worker = asker(1, NULL, NULL);

    hears(call("f", "", 0), GALE_ENOTFOUND, "nobody serves 'f'");
    serve(worker, 5);
    hears(call("f", "", 50), GALE_ETIME, "its time was over");
    gi_asker_destroy(worker);
}

Test(server, a_reply_that_was_lost_is_given_again)
{
    gi_asker *worker = asker(1, NULL, NULL), *caller;
    uint64_t id = 0, first;

    serve(worker, 5);
    caller = call("f", "x", 0);
    cr_assert_eq(take(worker, 5, 0, &first), 1);
    cr_assert_eq(take(worker, 5, 0, &id), 1);
    cr_assert_eq(first, id);
    say(worker, id, GI_DRPC_ANSWER, "[]");
    hears(caller, GALE_OK, "[]");
    gi_asker_destroy(worker);
}

Test(server, what_a_lost_worker_had_is_given_to_the_next_at_once)
{
    gi_asker *worker = asker(1, NULL, NULL), *next, *caller;
    gi_msg_drpc_take m = {
        .function = "f", .key = "test", .session = 5, .after = 1, .most = 8
    };
    int64_t began = gi_env_real.now_ns(NULL);
    uint64_t id = 0;

    serve(worker, 5);
    caller = call("f", "x", 0);
    cr_assert_eq(take(worker, 5, 0, &id), 1);
    cr_assert_eq(
        gi_ask_begin(worker, GI_ASK_DRPC_TAKE, &m, WAIT_MS, done, NULL),
        GALE_OK);
    next = asker(1, NULL, NULL);
    gi_asker_destroy(worker); /* as if it had been killed */
    cr_assert_eq(take(next, 6, 0, &id), 1);
    say(next, id, GI_DRPC_ANSWER, "[]");
    hears(caller, GALE_OK, "[]");
    cr_expect_lt(gi_env_real.now_ns(NULL) - began, INT64_C(9000000000));
    gi_asker_destroy(next);
}

Test(server, too_much_is_refused)
{
    gi_asker *worker = asker(1, NULL, NULL), *calls[5];
    static char large[5000];
    int refused = 0;

    serve(worker, 5);
    memset(large, 'x', sizeof(large) - 1);
    hears(call("f", large, 0), GALE_ELIMIT, "4096 are the most");
    for (int i = 0; i < 5; i++)
        calls[i] = call("f", "", 1000);
    for (int i = 0; i < 5; i++) {
        gi_pool pool = { 0 };
        gi_msg_drpc_answer got;
        gale_err rv = gi_asked(calls[i], &pool, &got, NULL);

        cr_assert(rv == GALE_ETIME || rv == GALE_ELIMIT);
        refused += rv == GALE_ELIMIT;
        gi_pool_fini(&pool);
        gi_asker_destroy(calls[i]);
    }
    cr_expect_eq(refused, 1);
    gi_asker_destroy(worker);
}

Test(server, who_waits_when_it_is_stopped_is_told)
{
    gi_asker *worker = asker(1, NULL, NULL), *caller;
    uint64_t one = 1, id;

    serve(worker, 5);
    caller = call("f", "", 0);
    cr_assert_eq(take(worker, 5, 0, &id), 1);
    cr_assert_eq(write(opts.stop_fd, &one, sizeof(one)), (ssize_t)sizeof(one));
    hears(caller, GALE_EUSER, "was stopped");
    gi_asker_destroy(worker);
}

/* -------------------------------------------------------------- secrets -- */

static gi_secrets *secrets_of(const char *secret)
{
    gi_secrets_texts t = { .secret = gi_strdup(secret) };
    gi_secrets_opts names = { .secret_file = "a test" };
    gi_secrets *s;
    gale_diag why = { "" };

    cr_assert_eq(gi_secrets_make(&s, &t, &names, &why), GALE_OK, "%s",
                 why.text);
    gi_secrets_texts_fini(&t);
    return s;
}

static gale_err serves(const gi_secrets *s, const char *topology,
                       uint64_t session, gale_diag *why)
{
    gi_asker *a = asker(1, s, topology);
    gi_msg_drpc_take m = { .function = "f", .key = "x", .session = session };
    gi_pool pool = { 0 };
    gi_msg_drpc_requests got;
    gale_err rv = gi_ask(a, GI_ASK_DRPC_TAKE, &m, WAIT_MS, &pool, &got, why);

    gi_pool_fini(&pool);
    gi_asker_destroy(a);
    return rv;
}

Test(guarded, a_worker_serves_by_the_word_of_its_topology)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    char word[GI_BRIEF_WORD], other[GI_BRIEF_WORD];
    gi_secrets *mine, *his;
    gale_diag why = { "" };
    int fd;

    snprintf(secret_file, sizeof(secret_file), "/tmp/drpc_test_XXXXXX");
    fd = mkstemp(secret_file);
    cr_assert(fd >= 0 && fchmod(fd, 0600) == 0);
    cr_assert_eq(write(fd, secret, sizeof(secret) - 1),
                 (ssize_t)sizeof(secret) - 1);
    close(fd);
    memset(&opts, 0, sizeof(opts));
    opts.secrets.secret_file = secret_file;
    start();

    cr_assert_eq(gi_brief_word(word, secret, "reach-1"), GALE_OK);
    cr_assert_eq(gi_brief_word(other, secret, "other-2"), GALE_OK);
    mine = secrets_of(word);
    his = secrets_of(other);
    cr_expect_eq(serves(NULL, NULL, 1, &why), GALE_EINVAL);
    cr_expect_not_null(strstr(why.text, "secret"), "%s", why.text);
    cr_expect_eq(serves(mine, "other-2", 2, &why), GALE_EINVAL);
    cr_expect_eq(serves(mine, "reach-1", 3, &why), GALE_OK, "%s", why.text);
    /* Its connection is gone; that is noticed when it is looked for. */
    cr_expect_eq(serves(mine, "reach-1", 4, &why), GALE_OK, "%s", why.text);
    cr_expect_eq(serves(his, "other-2", 5, &why), GALE_EBUSY);
    cr_expect_str_eq(why.text, "'f' is served by topology reach-1");
    gi_secrets_destroy(mine);
    gi_secrets_destroy(his);
}

/* -------------------------------------------------------------- by HTTP -- */

static int dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(ports[2]),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval wait = { .tv_sec = 30 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    cr_assert_eq(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

/* What it says to that, up to the end. */
static char heard[8192];

static const char *http(const char *what, size_t n)
{
    int fd = dial();
    size_t len = 0;
    ssize_t got;

    while (n > 0 && (got = send(fd, what, n, MSG_NOSIGNAL)) > 0) {
        what += got;
        n -= (size_t)got;
    }
    shutdown(fd, SHUT_WR);
    while (len < sizeof(heard) - 1 &&
           (got = read(fd, heard + len, sizeof(heard) - 1 - len)) > 0)
        len += (size_t)got;
    heard[len] = '\0';
    close(fd);
    return heard;
}

static bool says(const char *request, const char *reply)
{
    return strstr(http(request, strlen(request)), reply) != NULL;
}

Test(server, http_says_what_there_is_and_what_is_wrong)
{
    gi_asker *worker = asker(1, NULL, NULL);
    static char large[6000];

    serve(worker, 5);
    cr_expect(says("GET /drpc HTTP/1.0\r\n\r\n", "\"function\":\"f\""));
    cr_expect(says("GET /drpc/g/x HTTP/1.0\r\n\r\n", " 404 "));
    cr_expect(says("GET / HTTP/1.0\r\n\r\n", " 404 "));
    cr_expect(says("GET /drpc/%zz HTTP/1.0\r\n\r\n", " 404 "));
    cr_expect(says("PUT /drpc/f HTTP/1.0\r\n\r\n", " 405 ") ||
              says("PUT /drpc/f HTTP/1.0\r\n\r\n", " 501 "));
    cr_expect(says("GET /drpc HTTP/1.0\r\nOrigin: http://x\r\n\r\n", " 403 "));
    cr_expect(says("GET /drpc HTTP/1.0\r\nSec-Fetch-Site: cross-site\r\n\r\n",
                   " 403 "));
    snprintf(large, sizeof(large),
             "POST /drpc/f HTTP/1.0\r\nContent-Length: 5000\r\n\r\n%04900d",
             0);
    cr_expect(says(large, " 413 "), "%s", heard);
    gi_asker_destroy(worker);
}

Test(server, no_stranger_stops_it)
{
    static char long_line[40000];
    uint64_t seed = 7;
    int idle[20];

    for (int i = 0; i < 20; i++)
        idle[i] = dial();
    memset(long_line, 'a', sizeof(long_line));
    memcpy(long_line, "GET /", 5);
    http(long_line, sizeof(long_line));
    for (int i = 0; i < 200; i++) {
        char bytes[300] = "GET /drpc/";
        size_t at = (size_t)i % 30;

        for (size_t k = at; k < sizeof(bytes); k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[k] = (char)(seed >> 56);
        }
        http(bytes, sizeof(bytes));
    }
    cr_expect(says("GET /drpc HTTP/1.0\r\n\r\n", "[]"), "%s", heard);
    for (int i = 0; i < 20; i++)
        close(idle[i]);
}
