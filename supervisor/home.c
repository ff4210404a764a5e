#include "supervisor/home.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/dir_lock.h"
#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"

static gale_err refuse(gale_diag *why, gale_err e, const char *path,
                       const char *what)
{
    gi_diag_say(why, "%.1500s: %.500s", path, what);
    return e;
}

/* Made, and as an absolute path without links. */
static gale_err settle_dir(const char *path, char **out, gale_diag *why)
{
    char real[GI_PATH_MOST];

    if (gi_dir_make(path) != GALE_OK || realpath(path, real) == NULL)
        return refuse(why, GALE_EIO, path, strerror(errno));
    if (strlen(real) > GI_PATH_MOST - GI_PATH_ROOM)
        return refuse(why, GALE_EIO, path, "the path is too long");
    *out = gi_strdup(real);
    return *out == NULL ? GALE_ENOMEM : GALE_OK;
}

static gale_err take_id(gi_home *h, gale_diag *why)
{
    char path[GI_PATH_MOST];
    gale_err rv;

    gi_path(path, "%s/id", h->dir);
    rv = gi_file_text(path, h->id, sizeof(h->id));
    if (rv == GALE_ENOTFOUND) {
        snprintf(h->id, sizeof(h->id), "%016" PRIx64 "%016" PRIx64,
                 gi_env_real.entropy(gi_env_real.arg),
                 gi_env_real.entropy(gi_env_real.arg));
        rv = gi_file_keep(path, h->id, strlen(h->id));
    }
    if (rv != GALE_OK)
        return refuse(why, rv, path, strerror(errno));
    if (!gi_order_name_ok(h->id, GI_NODE_ID_MOST))
        return refuse(why, GALE_EFORMAT, path,
                      "is not the id of a node; it is letters and digits. "
                      "Remove it to get a new one: then this node is another "
                      "one to Nimbus, and workers that run are not its own");
    return GALE_OK;
}

/* By the wall clock, so that it grows even if the file is lost; by the file,
 * so that it grows even if the clock was set back. */
static gale_err take_incarnation(gi_home *h, gale_diag *why)
{
    char path[GI_PATH_MOST], text[32];
    uint64_t last = 0;

    gi_path(path, "%s/incarnation", h->dir);
    if (gi_file_text(path, text, sizeof(text)) == GALE_OK)
        last = strtoull(text, NULL, 10);
    h->incarnation = (uint64_t)gi_env_real.wall_ms(gi_env_real.arg);
    if (h->incarnation <= last && last < INT64_MAX)
        h->incarnation = last + 1;
    snprintf(text, sizeof(text), "%" PRIu64 "\n", h->incarnation);
    if (gi_file_keep(path, text, strlen(text)) != GALE_OK)
        return refuse(why, GALE_EIO, path, strerror(errno));
    return GALE_OK;
}

static gale_err make_inside(const gi_home *h, const char *name, gale_diag *why)
{
    char path[GI_PATH_MOST];

    gi_path(path, "%s/%s", h->dir, name);
    return gi_dir_make(path) == GALE_OK
               ? GALE_OK
               : refuse(why, GALE_EIO, path, strerror(errno));
}

gale_err gi_home_open(gi_home *h, const char *dir, const char *log_dir,
                      gale_diag *why)
{
    static const char *const inside[] = { "programs", "topologies",
                                          "workers" };
    char logs[GI_PATH_MOST];
    gale_err rv;

    *h = (gi_home){ .lock = -1 };
    rv = settle_dir(dir, &h->dir, why);
    if (rv == GALE_OK)
        rv = gi_dir_lock(&h->lock, h->dir, "supervisor", why);
    for (size_t i = 0; i < 3 && rv == GALE_OK; i++)
        rv = make_inside(h, inside[i], why);
    if (rv == GALE_OK) {
        gi_path(logs, "%s/logs", h->dir);
        rv = settle_dir(log_dir == NULL ? logs : log_dir, &h->logs, why);
    }
    if (rv == GALE_OK)
        rv = take_id(h, why);
    if (rv == GALE_OK)
        rv = take_incarnation(h, why);
    if (rv != GALE_OK)
        gi_home_close(h);
    return rv;
}

void gi_home_close(gi_home *h)
{
    if (h->dir != NULL && h->lock >= 0)
        close(h->lock);
    gi_free(h->dir);
    gi_free(h->logs);
    *h = (gi_home){ .lock = -1 };
}

gale_err gi_home_let_pass(const gi_home *h, gale_diag *why)
{
    static const char *const inside[] = { "", "/programs", "/workers" };
    char path[GI_PATH_MOST];

    for (size_t i = 0; i < 3; i++) {
        gi_path(path, "%s%s", h->dir, inside[i]);
        if (gi_dir_let_pass(path) != GALE_OK)
            return refuse(why, GALE_EIO, path, strerror(errno));
    }
    return GALE_OK;
}

void gi_home_record(const gi_home *h, char out[GI_PATH_MOST])
{
    gi_path(out, "%s/record", h->dir);
}

void gi_home_program(const gi_home *h, const char *hash,
                     char out[GI_PATH_MOST])
{
    gi_path(out, "%s/programs/%s", h->dir, hash);
}

void gi_home_topology(const gi_home *h, const char *id, char out[GI_PATH_MOST])
{
    gi_path(out, "%s/topologies/%s", h->dir, id);
}

void gi_home_worker(const gi_home *h, uint16_t port, char out[GI_PATH_MOST])
{
    gi_path(out, "%s/workers/%u", h->dir, port);
}

void gi_home_beside(const gi_home *h, uint16_t port, char out[GI_PATH_MOST])
{
    gi_path(out, "%s/workers/%u.duty", h->dir, port);
}

void gi_home_log(const gi_home *h, const char *topology, uint16_t port,
                 char out[GI_PATH_MOST])
{
    gi_path(out, "%s/%s/%u.log", h->logs, topology, port);
}
