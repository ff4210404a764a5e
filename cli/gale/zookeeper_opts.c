/* zookeeper_opts.c -- where the ensemble is, if there are several Nimbuses. */
#include <string.h>

#include "cli/gale/daemon_opts.h"
#include "cli/gale/daemon_read.h"
#include "cli/site.h"
#include "nimbus/zookeeper/leader_elect.h"

/* "host" and storm.zookeeper.port, or "host:port". */
static gale_err add_server(gi_strbuf *to, const char *word,
                           const gi_conf *site)
{
    gi_strbuf_printf(to, "%s%s", to->len == 0 ? "" : ",", word);
    if (strchr(word, ':') == NULL)
        gi_strbuf_printf(to, ":%d",
                         (int)gi_site_int(site, "storm.zookeeper.port"));
    return to->failed ? GALE_ENOMEM : GALE_OK;
}

gale_err gi_daemon_zookeeper(gi_nimbus_daemon_opts *o, const gi_conf *site,
                             gi_pool *pool, gi_report *r)
{
    gi_leader_zk_opts *z = gi_pool_take(pool, 1, sizeof(*z));
    const char *const *words;
    gi_strbuf servers = { 0 };
    gale_diag why = { "" };
    uint32_t n;
    gale_err rv =
        gi_daemon_list(site, "storm.zookeeper.servers", &words, &n, pool);

    if (rv != GALE_OK || n == 0)
        return rv;
    for (uint32_t i = 0; rv == GALE_OK && i < n; i++)
        rv = add_server(&servers, words[i], site);
    if (rv == GALE_OK && z != NULL)
        z->servers = gi_daemon_keep(pool, servers.at);
    gi_strbuf_fini(&servers);
    if (rv != GALE_OK || z == NULL || z->servers == NULL)
        return GALE_ENOMEM;
    z->root = gi_site_text(site, "storm.zookeeper.root");
    z->session_ms =
        (uint32_t)gi_site_int(site, "storm.zookeeper.session.timeout");
    z->connect_ms =
        (uint32_t)gi_site_int(site, "storm.zookeeper.connection.timeout");
    rv = gi_leader_zk_check(z, &why);
    if (rv == GALE_EINVAL)
        gi_report_add(r, "%s", why.text);
    o->elect = gi_leader_elect;
    o->elect_with = z;
    return rv == GALE_EINVAL ? GALE_OK : rv;
}
