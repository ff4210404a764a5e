/* SIGTERM and SIGINT, as a question. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bell.h"
#include "local/signals.h"

/* Also if the signal is delivered to another thread, or comes just before the
 * sleep: a byte is left for who is about to sleep. */
Test(signals, ring_for_who_sleeps, .timeout = 30)
{
    char dir[] = "/tmp/gale-signals-XXXXXX", path[64];

    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/bell", dir);
    int bell = gi_bell_hang(path);
    cr_assert_geq(bell, 0);

    gi_signals_catch();
    gi_signals_ring(bell);
    cr_expect_eq(gi_signals_seen(), 0);
    raise(SIGTERM);
    cr_expect_eq(gi_signals_seen(), 1);
    cr_expect(gi_bell_wait(bell, -1));
    gi_signals_ring(-1);
    raise(SIGINT);
    cr_expect_eq(gi_signals_seen(), 2);
    cr_expect_not(gi_bell_wait(bell, 0));
    gi_signals_restore();

    close(bell);
    unlink(path);
    rmdir(dir);
}
