/* run_cmd.c -- `run`: drive a local cluster, say how it goes, sum up. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/number.h"
#include "cli/progress.h"
#include "cli/tally.h"
#include "local/local.h"
#include "local/signals.h"

typedef struct watch {
    gi_cli *cli;
    gi_progress progress;
    bool told; /* that an interrupt was heard */
} watch;

static int64_t now_ns(void)
{
    return gi_env_real.now_ns(NULL);
}

static void tell_interrupt(watch *w, const gale_run_result *r)
{
    char n[GI_NUMBER_TEXT];

    gi_screen_echoed(&w->cli->screen);
    gi_screen_say(&w->cli->screen,
                  "draining: %s tree%s in flight; press Ctrl-C again to stop "
                  "at once",
                  gi_number_full(n, r->pending), r->pending == 1 ? "" : "s");
    w->told = true;
}

/* The driver asks this now and then: go on, drain, stop at once? */
static int asked(void *arg, gi_local *c, bool draining)
{
    watch *w = arg;
    int seen = gi_signals_seen();
    int64_t now = now_ns();
    bool tell = seen > 0 && !w->told;
    gale_run_result r;

    if (!tell && !gi_progress_due(&w->progress, now))
        return seen;
    gi_worker_result(gi_local_worker(c), &r);
    if (tell)
        tell_interrupt(w, &r);
    if (gi_progress_due(&w->progress, now))
        gi_progress_show(&w->progress, now, &r, draining || seen > 0);
    return seen;
}

/* False: there is no memory to tell it in. */
static bool tell_summary(gi_cli *cli, const gi_tally *t)
{
    bool fine = true;

    fflush(stdout); /* the topology's own words come before ours */
    if (!cli->o.quiet) {
        char *text = gi_summary_text(t, cli->typed, cli->screen.look);
        fine = text != NULL;
        gi_screen_put(&cli->screen, fine ? text : "");
        gi_free(text);
    } else if (t->error != NULL) {
        gi_screen_say(&cli->screen, "%s", t->error);
    }
    if (cli->o.json) {
        char *text = gi_summary_json(t);
        fine = fine && text != NULL;
        if (text != NULL)
            puts(text);
        gi_free(text);
    }
    return fine;
}

static int exit_code(gale_err rv, int seen)
{
    if (seen > 1)
        return GI_EXIT_INTERRUPTED;
    return rv == GALE_OK ? GI_EXIT_DONE : GI_EXIT_FAILED;
}

static void say_left(gale_diag *why, uint64_t left)
{
    char n[GI_NUMBER_TEXT];

    snprintf(why->text, sizeof(why->text),
             "%s tree%s left when the drain ended", gi_number_full(n, left),
             left == 1 ? " was" : "s were");
}

static int sum_up(gi_cli *cli, gi_local *c, gale_err rv, gale_diag *why,
                  int seen)
{
    gi_tally t;
    int code = exit_code(rv, seen);

    if (gi_tally_take(&t, gi_local_plan(c), gi_local_worker(c)) != GALE_OK) {
        gi_tally_fini(&t);
        gi_screen_say(&cli->screen, "%s", gale_err_text(GALE_ENOMEM));
        return GI_EXIT_FAILED;
    }
    if (rv == GALE_ETIME)
        say_left(why, t.sum.pending);
    if (rv != GALE_OK)
        t.error = why->text[0] != '\0' ? why->text : gale_err_text(rv);
    if (seen > 1)
        t.error = "interrupted";
    t.interrupted = seen > 0;
    t.cut_short = seen > 1;

    /* Nothing ran, so there is nothing to sum up but why. */
    bool quiet = cli->o.quiet;
    cli->o.quiet = quiet || (rv != GALE_OK && rv != GALE_ETIME);
    if (!tell_summary(cli, &t)) {
        gi_screen_say(&cli->screen, "%s", gale_err_text(GALE_ENOMEM));
        code = GI_EXIT_FAILED;
    }
    cli->o.quiet = quiet;
    gi_tally_fini(&t);
    return code;
}

/* A callback that will not return: name it, sum up, and go without it. */
static void stuck(void *arg, gi_local *c, gale_err rv)
{
    watch *w = arg;
    gi_worker *worker = gi_local_worker(c);
    gale_diag why = { "" };
    int seen = gi_signals_seen();

    gi_screen_leave_log(&w->cli->screen);
    for (uint32_t i = 0; i < gi_worker_n_loops(worker); i++) {
        uint64_t step;
        uint32_t id;
        const gale_task *t = gi_loop_running(gi_worker_loop(worker, i), &step);

        if (t == NULL)
            continue;
        const char *comp = gi_task_name(t, &id);
        gi_screen_say(&w->cli->screen,
                      "'%s' (task %u) does not return from a callback; "
                      "leaving without it",
                      comp, id);
    }
    int code = sum_up(w->cli, c, rv == GALE_OK ? GALE_ETIME : rv, &why, seen);
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
    gi_local_opts opts = { .args = cli->o.words, .n_args = cli->o.n_words };
    gale_err rv = gi_local_create(&c, plan, &opts);

    if (rv != GALE_OK) {
        gi_screen_say(&cli->screen, "cannot start: %s", gale_err_text(rv));
        return GI_EXIT_FAILED;
    }
    gi_log_set_level(cli->o.log_level);
    gi_progress_start(&w.progress, &cli->screen,
                      cli->o.quiet ? GI_NEVER : cli->o.progress,
                      plan->set.ackers != 0, now_ns());
    gi_screen_take_log(&cli->screen);
    gi_crash_catch();
    gi_signals_catch();
    rv = gi_local_drive(c, &drive, &why);
    int seen = gi_signals_seen();
    gi_signals_restore();
    gi_screen_leave_log(&cli->screen);
    if (seen > 1)
        gi_screen_echoed(&cli->screen);

    int code = sum_up(cli, c, rv, &why, seen);
    gi_local_destroy(c);
    return code;
}
