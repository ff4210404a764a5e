#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "nimbus/zookeeper/leader_inside.h"

enum { SESSION_MS = 20000, CONNECT_MS = 15000, ROOT_MOST = 200 };

static gale_err refuse(gale_diag *why, const char *what, const char *value,
                       const char *form)
{
    gi_diag_say(why, "%s '%.100s': %s", what, value, form);
    return GALE_EINVAL;
}

/* "host:port,host:port"; the client takes much for a server that is none. */
static gale_err check_servers(const char *servers, gale_diag *why)
{
    static const char form[] =
        "has to be host:port, and more of them after commas";
    const char *at = servers;

    for (;;) {
        size_t len = strcspn(at, ","), colon = len;
        char *end;
        long port;

        while (colon > 0 && at[colon - 1] != ':')
            colon--;
        if (colon < 2 || colon == len || strcspn(at, " \t/+") < len)
            return refuse(why, "storm.zookeeper.servers", servers, form);
        port = strtol(at + colon, &end, 10);
        if (end != at + len || port < 1 || port > 65535)
            return refuse(why, "storm.zookeeper.servers", servers, form);
        if (at[len] == '\0')
            return GALE_OK;
        at += len + 1;
    }
}

/* A node's path: "/a/b", of plain characters. */
static gale_err check_root(const char *root, gale_diag *why)
{
    static const char form[] =
        "has to be a path like /gale, of letters, digits, '-', '_' and '.', "
        "not below /zookeeper";
    const char *at = root;

    if (strlen(root) > ROOT_MOST || strcmp(root, "/zookeeper") == 0 ||
        strncmp(root, "/zookeeper/", 11) == 0)
        return refuse(why, "storm.zookeeper.root", root, form);
    do {
        size_t len;

        if (*at++ != '/')
            return refuse(why, "storm.zookeeper.root", root, form);
        len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789-_.");
        if (len == 0 || strspn(at, ".") == len)
            return refuse(why, "storm.zookeeper.root", root, form);
        at += len;
    } while (*at != '\0');
    return GALE_OK;
}

static char *below(const char *root, const char *name)
{
    gi_strbuf s = { 0 };

    gi_strbuf_printf(&s, "%s/%s", root, name);
    return gi_strbuf_take(&s);
}

static void init_sync(gi_leader_zk *z)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&z->mtx, NULL);
    pthread_cond_init(&z->cv, &attr);
    pthread_condattr_destroy(&attr);
}

static const char *root_of(const gi_leader_zk_opts *opts)
{
    return opts->root == NULL ? "/gale" : opts->root;
}

gale_err gi_leader_zk_check(const gi_leader_zk_opts *opts, gale_diag *why)
{
    gale_err rv = check_servers(opts->servers, why);

    return rv == GALE_OK ? check_root(root_of(opts), why) : rv;
}

gale_err gi_leader_zk_open(gi_leader_zk **out, const gi_leader_zk_opts *opts,
                           gale_diag *why)
{
    gale_err rv = gi_leader_zk_check(opts, why);
    gi_leader_zk *z;

    if (rv == GALE_OK && strlen(opts->url) > GI_LEADER_URL_MOST)
        rv = refuse(why, "url", opts->url, "is too long");
    if (rv != GALE_OK)
        return rv;
    z = gi_alloc(sizeof(*z));
    if (z == NULL)
        return GALE_ENOMEM;
    init_sync(z);
    gi_leader_init(&z->l);
    z->o = *opts;
    z->o.session_ms = opts->session_ms == 0 ? SESSION_MS : opts->session_ms;
    z->o.connect_ms = opts->connect_ms == 0 ? CONNECT_MS : opts->connect_ms;
    z->done_end = &z->done;
    z->since_ms = gi_zk_now_ms();
    z->servers = gi_strdup(opts->servers);
    z->root = gi_strdup(root_of(opts));
    z->url = gi_strdup(opts->url);
    if (z->root != NULL) {
        z->election = below(z->root, "election");
        z->office = below(z->root, "office");
        z->state = below(z->root, "state");
        z->pieces = below(z->root, "pieces");
    }
    if (z->servers == NULL || z->root == NULL || z->url == NULL ||
        z->election == NULL || z->office == NULL || z->state == NULL ||
        z->pieces == NULL) {
        gi_leader_zk_close(z);
        return GALE_ENOMEM;
    }
    zoo_set_debug_level((ZooLogLevel)0); /* of the process: silence */
    *out = z;
    return GALE_OK;
}

void gi_leader_zk_close(gi_leader_zk *z)
{
    if (z == NULL)
        return;
    gi_zk_close_session(z);
    pthread_cond_destroy(&z->cv);
    pthread_mutex_destroy(&z->mtx);
    gi_free(z->servers);
    gi_free(z->root);
    gi_free(z->url);
    gi_free(z->election);
    gi_free(z->office);
    gi_free(z->state);
    gi_free(z->pieces);
    gi_free(z);
}
