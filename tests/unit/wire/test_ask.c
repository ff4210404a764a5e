#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/free_port.h"
#include "tests/unit/wire/port.h"

static gi_asker *asker(const char *one, const char *two, bool hasty)
{
    const char *urls[] = { one, two };
    gi_asker_opts o = { .urls = urls,
                        .n_urls = two == NULL ? 1 : 2,
                        .user = "ann",
                        .hasty = hasty };
    gi_asker *a = NULL;
    gale_diag why;

    cr_assert_eq(gi_asker_create(&a, &o, &why), GALE_OK, "%s", why.text);
    return a;
}

/* With little time, some times if need be: a machine may keep us from finding
 * out in so short a time, or from anything else. */
static gale_err look_shortly(gi_asker *a, gale_err want, gale_diag *why)
{
    gale_err rv = GALE_OK;

    for (int i = 0; i < 10 && (i == 0 || rv != want); i++) {
        int64_t began = port_now_ms();

        rv = port_look(a, "x", 300, why);
        cr_assert_neq(rv, GALE_OK);
        cr_assert_geq(port_now_ms() - began, 300);
    }
    return rv;
}

/* Where nobody listens. */
static void dead_url(char *url, size_t cap)
{
    snprintf(url, cap, "tcp://127.0.0.1:%u", free_port());
}

Test(ask, a_request_gets_its_reply)
{
    struct port p;
    gi_msg_nothing nothing = { 0 };
    gi_msg_info info;
    gi_pool pool = { 0 };
    gale_diag why;

    cr_assert_eq(port_open(&p, 0, port_echo, NULL), GALE_OK);
    gi_asker *a = asker(p.url, NULL, false);
    cr_assert_eq(gi_ask(a, GI_ASK_INFO, &nothing, 20000, &pool, &info, &why),
                 GALE_OK, "%s", why.text);
    cr_assert_str_eq(info.id, "ann");
    cr_assert(strncmp(info.host, "127.0.0.1:", 10) == 0, "%s", info.host);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(port_look(a, "wordcount", 20000, &why), GALE_OK, "%s",
                     why.text);
    gi_asker_destroy(a);
    port_close(&p);
    gi_pool_fini(&pool);
}

Test(ask, where_nobody_is_the_hasty_hear_at_once_and_others_in_time)
{
    char url[64];
    gale_diag why;
    int64_t began = port_now_ms();

    dead_url(url, sizeof(url));
    gi_asker *a = asker(url, url, true);
    cr_assert_eq(port_look(a, "x", 60000, &why), GALE_EIO);
    cr_assert_lt(port_now_ms() - began, 20000);
    cr_assert_not_null(strstr(why.text, "nobody listens there"), "%s",
                       why.text);
    gi_asker_destroy(a);

    a = asker(url, NULL, false);
    began = port_now_ms();
    cr_assert_eq(look_shortly(a, GALE_EIO, &why), GALE_EIO);
    cr_assert_lt(port_now_ms() - began, 20000);
    gi_asker_destroy(a);
}

static void count(void *arg)
{
    port_wake(arg);
}

Test(ask, one_who_comes_later_is_found)
{
    struct port p, told = { .n = 0 };
    gi_msg_named named = { .name = "late" };
    gi_msg_topology_look look;
    gi_pool pool = { 0 };
    char url[64];
    gale_diag why;

    pthread_mutex_init(&told.mtx, NULL);
    pthread_cond_init(&told.cv, NULL);
    dead_url(url, sizeof(url));
    gi_asker *a = asker(url, NULL, false);
    cr_assert_eq(gi_ask_begin(a, GI_ASK_LOOK, &named, 20000, count, &told),
                 GALE_OK);
    usleep(50000); /* time to find nobody, a few times; not needed */
    cr_assert_eq(
        port_open(&p, (uint16_t)atoi(strrchr(url, ':') + 1), port_echo, NULL),
        GALE_OK);
    pthread_mutex_lock(&told.mtx);
    while (!told.woken)
        pthread_cond_wait(&told.cv, &told.mtx);
    pthread_mutex_unlock(&told.mtx);
    cr_assert_eq(gi_asked(a, &pool, &look, &why), GALE_OK, "%s", why.text);
    cr_assert_eq(look.n_row, 1);
    gi_asker_destroy(a);
    port_close(&p);
    gi_pool_fini(&pool);
}

/* A process of its own, that takes requests and never answers. */
static pid_t silent_process(char *url, size_t cap)
{
    int ends[2];
    struct port p;

    cr_assert_eq(pipe(ends), 0);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        if (port_open(&p, 0, port_keep, NULL) != GALE_OK)
            _exit(1);
        if (write(ends[1], p.url, sizeof(p.url)) < 0)
            _exit(1);
        for (uint64_t n = 1;; n++) {
            port_wait(&p, n);
            if (write(ends[1], "asked", 6) < 0)
                _exit(1);
        }
    }
    cr_assert_eq(read(ends[0], url, cap), (ssize_t)sizeof(p.url));
    close(ends[1]);
    dup2(ends[0], 100); /* for who waits for "asked" */
    return pid;
}

static void *kills(void *arg)
{
    pid_t pid = *(pid_t *)arg;
    char word[6];

    if (read(100, word, sizeof(word)) == 6)
        kill(pid, SIGKILL);
    return NULL;
}

Test(ask, one_who_dies_while_we_wait_is_noticed_at_once)
{
    char url[64];
    pthread_t t;
    gale_diag why;
    struct port alive;
    pid_t pid = silent_process(url, sizeof(url));
    int64_t began = port_now_ms();

    pthread_create(&t, NULL, kills, &pid);
    gi_asker *a = asker(url, NULL, true);
    cr_assert_eq(port_look(a, "x", 60000, &why), GALE_EIO);
    cr_assert_lt(port_now_ms() - began, 30000);
    pthread_join(t, NULL);
    waitpid(pid, NULL, 0);
    gi_asker_destroy(a);

    /* and the next one is asked the same */
    cr_assert_eq(port_open(&alive, 0, port_echo, NULL), GALE_OK);
    a = asker(url, alive.url, false);
    cr_assert_eq(port_look(a, "x", 60000, &why), GALE_OK, "%s", why.text);
    gi_asker_destroy(a);
    port_close(&alive);
}

Test(ask, one_who_is_stopped_is_left_for_another)
{
    char url[64];
    gale_diag why;
    struct port alive;
    pid_t pid = silent_process(url, sizeof(url));
    int64_t began = port_now_ms();

    kill(pid, SIGSTOP); /* until all its threads have, it may greet us */
    cr_assert_eq(waitpid(pid, NULL, WUNTRACED), pid);
    cr_assert_eq(port_open(&alive, 0, port_echo, NULL), GALE_OK);
    gi_asker *a = asker(url, alive.url, false);
    cr_assert_eq(port_look(a, "x", 60000, &why), GALE_OK, "%s", why.text);
    cr_assert_geq(port_now_ms() - began, 900);
    cr_assert_lt(port_now_ms() - began, 30000);
    /* To ask him again would take a second each time. */
    int64_t quickest = INT64_MAX;
    for (int i = 0; i < 5 && quickest >= 900; i++) {
        began = port_now_ms();
        cr_assert_eq(port_look(a, "x", 60000, &why), GALE_OK, "%s", why.text);
        if (port_now_ms() - began < quickest)
            quickest = port_now_ms() - began;
    }
    cr_assert_lt(quickest, 900, "and is not asked again");
    gi_asker_destroy(a);
    port_close(&alive);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

Test(ask, one_who_keeps_the_request_too_long_is_late)
{
    struct port p;
    gale_diag why;

    cr_assert_eq(port_open(&p, 0, port_keep, NULL), GALE_OK);
    gi_asker *a = asker(p.url, NULL, false);
    cr_assert_eq(look_shortly(a, GALE_ETIME, &why), GALE_ETIME);
    cr_assert_not_null(strstr(why.text, "no answer in time"));
    gi_asker_destroy(a);
    port_close(&p);
}

/* The connection that is kept from one request to the next has broken
 * meanwhile, since the daemon was started anew. */
Test(ask, a_daemon_that_was_started_anew_is_found_again_even_by_the_hasty)
{
    struct port p;
    gale_diag why;
    char url[64];
    uint16_t port;

    cr_assert_eq(port_open(&p, 0, port_echo, NULL), GALE_OK);
    snprintf(url, sizeof(url), "%s", p.url);
    gi_asker *a = asker(url, NULL, true);
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(port_look(a, "x", 20000, &why), GALE_OK, "%s", why.text);
        port = gi_answerer_port(p.a);
        port_close(&p);
        cr_assert_eq(port_open(&p, port, port_echo, NULL), GALE_OK);
    }
    gi_asker_destroy(a);
    port_close(&p);
}

Test(ask, a_reply_that_names_the_leader_leads_there)
{
    struct port one, two;
    gale_diag why;

    cr_assert_eq(port_open(&one, 0, port_echo, NULL), GALE_OK);
    cr_assert_eq(port_open(&two, 0, port_echo, NULL), GALE_OK);
    one.leader = two.url;
    gi_asker *a = asker(one.url, NULL, false);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(port_look(a, "x", 20000, &why), GALE_OK, "%s", why.text);
    port_wait(&one, 1); /* it counts after it answered */
    port_wait(&two, 3);
    cr_assert_eq(port_taken(&one), 1);
    cr_assert_eq(port_taken(&two), 3);

    /* it dies: back to where we were told to ask, where nobody leads now */
    port_close(&two);
    cr_assert_eq(look_shortly(a, GALE_EIO, &why), GALE_EIO);
    one.leader = NULL;
    cr_assert_eq(port_look(a, "x", 20000, &why), GALE_OK, "%s", why.text);
    gi_asker_destroy(a);
    port_close(&one);
}

Test(ask, leaders_that_name_one_another_are_no_leaders)
{
    struct port one, two;
    gale_diag why;

    cr_assert_eq(port_open(&one, 0, port_echo, NULL), GALE_OK);
    cr_assert_eq(port_open(&two, 0, port_echo, NULL), GALE_OK);
    one.leader = two.url;
    two.leader = one.url;
    gi_asker *a = asker(one.url, NULL, true);
    cr_assert_eq(port_look(a, "x", 5000, &why), GALE_EIO);
    cr_assert_not_null(strstr(why.text, "each names another"), "%s", why.text);
    one.leader = one.url;
    two.leader = two.url;
    cr_assert_eq(port_look(a, "x", 5000, &why), GALE_EIO);
    cr_assert_not_null(strstr(why.text, "names itself"), "%s", why.text);
    one.leader = two.leader = "nonsense";
    cr_assert_eq(port_look(a, "x", 5000, &why), GALE_EIO);
    cr_assert_not_null(strstr(why.text, "not to be asked"), "%s", why.text);
    gi_asker_destroy(a);
    port_close(&one);
    port_close(&two);
}

Test(ask, one_who_knows_no_leader_is_asked_again_and_so_is_the_next)
{
    struct port one, two;
    gale_diag why;

    cr_assert_eq(port_open(&one, 0, port_echo, NULL), GALE_OK);
    cr_assert_eq(port_open(&two, 0, port_echo, NULL), GALE_OK);
    one.leader = GI_MSG_NOBODY;
    gi_asker *a = asker(one.url, two.url, true);
    cr_assert_eq(port_look(a, "x", 20000, &why), GALE_OK, "%s", why.text);
    two.leader = GI_MSG_NOBODY;
    cr_assert_eq(port_look(a, "x", 5000, &why), GALE_EIO);
    gi_asker_destroy(a);
    a = asker(one.url, two.url, false);
    cr_assert_eq(look_shortly(a, GALE_EIO, &why), GALE_EIO);
    cr_assert_geq(port_taken(&one), 2);
    cr_assert_geq(port_taken(&two), 2);
    gi_asker_destroy(a);
    port_close(&one);
    port_close(&two);
}

Test(ask, what_is_under_way_is_waited_for_as_long_as_one_likes)
{
    struct port p;
    gi_msg_named named = { .name = "x" };
    gi_msg_topology_look look;
    gi_pool pool = { 0 };
    gale_diag why;

    cr_assert_eq(port_open(&p, 0, port_keep, NULL), GALE_OK);
    gi_asker *a = asker(p.url, NULL, false);
    cr_assert_eq(gi_ask_begin(a, GI_ASK_LOOK, &named, 90000, NULL, NULL),
                 GALE_OK);
    int64_t began = port_now_ms();
    cr_expect_not(gi_ask_over(a, 0));
    cr_expect_not(gi_ask_over(a, 50));
    cr_expect_geq(port_now_ms() - began, 50);
    port_wait(&p, 1);
    pthread_mutex_lock(&p.owner);
    port_echo(&p, p.kept);
    pthread_mutex_unlock(&p.owner);
    cr_expect(gi_ask_over(a, 60000));
    cr_expect_lt(port_now_ms() - began, 50000);
    cr_expect(gi_ask_over(a, 0));
    cr_expect_eq(gi_asked(a, &pool, &look, &why), GALE_OK, "%s", why.text);
    gi_asker_destroy(a);
    port_close(&p);
    gi_pool_fini(&pool);
}

static void never(void *arg)
{
    (void)arg;
    cr_assert_fail("told of what was given up");
}

Test(ask, what_is_given_up_is_over)
{
    struct port p;
    gi_msg_named named = { .name = "x" };
    gale_diag why;
    char url[64];

    cr_assert_eq(port_open(&p, 0, port_keep, NULL), GALE_OK);
    gi_asker *a = asker(p.url, NULL, false);
    gi_ask_cancel(a); /* nothing */
    for (uint64_t i = 1; i <= 3; i++) {
        int64_t began = port_now_ms();

        cr_assert_eq(gi_ask_begin(a, GI_ASK_LOOK, &named, 60000, never, NULL),
                     GALE_OK);
        port_wait(&p, i);
        gi_ask_cancel(a);
        cr_assert_lt(port_now_ms() - began, 30000);
        /* the daemon hears of it */
        while (!gi_answerer_gone(p.a, p.kept))
            cr_assert_lt(port_now_ms() - began, 30000);
        pthread_mutex_lock(&p.owner);
        gi_answer(p.a, p.kept, GALE_EIO, NULL, NULL, NULL);
        pthread_mutex_unlock(&p.owner);
    }
    p.answer = port_echo;
    cr_assert_eq(port_look(a, "x", 20000, &why), GALE_OK, "%s", why.text);
    gi_asker_destroy(a);
    port_close(&p);

    dead_url(url, sizeof(url));
    a = asker(url, NULL, false);
    cr_assert_eq(gi_ask_begin(a, GI_ASK_LOOK, &named, 60000, never, NULL),
                 GALE_OK);
    gi_asker_destroy(a); /* gives it up as well */
}

Test(ask, addresses_that_are_none_are_refused_in_words)
{
    static const char *const bad[] = { "", "localhost", "udp://127.0.0.1:1",
                                       "tls+tcp://127.0.0.1:1" };
    gi_asker *a;
    gale_diag why;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        gi_asker_opts o = { .urls = &bad[i], .n_urls = 1 };

        strcpy(why.text, "");
        cr_assert_eq(gi_asker_create(&a, &o, &why), GALE_EINVAL);
        cr_assert_neq(why.text[0], '\0');
    }
    cr_assert_eq(gi_asker_create(&a, &(gi_asker_opts){ .n_urls = 0 }, &why),
                 GALE_EINVAL);
}
