/* sim_cmd.c -- `--sim SEED`: the same run on one thread and a virtual clock,
 * where all chance comes from the seed. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "cli/end.h"
#include "cli/hope.h"
#include "cli/progress.h"
#include "local/local.h"
#include "local/signals.h"
#include "local/sim/sim.h"

#define DAY_MS (24u * 3600 * 1000)
#define MS     INT64_C(1000000)

typedef struct watch {
    gi_cli *cli;
    gi_sim *sim;
    gi_progress progress;
    gi_hope hope;
    int64_t began_ns; /* of virtual time */
    bool draining, told;
    bool endless; /* it would not have come to an end by itself */
} watch;

/* Say how it goes; how often did somebody interrupt? */
static int look(watch *w)
{
    int seen = gi_signals_seen();
    int64_t now = gi_clock_ns(), virtual_now = gi_sim_now_ns(w->sim);
    bool tell = seen > 0 && !w->told;
    bool doubt = gi_hope_due(&w->hope, virtual_now);
    gale_run_result r;
    char text[256];

    if (!tell && !doubt && !gi_progress_due(&w->progress, now))
        return seen;
    gi_worker_result(gi_sim_worker(w->sim), &r);
    if (tell) {
        gi_cli_tell_interrupt(w->cli, &r);
        w->told = true;
    }
    if (doubt && gi_hope_lost(&w->hope, &r, virtual_now, text, sizeof(text)))
        gi_screen_say(&w->cli->screen, "%s", text);
    w->progress.virtual_ns = virtual_now - w->began_ns;
    if (gi_progress_due(&w->progress, now))
        gi_progress_show(&w->progress, now, &r, w->draining || seen > 0);
    return seen;
}

/* Steps until the clock shows `until_ns`, or somebody wants an end of it: the
 * first time of a run, the second of a drain. */
static gi_sim_step turn_until(watch *w, int64_t until_ns)
{
    enum { STEPS = 256 }; /* between two looks at the real clock */
    int patience = w->draining ? 1 : 0;
    gi_sim_step step = GI_SIM_TURNED;

    while (look(w) <= patience)
        for (int i = 0; i < STEPS; i++) {
            if (gi_sim_now_ns(w->sim) >= until_ns)
                return step;
            step = gi_sim_step_once(w->sim);
            if (step >= GI_SIM_QUIET)
                return step;
        }
    return step;
}

static int64_t later(const watch *w, uint32_t ms)
{
    return gi_sim_now_ns(w->sim) + ms * MS;
}

static gi_sim_step run_and_drain(watch *w, const gi_plan *plan)
{
    const gi_options *o = &w->cli->o;
    uint32_t drain_ms = o->drain_ms != 0 ? o->drain_ms : plan->set.timeout_ms;
    gi_sim_step step =
        turn_until(w, later(w, o->run_ms == 0 ? DAY_MS : o->run_ms));

    if (step >= GI_SIM_QUIET)
        return step;
    w->endless = o->run_ms == 0 && gi_signals_seen() == 0;
    if (w->endless)
        return step;
    w->draining = true;
    gi_sim_activate(w->sim, false);
    return turn_until(w, later(w, drain_ms));
}

static gale_err judge(watch *w, gi_sim_step step, gale_diag *why)
{
    gale_run_result r;

    if (step == GI_SIM_QUIET)
        return GALE_OK;
    if (step == GI_SIM_STOPPED)
        return gi_worker_error(gi_sim_worker(w->sim), why);
    gi_worker_result(gi_sim_worker(w->sim), &r);
    if (w->endless)
        snprintf(why->text, sizeof(why->text),
                 "not done after a day of virtual time: %" PRIu64
                 " tree%s not finished; to end it sooner, --run-for DURATION",
                 r.pending, r.pending == 1 ? " is" : "s are");
    if (step != GI_SIM_STUCK)
        return GALE_ETIME;
    gi_diag_say(why,
                "stuck: nothing will ever happen any more, and %" PRIu64
                " tree%s not finished",
                r.pending, r.pending == 1 ? " is" : "s are");
    return GALE_ETIME;
}

static int sum_up(watch *w, const gi_plan *plan, gale_err rv, int64_t took_ns,
                  const char *why)
{
    const gi_history *h = gi_sim_history(w->sim);
    gi_tally_sim sim = { .seed = w->cli->o.seed,
                         .hash = h->hash,
                         .events = h->events,
                         .steps = gi_sim_steps(w->sim),
                         .virtual_ns = gi_sim_now_ns(w->sim) - w->began_ns,
                         .real_ns = took_ns };
    const gi_fault_plan *f = w->cli->faults;
    gi_end e = { .plan = plan,
                 .worker = gi_sim_worker(w->sim),
                 .faults =
                     f == NULL || f->n == 0 ? NULL : gi_sim_faults(w->sim),
                 .sim = &sim,
                 .rv = rv,
                 .why = why,
                 .seen = gi_signals_seen() };

    if (e.seen > 1)
        gi_screen_echoed(&w->cli->screen);
    return gi_cli_end(w->cli, &e);
}

static int run(watch *w, const gi_plan *plan)
{
    gi_cli *cli = w->cli;
    gale_diag why = { "" };
    int64_t began = gi_clock_ns();

    gi_log_set_level(cli->o.log_level);
    gi_progress_start(&w->progress, &cli->screen,
                      cli->o.quiet ? GI_CHOOSE_NEVER : cli->o.progress,
                      plan->set.ackers != 0, began);
    gi_screen_take_log(&cli->screen);
    gi_crash_catch();
    gi_signals_catch();
    w->began_ns = gi_sim_now_ns(w->sim);
    gi_hope_begin(&w->hope, plan, cli->faults, w->began_ns);
    gale_err rv = gi_sim_open(w->sim, &why);
    if (rv == GALE_OK)
        rv = judge(w, run_and_drain(w, plan), &why);
    gi_sim_close(w->sim);
    gi_signals_restore();
    gi_screen_leave_log(&cli->screen);
    return sum_up(w, plan, rv, gi_clock_ns() - began, why.text);
}

/* A history that is only half on the disk is none. */
static int close_log(gi_cli *cli, FILE *log, int code)
{
    int cause = ferror(log) != 0 ? EIO : 0;

    if (fclose(log) != 0 && cause == 0)
        cause = errno;
    if (cause == 0)
        return code;
    gi_screen_say(&cli->screen, "cannot write '%s': %s", cli->o.history,
                  strerror(cause));
    return code == GI_EXIT_DONE ? GI_EXIT_FAILED : code;
}

int gi_cli_sim(gi_cli *cli, gi_plan *plan)
{
    watch w = { .cli = cli };
    gi_sim_opts opts = { .seed = cli->o.seed,
                         .loops = plan->set.loops,
                         .faults = cli->faults,
                         .args = cli->o.words,
                         .n_args = cli->o.n_words };
    int code = GI_EXIT_FAILED;

    if (cli->o.history != NULL) {
        opts.log = fopen(cli->o.history, "we");
        if (opts.log == NULL) {
            gi_screen_say(&cli->screen, "cannot write '%s': %s",
                          cli->o.history, strerror(errno));
            return GI_EXIT_FAILED;
        }
    }
    gale_err rv = gi_sim_create(&w.sim, plan, &opts);
    if (rv != GALE_OK)
        gi_screen_say(&cli->screen, "cannot start: %s", gale_err_text(rv));
    else
        code = run(&w, plan);
    gi_sim_destroy(w.sim);
    return opts.log == NULL ? code : close_log(cli, opts.log, code);
}
