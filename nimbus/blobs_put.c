#define _GNU_SOURCE /* sync_file_range */
#include "nimbus/blobs_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"

enum {
    ABANDONED_MS = 10 * 1000, /* then another client may begin it anew */
    WRITE_BACK = 4 << 20,     /* so much at a time is sent to the disk */
};

static uint64_t n_coming(const gi_blobs *b, uint64_t *to_come)
{
    uint64_t n = 0;

    *to_come = 0;
    for (uint32_t i = 0; i < b->n; i++)
        if (!b->all[i].complete) {
            *to_come += b->all[i].total - b->all[i].size;
            n++;
        }
    return n;
}

static gale_err is_there_room(const gi_blobs *b, uint64_t total,
                              gale_diag *why)
{
    uint64_t to_come, n = n_coming(b, &to_come), room;
    struct statvfs st;

    if (total > b->o.most) {
        gi_diag_say(why,
                    "the program has %" PRIu64 " bytes; Nimbus takes %" PRIu64
                    " at most",
                    total, b->o.most);
        return GALE_ELIMIT;
    }
    if (n >= b->o.most_coming) {
        gi_diag_say(
            why, "%" PRIu64 " programs are on the way already; try again", n);
        return GALE_ELIMIT;
    }
    if (fstatvfs(b->dir, &st) != 0) {
        gi_diag_say(why, "cannot tell how much room there is: %s",
                    strerror(errno));
        return GALE_EIO;
    }
    room = (uint64_t)st.f_bavail * st.f_frsize;
    if (total > room || to_come + b->o.keep_free > room - total) {
        gi_diag_say(why,
                    "the program needs %" PRIu64
                    " MB on the disk of Nimbus, which has %" PRIu64
                    " MB left, and keeps %" PRIu64 " MB free",
                    (total + to_come) >> 20, room >> 20, b->o.keep_free >> 20);
        return GALE_ELIMIT;
    }
    return GALE_OK;
}

static gale_err begin(gi_blobs *b, const char *hash, uint64_t total,
                      uint64_t now_ms, gi_blob **out, gale_diag *why)
{
    gale_err rv = is_there_room(b, total, why);
    char part[GI_BLOB_PART];
    gi_blob *e;

    if (rv != GALE_OK)
        return rv;
    e = gi_blob_add(b, hash, now_ms);
    if (e == NULL)
        return GALE_ENOMEM;
    gi_blob_name_part(e, part);
    e->fd =
        openat(b->dir, part,
               O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (e->fd < 0) {
        gi_diag_say(why, "%s cannot be made: %s", part, strerror(errno));
        gi_blob_drop(b, e);
        return GALE_EIO;
    }
    e->total = total;
    gi_sha256_begin(&e->sum);
    *out = e;
    return GALE_OK;
}

/* The disk gets to work early, so that the sync at the end is short. */
static gale_err append(gi_blob *e, const char *bytes, size_t len)
{
    uint64_t before = e->size / WRITE_BACK, after;

    if (!gi_write_all(e->fd, bytes, len))
        return GALE_EIO;
    gi_sha256_add(&e->sum, bytes, len);
    e->size += len;
    after = e->size / WRITE_BACK;
    if (after > before)
        sync_file_range(e->fd, (off_t)(before * WRITE_BACK),
                        (off_t)((after - before) * WRITE_BACK),
                        SYNC_FILE_RANGE_WRITE);
    return GALE_OK;
}

static gale_err finish(gi_blobs *b, gi_blob *e, gale_diag *why)
{
    char hash[GI_SHA256_HEX + 1], part[GI_BLOB_PART];
    int rc;

    gi_sha256_end_hex(&e->sum, hash);
    if (strcmp(hash, e->hash) != 0) {
        gi_diag_say(why, "what came has the SHA-256 %s, not %s; send it again",
                    hash, e->hash);
        return GALE_EFORMAT;
    }
    gi_blob_name_part(e, part);
    rc = gi_sync(e->fd) ? 0 : -1;
    close(e->fd);
    e->fd = -1;
    if (rc == 0)
        rc = renameat(b->dir, part, b->dir, e->hash);
    if (rc == 0)
        rc = gi_sync(b->dir) ? 0 : -1;
    if (rc != 0) {
        gi_diag_say(why, "%s cannot be kept: %s", e->hash, strerror(errno));
        return GALE_EIO;
    }
    e->complete = true;
    return GALE_OK;
}

/* The one that is coming, or a new one; NULL and GALE_OK: not from the middle.
 */
static gale_err coming(gi_blobs *b, const char *hash, uint64_t total,
                       uint64_t offset, uint64_t now_ms, gi_blob **out,
                       gale_diag *why)
{
    gi_blob *e = gi_blob_find(b, hash);

    if (e != NULL && e->total != total) {
        /* One of the two lies, and nobody knows who. */
        if (now_ms - e->touched_ms < ABANDONED_MS) {
            gi_diag_say(why,
                        "it is on the way already, with %" PRIu64 " bytes",
                        e->total);
            return GALE_EINVAL;
        }
        gi_blob_drop(b, e);
        e = NULL;
    }
    *out = e;
    return e == NULL && offset == 0 ? begin(b, hash, total, now_ms, out, why)
                                    : GALE_OK;
}

static gale_err take(gi_blobs *b, gi_blob *e, uint64_t offset,
                     const void *bytes, size_t len, uint64_t now_ms,
                     gale_diag *why)
{
    uint64_t known = e->size - offset;
    gale_err rv;

    if (len <= known)
        return GALE_OK; /* seen before */
    e->touched_ms = now_ms;
    rv = append(e, (const char *)bytes + known, len - (size_t)known);
    if (rv != GALE_OK)
        gi_diag_say(why, "%s cannot be written: %s", e->hash, strerror(errno));
    else if (e->size == e->total)
        rv = finish(b, e, why);
    return rv;
}

gale_err gi_blobs_put(gi_blobs *b, const char *hash, uint64_t total,
                      uint64_t offset, const void *bytes, size_t len,
                      uint64_t now_ms, gi_blob_state *out, gale_diag *why)
{
    gale_err rv;
    gi_blob *e;

    *out = (gi_blob_state){ 0 };
    if (!gi_blob_is_hash(hash, why))
        return GALE_EINVAL;
    if (total == 0 || offset > total || len > total - offset) {
        gi_diag_say(why,
                    "bytes %" PRIu64 " to %" PRIu64
                    " of a program that has %" PRIu64,
                    offset, offset + len, total);
        return GALE_EINVAL;
    }
    e = gi_blob_find(b, hash);
    if (e == NULL || !e->complete) {
        rv = coming(b, hash, total, offset, now_ms, &e, why);
        if (rv == GALE_OK && e != NULL && offset <= e->size) {
            rv = take(b, e, offset, bytes, len, now_ms, why);
            if (rv != GALE_OK)
                gi_blob_drop(b, e);
        }
        if (rv != GALE_OK || e == NULL)
            return rv;
    }
    *out = (gi_blob_state){ e->size, e->complete };
    return GALE_OK;
}
