#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/wire/port.h"
#include "wire/whose.h"

/* -------------------------------------------------- the kernel's table -- */

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr ...\n"
#define ROW(ends, st, uid, inode)                                        \
    "  12: " ends " " st " 00000000:00000000 00:00000000 00000000  " uid \
    "        0 " inode " 1 0000000000000000 20 4 30 10 -1\n"

/* 127.0.0.1:40000 asks 127.0.0.1:6627. */
#define FOUR "0100007F:9C40 0100007F:19E3"
#define OURS "0100007F:19E3 0100007F:9C40"
#define MAPPED                               \
    "0000000000000000FFFF00000100007F:9C40 " \
    "0000000000000000FFFF00000100007F:19E3"
#define SIX                                  \
    "00000000000000000000000001000000:9C40 " \
    "00000000000000000000000001000000:19E3"

static nng_sockaddr four(const char *host, uint16_t port)
{
    nng_sockaddr a = { .s_in = { .sa_family = NNG_AF_INET,
                                 .sa_port = htons(port) } };

    inet_pton(AF_INET, host, &a.s_in.sa_addr);
    return a;
}

static nng_sockaddr six(const char *host, uint16_t port)
{
    nng_sockaddr a = { .s_in6 = { .sa_family = NNG_AF_INET6,
                                  .sa_port = htons(port) } };

    inet_pton(AF_INET6, host, &a.s_in6.sa_addr);
    return a;
}

static gi_whose find_in(const char *text, const nng_sockaddr *ours,
                        const nng_sockaddr *his, uint32_t *uid)
{
    char path[] = P_tmpdir "/gale-whose-XXXXXX";
    int fd = mkstemp(path);
    gi_whose w;

    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    w = gi_whose_in(path, ours, his, uid);
    unlink(path);
    return w;
}

static gi_whose find(const char *text, uint32_t *uid)
{
    nng_sockaddr ours = four("127.0.0.1", 6627),
                 his = four("127.0.0.1", 40000);

    return find_in(text, &ours, &his, uid);
}

Test(whose, it_is_his_whose_end_the_other_one_is)
{
    uint32_t uid = 7;

    cr_expect_eq(find(HEAD ROW(OURS, "01", "998", "77")
                          ROW(FOUR, "01", "1000", "78"),
                      &uid),
                 GI_WHOSE_KNOWN);
    cr_expect_eq(uid, 1000);
    cr_expect_eq(find(HEAD ROW(MAPPED, "01", "1001", "78"), &uid),
                 GI_WHOSE_KNOWN);
    cr_expect_eq(uid, 1001);
    cr_expect_eq(find(HEAD ROW(FOUR, "01", "0", "78"), &uid), GI_WHOSE_KNOWN);
    cr_expect_eq(uid, 0);
}

Test(whose, over_ipv6_too)
{
    nng_sockaddr ours = six("::1", 6627), his = six("::1", 40000);
    uint32_t uid = 7;

    cr_expect_eq(find_in(HEAD ROW(SIX, "01", "1000", "78"), &ours, &his, &uid),
                 GI_WHOSE_KNOWN);
    cr_expect_eq(uid, 1000);
    ours = six("::ffff:127.0.0.1", 6627);
    his = six("::ffff:127.0.0.1", 40000);
    cr_expect_eq(
        find_in(HEAD ROW(FOUR, "01", "1002", "78"), &ours, &his, &uid),
        GI_WHOSE_KNOWN);
    cr_expect_eq(uid, 1002);
}

/* The kernel says 0 of what nobody has any more. */
Test(whose, who_hung_up_is_not_taken_for_root)
{
    uint32_t uid = 7;

    cr_expect_eq(find(HEAD ROW(FOUR, "05", "0", "0"), &uid), GI_WHOSE_UNCLEAR);
    cr_expect_eq(find(HEAD ROW(FOUR, "06", "0", "0"), &uid), GI_WHOSE_UNCLEAR);
    cr_expect_eq(find(HEAD ROW(FOUR, "01", "0", "0"), &uid), GI_WHOSE_UNCLEAR);
    cr_expect_eq(find(HEAD ROW(FOUR, "04", "1000", "78"), &uid),
                 GI_WHOSE_UNCLEAR);
}

Test(whose, what_is_not_there_or_no_table_says_nothing)
{
    uint32_t uid = 7;

    cr_expect_eq(find(HEAD, &uid), GI_WHOSE_ELSEWHERE);
    cr_expect_eq(find("", &uid), GI_WHOSE_ELSEWHERE);
    cr_expect_eq(
        find(HEAD ROW("0100007F:9C41 0100007F:19E3", "01", "5", "7"), &uid),
        GI_WHOSE_ELSEWHERE);
    cr_expect_eq(find(HEAD ROW("7F:9C40 7F:19E3", "01", "5", "7"), &uid),
                 GI_WHOSE_ELSEWHERE);
    cr_expect_eq(find("  1: nonsense\n\n\n1: : : :\n", &uid),
                 GI_WHOSE_ELSEWHERE);
}

Test(whose, a_user_has_a_name_or_a_number)
{
    char *root = gi_whose_name(0), *none = gi_whose_name(3999999999u);

    cr_expect_str_eq(root, "root");
    cr_expect_str_eq(none, "3999999999");
    gi_free(root);
    gi_free(none);
}

/* ------------------------------------------------------------- for real -- */

static gale_err ask_as(const char *url, const char *user, gi_verb_no verb,
                       gale_diag *why)
{
    static const gi_msg_report report = { .node = "n" };
    static const gi_msg_nothing nothing;
    gi_asker_opts o = { .urls = &url, .n_urls = 1, .user = user };
    gi_asker *a = NULL;
    gi_pool pool = { 0 };
    union {
        gi_msg_info info;
        gi_msg_orders orders;
    } reply;
    gale_err e = gi_asker_create(&a, &o, why);

    if (e == GALE_OK)
        e = gi_ask(a, verb,
                   verb == GI_ASK_REPORT ? (const void *)&report : &nothing,
                   20000, &pool, &reply, why);
    gi_pool_fini(&pool);
    gi_asker_destroy(a);
    return e;
}

/* If the kernel answers, then as its tables do. */
Test(whose, the_kernel_knows_both_ends_of_our_own_connection)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);
    int door = socket(AF_INET, SOCK_STREAM, 0),
        he = socket(AF_INET, SOCK_STREAM, 0);
    uint32_t uid = 7, other = 8;
    gi_whose w;

    cr_assert_eq(bind(door, (struct sockaddr *)&at, len), 0);
    cr_assert_eq(listen(door, 1), 0);
    cr_assert_eq(getsockname(door, (struct sockaddr *)&at, &len), 0);
    nng_sockaddr ours = four("127.0.0.1", ntohs(at.sin_port));
    cr_assert_eq(connect(he, (struct sockaddr *)&at, len), 0);
    cr_assert_eq(getsockname(he, (struct sockaddr *)&at, &len), 0);
    nng_sockaddr his = four("127.0.0.1", ntohs(at.sin_port));
    int we = accept(door, NULL, NULL);

    cr_expect_eq(gi_whose_in("/proc/net/tcp", &ours, &his, &uid),
                 GI_WHOSE_KNOWN);
    cr_expect_eq(uid, geteuid());
    if (gi_whose_ask(&ours, &his, &w, &other)) {
        cr_expect_eq(w, GI_WHOSE_KNOWN);
        cr_expect_eq(other, geteuid());
        close(he);
        cr_expect(gi_whose_ask(&ours, &his, &w, &other));
        cr_expect_eq(w, GI_WHOSE_UNCLEAR);
        his.s_in.sa_port = htons(1);
        cr_expect(gi_whose_ask(&ours, &his, &w, &other));
        cr_expect_eq(w, GI_WHOSE_ELSEWHERE);
    } else {
        close(he);
    }
    close(we);
    close(door);
}

/* Root, who these tests may be run by, may name others, and so may we. */
Test(whose, whose_daemon_it_is_may_speak_for_others)
{
    struct port p;
    gale_diag why = { "" };

    cr_assert_eq(port_open(&p, 0, port_echo, NULL), GALE_OK);
    cr_expect_eq(ask_as(p.url, "ann", GI_ASK_INFO, &why), GALE_OK, "%s",
                 why.text);
    cr_expect_eq(ask_as(p.url, "ann", GI_ASK_REPORT, &why), GALE_OK, "%s",
                 why.text);
    port_close(&p);
}

struct heard {
    gale_err e[4];
    gale_diag why[4];
};

/* In a process of its own, of user `uid`. */
static void other_user(int urls, int said, uint32_t uid)
{
    char url[64] = "", *name;
    struct heard h = { 0 };

    if (read(urls, url, sizeof(url)) <= 0 || setuid(uid) != 0)
        _exit(1);
    name = gi_whose_name(uid);
    h.e[0] = ask_as(url, NULL, GI_ASK_INFO, &h.why[0]);
    h.e[1] = ask_as(url, name, GI_ASK_INFO, &h.why[1]);
    h.e[2] = ask_as(url, "root", GI_ASK_INFO, &h.why[2]);
    h.e[3] = ask_as(url, name, GI_ASK_REPORT, &h.why[3]);
    _exit(write(said, &h, sizeof(h)) != (ssize_t)sizeof(h));
}

Test(whose, another_user_is_himself_and_nobody_else)
{
    int urls[2], said[2], status;
    struct heard h;
    struct port p;
    pid_t pid;

    if (geteuid() != 0)
        cr_skip_test("only root can be two users");
    cr_assert(pipe(urls) == 0 && pipe(said) == 0);
    pid = fork(); /* before there are threads */
    if (pid == 0)
        other_user(urls[0], said[1], 65534);
    cr_assert_eq(port_open(&p, 0, port_echo, NULL), GALE_OK);
    cr_assert_eq(write(urls[1], p.url, sizeof(p.url)), (ssize_t)sizeof(p.url));
    close(said[1]);
    cr_assert_eq(read(said[0], &h, sizeof(h)), (ssize_t)sizeof(h));
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(h.e[0], GALE_OK, "%s", h.why[0].text);
    cr_expect_eq(h.e[1], GALE_OK, "%s", h.why[1].text);
    cr_expect_eq(h.e[2], GALE_EINVAL);
    cr_expect_not_null(strstr(h.why[2].text, "'root' is not who asks"), "%s",
                       h.why[2].text);
    cr_expect_eq(h.e[3], GALE_EINVAL);
    cr_expect_not_null(strstr(h.why[3].text, "REPORT is not for user"), "%s",
                       h.why[3].text);
    cr_expect_eq(port_taken(&p), 2);
    port_close(&p);
}
