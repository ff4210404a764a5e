/* change_cmd.c -- `kill`, `activate`, `deactivate`, `rebalance` and
 * `set-log-level`. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/nearest.h"
#include "cli/client.h"
#include "cli/gale/gale.h"
#include "cli/number.h"

static void begin_json(const gi_gale *g, gi_verb_no verb, gi_json *j)
{
    gi_json_object(j, NULL);
    gi_json_str(j, "topology", g->cli.o.words[0]);
    gi_json_str(j, "done", gi_verb_of(verb)->name);
}

int gi_gale_change(gi_gale *g, gi_verb_no verb, const void *request,
                   const char *done)
{
    const char *name = g->cli.o.words[0];
    gi_msg_nothing nothing;
    gi_json j = { 0 };
    gi_client c;
    int code = gi_client_open(&c, &g->cli);

    if (code == GI_EXIT_DONE)
        code = gi_client_change(&c, verb, name, request, &nothing);
    gi_client_close(&c);
    if (code != GI_EXIT_DONE)
        return code;
    if (g->cli.o.json) {
        begin_json(g, verb, &j);
        gi_json_end(&j);
        return gi_cli_print(&g->cli, gi_json_take(&j));
    }
    if (!g->cli.o.quiet)
        gi_screen_say(&g->cli.screen, "%s: %s", name, done);
    return GI_EXIT_DONE;
}

/* "when nothing is in flight (at most 10.0 s)", or how long it may be else. */
static const char *when_text(const gi_gale *g, char *text, size_t size)
{
    char time[GI_NUMBER_TEXT];

    if (g->wait_said && g->wait_ms == 0)
        snprintf(text, size, "at once");
    else if (g->wait_said)
        snprintf(text, size, "when nothing is in flight (at most %s)",
                 gi_number_time(time, (uint64_t)g->wait_ms * 1000));
    else
        snprintf(text, size,
                 "when nothing is in flight (at most its message timeout)");
    return text;
}

int gi_gale_kill(gi_gale *g)
{
    gi_msg_kill kill = { .name = g->cli.o.words[0],
                         .now = g->wait_said,
                         .wait_ms = g->wait_ms };
    char when[96], done[128];

    snprintf(done, sizeof(done), "its spouts stop; it ends %s",
             when_text(g, when, sizeof(when)));
    return gi_gale_change(g, GI_ASK_KILL, &kill, done);
}

int gi_gale_activate(gi_gale *g)
{
    gi_msg_named named = { .name = g->cli.o.words[0] };

    return gi_gale_change(g, GI_ASK_ACTIVATE, &named, "its spouts may emit");
}

int gi_gale_deactivate(gi_gale *g)
{
    gi_msg_named named = { .name = g->cli.o.words[0] };

    return gi_gale_change(g, GI_ASK_DEACTIVATE, &named,
                          "its spouts stop; what is in flight goes on");
}

/* What comes of it; `when`: at once, or when nothing is in flight. */
static int tell_rebalance(gi_gale *g, const gi_msg_rebalanced *r,
                          const char *when)
{
    const char *name = g->cli.o.words[0];
    gi_json j = { 0 };

    if (g->cli.o.json) {
        begin_json(g, GI_ASK_REBALANCE, &j);
        gi_json_u64(&j, "workers", r->workers);
        gi_json_u64(&j, "new_workers", r->fresh);
        if (r->why[0] != '\0')
            gi_json_str(&j, "why", r->why);
        else
            gi_json_null(&j, "why");
        gi_json_end(&j);
        return gi_cli_print(&g->cli, gi_json_take(&j));
    }
    if (!g->cli.o.quiet && r->fresh == 0 && g->workers == 0 && g->n_cuts == 0)
        gi_screen_say(&g->cli.screen,
                      "%s: no worker has to move; its spouts go on %s", name,
                      when);
    else if (!g->cli.o.quiet)
        gi_screen_say(&g->cli.screen,
                      "%s: it is placed anew %s, in %" PRIu64
                      " worker%s, %" PRIu64 " of them new",
                      name, when, r->workers, r->workers == 1 ? "" : "s",
                      r->fresh);
    if (r->why[0] != '\0')
        gi_screen_say(&g->cli.screen, "%s: %s", name, r->why);
    return GI_EXIT_DONE;
}

int gi_gale_rebalance(gi_gale *g)
{
    gi_msg_rebalance r = { .name = g->cli.o.words[0],
                           .now = g->wait_said,
                           .wait_ms = g->wait_ms,
                           .workers = g->workers,
                           .n_components = g->n_cuts,
                           .components = g->cuts };
    gi_msg_rebalanced what;
    char when[96];
    gi_client c;
    int code = gi_client_open(&c, &g->cli);

    if (code == GI_EXIT_DONE)
        code = gi_client_change(&c, GI_ASK_REBALANCE, r.name, &r, &what);
    if (code == GI_EXIT_DONE)
        code = tell_rebalance(g, &what, when_text(g, when, sizeof(when)));
    gi_client_close(&c);
    return code;
}

int gi_gale_set_log_level(gi_gale *g)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    const char *word = g->cli.o.words[1];
    gi_msg_set_log set = { .name = g->cli.o.words[0], .for_ms = g->for_ms };
    char done[96], time[GI_NUMBER_TEXT];

    for (set.level = 0; set.level < 4; set.level++)
        if (strcmp(word, names[set.level]) == 0)
            break;
    if (set.level == 4) {
        const char *near = gi_nearest(word, names, 4);
        gi_screen_say(&g->cli.screen,
                      "'%s' is no level: error, warn, info or debug%s%s%s",
                      word, near == NULL ? "" : " (did you mean '",
                      near == NULL ? "" : near, near == NULL ? "" : "'?)");
        return GI_EXIT_USAGE;
    }
    if (g->for_ms > 0)
        snprintf(done, sizeof(done), "logs %s, for %s", word,
                 gi_number_time(time, (uint64_t)g->for_ms * 1000));
    else
        snprintf(done, sizeof(done), "logs %s", word);
    return gi_gale_change(g, GI_ASK_SET_LOG, &set, done);
}
