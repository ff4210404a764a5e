#include "cli/end.h"

#include <stdio.h>

#include "base/failpoint.h"
#include "base/mem.h"
#include "cli/number.h"

void gi_cli_tell_interrupt(gi_cli *cli, const gale_run_result *r)
{
    char n[GI_NUMBER_TEXT];

    gi_screen_echoed(&cli->screen);
    gi_screen_say(&cli->screen,
                  "draining: %s tree%s in flight; press Ctrl-C again to stop "
                  "at once",
                  gi_number_full(n, r->pending), r->pending == 1 ? "" : "s");
}

/* False: there is no memory to tell it in. */
static bool tell_summary(gi_cli *cli, const gi_tally *t, bool quiet)
{
    bool fine = true;

    /* The topology's own words come before ours. */
    gi_cli_wrote(cli, fflush(stdout) == 0);
    if (!quiet) {
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
            gi_cli_wrote(cli, puts(text) != EOF);
        gi_free(text);
    }
    return fine;
}

static int exit_code(const gi_end *e)
{
    if (e->seen > 1)
        return GI_EXIT_INTERRUPTED;
    return e->rv == GALE_OK ? GI_EXIT_DONE : GI_EXIT_FAILED;
}

static const char *error_text(const gi_end *e, uint64_t left, char *text,
                              size_t size)
{
    char n[GI_NUMBER_TEXT];

    if (e->seen > 1)
        return "interrupted";
    if (e->rv == GALE_OK)
        return NULL;
    if (e->why[0] != '\0')
        return e->why;
    if (e->rv != GALE_ETIME)
        return gale_err_text(e->rv);
    snprintf(text, size, "%s tree%s left when the drain ended",
             gi_number_full(n, left), left == 1 ? " was" : "s were");
    return text;
}

int gi_cli_end(gi_cli *cli, const gi_end *e)
{
    /* Nothing ran, so there is nothing to sum up but why. */
    bool nothing = e->rv != GALE_OK && e->rv != GALE_ETIME;
    int code = exit_code(e);
    char text[128];
    gi_tally t;

    if (e->faults != NULL)
        gi_point_disarm(GI_POINT_MEMORY); /* no faults of ours in this */
    if (gi_tally_take(&t, e->plan, e->worker, e->faults) != GALE_OK) {
        gi_tally_fini(&t);
        gi_screen_say(&cli->screen, "%s", gale_err_text(GALE_ENOMEM));
        return GI_EXIT_FAILED;
    }
    t.error = error_text(e, t.sum.pending, text, sizeof(text));
    t.interrupted = e->seen > 0;
    t.cut_short = e->seen > 1;
    t.sim = e->sim;
    if (!tell_summary(cli, &t, cli->o.quiet || nothing)) {
        gi_screen_say(&cli->screen, "%s", gale_err_text(GALE_ENOMEM));
        code = GI_EXIT_FAILED;
    }
    gi_tally_fini(&t);
    return code;
}
