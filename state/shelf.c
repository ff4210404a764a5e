#include "state/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "state/embedded.h"
#include "state/layout.h"
#include "state/log.h"

/* --------------------------------------------------------------- which -- */

static gale_err add(gi_shelf *s, const char *topology, const char *state)
{
    gi_shelf_state *at = gi_realloc(s->at, (s->n + 1) * sizeof(*at));

    if (at == NULL)
        return GALE_ENOMEM;
    s->at = at;
    at[s->n] = (gi_shelf_state){ gi_strdup(topology), gi_strdup(state) };
    s->n++;
    return at[s->n - 1].topology != NULL && at[s->n - 1].state != NULL
               ? GALE_OK
               : GALE_ENOMEM;
}

/* Each name in a directory that is an escaped one; none if it is no directory.
 */
typedef struct walk {
    gi_shelf *s;
    const char *topology; /* whose directory it is; NULL: that of all */
    const char *only;     /* this name alone, or NULL */
    gale_diag *why;
} walk;

static gale_err each_name(walk *w, const char *dir,
                          gale_err (*each)(walk *w, const char *path,
                                           const char *name))
{
    DIR *d = opendir(dir);
    const struct dirent *e;
    gale_err rv = GALE_OK;

    if (d == NULL)
        return errno == ENOENT || errno == ENOTDIR ? GALE_OK
                                                   : gi_io_failed(dir, w->why);
    while (rv == GALE_OK && (e = readdir(d)) != NULL) {
        char *name = gi_strdup(e->d_name), *path;

        path = name == NULL ? NULL : gi_file_path(dir, name);
        if (path == NULL)
            rv = GALE_ENOMEM;
        else if (e->d_name[0] != '.' && gi_layout_unescape(name) &&
                 (w->only == NULL || strcmp(w->only, name) == 0))
            rv = each(w, path, name);
        gi_free(path);
        gi_free(name);
    }
    closedir(d);
    return rv;
}

static gale_err take_state(walk *w, const char *path, const char *name)
{
    struct stat st;
    gi_layout l;
    gale_err rv = GALE_OK;

    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return GALE_OK;
    rv = gi_layout_read(&l, path, w->why);
    if (rv != GALE_OK)
        return rv;
    if (l.n > 0)
        rv = add(w->s, w->topology, name);
    gi_layout_fini(&l);
    return rv;
}

static gale_err take_topology(walk *w, const char *path, const char *name)
{
    walk inner = { .s = w->s, .topology = name, .why = w->why };

    return each_name(&inner, path, take_state);
}

static int by_name(const void *a, const void *b)
{
    const gi_shelf_state *x = a, *y = b;
    int order = strcmp(x->topology, y->topology);

    return order != 0 ? order : strcmp(x->state, y->state);
}

gale_err gi_shelf_read(gi_shelf *s, const char *dir, const char *topology,
                       gale_diag *why)
{
    walk w = { .s = s, .only = topology, .why = why };
    gale_err rv;

    *s = (gi_shelf){ 0 };
    rv = each_name(&w, dir, take_topology);
    if (rv != GALE_OK) {
        gi_shelf_fini(s);
        return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
    }
    if (s->n > 0)
        qsort(s->at, s->n, sizeof(*s->at), by_name);
    return GALE_OK;
}

void gi_shelf_fini(gi_shelf *s)
{
    for (size_t i = 0; i < s->n; i++) {
        gi_free(s->at[i].topology);
        gi_free(s->at[i].state);
    }
    gi_free(s->at);
    *s = (gi_shelf){ 0 };
}

/* ----------------------------------------------------------- how large -- */

/* What goes while it is looked at is not counted. */
static uint64_t bytes_in(const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *e;
    uint64_t sum = 0;
    struct stat st;

    while (d != NULL && (e = readdir(d)) != NULL)
        if (fstatat(dirfd(d), e->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
            sum += (uint64_t)st.st_size;
    if (d != NULL)
        closedir(d);
    return sum;
}

static gale_err measure(gi_shelf_size *size, const char *path, gale_diag *why)
{
    gi_layout l;
    gale_err rv = gi_layout_read(&l, path, why);

    for (size_t i = 0; rv == GALE_OK && i < l.n; i++) {
        char name[GI_PLACE_NAME], *part;

        gi_place_name(name, &l.at[i]);
        part = gi_file_path(path, name);
        if (part == NULL) {
            rv = gi_stored_no_memory(why);
            break;
        }
        size->bytes += bytes_in(part);
        if (!gi_layout_outdated(&l, &l.at[i])) {
            size->parts++;
            size->several = size->several || l.at[i].count > 1;
        }
        gi_free(part);
    }
    if (rv == GALE_OK || l.at != NULL)
        gi_layout_fini(&l);
    return rv;
}

gale_err gi_shelf_measure(gi_shelf_size *size, const char *dir,
                          const gi_shelf_state *state, gale_diag *why)
{
    gale_store_where where = { .topology = state->topology,
                               .state = state->state,
                               .place = dir };
    char *path = NULL;
    gale_err rv = gi_embedded_dir(&path, &where, why);

    *size = (gi_shelf_size){ 0 };
    if (rv == GALE_OK)
        rv = measure(size, path, why);
    gi_free(path);
    return rv;
}
