#include "nimbus/blobs_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"

#define MOST_BYTES ((uint64_t)2 << 30)
enum {
    KEEP_FREE = 64 << 20,
    UNUSED_MS = 10 * 60 * 1000,
    MOST_COMING = 16,
};

/* ------------------------------------------------------------- the list -- */

gi_blob *gi_blob_find(gi_blobs *b, const char *hash)
{
    for (uint32_t i = 0; i < b->n; i++)
        if (strcmp(b->all[i].hash, hash) == 0)
            return &b->all[i];
    return NULL;
}

gi_blob *gi_blob_add(gi_blobs *b, const char *hash, uint64_t now_ms)
{
    if (b->n == b->cap) {
        uint32_t cap = b->cap == 0 ? 16 : b->cap * 2;
        gi_blob *all = gi_realloc(b->all, cap * sizeof(*all));

        if (all == NULL)
            return NULL;
        b->all = all;
        b->cap = cap;
    }
    gi_blob *e = &b->all[b->n++];
    *e = (gi_blob){ .touched_ms = now_ms, .fd = -1 };
    memcpy(e->hash, hash, sizeof(e->hash));
    return e;
}

void gi_blob_name_part(const gi_blob *e, char name[GI_BLOB_PART])
{
    snprintf(name, GI_BLOB_PART, "%s.part", e->hash);
}

void gi_blob_drop(gi_blobs *b, gi_blob *e)
{
    char part[GI_BLOB_PART];

    if (e->fd >= 0)
        close(e->fd);
    gi_blob_name_part(e, part);
    unlinkat(b->dir, part, 0);
    unlinkat(b->dir, e->hash, 0);
    *e = b->all[--b->n];
}

bool gi_blob_is_hash(const char *hash, gale_diag *why)
{
    bool ok = hash != NULL && gi_sha256_is_hex(hash);

    if (!ok)
        gi_diag_say(
            why,
            "a program is named by its SHA-256, 64 of 0-9a-f, not '%.80s'",
            hash == NULL ? "" : hash);
    return ok;
}

/* ---------------------------------------------------- opening, closing -- */

static gale_err scan_one(gi_blobs *b, const char *name, uint64_t now_ms)
{
    char hash[GI_SHA256_HEX + 1];
    struct stat st;
    gi_blob *e;

    if (strlen(name) == GI_SHA256_HEX + 5 &&
        strcmp(name + GI_SHA256_HEX, ".part") == 0) {
        memcpy(hash, name, GI_SHA256_HEX);
        hash[GI_SHA256_HEX] = '\0';
        if (gi_sha256_is_hex(hash))
            unlinkat(b->dir, name, 0);
        return GALE_OK;
    }
    if (!gi_sha256_is_hex(name) ||
        fstatat(b->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(st.st_mode))
        return GALE_OK; /* whatever it is, it is not ours */
    e = gi_blob_add(b, name, now_ms);
    if (e == NULL)
        return GALE_ENOMEM;
    e->size = (uint64_t)st.st_size;
    e->complete = true;
    return GALE_OK;
}

static gale_err scan(gi_blobs *b, uint64_t now_ms)
{
    gale_err rv = GALE_OK;
    struct dirent *entry;
    int fd = openat(b->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (d == NULL) {
        if (fd >= 0)
            close(fd);
        return GALE_EIO;
    }
    while (rv == GALE_OK && (entry = readdir(d)) != NULL)
        rv = scan_one(b, entry->d_name, now_ms);
    closedir(d);
    return rv;
}

gale_err gi_blobs_open(gi_blobs **out, const gi_blobs_opts *opts,
                       uint64_t now_ms, gale_diag *why)
{
    gi_blobs *b = gi_alloc(sizeof(*b));
    gale_err rv = GALE_EIO;

    if (b == NULL)
        return GALE_ENOMEM;
    b->o = *opts;
    b->o.dir = NULL;
    if (b->o.most == 0)
        b->o.most = MOST_BYTES;
    if (b->o.keep_free == 0)
        b->o.keep_free = KEEP_FREE;
    if (b->o.unused_ms == 0)
        b->o.unused_ms = UNUSED_MS;
    if (b->o.most_coming == 0)
        b->o.most_coming = MOST_COMING;
    b->dir = -1;
    if (mkdir(opts->dir, 0700) == 0 || errno == EEXIST)
        b->dir = open(opts->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->dir >= 0)
        rv = scan(b, now_ms);
    if (rv == GALE_OK) {
        *out = b;
        return GALE_OK;
    }
    gi_diag_say(why, "%s: %s", opts->dir,
                rv == GALE_ENOMEM ? gale_err_text(rv) : strerror(errno));
    gi_blobs_close(b);
    return rv;
}

void gi_blobs_close(gi_blobs *b)
{
    if (b == NULL)
        return;
    for (uint32_t i = b->n; i-- > 0;)
        if (!b->all[i].complete)
            gi_blob_drop(b, &b->all[i]);
    if (b->dir >= 0)
        close(b->dir);
    gi_free(b->all);
    gi_free(b);
}

/* ------------------------------------------------------- what is there -- */

gale_err gi_blobs_look(gi_blobs *b, const char *hash, uint64_t now_ms,
                       gi_blob_state *out, gale_diag *why)
{
    gi_blob *e;

    *out = (gi_blob_state){ 0 };
    if (!gi_blob_is_hash(hash, why))
        return GALE_EINVAL;
    e = gi_blob_find(b, hash);
    if (e == NULL)
        return GALE_OK;
    if (e->complete)
        e->touched_ms = now_ms;
    *out = (gi_blob_state){ e->size, e->complete };
    return GALE_OK;
}

static gale_err read_at(int fd, uint64_t offset, char *to, size_t most,
                        size_t *len)
{
    *len = 0;
    while (*len < most) {
        ssize_t n = pread(fd, to + *len, most - *len, (off_t)(offset + *len));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return GALE_EIO;
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    return GALE_OK;
}

gale_err gi_blobs_get(gi_blobs *b, const char *hash, uint64_t offset, void *to,
                      size_t most, uint64_t now_ms, uint64_t *total,
                      size_t *len, gale_diag *why)
{
    gale_err rv = GALE_EIO;
    gi_blob *e;
    int fd;

    if (!gi_blob_is_hash(hash, why))
        return GALE_EINVAL;
    e = gi_blob_find(b, hash);
    if (e == NULL || !e->complete) {
        gi_diag_say(why, "Nimbus does not have the program %s", hash);
        return GALE_ENOTFOUND;
    }
    e->touched_ms = now_ms;
    *total = e->size;
    *len = 0;
    if (offset >= e->size)
        return GALE_OK;
    fd = openat(b->dir, hash, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        if (most > e->size - offset)
            most = (size_t)(e->size - offset);
        rv = read_at(fd, offset, to, most, len);
        close(fd);
    }
    if (rv != GALE_OK)
        gi_diag_say(why, "%s cannot be read: %s", hash, strerror(errno));
    return rv;
}

void gi_blobs_each(const gi_blobs *b,
                   void (*each)(void *arg, const char *hash), void *arg)
{
    for (uint32_t i = 0; i < b->n; i++)
        if (b->all[i].complete)
            each(arg, b->all[i].hash);
}

void gi_blobs_tidy(gi_blobs *b, uint64_t now_ms,
                   bool (*uses)(void *arg, const char *hash),
                   void (*dropped)(void *arg, const char *hash, bool complete),
                   void *arg)
{
    for (uint32_t i = b->n; i-- > 0;) {
        gi_blob *e = &b->all[i];

        if (e->complete && uses(arg, e->hash))
            e->touched_ms = now_ms;
        else if (now_ms - e->touched_ms >= b->o.unused_ms) {
            if (dropped != NULL)
                dropped(arg, e->hash, e->complete);
            gi_blob_drop(b, e);
        }
    }
}
