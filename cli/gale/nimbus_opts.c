/* nimbus_opts.c -- what Nimbus reads from settings. */
#include <string.h>

#include "cli/gale/daemon_opts.h"
#include "cli/gale/daemon_read.h"
#include "cli/site.h"

static uint64_t ms_of(const gi_conf *site, const char *key)
{
    return (uint64_t)gi_site_ns(site, key) / 1000000;
}

gale_err gi_daemon_nimbus(gi_nimbus_daemon_opts *o, const gi_conf *site,
                          gi_pool *pool, gi_report *r)
{
    const char *scheduler = gi_site_text(site, "storm.scheduler");
    const char *dir = gi_daemon_dir(site, pool);
    gale_err rv;

    if (strcmp(scheduler, "even") != 0 && strcmp(scheduler, "resource") != 0)
        gi_report_add(r,
                      "storm.scheduler is '%s'; it is one of: even, resource",
                      scheduler);
    if (dir == NULL)
        return GALE_ENOMEM;
    o->dir = gi_daemon_below(pool, dir, "nimbus");
    o->url = gi_daemon_url(site, "nimbus.host", "nimbus.thrift.port", pool);
    o->open = gi_site_bool(site, "gale.open");
    o->nimbus.by_resources = strcmp(scheduler, "resource") == 0;
    o->nimbus.supervisor_timeout_ms =
        ms_of(site, "nimbus.supervisor.timeout.secs");
    o->blobs.most = (uint64_t)gi_site_int(site, "gale.program.max.mb") << 20;
    gi_daemon_secrets(&o->secrets, site);
    rv = gi_daemon_list(site, "nimbus.admins", &o->nimbus.admins,
                        &o->nimbus.n_admins, pool);
    if (rv == GALE_OK)
        rv = gi_daemon_users(site, &o->users, &o->n_users, pool);
    if (rv == GALE_OK)
        rv = gi_daemon_zookeeper(o, site, pool, r);
    return o->dir == NULL || o->url == NULL ? GALE_ENOMEM : rv;
}
