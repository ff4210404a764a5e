#include "connectors/redis/opts.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "state/stored.h"

#define KEY        "topology.state.redis."
#define SERVER     "127.0.0.1:6379"
#define CREDENTIAL "redis.password"
enum { TIMEOUT_MS = 5000, PASSWORD_MOST = 4096 };

static const char *text(const gale_store_where *w, const char *key,
                        const char *otherwise)
{
    const char *s =
        w->task == NULL ? NULL : gale_task_conf_str(w->task, key, NULL);

    return s == NULL || s[0] == '\0' ? otherwise : s;
}

static int64_t number(const gale_store_where *w, const char *key,
                      int64_t otherwise)
{
    return w->task == NULL ? otherwise
                           : gale_task_conf_i64(w->task, key, otherwise);
}

/* ----------------------------------------------------------- addresses -- */

static bool is_port(const char *s)
{
    size_t n = strlen(s);

    return n > 0 && n <= 5 && strspn(s, "0123456789") == n;
}

bool gi_redis_opts_address(gi_redis_opts *o, const char *a)
{
    const char *colon = strrchr(a, ':'), *end = a + strlen(a);
    bool bracket = a[0] == '[';

    o->name = gi_strdup(a);
    if (strchr(a, '/') != NULL) {
        o->path = gi_strdup(a);
        return o->name != NULL && o->path != NULL;
    }
    if (colon != NULL &&
        (bracket ? colon[-1] == ']' : strchr(a, ':') == colon))
        end = colon;
    else if (!bracket && colon != NULL)
        end = a + strlen(a); /* a bare IPv6 one */
    if (bracket && (end - a < 3 || end[-1] != ']'))
        return false;
    o->host = bracket ? gi_strndup(a + 1, (size_t)(end - a) - 2)
                      : gi_strndup(a, (size_t)(end - a));
    o->port = gi_strdup(*end == ':' ? end + 1 : "6379");
    return o->name != NULL && o->host != NULL && o->port != NULL &&
           o->host[0] != '\0' && is_port(o->port);
}

/* ----------------------------------------------------------- passwords -- */

static gale_err file_failed(const char *path, const char *what, gale_err e,
                            gale_diag *why)
{
    gi_diag_say(why, KEY "password.file: %s: %s", path, what);
    return e;
}

/* Its first line. */
static gale_err read_password(gi_redis_opts *o, const char *path,
                              gale_diag *why)
{
    struct stat st;
    size_t len;
    gale_err rv;

    if (stat(path, &st) != 0)
        return file_failed(path, strerror(errno), GALE_EIO, why);
    if ((st.st_mode & 077) != 0)
        return file_failed(path, "others may read it (chmod 600)", GALE_EINVAL,
                           why);
    rv = gi_file_read(path, PASSWORD_MOST, &o->password, &len);
    if (rv != GALE_OK)
        return file_failed(path, gale_err_text(rv), rv, why);
    o->password[strcspn(o->password, "\r\n")] = '\0';
    return GALE_OK;
}

/* What was uploaded for the topology, or else a file. */
static gale_err find_password(gi_redis_opts *o, const gale_store_where *w,
                              gale_diag *why)
{
    const char *path = text(w, KEY "password.file", NULL);
    size_t n = w->task == NULL
                   ? 0
                   : gale_task_credential(w->task, CREDENTIAL, NULL, 0);

    if (n == 0)
        return path == NULL ? GALE_OK : read_password(o, path, why);
    o->password = gi_alloc(n + 1);
    if (o->password == NULL)
        return GALE_ENOMEM;
    gale_task_credential(w->task, CREDENTIAL, o->password, n + 1);
    return GALE_OK;
}

/* ------------------------------------------------------------------ all -- */

static bool copy(char **to, const char *s)
{
    *to = s == NULL ? NULL : gi_strdup(s);
    return s == NULL || *to != NULL;
}

static gale_err read_all(gi_redis_opts *o, const gale_store_where *w,
                         gale_diag *why)
{
    const char *server = w->place;

    if (server == NULL || server[0] == '\0')
        server = text(w, KEY "server", SERVER);
    o->database = number(w, KEY "database", 0);
    o->timeout_ms = number(w, KEY "timeout.millis", TIMEOUT_MS);
    if (!copy(&o->user, text(w, KEY "user", NULL)) ||
        !copy(&o->prefix, text(w, KEY "prefix", "gale:")))
        return GALE_ENOMEM;
    if (gi_redis_opts_address(o, server))
        return find_password(o, w, why);
    gi_diag_say(why,
                KEY "server is '%.200s'; it is host:port, or the path of a "
                    "socket",
                server);
    return GALE_EINVAL;
}

gale_err gi_redis_opts_read(gi_redis_opts *o, const gale_store_where *where,
                            gale_diag *why)
{
    gale_err rv;

    *o = (gi_redis_opts){ .name = NULL };
    rv = read_all(o, where, why);
    return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
}

void gi_redis_opts_fini(gi_redis_opts *o)
{
    if (o->password != NULL)
        memset(o->password, 0, strlen(o->password));
    gi_free(o->name);
    gi_free(o->host);
    gi_free(o->port);
    gi_free(o->path);
    gi_free(o->user);
    gi_free(o->password);
    gi_free(o->prefix);
    *o = (gi_redis_opts){ .name = NULL };
}
