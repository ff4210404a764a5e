/* daemon_cmd.c -- `gale nimbus`, `gale supervisor` and `gale drpc`: from
 * settings to a daemon that runs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/gale/daemon_opts.h"
#include "cli/gale/gale.h"
#include "cli/notify.h"
#include "cli/site.h"

typedef struct daemon_call {
    gi_gale *g;
    const char *name;
    gi_conf *site;
    gi_pool pool;
    gi_report wrong, notes;
    const gi_supervisor_daemon_opts *supervisor; /* if it is one */
} daemon_call;

static int begin(daemon_call *d)
{
    gi_options *o = &d->g->cli.o;
    gale_err rv = GALE_OK;

    gi_log_set_level(o->log_level);
    if (o->nimbus != NULL)
        rv = gi_conf_set(o->conf, "nimbus.seeds", o->nimbus, "--nimbus");
    if (rv == GALE_OK)
        rv = gi_site_load(&d->site, o, false, &d->wrong, &d->notes);
    if (rv == GALE_OK)
        return GI_EXIT_DONE;
    gi_screen_say(&d->g->cli.screen, "%s", gale_err_text(rv));
    return GI_EXIT_FAILED;
}

/* All that is wrong with the settings, and what does nothing in them. */
static int judge(daemon_call *d, gale_err rv)
{
    for (size_t i = 0; i < d->notes.n; i++)
        gi_log(GALE_LOG_WARN, d->name, "%s", d->notes.lines[i]);
    for (size_t i = 0; i < d->wrong.n; i++)
        gi_screen_say(&d->g->cli.screen, "%s", d->wrong.lines[i]);
    if (rv != GALE_OK) {
        gi_screen_say(&d->g->cli.screen, "%s", gale_err_text(rv));
        return GI_EXIT_FAILED;
    }
    return gi_report_empty(&d->wrong) ? GI_EXIT_DONE : GI_EXIT_USAGE;
}

static int end(daemon_call *d, gale_err rv, const gale_diag *why)
{
    if (rv == GALE_OK) {
        gi_log(GALE_LOG_INFO, d->name, "stopped");
        return GI_EXIT_DONE;
    }
    gi_screen_say(&d->g->cli.screen, "%s: %s", d->name,
                  why->text[0] == '\0' ? gale_err_text(rv) : why->text);
    return GI_EXIT_FAILED;
}

static void fini(daemon_call *d)
{
    gi_conf_destroy(d->site);
    gi_report_fini(&d->wrong);
    gi_report_fini(&d->notes);
    gi_pool_fini(&d->pool);
}

/* Who started it may have waited for this. */
static void say_ready(const char *name)
{
    gale_err rv = gi_notify("READY=1");

    if (rv != GALE_OK)
        gi_log(GALE_LOG_WARN, name, "NOTIFY_SOCKET cannot be told: %s",
               rv == GALE_EIO ? strerror(errno) : gale_err_text(rv));
}

static void on_nimbus(void *arg, const char *url, uint16_t port)
{
    (void)url, (void)port;
    say_ready(((const daemon_call *)arg)->name);
}

static void on_supervisor(void *arg, const char *url, const char *id)
{
    const daemon_call *d = arg;
    const gi_supervisor_daemon_opts *o = d->supervisor;

    gi_log(GALE_LOG_INFO, d->name,
           "node %s answers at %s, has %u slot%s, and asks Nimbus at %s%s", id,
           url, o->n_ports, o->n_ports == 1 ? "" : "s",
           o->n_nimbus == 0 ? "the usual place" : o->nimbus[0],
           o->n_nimbus > 1 ? " and others" : "");
    say_ready(d->name);
}

static void on_drpc(void *arg, uint16_t call, uint16_t take, uint16_t http)
{
    const daemon_call *d = arg;

    gi_log(GALE_LOG_INFO, d->name,
           "answers at port %u, takes answers at port %u", call, take);
    if (http != 0)
        gi_log(GALE_LOG_INFO, d->name, "HTTP: http://%s:%u/drpc",
               gi_site_text(d->site, "gale.drpc.http.host"), http);
    say_ready(d->name);
}

int gi_gale_nimbus(gi_gale *g)
{
    daemon_call d = { .g = g, .name = "nimbus" };
    gi_nimbus_daemon_opts o = { .signals = true,
                                .set_damaged_aside = g->set_aside,
                                .ready = on_nimbus,
                                .arg = &d };
    gale_diag why = { "" };
    int code = begin(&d);

    if (code == GI_EXIT_DONE)
        code = judge(&d, gi_daemon_nimbus(&o, d.site, &d.pool, &d.wrong));
    if (code == GI_EXIT_DONE)
        code = end(&d, gi_nimbus_daemon_run(&o, &why), &why);
    fini(&d);
    return code;
}

int gi_gale_supervisor(gi_gale *g)
{
    daemon_call d = { .g = g, .name = "supervisor" };
    gi_supervisor_daemon_opts o = { .signals = true,
                                    .ready = on_supervisor,
                                    .arg = &d };
    gale_diag why = { "" };
    int code = begin(&d);

    d.supervisor = &o;
    if (code == GI_EXIT_DONE)
        code = judge(&d, gi_daemon_supervisor(&o, d.site, &d.pool, &d.wrong));
    if (code == GI_EXIT_DONE)
        code = end(&d, gi_supervisor_daemon_run(&o, &why), &why);
    fini(&d);
    return code;
}

int gi_gale_drpc(gi_gale *g)
{
    daemon_call d = { .g = g, .name = "drpc" };
    gi_drpc_daemon_opts o = { .signals = true, .ready = on_drpc, .arg = &d };
    gale_diag why = { "" };
    int code = begin(&d);

    if (code == GI_EXIT_DONE)
        code = judge(&d, gi_daemon_drpc(&o, d.site, &d.pool));
    if (code == GI_EXIT_DONE)
        code = end(&d, gi_drpc_daemon_run(&o, &why), &why);
    fini(&d);
    return code;
}
