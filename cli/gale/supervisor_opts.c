/* supervisor_opts.c -- what a supervisor reads from settings. */
#include <unistd.h>

#include "base/scalar.h"
#include "cli/gale/daemon_opts.h"
#include "cli/gale/daemon_read.h"
#include "cli/site.h"

static gale_err take_ports(gi_supervisor_daemon_opts *o, const gi_conf *site,
                           gi_pool *pool, gi_report *r)
{
    const char *const *words;
    gale_err rv = gi_daemon_list(site, "supervisor.slots.ports", &words,
                                 &o->n_ports, pool);
    uint16_t *ports;

    if (rv != GALE_OK)
        return rv;
    ports = gi_pool_take(pool, o->n_ports, sizeof(*ports));
    if (ports == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < o->n_ports; i++) {
        int64_t port = 0;
        if (!gi_scalar_i64(words[i], &port) || port < 1 || port > 65535)
            gi_report_add(r, "supervisor.slots.ports: '%s' is no port",
                          words[i]);
        ports[i] = (uint16_t)port;
    }
    if (o->n_ports == 0)
        gi_report_add(r, "supervisor.slots.ports is empty: no worker could "
                         "run here");
    o->ports = ports;
    return GALE_OK;
}

/* nimbus.seeds as URLs. */
static gale_err take_seeds(gi_supervisor_daemon_opts *o, const gi_conf *site,
                           gi_pool *pool, gi_report *r)
{
    const char *const *words;
    uint16_t port = (uint16_t)gi_site_int(site, "nimbus.thrift.port");
    gale_err rv =
        gi_daemon_list(site, "nimbus.seeds", &words, &o->n_nimbus, pool);
    const char **urls;

    if (rv != GALE_OK)
        return rv;
    urls = gi_pool_take(pool, o->n_nimbus, sizeof(*urls));
    if (urls == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < o->n_nimbus; i++) {
        gi_strbuf to = { 0 };
        if (!gi_site_url(&to, words[i], port, o->secrets.ca_file != NULL))
            gi_report_add(r,
                          "nimbus.seeds: '%s' is no place to find Nimbus at",
                          words[i]);
        urls[i] = gi_daemon_keep_buf(pool, &to);
        if (urls[i] == NULL)
            return GALE_ENOMEM;
    }
    if (o->n_nimbus == 0)
        gi_report_add(r, "nimbus.seeds names no place to find Nimbus at");
    o->nimbus = urls;
    return GALE_OK;
}

static double number(const gi_conf *site, const char *key)
{
    double v = 0;

    gi_scalar_f64(gi_site_text(site, key), &v);
    return v;
}

/* 0 means default there, and here a moment: the shortest there is. */
static int64_t at_least(int64_t ns)
{
    return ns > 0 ? ns : 1;
}

/* What each worker may take of the machine. */
static bool find_limits(gi_supervisor_daemon_opts *o, const gi_conf *site,
                        gi_pool *pool)
{
    static const struct {
        const char *key;
        int what;
        unsigned shift;
    } kinds[] = { { "gale.worker.core.mb", RLIMIT_CORE, 20 },
                  { "gale.worker.memory.mb", RLIMIT_AS, 20 },
                  { "gale.worker.files", RLIMIT_NOFILE, 0 } };
    enum { N = sizeof(kinds) / sizeof(*kinds) };
    gi_process_limit *limits = gi_pool_take(pool, N, sizeof(*limits));

    if (limits == NULL)
        return false;
    o->limits = limits;
    for (size_t i = 0; i < N; i++) {
        int64_t most;

        if (gi_conf_i64(site, kinds[i].key, &most))
            limits[o->n_limits++] =
                (gi_process_limit){ kinds[i].what,
                                    (rlim_t)most << kinds[i].shift };
        else if (kinds[i].what == RLIMIT_CORE)
            limits[o->n_limits++] = (gi_process_limit){ RLIMIT_CORE, 0 };
    }
    return true;
}

/* NULL: it is not set. */
static const bool *flag(const gi_conf *site, const char *key, bool *value)
{
    return gi_conf_bool(site, key, value) ? value : NULL;
}

static gi_run_as run_as(const gi_conf *site)
{
    bool user, root;

    return gi_run_as_of(flag(site, "supervisor.run.worker.as.user", &user),
                        flag(site, "gale.worker.as.root", &root), geteuid());
}

gale_err gi_daemon_supervisor(gi_supervisor_daemon_opts *o,
                              const gi_conf *site, gi_pool *pool, gi_report *r)
{
    const char *dir = gi_daemon_dir(site, pool);
    gi_slot_opts *slot = &o->node.slot;
    gi_health_opts *health = &o->node.health;
    double days = number(site, "gale.worker.log.days");

    if (dir == NULL)
        return GALE_ENOMEM;
    o->dir = gi_daemon_below(pool, dir, "supervisor");
    o->log_dir = gi_site_file(site, "storm.log.dir");
    if (o->log_dir == NULL)
        o->log_dir = gi_daemon_below(pool, dir, "logs");
    o->host = gi_site_file(site, "storm.local.hostname");
    o->url = gi_daemon_url(site, "gale.supervisor.host",
                           "supervisor.thrift.port", pool);
    o->open = gi_site_bool(site, "gale.open");
    gi_daemon_secrets(&o->secrets, site);
    o->cpu = (uint64_t)number(site, "supervisor.cpu.capacity");
    o->memory_mb = (uint64_t)number(site, "supervisor.memory.capacity.mb");
    o->log_most = (uint64_t)gi_site_int(site, "gale.worker.log.mb") << 20;
    o->log_keep_ns = days > 0 ? (int64_t)(days * 86400e9) : -1;
    o->stop_workers = gi_site_bool(site, "gale.supervisor.stop.workers");
    o->run_as = run_as(site);
    slot->start_ns = gi_site_ns(site, "supervisor.worker.start.timeout.secs");
    slot->silent_ns = gi_site_ns(site, "supervisor.worker.timeout.secs");
    slot->drain_ns =
        at_least(gi_site_ns(site, "supervisor.worker.shutdown.sleep.secs"));
    health->callback_ns = gi_site_ns(site, "gale.worker.hung.secs");
    health->kill_hung = gi_site_bool(site, "gale.worker.hung.kill");
    health->kill_frozen = gi_site_bool(site, "gale.worker.frozen.kill");
    if (!find_limits(o, site, pool) || o->dir == NULL || o->log_dir == NULL ||
        o->url == NULL)
        return GALE_ENOMEM;
    gale_err rv = gi_daemon_users(site, &o->users, &o->n_users, pool);
    if (rv == GALE_OK)
        rv = take_ports(o, site, pool, r);
    return rv == GALE_OK ? take_seeds(o, site, pool, r) : rv;
}
