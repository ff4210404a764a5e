/* logs.c -- what workers printed: for clients that ask, and until nobody will.
 *
 * Who asks names a topology and a port, never a path: names are letters and
 * digits, and no link is followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "supervisor/daemon_inside.h"
#include "supervisor/logs_old.h"

enum {
    PIECE_MOST = 1 << 20,
    PIECE_USUAL = 1 << 16,
    SWEEP_S = 600, /* from one look for old ones to the next */
    KEEP_DAYS = 7,
};

/* < 0: errno. */
static int open_log(const gi_sdaemon *d, const gi_msg_log_read *q)
{
    const int dirs = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
    char name[32];
    int logs, dir = -1, fd = -1, error;

    snprintf(name, sizeof(name), "%" PRIu64 ".log", q->port);
    logs = open(d->home.logs, dirs);
    if (logs >= 0)
        dir = openat(logs, q->topology, dirs);
    if (dir >= 0)
        fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    error = errno;
    if (dir >= 0)
        close(dir);
    if (logs >= 0)
        close(logs);
    errno = error;
    return fd;
}

static gale_err read_piece(int fd, const gi_msg_log_read *q, gi_pool *pool,
                           gi_msg_log_piece *out)
{
    uint64_t most = q->most == 0           ? PIECE_USUAL
                    : q->most > PIECE_MOST ? PIECE_MOST
                                           : q->most;
    struct stat st;
    uint64_t size;
    ssize_t n;
    char *at;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return GALE_ENOTFOUND;
    size = (uint64_t)st.st_size;
    out->offset = q->offset < size ? q->offset : size;
    if (q->tail)
        out->offset = size > most ? size - most : 0;
    if (most > size - out->offset)
        most = size - out->offset;
    at = gi_pool_take(pool, most, 1);
    if (at == NULL)
        return GALE_ENOMEM;
    do
        n = pread(fd, at, most, (off_t)out->offset);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return GALE_EIO;
    out->size = size;
    out->bytes = (gi_bytes){ at, (uint32_t)n };
    return GALE_OK;
}

static gale_err read_log(const gi_sdaemon *d, const gi_msg_log_read *q,
                         gi_pool *pool, gi_msg_log_piece *out, char *why,
                         size_t size)
{
    gale_err rv;
    int fd;

    if (!gi_order_name_ok(q->topology, GI_TOPOLOGY_ID_MOST)) {
        snprintf(why, size, "'%.100s' is not the id of a topology",
                 q->topology);
        return GALE_EINVAL;
    }
    fd = open_log(d, q);
    rv = fd < 0 ? (errno == ENOENT || errno == ELOOP || errno == ENOTDIR
                       ? GALE_ENOTFOUND
                       : GALE_EIO)
                : read_piece(fd, q, pool, out);
    if (rv == GALE_ENOTFOUND)
        snprintf(why, size,
                 "no worker of '%.100s' has printed anything in slot %" PRIu64
                 " of this node",
                 q->topology, q->port);
    else if (rv != GALE_OK)
        snprintf(why, size, "the output of '%.100s' cannot be read: %s",
                 q->topology,
                 rv == GALE_EIO ? strerror(errno) : gale_err_text(rv));
    if (fd >= 0)
        close(fd);
    return rv;
}

static bool in_use(void *arg, const char *topology)
{
    return gi_duties_use(arg, topology);
}

void gi_logs_sweep(gi_sdaemon *d)
{
    int64_t keep = d->o->log_keep_ns, now = gi_clock_ns();
    uint32_t n;

    if (keep < 0 || now < d->logs_due)
        return;
    d->logs_due = now + (int64_t)SWEEP_S * 1000000000;
    keep = keep == 0 ? (int64_t)KEEP_DAYS * 86400 : keep / 1000000000;
    n = gi_logs_drop_old(d->home.logs, time(NULL) - keep, in_use, d);
    if (n > 0)
        gi_log(GALE_LOG_INFO, GI_WHO,
               "removed %u log%s of topologies that are gone", n,
               n == 1 ? "" : "s");
}

void gi_logs_answer(gi_sdaemon *d)
{
    gi_asked_for *q;

    while ((q = gi_answerer_take(d->answerer)) != NULL) {
        gi_msg_log_piece piece = { 0 };
        char why[256] = "this is a supervisor; it only answers LOG";
        gale_err rv = GALE_EINVAL;

        if (q->verb == GI_ASK_LOG)
            rv = read_log(d, q->request, &q->pool, &piece, why, sizeof(why));
        gi_answer(d->answerer, q, rv, &piece, rv == GALE_OK ? NULL : why,
                  NULL);
    }
}
