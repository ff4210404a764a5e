/* line_cut.c -- a link whose connections are cut in the middle of frames,
 * clogged, and left half-open, again and again: while both ends live, all
 * frames are executed, in order and once. */
#include "line_ends.h"
#include "line_proxy.h"

enum { CUTS = 150 };

int main(int argc, char **argv)
{
    const uint64_t n = 20000;
    static struct end a, b;
    static struct proxy x;

    alarm(600);
    end_open(&b, false, 2, 0, n, n, 1000);
    proxy_start(&x, gi_exchange_port(b.exchange), CUTS,
                argc > 1 ? strtoull(argv[1], NULL, 10) : 1);
    end_open(&a, true, 1, x.port, n, n, 1000);
    end_start(&a);
    end_start(&b);
    pthread_join(a.thread, NULL);
    pthread_join(b.thread, NULL);
    proxy_stop(&x);
    CHECK(a.taken == n && b.taken == n, "all came");
    CHECK(a.executed == n && b.executed == n, "all were executed");
    CHECK(x.cuts == CUTS, "cut only %u times", x.cuts);
    CHECK(a.view.counts.resent + b.view.counts.resent > 0, "never in a frame");
    CHECK(a.view.counts.faults + b.view.counts.faults == 0, "nonsense");
    CHECK(a.view.counts.silences <= x.of[HALF_THERE] + CUTS / 10,
          "%llu ends of connections were noticed by silence only",
          (unsigned long long)a.view.counts.silences);
    for (int f = 0; f < N_FATES; f++)
        CHECK(x.of[f] > 0, "fate %d never came to pass", f);
    printf(
        "%llu frames each way over %llu connections, %llu sent again, "
        "%llu silences\n",
        (unsigned long long)n, (unsigned long long)a.view.counts.connections,
        (unsigned long long)(a.view.counts.resent + b.view.counts.resent),
        (unsigned long long)(a.view.counts.silences + b.view.counts.silences));
    end_close(&a);
    end_close(&b);
    CHECK(a.lost == 0 && b.lost == 0, "nothing is lost");
    return 0;
}
