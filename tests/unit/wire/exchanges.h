/* exchanges.h -- exchanges of a few workers in one thread, and time to let
 * them do what they want. */
#ifndef TESTS_WIRE_EXCHANGES_H
#define TESTS_WIRE_EXCHANGES_H

#define _GNU_SOURCE /* RUSAGE_THREAD; so this header comes first */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "tests/free_port.h"
#include "wire/exchange.h"

#define MS INT64_C(1000000)

enum { A, B, C, POSTS, FRAMES = 8 };

struct post {
    gi_exchange *x;
    gi_line *line[POSTS]; /* to the other ones */
    gi_going going[FRAMES];
    uint32_t taken, executed, lost;
};

static struct post post[POSTS];
static char said[16][512]; /* in the log */
static uint32_t n_said;
static int64_t longest; /* turn in which we waited for something */

static inline int64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* How often we let go of the processor ourselves: to be sent away from it, or
 * to have none, is not the fault of what we do. */
static inline long waits(void)
{
    struct rusage u;

    cr_assert_eq(getrusage(RUSAGE_THREAD, &u), 0);
    return u.ru_nvcsw;
}

static inline void nobody(void *arg)
{
    (void)arg;
}

static inline void hear_log(void *arg, gale_level level, const char *who,
                            const char *text)
{
    (void)arg;
    (void)level;
    (void)who;
    if (n_said < 16)
        snprintf(said[n_said++], sizeof(said[0]), "%s", text);
}

static inline bool was_said(const char *words)
{
    for (uint32_t i = 0; i < n_said; i++) {
        if (strstr(said[i], words) != NULL)
            return true;
    }
    return false;
}

/* Keys are 1, 2, 3: C dials both others, B dials A. */
static inline gi_exchange_opts post_opts(int who, uint64_t me)
{
    return (gi_exchange_opts){
        .channel = { .me = me, .assignment = 1, .seed = (uint64_t)who },
        .key = (uint64_t)who + 1,
        .url = "tcp://127.0.0.1:0",
        .wake = nobody
    };
}

static inline void post_open(int who, const gi_exchange_opts *o)
{
    gale_diag why = { "" };

    gi_log_set_sink(hear_log, NULL);
    gi_log_set_level(GALE_LOG_WARN);
    cr_assert_eq(gi_exchange_create(&post[who].x, o, now_ns(), &why), GALE_OK,
                 "%s", why.text);
}

static inline void post_begin(int who, uint64_t me)
{
    gi_exchange_opts o = post_opts(who, me);
    char url[32];

    snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", free_port());
    o.url = url; /* some end it, and begin it there again */
    post_open(who, &o);
}

static inline const char *url_of(int who)
{
    static char url[4][64];
    static unsigned n;
    char *at = url[n++ % 4];

    snprintf(at, sizeof(url[0]), "tcp://127.0.0.1:%u",
             gi_exchange_port(post[who].x));
    return at;
}

static inline gale_err try_add(int who, int peer, const char *url)
{
    gi_peer_place p = { (uint64_t)peer + 1, url, "worker-of-test:1" };

    return gi_exchange_add(post[who].x, &p, now_ns(), &post[who].line[peer]);
}

static inline void add(int who, int peer)
{
    cr_assert_eq(try_add(who, peer, url_of(peer)), GALE_OK);
}

static inline gi_channel_view view(int who, int peer)
{
    gi_channel_view v;

    gi_channel_look(gi_line_channel(post[who].line[peer]), &v);
    return v;
}

static inline void post_remove(int who, int peer)
{
    gi_line *l = post[who].line[peer];

    gi_line_abandon(l, now_ns());
    while (gi_line_back(l) != NULL)
        post[who].lost++;
    gi_exchange_remove(post[who].x, l);
    post[who].line[peer] = NULL;
}

static inline void post_end(int who)
{
    for (int i = 0; i < POSTS; i++) {
        if (post[who].line[i] != NULL)
            post_remove(who, i);
    }
    gi_exchange_destroy(post[who].x);
    post[who].x = NULL;
    for (int i = 0; i < FRAMES; i++)
        free(post[who].going[i].frame);
    memset(&post[who], 0, sizeof(post[who]));
}

static inline void end_all(void)
{
    for (int i = 0; i < POSTS; i++)
        post_end(i);
}

static inline void look_after(struct post *p, int peer)
{
    gi_line *l = p->line[peer];
    gi_coming c;
    gi_going *g;

    while (gi_line_take(l, &c)) {
        p->taken++;
        gi_channel_executed(gi_line_channel(l), c.frame.from, c.frame.seq,
                            now_ns());
        gi_free(c.block);
    }
    while ((g = gi_line_back(l)) != NULL) {
        p->executed += g->parcel.executed;
        p->lost += !g->parcel.executed;
    }
}

/* A round for everybody. */
static inline void turn_all(void)
{
    for (int i = 0; i < POSTS; i++) {
        int64_t began = now_ns(), took;
        long waited = waits();

        if (post[i].x == NULL)
            continue;
        gi_exchange_turn(post[i].x, began);
        took = now_ns() - began;
        if (waits() != waited && took > longest)
            longest = took;
        for (int k = 0; k < POSTS; k++) {
            if (post[i].line[k] != NULL)
                look_after(&post[i], k);
        }
    }
    poll(NULL, 0, 1);
}

/* Until that is so; how long it took, in milliseconds.  Where we stood still,
 * as on a machine that has others to serve, a round counts for little. */
#define UNTIL(what)                                                   \
    __extension__({                                                   \
        int64_t began_ = now_ns(), took_ = 0, at_;                    \
        while (!(what)) {                                             \
            cr_assert_lt(now_ns() - began_, 30000 * MS, "%s", #what); \
            at_ = now_ns();                                           \
            turn_all();                                               \
            at_ = now_ns() - at_;                                     \
            took_ += at_ < 10 * MS ? at_ : 10 * MS;                   \
        }                                                             \
        took_ / MS;                                                   \
    })

static inline gi_exchange_counts counts(int who)
{
    gi_exchange_counts c;

    gi_exchange_look(post[who].x, &c);
    return c;
}

/* FRAMES frames of 100 bytes, from one to the other. */
static inline void offer_frames(int who, int peer)
{
    for (int i = 0; i < FRAMES; i++) {
        gi_going *g = &post[who].going[i];

        if (g->frame == NULL)
            g->frame = malloc(GI_FRAME_HEAD + 100);
        memset(g->frame, 'x', GI_FRAME_HEAD + 100);
        g->raw = g->stored = 100;
        cr_assert_eq(gi_line_offer(post[who].line[peer], GI_LANE_DATA, g),
                     GALE_OK);
    }
}

#endif
