/* ensemble.h -- a model of ZooKeeper, as far as an election needs it, and
 * candidates that reach it over connections which are slow, break and hang;
 * some stand still for a while.  One clock of virtual milliseconds.
 *
 * Sessions end no sooner than GI_LEADER needs (a sixth of the time less than
 * promised: what one server heard of a session, others learn late), and no
 * later than they may.  What is read may be old, but for what this session
 * has seen already. */
#ifndef TEST_ENSEMBLE_H
#define TEST_ENSEMBLE_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/mix.h"
#include "nimbus/zookeeper/leader.h"

enum {
    CANDIDATES = 3,
    SESSION_MS = 6000,
    STATES_MOST = 4096,
    NODES_MOST = 16,
};

/* All that is in the ensemble after a change. */
struct state {
    int32_t version;
    char holder[GI_LEADER_NAME + 1];
    struct node {
        char text[GI_LEADER_NAME + 12];
        uint32_t session;
    } nodes[NODES_MOST];
    uint32_t n;
};

struct request {
    gi_want what; /* NOTHING: none is under way */
    uint64_t begun, arrives, back;
    bool arrived;
    int32_t version;
    gi_went how;
    struct state seen;
};

struct candidate {
    gi_leader l;
    uint32_t session;   /* 0: none */
    bool granted, dead; /* at the ensemble */
    uint64_t ends;      /* then the ensemble ends it */
    bool linked;        /* is there a connection */
    bool broke, told;   /* has he to hear that it broke; did he of this one */
    uint64_t links, tells, pings; /* when */
    uint64_t still_until; /* he does nothing; `frozen`: nor does his client */
    bool frozen;
    uint32_t saw;     /* the state that he saw last: he sees no older one */
    uint64_t changed; /* then he hears of a change; 0: none */
    uint32_t watches; /* one more than the state he looked at; 0: none */
    struct request r;
};

struct ensemble {
    gi_rng rng;
    uint64_t now;
    bool calm; /* nothing goes wrong any more */
    struct state states[STATES_MOST];
    uint32_t last, sessions, numbers;
    struct candidate c[CANDIDATES];
    uint32_t taken, doubts, lapsed;
};

static inline uint64_t some(struct ensemble *e, uint64_t least, uint64_t most)
{
    return least + gi_rng_below(&e->rng, most - least + 1);
}

static inline struct state *change(struct ensemble *e)
{
    cr_assert_lt(e->last + 1, STATES_MOST);
    e->states[e->last + 1] = e->states[e->last];
    e->last++;
    for (int i = 0; i < CANDIDATES; i++)
        if (e->c[i].watches != 0 && e->c[i].changed == 0 && e->c[i].linked)
            e->c[i].changed = e->now + some(e, 1, 200);
    return &e->states[e->last];
}

/* The ensemble heard of him. */
static inline void touch(struct ensemble *e, struct candidate *c)
{
    uint64_t more = some(e, 0, 3) != 0 ? 0 : some(e, 0, SESSION_MS / 2);
    uint64_t ends = e->now + SESSION_MS - SESSION_MS / 6 + more;

    if (ends > c->ends)
        c->ends = ends;
}

static inline void end_session(struct ensemble *e, struct candidate *c)
{
    struct state *s = change(e);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->n; i++)
        if (s->nodes[i].session != c->session)
            s->nodes[kept++] = s->nodes[i];
    s->n = kept;
    c->dead = true;
}

static inline bool has_node(const struct state *s, uint32_t session)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->nodes[i].session == session)
            return true;
    return false;
}

/* His request has come. */
static inline gi_went carry_out(struct ensemble *e, struct candidate *c)
{
    struct state *s = &e->states[e->last];
    uint32_t at;

    switch (c->r.what) {
    case GI_WANT_LOOK:
        at = (uint32_t)some(e, c->saw, e->last);
        c->r.seen = e->states[at];
        c->saw = at;
        c->watches = at + 1;
        if (at < e->last)
            c->changed = e->now + some(e, 1, 200);
        return GI_WENT_WELL;
    case GI_WANT_ENTER:
        s = change(e);
        cr_assert_lt(s->n, NODES_MOST);
        s->nodes[s->n].session = c->session;
        snprintf(s->nodes[s->n++].text, sizeof(s->nodes[0].text), "%s-%010u",
                 c->l.name, e->numbers++);
        break;
    case GI_WANT_TAKE:
        if (s->version != c->r.version || !has_node(s, c->session))
            return GI_WENT_REFUSED;
        s = change(e);
        s->version++;
        memcpy(s->holder, c->l.name, sizeof(s->holder));
        e->taken++;
        break;
    case GI_WANT_BEAT:
        if (s->version != c->r.version)
            return GI_WENT_REFUSED;
        break;
    default:
        cr_assert(false);
    }
    c->saw = e->last;
    return GI_WENT_WELL;
}

static inline void arrive(struct ensemble *e, struct candidate *c)
{
    if (c->r.what == GI_WANT_NOTHING || c->r.arrived || c->dead ||
        e->now < c->r.arrives)
        return;
    touch(e, c);
    c->r.how = carry_out(e, c);
    c->r.arrived = true;
    c->r.back = e->now + (e->calm ? 1 : some(e, 1, 300));
}

/* The connection goes; he hears of it sooner or later.  What was sent may
 * come all the same. */
static inline void cut(struct ensemble *e, struct candidate *c)
{
    uint64_t wait =
        some(e, 0, 3) == 0 ? some(e, 0, SESSION_MS) : some(e, 0, 500);

    c->linked = false;
    c->broke = true;
    c->tells = e->now + (some(e, 0, 1) ? some(e, 0, SESSION_MS * 2 / 3) : 1);
    c->links = c->tells + wait;
    if (!c->r.arrived && some(e, 0, 1))
        c->r.arrives = UINT64_MAX; /* it got lost */
    c->changed = 0;
    c->watches = 0;
}

/* What his client does beside him. */
static inline void client(struct ensemble *e, struct candidate *c)
{
    if (c->session == 0 || (c->frozen && e->now < c->still_until))
        return;
    if (c->linked && e->now >= c->pings && !c->dead) {
        touch(e, c);
        c->pings = e->now + SESSION_MS / 3;
    }
    if (!c->linked && e->now >= c->links) {
        c->linked = true;
        if (!c->granted)
            c->saw = e->last;
        c->granted = true;
        if (!c->dead)
            touch(e, c);
        c->pings = e->now + SESSION_MS / 3;
    }
}

static inline void hear_reply(struct ensemble *e, struct candidate *c)
{
    const char *names[NODES_MOST];
    gi_leader_look look = { .names = names, .url = "tcp://there:1" };
    gi_want what = c->r.what;

    if (what == GI_WANT_NOTHING || !c->r.arrived || e->now < c->r.back)
        return;
    look.version = c->r.seen.version;
    look.holder = c->r.seen.holder;
    look.n_names = c->r.seen.n;
    for (uint32_t i = 0; i < c->r.seen.n; i++)
        names[i] = c->r.seen.nodes[i].text;
    c->r.what = GI_WANT_NOTHING;
    gi_leader_did(&c->l, what, c->r.how, &look, c->r.begun, e->now);
}

static inline void hear(struct ensemble *e, struct candidate *c)
{
    if (c->broke && e->now >= c->tells) {
        if (c->r.what != GI_WANT_NOTHING)
            gi_leader_did(&c->l, c->r.what, GI_WENT_UNKNOWN, NULL, c->r.begun,
                          e->now);
        c->r.what = GI_WANT_NOTHING;
        gi_leader_disconnected(&c->l);
        c->broke = c->told = false;
    }
    if (!c->linked || c->broke)
        return;
    if (!c->told && c->dead)
        gi_leader_ended(&c->l);
    else if (!c->told)
        gi_leader_connected(&c->l, SESSION_MS, e->now);
    c->told = true;
    if (c->changed != 0 && e->now >= c->changed) {
        c->changed = c->watches = 0;
        gi_leader_changed(&c->l);
    }
    hear_reply(e, c);
}

static inline void open_session(struct ensemble *e, struct candidate *c)
{
    char name[GI_LEADER_NAME + 1];

    snprintf(name, sizeof(name), "%032u", ++e->sessions);
    gi_leader_opened(&c->l, name);
    c->session = e->sessions;
    c->granted = c->dead = c->linked = c->broke = c->told = false;
    c->links = e->now + some(e, 1, 300);
    c->ends = c->changed = c->watches = 0;
    c->r.what = GI_WANT_NOTHING;
}

static inline void act(struct ensemble *e, struct candidate *c)
{
    gi_want w = gi_leader_next(&c->l, e->now);

    if (w == GI_WANT_OPEN) {
        open_session(e, c);
    } else if (w == GI_WANT_CLOSE) {
        if (c->granted && !c->dead)
            end_session(e, c);
        c->session = 0;
        c->linked = false;
    } else if (w != GI_WANT_NOTHING) {
        c->r = (struct request){
            .what = w,
            .begun = e->now,
            .arrives = e->now + (e->calm ? 1 : some(e, 1, 300)),
            .version = gi_leader_version(&c->l),
        };
        if (!c->linked)
            c->r.arrives = UINT64_MAX;
    }
}

#endif
