/* line_strangers.c -- whoever can connect to a link that listens: those who
 * send nonsense, or nothing, are put out; they cost little memory and time,
 * and the peer that the link is meant for gets through to it. */
#include "line_ends.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "wire/letter.h"

/* What all of them may cost, 2 to 3 MiB as measured; a sanitizer keeps several
 * bytes of its own for each byte that is touched. */
enum { CROWD = 100, FRAMES = 1000, AT_MOST_KIB = RACE_SLOWER * (32 << 10) };

static int port;

static int stranger(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(connect(fd, (void *)&to, sizeof(to)) == 0, "a connection");
    return fd;
}

/* How long until it is put out, in milliseconds. */
static double until_put_out(int fd, int64_t began)
{
    struct pollfd p = { fd, POLLIN, 0 };
    char bytes[4096];

    do {
        CHECK(poll(&p, 1, 60000) == 1, "still let in after a minute");
    } while (recv(fd, bytes, sizeof(bytes), 0) > 0);
    close(fd);
    return (double)(race_now_ns() - began) / 1e6;
}

static double says(const void *what, size_t len)
{
    int64_t began = race_now_ns();
    int fd = stranger();

    send(fd, what, len, MSG_NOSIGNAL);
    return until_put_out(fd, began);
}

static void nonsense(void)
{
    unsigned char frame[GI_FRAME_HEAD + GI_LETTER_GREETING] = { 0 };
    gi_frame f = { .kind = GI_FRAME_PING, .from = 9, .to = 2 };
    static char garbage[1 << 20];

    memset(garbage, 0xa5, sizeof(garbage));
    printf("garbage: %.1f ms\n", says(garbage, sizeof(garbage)));

    gi_frame_seal(frame, &f);
    printf("no greeting: %.1f ms\n", says(frame, GI_FRAME_HEAD));
    frame[5] = GI_FRAME_HELLO;
    gi_put_le32(frame + 40, UINT32_MAX);
    gi_put_le32(frame + 44, UINT32_MAX);
    printf("a claim of 4 GiB: %.1f ms\n", says(frame, GI_FRAME_HEAD));

    f.kind = GI_FRAME_HELLO;
    f.raw = f.stored = GI_LETTER_GREETING;
    memset(frame, 0, sizeof(frame));
    gi_frame_seal(frame, &f);
    printf("a greeting of zeros: %.1f ms\n", says(frame, sizeof(frame)));
}

static void silence(void)
{
    int64_t began = race_now_ns();
    double ms = until_put_out(stranger(), began);

    printf("nothing: %.1f ms\n", ms);
    CHECK(ms > 500, "%f ms", ms);
}

/* A byte now and then, of something that might become a greeting: its time is
 * over long before the last byte could be sent. */
static void drops(void)
{
    unsigned char frame[GI_FRAME_HEAD + GI_LETTER_GREETING] = { 0 };
    gi_frame f = { .kind = GI_FRAME_HELLO,
                   .from = 9,
                   .raw = GI_LETTER_GREETING,
                   .stored = GI_LETTER_GREETING };
    int64_t began = race_now_ns();
    int fd = stranger();
    struct pollfd p = { fd, POLLIN, 0 };

    gi_frame_seal(frame, &f);
    size_t i = 0;
    while (i < sizeof(frame) && poll(&p, 1, 500) == 0)
        send(fd, frame + i++, 1, MSG_NOSIGNAL);
    double ms = (double)(race_now_ns() - began) / 1e6;
    close(fd);
    printf("drop by drop: %.1f ms\n", ms);
    CHECK(ms > 500 || race_secrets() != NULL, "%f ms", ms);
    CHECK(i < sizeof(frame), "it was let in until its last byte");
}

int main(void)
{
    static struct end a, b;
    static int fd[CROWD];
    struct rusage before, after;

    alarm(600);
    end_open(&b, false, 2, 0, FRAMES, FRAMES, 1000);
    port = gi_exchange_port(b.exchange);
    end_start(&b);
    getrusage(RUSAGE_SELF, &before);
    nonsense();
    silence();
    drops();

    /* a crowd, silent, from before the peer comes until it has gone */
    for (int i = 0; i < CROWD; i++)
        fd[i] = stranger();
    end_open(&a, true, 1, port, FRAMES, FRAMES, 1000);
    end_start(&a);
    pthread_join(a.thread, NULL);
    pthread_join(b.thread, NULL);
    CHECK(a.executed == FRAMES && b.executed == FRAMES, "all is executed");
    getrusage(RUSAGE_SELF, &after);
    printf("%ld KiB more at most\n", after.ru_maxrss - before.ru_maxrss);
    CHECK(after.ru_maxrss - before.ru_maxrss < AT_MOST_KIB, "%ld KiB more",
          after.ru_maxrss - before.ru_maxrss);
    end_close(&a);
    end_close(&b);
    for (int i = 0; i < CROWD; i++)
        close(fd[i]);
    return 0;
}
