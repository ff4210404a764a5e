#include "drpc/server/daemon.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/env.h"
#include "base/log.h"
#include "base/mem.h"
#include "drpc/server/inside.h"

enum {
    GIVES = 3,
    SILENT_MS = 10000, /* a worker is always asking, twice a second or more */
    ANSWER_MS = 5000,
    KNOWN_MS = 60000, /* long enough for a topology to come back */
    ALL_BYTES = 64 << 20,
    LONGEST_NAP_MS = 1000,
    SHORTEST_NAP_MS = 1,
};

/* On any thread. */
static void wake(void *arg)
{
    const gi_drpcd *d = arg;
    uint64_t one = 1;
    ssize_t n;

    do
        n = write(d->wake, &one, sizeof(one));
    while (n < 0 && errno == EINTR);
}

void gi_drpcd_set_timer(gi_drpcd *d)
{
    int64_t ms = gi_drpcd_due(d) - gi_clock_ms();
    struct timeval wait;

    if (ms > LONGEST_NAP_MS)
        ms = LONGEST_NAP_MS;
    if (ms < SHORTEST_NAP_MS)
        ms = SHORTEST_NAP_MS;
    wait.tv_sec = ms / 1000;
    wait.tv_usec = ms % 1000 * 1000;
    event_add(d->timer, &wait);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    gi_drpcd *d = arg;
    uint64_t n;

    if ((what & EV_READ) != 0 && read(fd, &n, sizeof(n)) < 0 &&
        errno != EAGAIN && errno != EINTR)
        gi_log(GALE_LOG_ERROR, GI_DRPC_WHO, "cannot be woken: %s",
               strerror(errno));
    if (gi_drpcd_turn(d))
        event_active(d->woken, EV_TIMEOUT, 0);
    gi_drpcd_set_timer(d);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    gi_drpcd *d = arg;

    (void)fd, (void)what;
    if (d->full)
        gi_drpcd_http_count(d);
    on_wake(-1, EV_TIMEOUT, d);
}

static void on_stop(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    event_base_loopbreak(((gi_drpcd *)arg)->base);
}

/* ------------------------------------------------------- begin and end -- */

static gale_err open_loop(gi_drpcd *d)
{
    d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    d->base = event_base_new();
    if (d->wake < 0 || d->base == NULL)
        return GALE_EIO;
    d->woken = event_new(d->base, d->wake, EV_READ | EV_PERSIST, on_wake, d);
    d->timer = event_new(d->base, -1, 0, on_timer, d);
    if (d->woken == NULL || d->timer == NULL)
        return GALE_ENOMEM;
    if (d->o->signals) {
        d->term = evsignal_new(d->base, SIGTERM, on_stop, d);
        d->interrupt = evsignal_new(d->base, SIGINT, on_stop, d);
        if (d->term == NULL || d->interrupt == NULL)
            return GALE_ENOMEM;
        event_add(d->term, NULL);
        event_add(d->interrupt, NULL);
    }
    if (d->o->stop_fd > 0) {
        d->stop = event_new(d->base, d->o->stop_fd, EV_READ, on_stop, d);
        if (d->stop == NULL)
            return GALE_ENOMEM;
        event_add(d->stop, NULL);
    }
    event_add(d->woken, NULL);
    return GALE_OK;
}

static gale_err open_desk(gi_drpcd *d)
{
    gi_desk_opts o = {
        .queue = d->o->queue,
        .most_bytes = d->o->most_bytes,
        .all_bytes = ALL_BYTES,
        .gives = GIVES,
        .timeout_ms = d->o->timeout_ms,
        .silent_ms = SILENT_MS,
        .answer_ms = ANSWER_MS,
        .known_ms = KNOWN_MS,
        /* What another server, or this one before it was started anew, gave
         * out is of no meaning here. */
        .first_id = (gi_env_real.entropy(gi_env_real.arg) >> 17) | 1,
        .tell = gi_drpcd_tell,
        .arg = d,
    };

    d->desk = gi_desk_create(&o);
    return d->desk == NULL ? GALE_ENOMEM : GALE_OK;
}

static gale_err open_port(gi_drpcd *d, gi_answerer **out, const char *url,
                          gale_diag *why)
{
    gi_answerer_opts opts = {
        .url = url,
        .secrets = d->secrets,
        .users = d->o->users,
        .n_users = d->o->n_users,
        .most_waiting = GI_DESK_REQUESTS,
        .open = d->o->open,
        .wake = wake,
        .arg = d,
    };

    return gi_answerer_create(out, &opts, why);
}

static gale_err begin(gi_drpcd *d, gale_diag *why)
{
    const gi_secrets_opts *s = &d->o->secrets;
    gale_err rv = open_loop(d);

    if (rv == GALE_OK)
        rv = open_desk(d);
    if (rv == GALE_OK && (s->ca_file != NULL || s->cert_file != NULL ||
                          s->token_file != NULL || s->secret_file != NULL))
        rv = gi_secrets_load(&d->secrets, s, why);
    if (rv == GALE_OK)
        rv = open_port(d, &d->calls, d->o->call_url, why);
    if (rv == GALE_OK)
        rv = open_port(d, &d->takes, d->o->take_url, why);
    if (rv == GALE_OK)
        rv = gi_drpcd_http_open(d, why);
    return rv;
}

static void free_event(struct event *e)
{
    if (e != NULL)
        event_free(e);
}

static void end(gi_drpcd *d)
{
    gi_drpcd_drop_all(d);
    gi_drpcd_http_close(d);
    gi_answerer_destroy(d->takes);
    gi_answerer_destroy(d->calls);
    gi_desk_destroy(d->desk);
    gi_secrets_destroy(d->secrets);
    free_event(d->woken);
    free_event(d->timer);
    free_event(d->stop);
    free_event(d->term);
    free_event(d->interrupt);
    if (d->base != NULL)
        event_base_free(d->base);
    if (d->wake >= 0)
        close(d->wake);
}

gale_err gi_drpc_daemon_run(const gi_drpc_daemon_opts *o, gale_diag *why)
{
    gi_drpcd d = { .o = o, .wake = -1 };
    gale_diag words = { "" };
    gale_err rv = begin(&d, &words);

    if (rv == GALE_OK) {
        if (o->ready != NULL)
            o->ready(o->arg, gi_answerer_port(d.calls),
                     gi_answerer_port(d.takes), d.http_port);
        gi_drpcd_set_timer(&d);
        if (event_base_dispatch(d.base) < 0)
            rv = GALE_EIO;
    }
    end(&d);
    if (why != NULL)
        *why = words;
    return rv;
}
