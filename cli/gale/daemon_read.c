#include "cli/gale/daemon_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/site.h"

const char *gi_daemon_keep(gi_pool *pool, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = gi_pool_take(pool, n, 1);

    return copy == NULL ? NULL : memcpy(copy, text, n);
}

const char *gi_daemon_keep_buf(gi_pool *pool, gi_strbuf *b)
{
    const char *text =
        b->failed ? NULL : gi_daemon_keep(pool, b->len == 0 ? "" : b->at);

    gi_strbuf_fini(b);
    return text;
}

/* $XDG_STATE_HOME/gale or ~/.local/state/gale. */
static const char *usual_dir(gi_pool *pool)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    gi_strbuf dir = { 0 };

    if (geteuid() == 0)
        gi_strbuf_puts(&dir, "/var/lib/gale");
    else if (state != NULL && *state != '\0')
        gi_strbuf_printf(&dir, "%s/gale", state);
    else
        gi_strbuf_printf(&dir, "%s/.local/state/gale",
                         home == NULL || *home == '\0' ? "." : home);
    return gi_daemon_keep_buf(pool, &dir);
}

const char *gi_daemon_dir(const gi_conf *site, gi_pool *pool)
{
    const char *dir = gi_site_file(site, "storm.local.dir");

    return dir == NULL ? usual_dir(pool) : gi_daemon_keep(pool, dir);
}

const char *gi_daemon_below(gi_pool *pool, const char *dir, const char *name)
{
    gi_strbuf to = { 0 };

    gi_strbuf_printf(&to, "%s/%s", dir, name);
    return gi_daemon_keep_buf(pool, &to);
}

void gi_daemon_secrets(gi_secrets_opts *o, const gi_conf *site)
{
    *o = (gi_secrets_opts){
        .ca_file = gi_site_file(site, "gale.tls.ca.file"),
        .cert_file = gi_site_file(site, "gale.tls.cert.file"),
        .token_file = gi_site_file(site, "gale.token.file"),
        .secret_file = gi_site_file(site, "gale.secret.file"),
    };
}

const char *gi_daemon_url(const gi_conf *site, const char *host,
                          const char *port, gi_pool *pool)
{
    bool tls = gi_site_file(site, "gale.tls.ca.file") != NULL;
    const char *name = gi_site_text(site, host);
    bool six = strchr(name, ':') != NULL && name[0] != '[';
    gi_strbuf to = { 0 };

    gi_strbuf_printf(&to, "%s://%s%s%s:%d", tls ? "tls+tcp" : "tcp",
                     six ? "[" : "", name, six ? "]" : "",
                     (int)gi_site_int(site, port));
    return gi_daemon_keep_buf(pool, &to);
}

struct listed {
    gi_pool *pool;
    const char **list; /* NULL: count */
    uint32_t n;
    bool failed;
};

static bool take_word(void *arg, const char *word)
{
    struct listed *l = arg;

    if (l->list != NULL) {
        l->list[l->n] = gi_daemon_keep(l->pool, word);
        l->failed = l->failed || l->list[l->n] == NULL;
    }
    l->n++;
    return true;
}

gale_err gi_daemon_list(const gi_conf *site, const char *key,
                        const char *const **list, uint32_t *n, gi_pool *pool)
{
    struct listed count = { .pool = pool }, fill = { .pool = pool };
    gale_err rv = gi_site_each(site, key, take_word, &count);

    if (rv != GALE_OK)
        return rv;
    fill.list = gi_pool_take(pool, count.n, sizeof(*fill.list));
    if (fill.list == NULL)
        return GALE_ENOMEM;
    rv = gi_site_each(site, key, take_word, &fill);
    if (rv != GALE_OK || fill.failed)
        return GALE_ENOMEM;
    *list = fill.list;
    *n = fill.n;
    return GALE_OK;
}

gale_err gi_daemon_users(const gi_conf *site, const char *const **list,
                         uint32_t *n, gi_pool *pool)
{
    const char *const *users, *const *admins;
    uint32_t n_users = 0, n_admins = 0;
    const char **all;
    gale_err rv = gi_daemon_list(site, "nimbus.users", &users, &n_users, pool);

    if (rv == GALE_OK)
        rv = gi_daemon_list(site, "nimbus.admins", &admins, &n_admins, pool);
    if (rv != GALE_OK || n_users == 0)
        return rv;
    all = gi_pool_take(pool, (size_t)n_users + n_admins, sizeof(*all));
    if (all == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n_users + n_admins; i++)
        all[i] = i < n_users ? users[i] : admins[i - n_users];
    *list = all;
    *n = n_users + n_admins;
    return GALE_OK;
}
