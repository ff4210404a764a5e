/* run_cmd.c -- `run`: drive a local cluster, say how it goes, sum up. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/end.h"
#include "cli/hope.h"
#include "cli/progress.h"
#include "local/local.h"
#include "local/signals.h"

typedef struct watch {
    gi_cli *cli;
    gi_progress progress;
    gi_hope hope;
    bool told; /* that an interrupt was heard */
} watch;

/* The driver asks this now and then: go on, drain, stop at once? */
static int asked(void *arg, gi_local *c, bool draining)
{
    watch *w = arg;
    int seen = gi_signals_seen();
    int64_t now = gi_clock_ns();
    bool tell = seen > 0 && !w->told;
    bool doubt = gi_hope_due(&w->hope, now);
    gale_run_result r;
    char text[256];

    if (!tell && !doubt && !gi_progress_due(&w->progress, now))
        return seen;
    gi_worker_result(gi_local_worker(c), &r);
    if (tell) {
        gi_cli_tell_interrupt(w->cli, &r);
        w->told = true;
    }
    if (doubt && gi_hope_lost(&w->hope, &r, now, text, sizeof(text)))
        gi_screen_say(&w->cli->screen, "%s", text);
    if (gi_progress_due(&w->progress, now))
        gi_progress_show(&w->progress, now, &r, draining || seen > 0);
    return seen;
}

static int sum_up(gi_cli *cli, gi_local *c, gale_err rv, const char *why,
                  int seen)
{
    gi_end e = { .plan = gi_local_plan(c),
                 .worker = gi_local_worker(c),
                 .faults = gi_local_faults(c),
                 .rv = rv,
                 .why = rv == GALE_ETIME ? "" : why,
                 .seen = seen };

    return gi_cli_end(cli, &e);
}

/* A callback that will not return: name it, sum up, and go without it. */
static void stuck(void *arg, gi_local *c, gale_err rv)
{
    watch *w = arg;
    gi_worker *worker = gi_local_worker(c);
    int seen = gi_signals_seen();

    gi_screen_leave_log(&w->cli->screen);
    for (uint32_t i = 0; i < gi_worker_n_loops(worker); i++) {
        uint64_t step;
        char name[GI_TASK_NAME];
        const gale_task *t = gi_loop_running(gi_worker_loop(worker, i), &step);

        if (t == NULL)
            continue;
        gi_screen_say(&w->cli->screen,
                      "'%s' does not return from a callback; "
                      "leaving without it",
                      gi_task_name(t, name));
    }
    int code = sum_up(w->cli, c, rv == GALE_OK ? GALE_ETIME : rv, "", seen);
    fflush(NULL);
    _Exit(code);
}

int gi_cli_run(gi_cli *cli, gi_plan *plan)
{
    watch w = { .cli = cli };
    gi_drive drive = { .run_ms = cli->o.run_ms,
                       .drain_ms = cli->o.drain_ms,
                       .asked = asked,
                       .stuck = stuck,
                       .arg = &w };
    gale_diag why = { "" };
    gi_local *c = NULL;
    gi_local_opts opts = { .args = cli->o.words,
                           .n_args = cli->o.n_words,
                           .faults = cli->faults };
    gale_err rv = gi_local_create(&c, plan, &opts);

    if (rv != GALE_OK) {
        gi_screen_say(&cli->screen, "cannot start: %s", gale_err_text(rv));
        return GI_EXIT_FAILED;
    }
    gi_log_set_level(cli->o.log_level);
    gi_progress_start(&w.progress, &cli->screen,
                      cli->o.quiet ? GI_CHOOSE_NEVER : cli->o.progress,
                      plan->set.ackers != 0, gi_clock_ns());
    gi_hope_begin(&w.hope, plan, cli->faults, gi_clock_ns());
    gi_screen_take_log(&cli->screen);
    gi_crash_catch();
    gi_signals_catch();
    rv = gi_local_drive(c, &drive, &why);
    int seen = gi_signals_seen();
    gi_signals_restore();
    gi_screen_leave_log(&cli->screen);
    if (seen > 1)
        gi_screen_echoed(&cli->screen);

    int code = sum_up(cli, c, rv, why.text, seen);
    gi_local_destroy(c);
    return code;
}
