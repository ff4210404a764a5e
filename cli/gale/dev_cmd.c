/* dev_cmd.c -- `gale dev`: a whole cluster on this machine, with one command.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/gale/dev.h"
#include "cli/gale/program.h"

enum {
    READY_MS = 15000, /* for both to come up */
    LOOK_MS = 2,
    NAP_MS = 1000,
};

static bool is_ready(gi_dev *d)
{
    gi_msg_nothing nothing = { 0 };
    gi_msg_cluster all;
    gale_diag why;

    gi_msg_drpc_functions functions;

    gi_client_forget(&d->client);
    gi_client_forget(&d->asks);
    return gi_client_try(&d->client, GI_ASK_CLUSTER, &nothing, &all, &why) ==
               GALE_OK &&
           all.n_supervisors > 0 &&
           gi_client_try(&d->asks, GI_ASK_DRPC_LOOK, &nothing, &functions,
                         &why) == GALE_OK;
}

/* All run; Nimbus and the supervisor know each other. */
static int come_up(gi_dev *d)
{
    int64_t end = gi_clock_ms() + READY_MS;

    if (!gi_dev_start(d, &d->nimbus) || !gi_dev_start(d, &d->supervisor) ||
        !gi_dev_start(d, &d->drpc))
        return GI_EXIT_FAILED;
    while (d->interrupts == 0 && !is_ready(d)) {
        if (!gi_dev_turn(d, LOOK_MS))
            return GI_EXIT_FAILED;
        if (gi_clock_ms() > end) {
            gi_screen_say(&d->g->cli.screen,
                          "Nimbus, the supervisor and the DRPC server have "
                          "not found one another in %d s; what they say is in "
                          "%s/logs",
                          READY_MS / 1000, d->dir);
            return GI_EXIT_FAILED;
        }
    }
    return GI_EXIT_DONE;
}

/* ------------------------------------------------------------- telling -- */

static int tell_json(gi_dev *d)
{
    gi_json j = { 0 };

    gi_json_object(&j, NULL);
    gi_json_str(&j, "nimbus", d->url);
    gi_json_str(&j, "dir", d->dir);
    gi_json_u64(&j, "drpc_port", d->drpc_ports[0]);
    gi_json_u64(&j, "drpc_http_port", d->drpc_ports[2]);
    gi_json_list(&j, "ports");
    for (unsigned i = 0; i < d->n_slots; i++)
        gi_json_u64(&j, NULL, d->ports[i]);
    gi_json_end(&j);
    gi_json_end(&j);
    int code = gi_cli_print(&d->g->cli, gi_json_take(&j));
    fflush(stdout); /* somebody waits for it */
    return code;
}

static int tell(gi_dev *d)
{
    gi_look look = d->g->cli.screen.out;
    const char *strong = gi_paint_text(look, GI_PAINT_STRONG);
    const char *off = gi_paint_text(look, GI_PAINT_OFF);
    gi_strbuf to = { 0 };

    if (d->g->cli.o.json)
        return tell_json(d);
    if (d->g->cli.o.quiet)
        return GI_EXIT_DONE;
    gi_strbuf_printf(&to,
                     "A cluster on this machine, until Ctrl-C.\n\n"
                     "  Nimbus   %s\n"
                     "  workers  %u slot%s, at port%s ",
                     d->url, d->n_slots, d->n_slots == 1 ? "" : "s",
                     d->n_slots == 1 ? "" : "s");
    for (unsigned i = 0; i < d->n_slots; i++)
        gi_strbuf_printf(&to, "%s%u",
                         i == 0               ? ""
                         : i + 1 < d->n_slots ? ", "
                                              : " and ",
                         d->ports[i]);
    gi_strbuf_printf(&to,
                     "\n"
                     "  DRPC     http://127.0.0.1:%u/drpc, gale ask\n"
                     "  files    %s (what workers print: logs)\n\n",
                     d->drpc_ports[2], d->dir);
    if (d->nimbus_port != 6627)
        gi_strbuf_printf(&to,
                         "Its usual ports are in use, so in other terminals "
                         "first:\n\n"
                         "  %sexport GALE_CONF_DIR='%s'%s\n\n",
                         strong, d->dir, off);
    if (d->g->cli.o.n_words == 0)
        gi_strbuf_printf(&to,
                         "Next, in another terminal:\n\n"
                         "  %s./wordcount submit%s   run a topology on it\n"
                         "  %sgale list%s            what runs\n\n",
                         strong, off, strong, off);
    int code = gi_cli_print(&d->g->cli, gi_strbuf_take(&to));
    fflush(stdout);
    return code;
}

/* ------------------------------------------------------------- program -- */

/* `PROGRAM submit --nimbus URL ...`, as a child; it tells how it goes. */
static void submit(gi_dev *d, const char *path)
{
    const char *more[] = { "--nimbus", d->url };
    char **argv = gi_program_argv(d->g, path, more, 2, true);
    sigset_t none;

    sigemptyset(&none);
    d->program = argv == NULL ? -1 : fork();
    if (d->program == 0) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        execv(path, argv);
        _exit(127);
    }
    if (d->program < 0) {
        gi_screen_say(&d->g->cli.screen, "cannot run the program '%s': %s",
                      path, strerror(errno));
        d->program = 0;
    }
    gi_free(argv);
}

static int run(gi_dev *d, const char *path)
{
    int code = come_up(d);

    if (code == GI_EXIT_DONE && d->interrupts == 0)
        code = tell(d);
    if (code == GI_EXIT_DONE && d->interrupts == 0 && path != NULL)
        submit(d, path);
    while (code == GI_EXIT_DONE && d->interrupts == 0)
        if (!gi_dev_turn(d, NAP_MS))
            code = GI_EXIT_FAILED;
    gi_dev_end(d);
    return code;
}

/* Before there are threads: they are to leave these signals to us. */
static void take_signals(gi_dev *d)
{
    sigemptyset(&d->signals);
    sigaddset(&d->signals, SIGINT);
    sigaddset(&d->signals, SIGTERM);
    sigaddset(&d->signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &d->signals, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int gi_gale_dev(gi_gale *g)
{
    gi_dev d = { .g = g,
                 .n_slots = g->slots == 0 ? GI_DEV_SLOTS : (unsigned)g->slots,
                 .lock = -1,
                 .claim = -1,
                 .nimbus = { .name = "nimbus" },
                 .supervisor = { .name = "supervisor" },
                 .drpc = { .name = "drpc" } };
    const char *said = g->cli.o.nimbus;
    char *path = NULL;
    int code = GI_EXIT_DONE;

    if (g->cli.o.n_words > 0)
        code = gi_program_check(g, g->cli.o.words[0], &path);
    if (code == GI_EXIT_DONE)
        code = gi_dev_prepare(&d);
    if (code == GI_EXIT_DONE) {
        take_signals(&d);
        g->cli.o.nimbus = d.url;
        g->cli.o.files[g->cli.o.n_files++] = d.conf; /* there is room */
        code = gi_client_open(&d.client, &g->cli);
        if (code == GI_EXIT_DONE)
            code = gi_client_open_drpc(&d.asks, &g->cli);
        if (code == GI_EXIT_DONE)
            code = run(&d, path);
        gi_client_close(&d.client);
        gi_client_close(&d.asks);
        g->cli.o.nimbus = said;
    }
    if (d.lock >= 0)
        close(d.lock);
    if (d.claim >= 0)
        close(d.claim);
    gi_free(path);
    gi_pool_fini(&d.pool);
    return code;
}
