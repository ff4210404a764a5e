#include "supervisor/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/mem.h"

enum { RECORD_MOST = 64 << 20 };

static void say(gale_diag *why, const char *path, const char *what)
{
    if (why != NULL)
        snprintf(why->text, sizeof(why->text), "%s: %s", path, what);
}

gale_err gi_record_of(gi_record *out, const gi_node *n, const char *boot)
{
    uint32_t n_slots = gi_node_n_slots(n);
    gi_record r = {
        .version = gi_node_version(n),
        .last = gi_node_last(n),
        .placed = gi_calloc(n_slots, sizeof(gi_placed)),
        .running = gi_calloc(n_slots, sizeof(gi_recorded)),
    };

    snprintf(r.boot, sizeof(r.boot), "%s", boot);
    if (r.placed == NULL || r.running == NULL) {
        gi_record_fini(&r);
        return GALE_ENOMEM;
    }
    for (uint32_t i = 0; i < n_slots; i++) {
        const gi_keeper *k = gi_node_slot(n, i);

        if (k->want != NULL)
            r.placed[r.n_placed++] = (gi_placed){ k->port, *k->want };
        if (k->has != NULL)
            r.running[r.n_running++] = (gi_recorded){
                .incarnation = k->incarnation,
                .began = k->began,
                .pid = k->pid,
                .as = { k->port, *k->has },
            };
    }
    *out = r;
    return GALE_OK;
}

void gi_record_fini(gi_record *r)
{
    gi_free(r->placed);
    gi_free(r->running);
    gi_free(r->memory);
    *r = (gi_record){ 0 };
}

static bool write_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = gi_point_fails(GI_POINT_WRITE) ? 0 : write(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool sync_fd(int fd)
{
    return !gi_point_fails(GI_POINT_SYNC) && fsync(fd) == 0;
}

/* A new name is only on the disk when its directory is. */
static bool sync_dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == NULL   ? gi_strdup(".")
                : slash == path ? gi_strdup("/")
                                : gi_strndup(path, (size_t)(slash - path));
    int fd = dir == NULL ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && sync_fd(fd);

    if (fd >= 0)
        close(fd);
    gi_free(dir);
    return ok;
}

static bool write_beside(const char *beside, const char *bytes, size_t len)
{
    int fd = open(beside,
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok;

    if (fd < 0)
        return false;
    ok = write_all(fd, bytes, len) && sync_fd(fd);
    ok = close(fd) == 0 && ok;
    return ok;
}

static char *with_ending(const char *path, const char *ending)
{
    size_t len = strlen(path), more = strlen(ending) + 1;
    char *all = gi_alloc(len + more);

    if (all != NULL) {
        memcpy(all, path, len);
        memcpy(all + len, ending, more);
    }
    return all;
}

gale_err gi_record_save(const gi_record *r, const char *path)
{
    char *beside = with_ending(path, ".new"), *bytes = NULL;
    size_t len;
    gale_err rv =
        beside == NULL ? GALE_ENOMEM : gi_record_encode(r, &bytes, &len);

    if (rv == GALE_OK) {
        if (!write_beside(beside, bytes, len) || rename(beside, path) != 0) {
            unlink(beside);
            rv = GALE_EIO;
        } else if (!sync_dir_of(path)) {
            rv = GALE_EIO;
        }
    }
    gi_free(bytes);
    gi_free(beside);
    return rv;
}

static gale_err read_whole(int fd, char **bytes, size_t *len)
{
    struct stat st;
    size_t got = 0;

    if (fstat(fd, &st) != 0)
        return GALE_EIO;
    if (!S_ISREG(st.st_mode) || st.st_size > RECORD_MOST)
        return GALE_EFORMAT;
    *bytes = gi_alloc((size_t)st.st_size + 1);
    if (*bytes == NULL)
        return GALE_ENOMEM;
    while (got < (size_t)st.st_size) {
        ssize_t n = read(fd, *bytes + got, (size_t)st.st_size - got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return GALE_EIO;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    *len = got;
    return GALE_OK;
}

static void set_aside(const char *path, gale_diag *why)
{
    char *broken = with_ending(path, ".broken");

    if (broken != NULL && rename(path, broken) == 0)
        say(why, path,
            "is damaged and was set aside as .broken; "
            "workers are looked for by their cookies");
    else
        say(why, path, "is damaged, and cannot be set aside");
    gi_free(broken);
}

gale_err gi_record_load(gi_record *out, const char *path, gale_diag *why)
{
    char *bytes = NULL;
    size_t len = 0;
    gale_err rv;
    int fd;

    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 && errno == ENOENT) {
        say(why, path, "is not there");
        return GALE_ENOTFOUND;
    }
    if (fd < 0) {
        say(why, path, strerror(errno));
        return GALE_EIO;
    }
    rv = read_whole(fd, &bytes, &len);
    close(fd);
    if (rv == GALE_OK)
        rv = gi_record_decode(out, bytes, len);
    gi_free(bytes);
    if (rv == GALE_EFORMAT)
        set_aside(path, why);
    else if (rv != GALE_OK)
        say(why, path, gale_err_text(rv));
    return rv;
}
