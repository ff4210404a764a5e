/* several.h -- several workers of one topology on one thread and a counter
 * for a clock, with a network between them that keeps what the links promise:
 * frames come in order and once, and each goes back as executed, or as lost
 * when the worker that it went to has died. */
#ifndef SEVERAL_H
#define SEVERAL_H

#include <criterion/criterion.h>

#include "base/mem.h"
#include "base/mix.h"
#include "worker/loop.h"
#include "worker/port.h"

enum { MOST_WORKERS = 4, DATA_FRAMES = 2 };

/* A frame under way: its bytes are a copy, for its sender may die. */
struct parcel {
    struct parcel *next;
    gi_going *of; /* NULL: the sender has died */
    uint64_t from, no;
    uint32_t len, raw;
    uint16_t flags;
    unsigned char *bytes;
};

struct queue {
    struct parcel *head, **tail;
};

/* From one worker to another. */
struct way {
    struct queue sent[GI_N_LANES]; /* on the way; */
    struct queue taken;            /* arrived, and not executed yet */
    gi_going *back, **back_tail;
    uint64_t ended; /* incarnations of the one at the end */
    uint32_t frames[GI_N_LANES];
};

struct node {
    struct several *all;
    uint32_t no;
    uint64_t incarnation;
    gi_carrier carrier;
    gi_worker *w; /* NULL: dead */
    bool frozen;  /* gets no turn */
};

struct several {
    int64_t now;
    uint64_t drawn; /* entropy */
    gi_rng rng;
    gi_env env;
    gi_plan *plan;
    uint32_t n;
    uint32_t loops;
    uint32_t grace_ms;
    bool packs;
    uint32_t *place; /* [n_tasks]: where each runs */
    uint64_t last;   /* incarnation */
    struct node node[MOST_WORKERS];
    struct way way[MOST_WORKERS][MOST_WORKERS]; /* from, to */
};

/* ------------------------------------------------------------- network -- */

static inline void put(struct queue *q, struct parcel *p)
{
    if (q->head == NULL)
        q->tail = &q->head;
    p->next = NULL;
    *q->tail = p;
    q->tail = &p->next;
}

static inline struct parcel *get(struct queue *q)
{
    struct parcel *p = q->head;

    if (p != NULL)
        q->head = p->next;
    return p;
}

static inline void give_back(struct way *way, struct parcel *p, bool executed)
{
    if (p->of != NULL) {
        gi_parcel *parcel = &p->of->parcel;

        parcel->executed = executed;
        parcel->next = NULL;
        if (way->back == NULL)
            way->back_tail = &way->back;
        *way->back_tail = p->of;
        way->back_tail = (gi_going **)(void *)&parcel->next;
        way->frames[parcel->lane]--;
    }
    gi_free(p->bytes);
    gi_free(p);
}

static inline bool net_room(void *arg, uint32_t peer, gi_lane lane,
                            uint32_t bytes)
{
    struct node *me = arg;

    (void)bytes;
    return me->all->way[me->no][peer].frames[lane] <
           (lane == GI_LANE_DATA ? DATA_FRAMES : 8);
}

static inline gale_err net_offer(void *arg, uint32_t peer, gi_lane lane,
                                 gi_going *g)
{
    struct node *me = arg;
    struct way *way = &me->all->way[me->no][peer];
    struct parcel *p = gi_alloc(sizeof(*p));

    p->of = g;
    p->from = me->incarnation;
    p->no = ++me->all->drawn;
    p->len = g->stored;
    p->raw = g->raw;
    p->flags = g->flags;
    p->bytes = gi_alloc(g->stored + 1);
    memcpy(p->bytes, g->frame + GI_FRAME_HEAD, g->stored);
    put(&way->sent[lane], p);
    g->parcel.lane = (uint8_t)lane;
    way->frames[lane]++;
    return GALE_OK;
}

static inline gi_going *net_back(void *arg, uint32_t peer)
{
    struct node *me = arg;
    struct way *way = &me->all->way[me->no][peer];
    gi_going *g = way->back;

    if (g != NULL)
        way->back = (gi_going *)(void *)g->parcel.next;
    return g;
}

/* Notes may come before tuples that left earlier, and the other way round. */
static inline bool net_take(void *arg, uint32_t peer, gi_coming *out)
{
    struct node *me = arg;
    struct way *way = &me->all->way[peer][me->no];
    uint32_t lane = (uint32_t)gi_rng_below(&me->all->rng, GI_N_LANES);
    struct parcel *p = get(&way->sent[lane]);

    if (p == NULL)
        return false;
    put(&way->taken, p);
    out->block = gi_alloc(p->len + 1);
    memcpy(out->block, p->bytes, p->len);
    out->frame = (gi_frame){ .kind = GI_FRAME_DATA,
                             .from = p->from,
                             .seq = p->no,
                             .flags = p->flags,
                             .raw = p->raw,
                             .stored = p->len,
                             .payload = out->block };
    return true;
}

static inline void net_executed(void *arg, uint32_t peer, uint64_t from,
                                uint64_t no)
{
    struct node *me = arg;
    struct way *way = &me->all->way[peer][me->no];

    for (struct parcel **at = &way->taken.head; *at != NULL;
         at = &(*at)->next) {
        struct parcel *p = *at;

        if (p->from != from || p->no != no)
            continue;
        *at = p->next;
        if (way->taken.tail == &p->next)
            way->taken.tail = at;
        give_back(way, p, true);
        return;
    }
    cr_assert_fail("executed what never came, or twice");
}

static inline bool net_packs(void *arg, uint32_t peer)
{
    (void)peer;
    return ((struct node *)arg)->all->packs;
}

static inline uint64_t net_ended(void *arg, uint32_t peer)
{
    struct node *me = arg;

    return me->all->way[me->no][peer].ended;
}

static inline int64_t net_turn(void *arg, int64_t now)
{
    (void)arg;
    (void)now;
    return INT64_MAX;
}

/* ----------------------------------------------------------- the world -- */

static inline int64_t world_now(void *arg)
{
    return ((struct several *)arg)->now;
}

static inline int64_t world_wall(void *arg)
{
    return 1700000000000 + ((struct several *)arg)->now / 1000000;
}

static inline uint64_t world_entropy(void *arg)
{
    return gi_mix64(++((struct several *)arg)->drawn);
}

static inline void world_nap(void *arg)
{
    ((struct several *)arg)->now += 1000000;
}

/* A worker begins, as an incarnation that never was. */
static inline void begin(struct several *s, uint32_t no)
{
    struct node *me = &s->node[no];
    uint32_t n = s->plan->n_tasks;
    uint32_t *peer_of = gi_calloc(n, sizeof(*peer_of));
    gi_port_opts port = { &me->carrier, s->n, peer_of, DATA_FRAMES,
                          s->grace_ms };
    gi_worker_opts opts = { .env = &s->env, .loops = s->loops, .port = &port };

    for (uint32_t i = 0; i < n; i++)
        peer_of[i] = s->place[i] == no ? GI_HERE : s->place[i];
    me->all = s;
    me->no = no;
    me->incarnation = ++s->last;
    me->carrier = (gi_carrier){ .arg = me,
                                .room = net_room,
                                .offer = net_offer,
                                .back = net_back,
                                .take = net_take,
                                .executed = net_executed,
                                .packs = net_packs,
                                .ended = net_ended,
                                .turn = net_turn };
    cr_assert_eq(gi_worker_create(&me->w, s->plan, &opts), GALE_OK);
    for (uint32_t i = 0; i < gi_worker_n_loops(me->w); i++)
        cr_assert(gi_loop_open(gi_worker_loop(me->w, i)));
    gi_worker_set_active(me->w, true);
    gi_free(peer_of);
}

/* The sender of these has died: what it would get back goes to its end. */
static inline void orphan(struct way *way, struct queue *q)
{
    for (struct parcel *p = q->head; p != NULL; p = p->next) {
        struct parcel copy = { .of = p->of, .bytes = NULL };
        struct parcel *gone = gi_alloc(sizeof(*gone));

        *gone = copy;
        give_back(way, gone, false);
        p->of = NULL;
    }
}

/* Only the first `n` arrive. */
static inline void cut(struct queue *q, uint64_t n)
{
    struct queue all = *q;
    struct parcel *p;

    *q = (struct queue){ 0 };
    while ((p = get(&all)) != NULL)
        if (n > 0) {
            n--;
            put(q, p);
        } else {
            gi_free(p->bytes);
            gi_free(p);
        }
}

/* It dies.  Of what it had sent some arrives; what was sent to it is lost. */
static inline void die(struct several *s, uint32_t no)
{
    struct parcel *p;

    for (uint32_t i = 0; i < s->n; i++) {
        struct way *to = &s->way[i][no], *from = &s->way[no][i];

        for (unsigned lane = 0; lane < GI_N_LANES; lane++) {
            orphan(from, &from->sent[lane]);
            cut(&from->sent[lane], gi_rng_below(&s->rng, 4));
            while ((p = get(&to->sent[lane])) != NULL)
                give_back(to, p, false);
        }
        orphan(from, &from->taken);
        while ((p = get(&to->taken)) != NULL)
            give_back(to, p, false);
        to->ended++;
        from->ended = 0; /* the next one knows of nobody's past */
    }
    gi_worker_destroy(s->node[no].w);
    s->node[no].w = NULL;
}

static inline void begin_all(struct several *s, uint64_t seed)
{
    s->rng.at = seed;
    s->now = 1000000000;
    s->env = (gi_env){ s, world_now, world_wall, world_entropy, world_nap };
    for (uint32_t i = 0; i < s->n; i++)
        begin(s, i);
}

static inline void end_all(struct several *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->node[i].w != NULL)
            die(s, i);
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t k = 0; k < s->n; k++) {
            for (unsigned lane = 0; lane < GI_N_LANES; lane++)
                cut(&s->way[i][k].sent[lane], 0);
            cut(&s->way[i][k].taken, 0);
        }
}

/* -------------------------------------------------------------- running -- */

/* Every loop gets a turn, in some order.  Did anybody do something? */
static inline bool turn_all(struct several *s)
{
    bool some = false;
    uint32_t first = (uint32_t)gi_rng_below(&s->rng, s->n);

    for (uint32_t i = 0; i < s->n; i++) {
        struct node *me = &s->node[(first + i) % s->n];

        for (uint32_t k = 0;
             me->w != NULL && !me->frozen && k < gi_worker_n_loops(me->w); k++)
            if (gi_rng_below(&s->rng, 4) != 0)
                some |= gi_loop_turn(gi_worker_loop(me->w, k));
            else
                some = true; /* its turn is still to come */
    }
    return some;
}

static inline bool under_way(const struct several *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t k = 0; k < s->n; k++)
            for (unsigned lane = 0; lane < GI_N_LANES; lane++)
                if (s->way[i][k].sent[lane].head != NULL &&
                    s->node[k].w != NULL && !s->node[k].frozen)
                    return true;
    return false;
}

static inline void let_time_pass(struct several *s)
{
    int64_t next = s->now + 10000000;

    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t k = 0; s->node[i].w != NULL && !s->node[i].frozen &&
                             k < gi_worker_n_loops(s->node[i].w);
             k++) {
            int64_t due =
                gi_loop_next_ns(gi_worker_loop(s->node[i].w, k), 1000000);

            if (due < next)
                next = due;
        }
    s->now = next > s->now ? next : s->now + 1000;
}

/* One step: everybody a turn, or if nobody has anything to do, later. */
static inline void step(struct several *s)
{
    if (!turn_all(s) && !under_way(s))
        let_time_pass(s);
}

/* Is everything done, everywhere? */
static inline bool all_quiet(struct several *s)
{
    if (under_way(s))
        return false;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->node[i].w == NULL || !gi_worker_quiet(s->node[i].w))
            return false;
    return true;
}

/* Until all is done; false: not by that time. */
static inline bool run_until_quiet(struct several *s, int64_t until)
{
    while (s->now < until) {
        if (all_quiet(s))
            return true;
        step(s);
    }
    return false;
}

#endif
