/* line.c -- two ends of a link over real sockets: frames go both ways in order
 * and once; when a process is killed, what it has not executed comes back. */
#include "line_ends.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/free_port.h"

static void both_ways(uint64_t n, uint32_t size)
{
    static struct end a, b;
    int64_t began = race_now_ns();

    end_open(&b, false, 2, 0, n, n, size);
    end_open(&a, true, 1, gi_exchange_port(b.exchange), n, n, size);
    end_start(&a);
    end_start(&b);
    pthread_join(a.thread, NULL);
    pthread_join(b.thread, NULL);
    int64_t took = race_now_ns() - began;
    CHECK(a.executed == n && b.executed == n, "executed");
    CHECK(a.taken == n && b.taken == n, "taken");
    /* Where threads stand still for long, one end may think the other gone. */
    CHECK(a.view.counts.connections <=
              1 + a.view.counts.silences + b.view.counts.silences,
          "one connection was enough");
    end_close(&a);
    end_close(&b);
    CHECK(a.lost == 0 && b.lost == 0, "nothing is lost");
    printf("%llu frames of %u bytes each way: %.0f ms, %.0f a second, "
           "%.0f MB/s\n",
           (unsigned long long)n, size, (double)took / 1e6,
           2e9 * (double)n / (double)took,
           2e3 * (double)n * size / (double)took);
}

/* A process that listens, takes frames and executes none.  It does not begin
 * before it is told the port; it answers with the one it got. */
struct child {
    pid_t pid;
    int to, from;
};

static struct child child_of(uint64_t me)
{
    int to[2], from[2], port;
    struct child c;

    CHECK(pipe(to) == 0 && pipe(from) == 0, "pipes");
    c = (struct child){ fork(), to[1], from[0] };
    CHECK(c.pid >= 0, "a process");
    if (c.pid > 0)
        return c;
    static struct end e;
    alarm(600);
    CHECK(read(to[0], &port, sizeof(port)) == sizeof(port), "the port");
    end_open(&e, false, me, port, 0, UINT64_MAX, 1000);
    e.keeps = true;
    port = gi_exchange_port(e.exchange);
    CHECK(write(from[1], &port, sizeof(port)) == sizeof(port), "the port");
    end_run(&e);
    _Exit(0);
}

static int child_begins(struct child *c, int port)
{
    CHECK(write(c->to, &port, sizeof(port)) == sizeof(port), "told");
    CHECK(read(c->from, &port, sizeof(port)) == sizeof(port), "answered");
    return port;
}

static void child_killed(struct child *c)
{
    kill(c->pid, SIGKILL);
    waitpid(c->pid, NULL, 0);
}

/* Until so many frames are back; the alarm ends it if they never are. */
static void wait_for_lost(struct end *e, uint64_t want, const char *what)
{
    int64_t began = race_now_ns();

    while (e->lost < want)
        end_turn(e);
    CHECK(e->lost == want, "%llu of %llu", (unsigned long long)e->lost,
          (unsigned long long)want);
    printf("%s: %llu frames lost after %.1f ms\n", what,
           (unsigned long long)want, (double)(race_now_ns() - began) / 1e6);
}

/* Nobody tells of the first death but the one who comes after it; of the
 * second, somebody who knows. */
static void killed(struct child *first, struct child *second)
{
    static struct end e;
    int port = child_begins(first, free_port());

    end_open(&e, true, 1, port, END_FRAMES, 1, 1000);
    while (e.sent < END_FRAMES || !e.view.open)
        end_turn(&e);

    child_killed(first);
    child_begins(second, port);
    wait_for_lost(&e, END_FRAMES, "a new incarnation");
    CHECK(e.executed == 0, "nothing was executed");
    e.n = 2 * e.sent;
    while (e.sent < e.n || e.view.counts.incarnations < 2)
        end_turn(&e);
    child_killed(second);
    gi_channel_peer_ended(gi_line_channel(e.line), 3, race_now_ns());
    wait_for_lost(&e, 2 * END_FRAMES, "somebody who knows");
    end_close(&e);
}

/* While the peer is stopped nothing is lost, though it is suspected; when it
 * goes on, so does the link. */
static void stopped(struct child *c)
{
    static struct end e;
    int64_t began = race_now_ns();
    int port = child_begins(c, 0);

    end_open(&e, true, 1, port, END_FRAMES, 1, 1000);
    while (e.sent < END_FRAMES || !e.view.open)
        end_turn(&e);
    kill(c->pid, SIGSTOP);
    CHECK(waitpid(c->pid, NULL, WUNTRACED) == c->pid, "it has stopped");
    while (e.view.counts.silences < 2)
        end_turn(&e);
    CHECK(e.view.suspicious && !e.view.open, "it is still believed in");
    CHECK(e.lost == 0 && e.view.counts.deaths == 0, "it only was stopped");
    kill(c->pid, SIGCONT);
    while (!e.view.open)
        end_turn(&e);
    CHECK(e.lost == 0 && e.view.counts.incarnations == 1, "it is the same");
    printf("stopped, suspected and back: %.0f ms\n",
           (double)(race_now_ns() - began) / 1e6);
    child_killed(c);
    end_close(&e);
}

int main(void)
{
    /* nng is not to be forked once it has begun. */
    struct child first = child_of(2), second = child_of(3);
    struct child third = child_of(2);

    alarm(600);
    killed(&first, &second);
    stopped(&third);
    both_ways(100000 / RACE_SLOWER, 100);
    both_ways(20000 / RACE_SLOWER, 32 << 10);
    return 0;
}
