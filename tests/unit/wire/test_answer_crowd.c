/* Many who connect, and do not behave. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/wire/port.h"
#include "wire/answer_inside.h"

enum { MOST = 8, CROWD = 40 };

/* A connection from that address. */
static int knock(const struct port *p, const char *from)
{
    struct sockaddr_in us = { .sin_family = AF_INET },
                       at = { .sin_family = AF_INET,
                              .sin_port = htons(gi_answerer_port(p->a)) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(inet_pton(AF_INET, from, &us.sin_addr), 1);
    cr_assert_eq(bind(fd, (struct sockaddr *)&us, sizeof(us)), 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

/* All of it came: he was let in. */
static void expect_greeting(int fd)
{
    char greeting[8];

    cr_assert_eq(recv(fd, greeting, sizeof(greeting), MSG_WAITALL),
                 (ssize_t)sizeof(greeting));
}

static bool is_closed(int fd, int wait_ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char some[64];

    return poll(&p, 1, wait_ms) == 1 && recv(fd, some, sizeof(some), 0) <= 0;
}

static gi_asker *asker(const struct port *p)
{
    const char *url = p->url;
    gi_asker_opts o = { .urls = &url, .n_urls = 1 };
    gi_asker *a = NULL;
    gale_diag why;

    cr_assert_eq(gi_asker_create(&a, &o, &why), GALE_OK, "%s", why.text);
    return a;
}

static void open_small(struct port *p, port_answer answer)
{
    gi_answerer_opts o = { .most_connections = MOST, .patience_ms = 300 };

    cr_assert_eq(port_open(p, 0, answer, &o), GALE_OK);
}

Test(answer_crowd, whoever_is_silent_keeps_nobody_out)
{
    int fd[CROWD];
    struct port p;
    gale_diag why = { "" };

    open_small(&p, port_echo);
    for (int i = 0; i < CROWD; i++) {
        fd[i] = knock(&p, "127.0.0.1");
        expect_greeting(fd[i]);
    }
    gi_asker *a = asker(&p);
    cr_expect_eq(port_look(a, "wordcount", 10000, &why), GALE_OK, "%s",
                 why.text);
    cr_expect(is_closed(fd[0], 10000));
    cr_expect_not(is_closed(fd[CROWD - 1], 0));
    gi_asker_destroy(a);
    for (int i = 0; i < CROWD; i++)
        close(fd[i]);
    port_close(&p);
}

static void nothing_to_tell(void *arg)
{
    (void)arg;
}

Test(answer_crowd, who_waits_for_a_reply_is_not_sent_away)
{
    static const gi_msg_named named = { .name = "wordcount" };
    gi_msg_topology_look look;
    gi_pool pool = { 0 };
    int fd[CROWD];
    struct port p;
    gale_diag why = { "" };

    open_small(&p, port_keep);
    gi_asker *a = asker(&p);
    cr_assert_eq(
        gi_ask_begin(a, GI_ASK_LOOK, &named, 20000, nothing_to_tell, NULL),
        GALE_OK);
    port_wait(&p, 1);
    for (int i = 0; i < CROWD; i++) {
        fd[i] = knock(&p, "127.0.0.1");
        expect_greeting(fd[i]);
    }
    cr_expect_not(gi_answerer_gone(p.a, p.kept));
    pthread_mutex_lock(&p.owner);
    port_echo(&p, p.kept);
    pthread_mutex_unlock(&p.owner);
    cr_expect_eq(gi_asked(a, &pool, &look, &why), GALE_OK, "%s", why.text);
    cr_expect_eq(port_taken(&p), 1); /* it had not to be asked again */
    gi_pool_fini(&pool);
    gi_asker_destroy(a);
    for (int i = 0; i < CROWD; i++)
        close(fd[i]);
    port_close(&p);
}

/* Who has hung up, or was sent away, is forgotten. */
static void expect_nobody(struct port *p)
{
    int64_t began = port_now_ms();
    uint32_t n;

    do {
        cr_assert_lt(port_now_ms() - began, 30000);
        pthread_mutex_lock(&p->a->mtx);
        n = p->a->n_callers;
        pthread_mutex_unlock(&p->a->mtx);
        poll(NULL, 0, 1);
    } while (n > 0);
}

static void crowd_of_one_address(void)
{
    int fd[CROWD], quiet;
    struct port p;

    open_small(&p, port_echo);
    quiet = knock(&p, "127.0.0.1");
    expect_greeting(quiet);
    for (int i = 0; i < CROWD; i++) {
        fd[i] = knock(&p, "127.0.0.2");
        expect_greeting(fd[i]);
    }
    cr_expect(is_closed(fd[0], 10000));
    cr_expect_not(is_closed(quiet, 0));
    close(quiet);
    for (int i = 0; i < CROWD; i++)
        close(fd[i]);
    port_close(&p);
}

/* Often, since all ends while much is still under way. */
Test(answer_crowd, a_crowd_of_one_address_pushes_out_its_own)
{
    for (int i = 0; i < 50; i++)
        crowd_of_one_address();
}

/* He may be closed between two things that are begun on his connection. */
Test(answer_crowd, who_is_sent_away_while_he_is_let_in_is_forgotten)
{
    struct port p;

    open_small(&p, port_echo);
    for (int i = 0; i < 100; i++) {
        int fd[CROWD];

        for (int k = 0; k < CROWD; k++)
            fd[k] = knock(&p, "127.0.0.2");
        usleep(20000); /* while they do not hang up */
        for (int k = 0; k < CROWD; k++)
            close(fd[k]);
        expect_nobody(&p);
    }
    port_close(&p);
}

static void send_all(int fd, const void *p, size_t len)
{
    cr_assert_eq(send(fd, p, len, MSG_NOSIGNAL), (ssize_t)len);
}

Test(answer_crowd, what_is_begun_is_to_be_ended_in_time)
{
    static const unsigned char greeting[8] = { 0, 'S', 'P', 0, 0, 0x30, 0, 0 };
    static const unsigned char head[12] = { 0, 0, 0,    0, 0, 0,
                                            4, 0, 0x80, 0, 0, 1 };
    int fd[4];
    struct port p;

    open_small(&p, port_echo);
    for (int i = 0; i < 4; i++) {
        fd[i] = knock(&p, "127.0.0.1");
        expect_greeting(fd[i]);
    }
    send_all(fd[0], greeting, 3);
    send_all(fd[1], greeting, sizeof(greeting));
    send_all(fd[1], head, 5);
    send_all(fd[2], greeting, sizeof(greeting));
    send_all(fd[2], head, sizeof(head));
    send_all(fd[2], head, 5);
    send_all(fd[3], greeting, sizeof(greeting)); /* says nothing wrong */
    for (int i = 0; i < 3; i++)
        cr_expect(is_closed(fd[i], 10000), "%d", i);
    cr_expect_not(is_closed(fd[3], 0));
    for (int i = 0; i < 4; i++)
        close(fd[i]);
    port_close(&p);
}
