/* world.h -- a few workers, the links between them, and everything that can
 * go wrong with those, on one thread and a virtual clock, decided by a seed.
 *
 * The ends are those of wire/channel.h; this is the world around them: a
 * transport that loses what it has accepted, workers that die, sleep and come
 * back, and a judge who looks after every step.
 */
#ifndef LINKS_WORLD_H
#define LINKS_WORLD_H

#include "base/mix.h"
#include "wire/channel.h"

#define MS INT64_C(1000000)

enum {
    MOST_NODES = 3,
    MOST_ITEMS = 1024,
    MOST_CONNS = 1024,
    MOST_EVENTS = 4096,
    MOST_NUMBERS = 24,
    MOST_LIVES = 64, /* incarnations, of all workers */
};

/* A frame that was offered, for as long as the world lasts. */
struct item {
    gi_parcel parcel;  /* first: an item is found by it */
    uint32_t from, to; /* nodes */
    uint64_t from_life,
        to_life; /* incarnations; to_life: known when offered */
    uint32_t taken, executed, back;
    int64_t executed_at;
};

struct message {
    gi_letter letter;
    uint64_t numbers[MOST_NUMBERS];
};

/* A connection.  Side 0 dialed it. */
struct conn {
    uint32_t node[2];
    uint64_t life[2];
    bool up[2];         /* as that side sees it */
    bool cut;           /* nothing gets through any more */
    bool hole[2];       /* what that side sends vanishes */
    bool faulty;        /* something happened to it */
    int64_t clogged[2]; /* until then that side cannot send */
    int64_t last[2];    /* when its latest message arrives */
    uint32_t queued[2];
};

struct end {
    gi_channel *channel;
    int64_t due;                /* an event is set for then */
    uint64_t told;              /* ended incarnations it was told of */
    uint64_t life, number;      /* of the last frame taken */
    uint32_t order[GI_N_LANES]; /* of the last item taken */
    uint64_t connections;
};

struct node {
    bool alive;
    uint64_t life;
    uint64_t assignment;
    int64_t asleep_until, slept; /* slept: when it last woke */
    struct end end[MOST_NODES];
};

enum event_kind {
    EV_ARRIVE,
    EV_UP,
    EV_DIAL_FAILED,
    EV_DOWN,
    EV_DUE,
    EV_EXECUTED,
    EV_WORK,
    EV_FAULT,
    EV_BIRTH,
    EV_NEWS,
    EV_ASSIGN,
    EV_PUMP,
};

struct event {
    int64_t at;
    uint64_t order;
    enum event_kind kind;
    uint32_t node, peer, conn, side, item;
    uint64_t life, number;
    struct message *message;
};

struct chances {
    uint32_t drop, duplicate, reorder; /* of 1000 letters */
    uint32_t dead_dial;                /* of 100 dials */
    uint32_t slow;                     /* of 1000 frames to execute */
    int64_t delay, work, fault, execute;
};

struct world {
    uint64_t seed;
    gi_rng rng;
    int64_t now;
    uint32_t n_nodes;
    struct node node[MOST_NODES];
    struct item item[MOST_ITEMS];
    uint32_t n_items;
    struct conn conn[MOST_CONNS];
    uint32_t n_conns;
    struct event *heap;
    uint32_t n_events;
    uint64_t order;
    struct chances chances;
    bool calm;    /* nothing at all goes wrong after that */
    bool healing; /* no more faults, but for connections that break */
    int64_t heal_at;
    int64_t leapt; /* their clocks are so much ahead of `now` */
    uint64_t lives, assignment;
    uint32_t owner[MOST_LIVES]; /* of which node */
    bool dead[MOST_LIVES];
    uint64_t history; /* hash of all that happened */
    bool verbose;
    uint64_t steps;
    gi_channel_counts counts; /* of all ends that were */
    char wrong[160];          /* what the judge found; "" */
};

/* The whole of it: true if nothing was wrong. */
bool world_run(struct world *w, uint64_t seed, bool verbose);

void world_wrong(struct world *w, const char *format, ...) GALE_PRINTF(2, 3);
void world_push(struct world *w, struct event e); /* at e.at */
void world_note(struct world *w, const char *what, uint64_t a, uint64_t b,
                uint64_t c);
bool world_chance(struct world *w, uint32_t of_1000);
int64_t world_upto(struct world *w, int64_t ns); /* 1 .. ns */

/* node.c */
void node_birth(struct world *w, uint32_t n);
void node_death(struct world *w, uint32_t n);
void node_event(struct world *w, const struct event *e);
void node_pump(struct world *w, uint32_t n, uint32_t peer);
void node_work(struct world *w, uint32_t n);
void node_leave(struct world *w, uint32_t n);
void node_assign(struct world *w, uint32_t n, uint64_t version);

/* net.c */
void net_dial(struct world *w, uint32_t n, uint32_t peer);
bool net_may_send(const struct world *w, uint32_t n, uint64_t conn);
void net_send(struct world *w, uint32_t n, uint64_t conn, const gi_letter *l);
void net_close(struct world *w, uint32_t n, uint64_t conn);
void net_break(struct world *w, uint32_t conn);
void net_died(struct world *w, uint32_t n);
bool net_arrive(struct world *w, const struct event *e); /* it is there */

/* faults.c */
void faults_choose(struct world *w);
void faults_one(struct world *w);

/* judge.c */
void judge_taken(struct world *w, uint32_t n, uint32_t peer,
                 const gi_letter *l);
void judge_executed(struct world *w, struct item *i);
void judge_back(struct world *w, struct item *i);
void judge_greeted(struct world *w, uint32_t n, uint32_t peer,
                   const gi_letter *l);
void judge_closed(struct world *w, uint32_t peer, const gi_act *act);
void judge_bounds(struct world *w, uint32_t n, uint32_t peer);
bool judge_all_back(const struct world *w);
bool judge_all_over(const struct world *w);

#endif
