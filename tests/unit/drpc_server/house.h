/* house.h -- a DRPC server on a thread, and both sides of it, for its tests.
 */
#ifndef TEST_DRPC_SERVER_HOUSE_H
#define TEST_DRPC_SERVER_HOUSE_H

#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "drpc/server/daemon.h"
#include "wire/ask.h"

enum { WAIT_MS = 20000 };

static gi_drpc_daemon_opts opts;
static pthread_t thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t known = PTHREAD_COND_INITIALIZER;
static uint16_t ports[3]; /* call, take, HTTP; 0: not yet */
static gale_err ended;
static char secret_file[64];

/* ----------------------------------------------------------- the server -- */

static inline void ready(void *arg, uint16_t call, uint16_t take,
                         uint16_t http)
{
    (void)arg;
    pthread_mutex_lock(&lock);
    ports[0] = call;
    ports[1] = take;
    ports[2] = http;
    pthread_cond_signal(&known);
    pthread_mutex_unlock(&lock);
}

static inline void *run(void *arg)
{
    gale_diag why = { "" };

    (void)arg;
    ended = gi_drpc_daemon_run(&opts, &why);
    if (ended != GALE_OK)
        fprintf(stderr, "%s\n", why.text);
    ready(NULL, 1, 1, 1);
    return NULL;
}

static inline void start(void)
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

static inline void stop(void)
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
static inline void start_plain(void)
{
    memset(&opts, 0, sizeof(opts));
    start();
}

/* ---------------------------------------------------------- both sides -- */

static inline gi_asker *asker(int port, const gi_secrets *s,
                              const char *topology)
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

static inline void done(void *arg)
{
    (void)arg;
}

static inline gi_asker *call(const char *function, const char *args,
                             uint64_t wait_ms)
{
    gi_asker *a = asker(0, NULL, NULL);
    gi_msg_drpc_call m = { .function = function,
                           .args = { args, (uint32_t)strlen(args) },
                           .wait_ms = wait_ms };

    cr_assert_eq(gi_ask_begin(a, GI_ASK_DRPC_CALL, &m, WAIT_MS, done, NULL),
                 GALE_OK);
    return a;
}

static inline void hears(gi_asker *a, gale_err rv, const char *text)
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

static inline uint32_t take_most(gi_asker *a, uint64_t session, uint64_t after,
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

static inline uint32_t take(gi_asker *a, uint64_t session, uint64_t after,
                            uint64_t *id)
{
    return take_most(a, session, after, 8, id);
}

/* Can take nothing now, and so is not kept waiting for long. */
static inline void serve(gi_asker *a, uint64_t session)
{
    uint64_t id;

    cr_assert_eq(take_most(a, session, 0, 0, &id), 0);
}

static inline void say(gi_asker *a, uint64_t id, gi_drpc_word_kind what,
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

#endif
