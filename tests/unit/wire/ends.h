/* ends.h -- two ends of a link and a wire between them that does what a test
 * says.  What an end sends lies on the wire until `deliver`. */
#ifndef TESTS_WIRE_ENDS_H
#define TESTS_WIRE_ENDS_H

#include <criterion/criterion.h>

#include "wire/channel.h"

#define MS INT64_C(1000000)

enum { A = 0, B = 1, ON_WIRE = 64 };

struct sent {
    gi_letter letter;
    uint64_t numbers[ON_WIRE];
};

struct ends {
    gi_channel *c[2];
    uint64_t conn;
    int64_t now;
    bool dialed, closed[2], said[2];
    gi_parting why[2];
    struct sent wire[2][ON_WIRE]; /* by who sent it */
    uint32_t n[2];
    uint64_t taken[2][ON_WIRE]; /* numbers that were taken */
    uint32_t n_taken[2];
    gi_parcel parcel[ON_WIRE];
    uint32_t n_parcels;
};

static inline gi_channel_opts ends_opts(int who, uint64_t me)
{
    return (gi_channel_opts){ .me = me,
                              .assignment = 1,
                              .key = (uint64_t)who + 1,
                              .peer_key = 2 - (uint64_t)who,
                              .dials = who == A,
                              .lane = { { .frames = 4, .bytes = 400 },
                                        { .frames = 8, .bytes = 800 } } };
}

/* Everything that `who` wants to do. */
static inline void ends_pump(struct ends *e, int who)
{
    gi_act a;

    while (gi_channel_next(e->c[who], true, e->now, &a)) {
        if (a.what == GI_DO_DIAL) {
            e->dialed = true;
        } else if (a.what == GI_DO_CLOSE) {
            e->closed[who] = true;
            e->why[who] = a.why;
            e->said[who] = a.say;
        }
        if (a.what == GI_DO_SEND || (a.what == GI_DO_CLOSE && a.say)) {
            struct sent *s = &e->wire[who][e->n[who]++];
            const gi_greeting *g = &a.letter.greeting;

            cr_assert_leq(e->n[who], ON_WIRE);
            s->letter = a.letter;
            if (a.letter.n_done != 0)
                memcpy(s->numbers, a.letter.done,
                       a.letter.n_done * sizeof(uint64_t));
            if (g->n_open != 0)
                memcpy(s->numbers, g->open, g->n_open * sizeof(uint64_t));
        }
    }
}

/* Hand `l` to `who`. */
static inline bool ends_hand(struct ends *e, int who, const gi_letter *l)
{
    bool take = gi_channel_arrived(e->c[who], e->conn, l, e->now);

    if (take)
        e->taken[who][e->n_taken[who]++] = l->seq;
    ends_pump(e, who);
    return take;
}

/* The first letter that `from` sent arrives.  Returns it. */
static inline gi_letter ends_deliver(struct ends *e, int from)
{
    struct sent first = e->wire[from][0];

    cr_assert_gt(e->n[from], 0, "there is nothing on the wire");
    e->n[from]--;
    memmove(e->wire[from], e->wire[from] + 1,
            e->n[from] * sizeof(e->wire[from][0]));
    first.letter.done = first.letter.greeting.open = first.numbers;
    ends_hand(e, 1 - from, &first.letter);
    return first.letter;
}

/* All that is on the wire, and what comes of it. */
static inline void ends_deliver_all(struct ends *e)
{
    while (e->n[A] + e->n[B] > 0)
        ends_deliver(e, e->n[A] > 0 ? A : B);
}

/* The connection is gone, with all that was on it. */
static inline void ends_cut(struct ends *e)
{
    e->n[A] = e->n[B] = 0;
    for (int who = 0; who < 2; who++) {
        gi_channel_down(e->c[who], e->conn, e->now);
        ends_pump(e, who);
    }
}

static inline void ends_sleep(struct ends *e, int who, int64_t ns)
{
    e->now += ns;
    gi_channel_tick(e->c[who], e->now);
    ends_pump(e, who);
}

/* Time goes by, and both look as often as they should. */
static inline void ends_wait(struct ends *e, int64_t ns)
{
    for (int64_t until = e->now + ns; e->now < until;) {
        e->now += 10 * MS;
        for (int who = 0; who < 2; who++) {
            gi_channel_tick(e->c[who], e->now);
            ends_pump(e, who);
        }
    }
}

/* A dials; the greetings are not delivered yet. */
static inline void ends_dial(struct ends *e)
{
    e->conn++;
    e->closed[A] = e->closed[B] = false;
    gi_channel_up(e->c[A], e->conn, e->now);
    ends_pump(e, A);
}

static inline void ends_connect(struct ends *e)
{
    ends_dial(e);
    ends_deliver_all(e);
}

static inline struct ends *ends_begin(void)
{
    struct ends *e = calloc(1, sizeof(*e));

    e->now = 1000 * MS;
    for (int who = 0; who < 2; who++) {
        gi_channel_opts o = ends_opts(who, (uint64_t)who + 10);

        cr_assert_eq(gi_channel_create(&e->c[who], &o, e->now), GALE_OK);
        ends_pump(e, who);
    }
    return e;
}

static inline struct ends *ends_connected(void)
{
    struct ends *e = ends_begin();

    ends_connect(e);
    return e;
}

/* `who` begins anew as incarnation `me`. */
static inline void ends_reborn(struct ends *e, int who, uint64_t me)
{
    gi_channel_opts o = ends_opts(who, me);

    gi_channel_abandon(e->c[who]);
    while (gi_channel_back(e->c[who]) != NULL)
        ;
    gi_channel_destroy(e->c[who]);
    cr_assert_eq(gi_channel_create(&e->c[who], &o, e->now), GALE_OK);
    ends_pump(e, who);
}

static inline gi_parcel *ends_offer(struct ends *e, int who, gi_lane lane)
{
    gi_parcel *p = &e->parcel[e->n_parcels++];

    p->bytes = 100;
    cr_assert_eq(gi_channel_offer(e->c[who], lane, p), GALE_OK);
    ends_pump(e, who);
    return p;
}

static inline void ends_executed(struct ends *e, int who, uint64_t no)
{
    gi_channel_executed(e->c[who], (uint64_t)(1 - who) + 10, no, e->now);
    ends_pump(e, who);
}

static inline gi_channel_view ends_view(const struct ends *e, int who)
{
    gi_channel_view view;

    gi_channel_look(e->c[who], &view);
    return view;
}

static inline void ends_end(struct ends *e)
{
    for (int who = 0; who < 2; who++) {
        gi_channel_abandon(e->c[who]);
        while (gi_channel_back(e->c[who]) != NULL)
            ;
        gi_channel_destroy(e->c[who]);
    }
    free(e);
}

#endif
