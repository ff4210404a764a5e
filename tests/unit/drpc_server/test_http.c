/* A DRPC server by HTTP, and strangers who say what they like. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/unit/drpc_server/house.h"

TestSuite(guarded_http, .fini = stop, .timeout = 60);
TestSuite(http, .init = start_plain, .fini = stop, .timeout = 60);

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

Test(http, it_says_what_there_is_and_what_is_wrong)
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

Test(http, no_stranger_stops_it)
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

Test(http, who_hangs_up_before_his_answer_comes_harms_nobody)
{
    static const char get[] = "GET /drpc/f/x HTTP/1.1\r\nHost: h\r\n\r\n";
    gi_asker *worker = asker(1, NULL, NULL);
    uint64_t id = 0, after = 0;

    serve(worker, 5);
    for (int i = 0; i < 6; i++) {
        int fd = dial();

        cr_assert_eq(send(fd, get, sizeof(get) - 1, MSG_NOSIGNAL),
                     (ssize_t)sizeof(get) - 1);
        cr_assert_eq(take(worker, 5, after, &id), 1);
        after = number;
        close(fd);
        if (i % 2 == 0) /* it sees that he has gone, or has not yet */
            cr_assert(says("GET /drpc HTTP/1.0\r\n\r\n", "\"f\""));
        say(worker, id, GI_DRPC_ANSWER, "[]");
    }
    cr_expect(says("GET /drpc HTTP/1.0\r\n\r\n", "\"under_way\":0"));
    gi_asker_destroy(worker);
}

Test(guarded_http, the_token_is_asked_for)
{
    static const char token[] = "a-token-of-some-length";
    int fd;

    snprintf(secret_file, sizeof(secret_file), "/tmp/drpc_http_XXXXXX");
    fd = mkstemp(secret_file);
    cr_assert(fd >= 0 && fchmod(fd, 0600) == 0);
    cr_assert_eq(write(fd, token, sizeof(token) - 1),
                 (ssize_t)sizeof(token) - 1);
    close(fd);
    memset(&opts, 0, sizeof(opts));
    opts.secrets.token_file = secret_file;
    start();
    cr_expect(says("GET /drpc HTTP/1.0\r\n\r\n", " 401 "), "%s", heard);
    cr_expect(says("GET /drpc HTTP/1.0\r\nAuthorization: Bearer "
                   "a-token-of-some-lengtH\r\n\r\n",
                   " 401 "));
    cr_expect(says("GET /drpc HTTP/1.0\r\nAuthorization: bearer "
                   "a-token-of-some-length\r\n\r\n",
                   " 200 "),
              "%s", heard);
}
