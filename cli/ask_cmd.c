/* ask_cmd.c -- `PROGRAM ask`: a local cluster that lives for one question. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "cli/cli.h"
#include "drpc/hub.h"
#include "local/local.h"
#include "local/signals.h"
#include "trident/request_spout.h"

enum { FUNCTIONS = 64, USUAL_MS = 60000 };

/* The run, on a thread of its own. */
typedef struct answerer {
    gi_local *local;
    gale_drpc *drpc;
    atomic_bool over; /* the answer is here, or will not come */
    gale_err rv;
    gale_diag why;
} answerer;

static int asked(void *arg, gi_local *c, bool draining)
{
    answerer *a = arg;

    (void)c, (void)draining;
    return atomic_load(&a->over) || gi_signals_seen() > 0 ? 2 : 0;
}

static void *run(void *arg)
{
    answerer *a = arg;
    gi_drive drive = { .asked = asked, .arg = a };

    a->rv = gi_local_drive(a->local, &drive, &a->why);
    gi_hub_give_up(a->drpc, a->why.text[0] != '\0'
                                ? a->why.text
                                : "the topology ended without an answer");
    return NULL;
}

/* ------------------------------------------------------- what is asked -- */

static int say_functions(gi_cli *cli, gi_group *const *groups, size_t n,
                         const char *word)
{
    const char *names[FUNCTIONS] = { NULL }, *nearest;
    gi_strbuf list = { 0 };

    for (size_t i = 0; i < n; i++) {
        names[i] = groups[i]->function;
        gi_strbuf_printf(&list, "%s'%s'", i == 0 ? "" : ", ", names[i]);
    }
    nearest = word == NULL ? NULL : gi_nearest(word, names, n);
    if (n == 0)
        gi_screen_say(&cli->screen, "it answers no questions: it has no DRPC "
                                    "stream");
    else if (nearest != NULL)
        gi_screen_say(&cli->screen,
                      "it has no function '%s' (did you mean '%s'?)", word,
                      nearest);
    else
        gi_screen_say(&cli->screen, "ask which function? it has %s",
                      list.failed ? "" : list.at);
    gi_strbuf_fini(&list);
    return n == 0 || word == NULL ? GI_EXIT_USAGE : GI_EXIT_NOT_FOUND;
}

static bool has(gi_group *const *groups, size_t n, const char *function)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(groups[i]->function, function) == 0)
            return true;
    return false;
}

/* -------------------------------------------------------------- the run -- */

static int answer(gi_cli *cli, answerer *a, const char *function,
                  const char *args)
{
    uint32_t wait = cli->o.timeout_ms == 0 ? USUAL_MS : cli->o.timeout_ms;
    gale_diag why = { "" };
    pthread_t thread;
    char *text;
    gale_err rv;

    if (pthread_create(&thread, NULL, run, a) != 0) {
        gi_screen_say(&cli->screen, "%s", gale_err_text(GALE_EIO));
        return GI_EXIT_FAILED;
    }
    rv = gale_drpc_execute(a->drpc, function, gale_cstr(args), wait, &text,
                           &why);
    atomic_store(&a->over, true);
    pthread_join(thread, NULL);
    if (rv == GALE_OK)
        return gi_cli_print(cli, text);
    gi_screen_say(&cli->screen, "%s: %s", function,
                  why.text[0] == '\0' ? gale_err_text(rv) : why.text);
    return gi_signals_seen() > 0 ? GI_EXIT_INTERRUPTED : GI_EXIT_FAILED;
}

static int begin(gi_cli *cli, gi_plan *plan, answerer *a, const char *function,
                 const char *args)
{
    size_t taken = cli->o.n_words < 2 ? cli->o.n_words : 2;
    gi_local_opts opts = { .args = cli->o.words + taken,
                           .n_args = cli->o.n_words - taken,
                           .faults = cli->faults };
    gale_err rv = gi_local_create(&a->local, plan, &opts);
    int code;

    if (rv != GALE_OK) {
        gi_screen_say(&cli->screen, "cannot start: %s", gale_err_text(rv));
        return GI_EXIT_FAILED;
    }
    gi_log_set_level(cli->o.log_level < GALE_LOG_WARN ? cli->o.log_level
                                                      : GALE_LOG_WARN);
    gi_crash_catch();
    gi_signals_catch();
    code = answer(cli, a, function, args);
    gi_signals_restore();
    gi_local_destroy(a->local);
    return code;
}

int gi_cli_ask(gi_cli *cli, gi_plan *plan)
{
    gi_group *groups[FUNCTIONS];
    size_t n = gi_requests_of(cli->topology, groups, FUNCTIONS);
    const char *const *words = cli->o.words;
    const char *function, *args = "";
    answerer a = { .rv = GALE_OK };
    int code;

    if (n == 0 || cli->o.n_words == 0)
        return say_functions(cli, groups, n, NULL);
    function = words[0];
    if (cli->o.n_words > 1) {
        args = words[1];
    } else if (n == 1 && !has(groups, n, words[0])) {
        function = groups[0]->function;
        args = words[0];
    }
    if (!has(groups, n, function))
        return say_functions(cli, groups, n, function);
    if (gale_drpc_create(&a.drpc) != GALE_OK)
        return GI_EXIT_FAILED;
    for (size_t i = 0; i < n; i++) {
        groups[i]->hub = a.drpc;
        if (gi_hub_expect(a.drpc, groups[i]->function) != GALE_OK)
            return GI_EXIT_FAILED;
    }
    code = begin(cli, plan, &a, function, args);
    gale_drpc_destroy(a.drpc);
    return code;
}
