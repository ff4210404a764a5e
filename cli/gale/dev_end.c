/* dev_end.c -- the end of `gale dev`, in good order. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/gale/dev.h"

enum {
    LOOK_MS = 50,
    STOP_MS = 8000, /* for a daemon to end; a supervisor ends its workers */
    GONE_MS = 3000, /* for what was killed to be gone */
};

/* Is there a topology?  What nobody answers is no. */
static bool topologies(gi_dev *d, gi_msg_topologies *all)
{
    gi_msg_nothing nothing = { 0 };
    gale_diag why;

    gi_client_forget(&d->client);
    return d->nimbus.pid > 0 &&
           gi_client_try(&d->client, GI_ASK_LIST, &nothing, all, &why) ==
               GALE_OK &&
           all->n_topologies > 0;
}

/* All that there are; `now`: without waiting for what is in flight. */
static void kill_all(gi_dev *d, bool now)
{
    gi_msg_topologies all;
    gi_msg_nothing nothing;
    gale_diag why;

    if (!topologies(d, &all))
        return;
    for (uint32_t i = 0; i < all.n_topologies; i++) {
        gi_msg_kill kill = { .name = all.topologies[i].id, .now = now };
        gi_client_try(&d->client, GI_ASK_KILL, &kill, &nothing, &why);
    }
}

/* Where no worker runs, nothing is in flight. */
static bool any_runs(const gi_msg_topologies *all)
{
    for (uint32_t i = 0; i < all->n_topologies; i++)
        if (all->topologies[i].n_running > 0)
            return true;
    return false;
}

static void show(gi_dev *d, const gi_msg_topologies *all)
{
    uint64_t pending = 0;
    char line[128];

    for (uint32_t i = 0; i < all->n_topologies; i++)
        pending += all->topologies[i].pending;
    snprintf(line, sizeof(line),
             "  draining  %u topolog%s, %llu in flight; Ctrl-C stops at once",
             all->n_topologies, all->n_topologies == 1 ? "y" : "ies",
             (unsigned long long)pending);
    gi_screen_live(&d->g->cli.screen, line);
}

/* The next `gale dev` shall find nothing of this one's. */
static void drain(gi_dev *d)
{
    unsigned began = d->interrupts;
    int64_t end;
    gi_msg_topologies all;

    kill_all(d, false);
    while (d->interrupts == began && d->supervisor.pid > 0 &&
           topologies(d, &all) && any_runs(&all)) {
        show(d, &all);
        gi_dev_turn(d, LOOK_MS);
    }
    gi_screen_live(&d->g->cli.screen, "");
    kill_all(d, true);
    end = gi_clock_ms() + GONE_MS;
    while (gi_clock_ms() < end && topologies(d, &all))
        gi_dev_turn(d, LOOK_MS);
}

/* Asked to end, then made to. */
static void stop(gi_dev *d, gi_dev_child *c)
{
    int64_t end = gi_clock_ms() + STOP_MS;
    unsigned began = d->interrupts;

    c->again_ms = 0;
    if (c->pid <= 0)
        return;
    kill(c->pid, SIGTERM);
    while (c->pid > 0 && gi_clock_ms() < end &&
           (d->interrupts == began || d->interrupts == 1))
        gi_dev_turn(d, LOOK_MS);
    if (c->pid > 0)
        kill(c->pid, SIGKILL);
    end = gi_clock_ms() + GONE_MS;
    while (c->pid > 0 && gi_clock_ms() < end)
        gi_dev_turn(d, LOOK_MS);
}

/* Whatever is still our child: workers that their supervisor left behind.
 * Each has a group of its own. */
static unsigned kill_children(void)
{
    char path[64];
    unsigned n = 0;
    long pid;

    snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
             (long)getpid());
    FILE *f = fopen(path, "re");
    while (f != NULL && fscanf(f, "%ld", &pid) == 1) {
        if (kill((pid_t)-pid, SIGKILL) != 0)
            kill((pid_t)pid, SIGKILL);
        n++;
    }
    if (f != NULL)
        fclose(f);
    return n;
}

void gi_dev_end(gi_dev *d)
{
    gi_screen_echoed(&d->g->cli.screen);
    if (d->interrupts == 0)
        d->interrupts = 1; /* whatever dies now is not started anew */
    if (d->program > 0)
        kill(d->program, SIGTERM);
    if (d->interrupts == 1)
        drain(d);
    stop(d, &d->supervisor);
    stop(d, &d->drpc);
    stop(d, &d->nimbus);
    int64_t end = gi_clock_ms() + GONE_MS;
    while (kill_children() > 0 && gi_clock_ms() < end)
        gi_dev_turn(d, LOOK_MS);
}
