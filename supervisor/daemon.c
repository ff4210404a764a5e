/* daemon.c -- a supervisor from beginning to end: one loop, in one thread. */
#include "supervisor/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/log.h"
#include "base/mem.h"
#include "supervisor/daemon_inside.h"
#include "wire/url.h"

enum { HOUSEKEEPING_S = 5, STOP_MORE_S = 10, SOON_NS = 5000000 };

void gi_sd_wake(void *sdaemon)
{
    const gi_sdaemon *d = sdaemon;
    uint64_t one = 1;
    ssize_t n;

    do
        n = write(d->wake, &one, sizeof(one));
    while (n < 0 && errno == EINTR);
}

int gi_sd_slot(const gi_sdaemon *d, uint64_t port)
{
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++)
        if (gi_node_slot(d->node, i)->port == port)
            return (int)i;
    return -1;
}

/* Nothing shall run any more, and Nimbus is not listened to. */
static void stop_workers(gi_sdaemon *d, int64_t now)
{
    int64_t drain = d->o->node.slot.drain_ns;
    bool taken;

    if (drain <= 0)
        drain = 3000000000;
    d->stop_due = now + drain + (int64_t)STOP_MORE_S * 1000000000;
    if (gi_node_assign(d->node, gi_node_version(d->node) + 1, NULL, 0, now,
                       &taken) != GALE_OK)
        d->stop_due = now;
    gi_acts_obey(d);
}

static bool is_empty(const gi_sdaemon *d)
{
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++)
        if (gi_node_slot(d->node, i)->state != GI_SLOT_EMPTY)
            return false;
    return d->hands == NULL;
}

static void see_to_stop(gi_sdaemon *d, int64_t now)
{
    if (!d->stop)
        return;
    if (d->stop_due == 0 && d->o->stop_workers)
        stop_workers(d, now);
    if (d->o->stop_workers && !is_empty(d) && now < d->stop_due)
        return;
    for (gi_hand *h = d->hands; h != NULL && d->o->stop_workers; h = h->next)
        gi_process_kill(h->process); /* it had its time */
    event_base_loopbreak(d->base);
}

/* Those that begin are looked at more often, for somebody may wait. */
static void look_again(gi_sdaemon *d, int64_t now)
{
    int64_t ns =
        gi_watch_soon(d, now) && d->look_ns > SOON_NS ? SOON_NS : d->look_ns;
    struct timeval every = { .tv_usec = ns / 1000 };

    if (ns != d->looks_ns && event_add(d->look, &every) == 0)
        d->looks_ns = ns;
}

/* After whatever happened. */
static void turn(gi_sdaemon *d)
{
    int64_t now = gi_clock_ns();

    gi_programs_turn(d);
    gi_acts_save_again(d);
    gi_acts_obey(d);
    gi_talk_turn(d, now);
    see_to_stop(d, now);
    look_again(d, now);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    gi_sdaemon *d = arg;
    uint64_t n;

    (void)what;
    if (read(fd, &n, sizeof(n)) < 0 && errno != EAGAIN && errno != EINTR)
        gi_log(GALE_LOG_ERROR, GI_WHO, "cannot be woken: %s", strerror(errno));
    gi_logs_answer(d);
    turn(d);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    gi_sdaemon *d = arg;
    int64_t now = gi_clock_ns();

    (void)fd;
    (void)what;
    gi_watch(d, now);
    turn(d);
    if (now < d->housekeeping)
        return;
    d->housekeeping = now + (int64_t)HOUSEKEEPING_S * 1000000000;
    gi_hands_trim(d);
    gi_programs_sweep(d);
    if (!d->talk.in_parts) /* what was told is not ordered yet */
        gi_duties_sweep(d);
    gi_logs_sweep(d);
}

static void on_stop(evutil_socket_t fd, short what, void *arg)
{
    gi_sdaemon *d = arg;

    (void)fd;
    (void)what;
    if (!d->stop)
        gi_log(GALE_LOG_INFO, GI_WHO, "%s",
               d->o->stop_workers ? "ends, and its workers with it"
                                  : "ends; workers go on without it");
    else
        d->stop_due = gi_clock_ns(); /* again: somebody is in a hurry */
    d->stop = true;
    see_to_stop(d, gi_clock_ns());
}

static gale_err add(struct event **out, struct event *e, int64_t every_ns)
{
    struct timeval every = { .tv_usec = every_ns / 1000 };

    *out = e;
    if (e == NULL)
        return GALE_ENOMEM;
    return event_add(e, every_ns == 0 ? NULL : &every) == 0 ? GALE_OK
                                                            : GALE_EIO;
}

static gale_err add_events(gi_sdaemon *d)
{
    int64_t look = d->o->node.health.look_ns;
    gale_err rv =
        add(&d->woken,
            event_new(d->base, d->wake, EV_READ | EV_PERSIST, on_wake, d), 0);

    if (look <= 0 || look > 900000000)
        look = 100000000;
    d->look_ns = d->looks_ns = look;
    if (rv == GALE_OK)
        rv = add(&d->look, event_new(d->base, -1, EV_PERSIST, on_look, d),
                 look);
    if (rv == GALE_OK && d->o->stop_fd > 0)
        rv = add(&d->stopping[0],
                 event_new(d->base, d->o->stop_fd, EV_READ, on_stop, d), 0);
    if (rv == GALE_OK && d->o->signals)
        rv = add(&d->stopping[1], evsignal_new(d->base, SIGTERM, on_stop, d),
                 0);
    if (rv == GALE_OK && d->o->signals)
        rv =
            add(&d->stopping[2], evsignal_new(d->base, SIGINT, on_stop, d), 0);
    return rv;
}

/* Its url as others can use it.  Where its workers are reached goes by what it
 * listens at. */
static void find_url(gi_sdaemon *d, const char *asked)
{
    snprintf(d->url, sizeof(d->url), "%s", asked);
    gi_resources_of(d);
    gi_url_tell(d->url, sizeof(d->url), asked, d->host,
                gi_answerer_port(d->answerer));
}

static gale_err listen_for_clients(gi_sdaemon *d, gale_diag *why)
{
    gi_answerer_opts opts = {
        .url = d->o->url == NULL ? "tcp://127.0.0.1:6628" : d->o->url,
        .secrets = d->secrets,
        .users = d->o->users,
        .n_users = d->o->n_users,
        .open = d->o->open,
        .wake = gi_sd_wake,
        .arg = d,
    };
    gale_err rv = gi_answerer_create(&d->answerer, &opts, why);

    if (rv == GALE_OK)
        find_url(d, opts.url);
    return rv;
}

/* By the clock itself: by the kernel's coarse one, which stands still for some
 * milliseconds, the loop wakes up too early and sleeps again, up to four times
 * for each look. */
static struct event_base *new_base(void)
{
    struct event_config *how = event_config_new();
    struct event_base *base = NULL;

    if (how != NULL &&
        event_config_set_flag(how, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
        base = event_base_new_with_config(how);
    if (how != NULL)
        event_config_free(how);
    return base;
}

static gale_err begin(gi_sdaemon *d, gale_diag *why)
{
    gale_err rv = gi_home_open(&d->home, d->o->dir, d->o->log_dir, why);

    if (rv != GALE_OK)
        return rv;
    rv = gi_proc_boot_id(d->boot);
    if (rv != GALE_OK) {
        gi_diag_say(why, "/proc cannot be read: %s", strerror(errno));
        return rv;
    }
    rv = gi_secrets_load(&d->secrets, &d->o->secrets, why);
    if (rv != GALE_OK)
        return rv;
    d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    d->base = new_base();
    if (d->wake < 0 || d->base == NULL)
        return GALE_EIO;
    rv = listen_for_clients(d, why);
    if (rv == GALE_OK)
        rv = gi_talk_open(d, why);
    if (rv == GALE_OK)
        rv = gi_programs_open(d, why);
    if (rv == GALE_OK)
        rv = gi_hands_open(d);
    if (rv == GALE_OK)
        rv = gi_as_whom_open(d, why);
    if (rv == GALE_OK)
        rv = gi_rejoin(d, why);
    if (rv == GALE_OK)
        rv = add_events(d);
    return rv;
}

static void end(gi_sdaemon *d)
{
    gi_talk_close(d);
    gi_programs_close(d);
    gi_answerer_destroy(d->answerer);
    gi_hands_close(d);
    gi_duties_close(d);
    for (int i = 0; i < 3; i++)
        if (d->stopping[i] != NULL)
            event_free(d->stopping[i]);
    if (d->look != NULL)
        event_free(d->look);
    if (d->woken != NULL)
        event_free(d->woken);
    for (uint32_t i = 0; d->views != NULL && i < gi_node_n_slots(d->node); i++)
        gi_pool_fini(&d->views[i].pool);
    gi_free(d->views);
    gi_node_destroy(d->node);
    if (d->base != NULL)
        event_base_free(d->base);
    if (d->wake >= 0)
        close(d->wake);
    gi_secrets_destroy(d->secrets);
    gi_pool_fini(&d->pool);
    gi_home_close(&d->home);
}

gale_err gi_supervisor_daemon_run(const gi_supervisor_daemon_opts *o,
                                  gale_diag *why)
{
    gi_sdaemon *d = gi_alloc(sizeof(*d));
    gale_diag nowhere;
    gale_err rv;

    if (d == NULL)
        return GALE_ENOMEM;
    if (why == NULL)
        why = &nowhere;
    why->text[0] = '\0';
    d->o = o;
    d->wake = -1;
    d->home.lock = -1;
    d->began_ms = (uint64_t)(gi_clock_ns() / 1000000);
    rv = begin(d, why);
    if (rv == GALE_OK) {
        gi_acts_obey(d);
        gi_talk_turn(d, gi_clock_ns());
        if (o->ready != NULL)
            o->ready(o->arg, d->url, d->home.id);
        event_base_dispatch(d->base);
    } else if (why->text[0] == '\0') {
        gi_diag_say(why, "%s", gale_err_text(rv));
    }
    end(d);
    gi_free(d);
    return rv;
}
