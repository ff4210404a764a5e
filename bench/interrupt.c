#include "bench/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *volatile left_dir;
static const pid_t nobody;
static const pid_t *volatile left_pid = &nobody;

/* Between any two instructions of any thread, so that only system calls are
 * made; and not even fork, as this process is to end anyway. */
static void end_it(int signal)
{
    const char *dir = left_dir;

    if (dir == NULL)
        _exit(128 + signal);
    if (*left_pid > 0 && kill(*left_pid, SIGTERM) == 0) {
        kill(*left_pid, SIGCONT); /* while all is being killed */
        waitpid(*left_pid, NULL, 0);
    }
    execl("/bin/sh", "sh", "-c", "rm -rf -- \"$0\"; exit $1", dir,
          signal == SIGINT ? "130" : "143", (char *)NULL);
    _exit(128 + signal);
}

static void take(int signal)
{
    struct sigaction act = { .sa_handler = end_it,
                             .sa_flags = (int)SA_RESETHAND | SA_NODEFER };
    struct sigaction before;

    sigemptyset(&act.sa_mask);
    if (sigaction(signal, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(signal, &act, NULL);
}

void bench_interrupt_ends(const char *dir, const pid_t *of)
{
    left_dir = NULL; /* never one with the other's process */
    left_pid = of == NULL ? &nobody : of;
    left_dir = dir;
    take(SIGINT);
    take(SIGTERM);
}
