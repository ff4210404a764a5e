/* Wall clocks that leap: a worker is killed, and the one that takes its place
 * finds the clock of its machine set to another time.  Epochs and generations
 * begin by that clock; nothing may be lost or wait for it.
 *
 *     cluster_clock
 *     cluster_clock worker DIR    it is their program too
 */
#define _GNU_SOURCE /* syscall */
#include <inttypes.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "tests/cluster/crew.h"

/* All of this program, and what it links, asks this one. */
int clock_gettime(clockid_t id, struct timespec *t)
{
    static const char *leap;
    int rv = (int)syscall(SYS_clock_gettime, id, t);

    if (leap == NULL)
        leap = getenv("CREW_LEAP_S");
    if (id == CLOCK_REALTIME && leap != NULL && rv == 0)
        t->tv_sec += strtoll(leap, NULL, 10);
    return rv;
}

static bool enter(int leap_s)
{
    char text[32];

    snprintf(text, sizeof(text), "%d", leap_s);
    return setenv("CREW_LEAP_S", text, 1) == 0;
}

/* The spouts are in the first worker; what they say goes through the second
 * or the fourth to the third, which stands still while the fourth one is
 * killed and begins anew at another time. */
static const uint32_t places[CREW_TASKS] = { 0, 0, 1, 1, 3, 2, 2, 2, 0 };

static void leap(int by_s)
{
    enum { MEMBERS = 4, STILL = 2, LEAPS = 3 };
    struct crew c;

    crew_open(&c, MEMBERS, MOST_NUMBERS);
    c.setting[0] = "topology.message.timeout.secs";
    c.setting[1] = "30";
    for (uint32_t i = 0; i < CREW_TASKS; i++)
        c.where[i] = places[i];
    for (int i = 0; i < MEMBERS; i++)
        crew_start(&c, i);
    CREW_UNTIL(&c, c.board->acked > 4000, 30000);
    crew_stop(&c, STILL);
    crew_kill(&c, LEAPS);
    c.m[LEAPS].net = by_s;
    c.m[LEAPS].enter = enter;
    crew_start(&c, LEAPS);
    nap_ms(500);
    kill(c.m[STILL].pid, SIGCONT);

    int64_t began = now_ms();
    CREW_UNTIL(&c, c.board->acked == c.board->n, 60000);
    for (uint32_t n = 0; n < c.board->n; n++)
        for (uint32_t part = 0; part < PARTS; part++)
            CREW_MUST(&c, c.board->count[n][part] >= 1);
    CREW_MUST(&c, c.board->early == 0 && c.board->wrong_task == 0);
    CREW_MUST(&c, CREW_SUM(&c, timed_out) == 0);
    fprintf(stderr, "  %+6d s: all after %" PRId64 " ms; %" PRIu64 " failed\n",
            by_s, now_ms() - began, CREW_SUM(&c, failed));
    crew_end(&c);
    crew_close(&c);
}

int main(int argc, char **argv)
{
    static const int leaps[] = { 0, -1, -30, -3600, 1, 30, 3600, 86400 };

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return gale_main(argc, argv, &numbers);
    for (size_t i = 0; i < sizeof(leaps) / sizeof(leaps[0]); i++)
        leap(leaps[i]);
    return 0;
}
