/* drpc_opts.c -- what a DRPC server reads from settings. */
#include "cli/gale/daemon_opts.h"
#include "cli/gale/daemon_read.h"
#include "cli/site.h"

gale_err gi_daemon_drpc(gi_drpc_daemon_opts *o, const gi_conf *site,
                        gi_pool *pool)
{
    o->call_url = gi_daemon_url(site, "gale.drpc.host", "drpc.port", pool);
    o->take_url =
        gi_daemon_url(site, "gale.drpc.host", "drpc.invocations.port", pool);
    o->http_host = gi_site_text(site, "gale.drpc.http.host");
    o->http_port = (int)gi_site_int(site, "drpc.http.port");
    o->open = gi_site_bool(site, "gale.open");
    o->queue = (uint32_t)gi_site_int(site, "drpc.queue.size");
    o->most_bytes = (size_t)gi_site_int(site, "drpc.max_buffer_size");
    o->timeout_ms = gi_site_ns(site, "drpc.request.timeout.secs") / 1000000;
    gi_daemon_secrets(&o->secrets, site);
    if (o->call_url == NULL || o->take_url == NULL)
        return GALE_ENOMEM;
    return gi_daemon_users(site, &o->users, &o->n_users, pool);
}
