#include "nimbus/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/dir_lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "nimbus/daemon_inside.h"
#include "wire/url.h"

enum {
    A_TURN = 64, /* requests; then others have their turn */
    MOST_WAITING = 2048,
    TIDY_MS = 30 * 1000,
    LONGEST_NAP_MS = 60 * 1000,
    IN_VAIN_MS = 100, /* what is due although it was just done comes again */
};

/* ------------------------------------------------------- begin and end -- */

static void end(gi_ndaemon *d)
{
    /* First the port: its requests are among the waiting. */
    gi_answerer_destroy(d->answerer);
    gi_nd_lead_close(d);
    gi_nd_forget_standbys(d);
    gi_blobs_close(d->blobs);
    gi_secrets_destroy(d->secrets);
    gi_free(d->waiting);
    if (d->wake >= 0)
        close(d->wake);
    if (d->lock >= 0)
        close(d->lock);
}

static gale_err open_blobs(gi_ndaemon *d, gale_diag *why)
{
    gi_strbuf path = { 0 };
    gi_blobs_opts opts = d->o->blobs;
    char *text;
    gale_err rv;

    gi_strbuf_printf(&path, "%s/blobs", d->o->dir);
    text = gi_strbuf_take(&path);
    if (text == NULL)
        return GALE_ENOMEM;
    opts.dir = text;
    rv = gi_blobs_open(&d->blobs, &opts, gi_nd_now().ms, why);
    gi_free(text);
    return rv;
}

static gale_err open_port(gi_ndaemon *d, gale_diag *why)
{
    gi_answerer_opts opts = {
        .url = d->o->url == NULL ? "tcp://127.0.0.1:6627" : d->o->url,
        .secrets = d->secrets,
        .users = d->o->users,
        .n_users = d->o->n_users,
        .most_waiting = MOST_WAITING,
        .open = d->o->open,
        .wake = gi_nd_wake,
        .arg = d,
    };
    gale_err rv = gi_answerer_create(&d->answerer, &opts, why);

    if (rv == GALE_OK)
        gi_url_tell(d->url, sizeof(d->url), opts.url, d->host,
                    gi_answerer_port(d->answerer));
    return rv;
}

static gale_err begin(gi_ndaemon *d, gale_diag *why)
{
    const gi_secrets_opts *s = &d->o->secrets;
    gale_err rv = gi_dir_lock(&d->lock, d->o->dir, "Nimbus", why);

    if (rv == GALE_OK && (s->ca_file != NULL || s->cert_file != NULL ||
                          s->token_file != NULL || s->secret_file != NULL))
        rv = gi_secrets_load(&d->secrets, s, why);
    if (rv == GALE_OK)
        rv = open_blobs(d, why);
    if (rv == GALE_OK)
        rv = open_port(d, why);
    if (rv == GALE_OK)
        rv = gi_nd_lead_open(d, why);
    return rv;
}

/* ------------------------------------------------------------- turning -- */

static bool uses(void *arg, const char *hash)
{
    const gi_ndaemon *d = arg;

    return d->leads ? gi_nimbus_uses(d->nimbus, hash)
                    : gi_mirror_uses(d->mirror, hash);
}

static void dropped(void *arg, const char *hash, bool complete)
{
    (void)arg;
    gi_log(GALE_LOG_INFO, GI_WHO, "%s the program %s, which %s",
           complete ? "forgets" : "drops", hash,
           complete ? "nobody uses" : "never came whole");
}

static int nap_ms(const gi_ndaemon *d, gi_when now)
{
    uint64_t due = d->leads ? gi_nimbus_due(d->nimbus) : UINT64_MAX;
    uint64_t waiting = gi_nd_waiting_due(d), stand = gi_nd_stand_due(d, now);

    if (d->more)
        return 0;
    if (due <= d->ticked_ms)
        due = d->ticked_ms + IN_VAIN_MS;
    if (waiting < due)
        due = waiting;
    if (stand < due)
        due = stand;
    if (d->tidy_ms < due)
        due = d->tidy_ms;
    if (due <= now.ms)
        return 0;
    return due - now.ms < LONGEST_NAP_MS ? (int)(due - now.ms)
                                         : LONGEST_NAP_MS;
}

/* One that waits for something: a request, a time, a word to stop. */
static bool wait_and_see(gi_ndaemon *d)
{
    struct pollfd fds[] = {
        { .fd = d->wake, .events = POLLIN },
        { .fd = d->o->stop_fd > 0 ? d->o->stop_fd : -1, .events = POLLIN },
    };
    uint64_t n;
    int rc = poll(fds, 2, nap_ms(d, gi_nd_now()));

    if (rc > 0 && fds[0].revents != 0 && read(d->wake, &n, sizeof(n)) < 0 &&
        errno != EAGAIN && errno != EINTR)
        gi_log(GALE_LOG_ERROR, GI_WHO, "cannot be woken: %s", strerror(errno));
    if (gi_nd_signalled(d))
        return false;
    return rc <= 0 || fds[1].revents == 0;
}

/* Requests, each by itself: what it asked for may have broken the store, and
 * another may lead by now. */
static gale_err serve(gi_ndaemon *d, gale_diag *why)
{
    gale_err rv = GALE_OK;
    int n = 0;

    while (rv == GALE_OK && n < A_TURN && gi_nd_serve_one(d, gi_nd_now())) {
        rv = gi_nd_stand(d, gi_nd_now(), why);
        n++;
    }
    d->more = n == A_TURN;
    return rv;
}

/* Programs that nobody uses; who does not know who leads does not know. */
static void tidy(gi_ndaemon *d, gi_when now)
{
    if (now.ms < d->tidy_ms)
        return;
    d->tidy_ms = now.ms + TIDY_MS;
    if (d->leads || d->leader[0] != '\0')
        gi_blobs_tidy(d->blobs, now.ms, uses, dropped, d);
}

static gale_err turn(gi_ndaemon *d, gale_diag *why)
{
    gale_err rv = gi_nd_stand(d, gi_nd_now(), why);
    gi_when now;

    if (rv == GALE_OK)
        rv = serve(d, why);
    now = gi_nd_now();
    if (rv == GALE_OK && d->leads && now.ms >= gi_nimbus_due(d->nimbus)) {
        gi_nimbus_tick(d->nimbus, now);
        d->ticked_ms = now.ms;
        rv = gi_nd_stand(d, now, why);
    }
    if (rv == GALE_OK) {
        gi_nd_answer_waiting(d, now);
        rv = gi_nd_stand(d, now, why);
    }
    if (rv == GALE_OK)
        tidy(d, now);
    return rv;
}

static gale_err go_on(gi_ndaemon *d, gale_diag *why)
{
    gale_err rv = GALE_OK;

    while (rv == GALE_OK && wait_and_see(d))
        rv = turn(d, why);
    return rv;
}

static void name_host(gi_ndaemon *d)
{
    const char *given = d->o->host;

    if (given != NULL && given[0] != '\0')
        snprintf(d->host, sizeof(d->host), "%s", given);
    else if (gethostname(d->host, sizeof(d->host) - 1) != 0)
        snprintf(d->host, sizeof(d->host), "localhost");
}

gale_err gi_nimbus_daemon_run(const gi_nimbus_daemon_opts *o, gale_diag *why)
{
    gi_ndaemon d = { .o = o, .lock = -1, .wake = -1 };
    gale_diag words = { "" };
    gi_nd_signals old;
    gale_err rv;

    d.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (d.wake < 0)
        return GALE_EIO;
    name_host(&d);
    gi_nd_catch_signals(&d, &old);
    rv = begin(&d, &words);
    if (rv == GALE_OK) {
        gi_log(GALE_LOG_INFO, GI_WHO,
               "answers at %s, keeps what it knows in %s", d.url, o->dir);
        if (o->ready != NULL)
            o->ready(o->arg, d.url, gi_answerer_port(d.answerer));
        rv = go_on(&d, &words);
    }
    gi_nd_leave_signals(&d, &old);
    end(&d);
    if (why != NULL)
        *why = words;
    return rv;
}
