/* line_ends.h -- an end of a link on a thread of its own, which sends numbered
 * frames, and checks that those of the other end come in order and once. */
#ifndef TEST_RACE_LINE_ENDS_H
#define TEST_RACE_LINE_ENDS_H

#include "race.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "wire/exchange.h"

#define MS INT64_C(1000000)

enum { END_FRAMES = 128 };

struct end {
    gi_exchange *exchange;
    gi_line *line; /* its only one */
    int fd;
    uint64_t n, wanted; /* to send; to take */
    uint32_t size;
    bool keeps; /* what it takes it never executes */
    uint64_t sent, executed, lost, taken;
    gi_going going[END_FRAMES];
    gi_going *idle[END_FRAMES];
    uint32_t n_idle;
    _Atomic bool stop;
    _Atomic uint64_t progress;
    gi_channel_view view;
    pthread_t thread;
};

/* Of GALE_CERTS, where scripts/make-certs was, if that is set. */
static inline const gi_secrets *race_secrets(void)
{
    static gi_secrets *secrets;
    const char *dir = getenv("GALE_CERTS");
    char ca[512], node[512];
    gale_diag why = { "" };

    if (secrets != NULL || dir == NULL)
        return secrets;
    snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
    snprintf(node, sizeof(node), "%s/node.pem", dir);
    gi_secrets_opts o = { .ca_file = ca, .cert_file = node };
    CHECK(gi_secrets_load(&secrets, &o, &why) == GALE_OK, "%s", why.text);
    return secrets;
}

static inline void end_wake(void *arg)
{
    struct end *e = arg;

    CHECK(eventfd_write(e->fd, 1) == 0, "eventfd");
}

static inline void end_frames(struct end *e, uint32_t size)
{
    e->n_idle = 0;
    for (int i = 0; i < END_FRAMES; i++) {
        e->going[i].frame = gi_alloc(GI_FRAME_HEAD + size);
        e->going[i].raw = e->going[i].stored = size;
        e->idle[e->n_idle++] = &e->going[i];
    }
}

static inline void end_free_frames(struct end *e)
{
    for (int i = 0; i < END_FRAMES; i++)
        gi_free(e->going[i].frame);
}

/* Dials `port`, or listens there.  Impatient, so that tests are not long. */
static inline void end_open(struct end *e, bool dials, uint64_t me, int port,
                            uint64_t n, uint64_t wanted, uint32_t size)
{
    char url[64];
    gi_exchange_opts o = { .channel = { .me = me,
                                        .ping_ns = 100 * MS,
                                        .silent_min_ns = 300 * MS,
                                        .silent_max_ns = 500 * MS,
                                        .redial_min_ns = 1 * MS,
                                        .redial_max_ns = 10 * MS,
                                        .seed = me },
                           .key = dials ? 2 : 1,
                           .secrets = race_secrets(),
                           .url = dials ? "tcp://127.0.0.1:0" : url,
                           .wake = end_wake,
                           .arg = e };
    gi_peer_place peer = { .key = dials ? 1 : 2,
                           .url = dials ? url : NULL,
                           .name = "the other end" };
    gale_diag why = { "" };

    memset(e, 0, sizeof(*e));
    snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", port);
    e->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    e->n = n;
    e->wanted = wanted;
    e->size = size;
    end_frames(e, size);
    CHECK(gi_exchange_create(&e->exchange, &o, race_now_ns(), &why) == GALE_OK,
          "%s", why.text);
    CHECK(gi_exchange_add(e->exchange, &peer, race_now_ns(), &e->line) ==
              GALE_OK,
          "%s", url);
}

static inline void end_offer(struct end *e)
{
    while (e->sent < e->n && e->n_idle > 0 &&
           gi_channel_room(gi_line_channel(e->line), GI_LANE_DATA, e->size)) {
        gi_going *g = e->idle[--e->n_idle];

        gi_put_le64(g->frame + GI_FRAME_HEAD, ++e->sent);
        CHECK(gi_line_offer(e->line, GI_LANE_DATA, g) == GALE_OK, "room");
    }
}

static inline void end_back(struct end *e)
{
    gi_going *g;

    while ((g = gi_line_back(e->line)) != NULL) {
        e->executed += g->parcel.executed;
        e->lost += !g->parcel.executed;
        e->idle[e->n_idle++] = g;
    }
}

static inline void end_take(struct end *e)
{
    gi_coming c;

    while (gi_line_take(e->line, &c)) {
        e->taken++;
        CHECK(e->keeps || gi_get_le64(c.frame.payload) == e->taken,
              "%llu came as %llu",
              (unsigned long long)gi_get_le64(c.frame.payload),
              (unsigned long long)e->taken);
        if (!e->keeps)
            gi_channel_executed(gi_line_channel(e->line), c.frame.from,
                                c.frame.seq, race_now_ns());
        gi_free(c.block);
    }
}

/* One round; false: the link is over. */
static inline bool end_turn(struct end *e)
{
    int64_t now = race_now_ns(), due = gi_exchange_turn(e->exchange, now);
    struct pollfd p = { .fd = e->fd, .events = POLLIN };
    eventfd_t woken;

    end_take(e);
    end_back(e);
    end_offer(e);
    if (e->executed == e->n && e->taken == e->wanted)
        gi_channel_leave(gi_line_channel(e->line), now);
    due = gi_exchange_turn(e->exchange, now);
    end_back(e);
    atomic_store(&e->progress, e->taken + e->executed);
    gi_channel_look(gi_line_channel(e->line), &e->view);
    if (e->view.over)
        return false;
    int64_t wait = due == INT64_MAX ? 1000 : (due - race_now_ns()) / MS + 1;
    if (due > now && wait > 0) {
        poll(&p, 1, wait < 100 ? (int)wait : 100);
        eventfd_read(e->fd, &woken);
    }
    return true;
}

static inline void *end_run(void *arg)
{
    struct end *e = arg;

    while (!atomic_load(&e->stop) && end_turn(e))
        ;
    return NULL;
}

static inline void end_start(struct end *e)
{
    CHECK(pthread_create(&e->thread, NULL, end_run, e) == 0, "a thread");
}

static inline void end_close(struct end *e)
{
    gi_line_abandon(e->line, race_now_ns());
    end_back(e);
    gi_exchange_remove(e->exchange, e->line);
    gi_exchange_destroy(e->exchange);
    end_free_frames(e);
    close(e->fd);
}

static inline void end_stop(struct end *e)
{
    atomic_store(&e->stop, true);
    end_wake(e);
    pthread_join(e->thread, NULL);
    end_close(e);
}

#endif
