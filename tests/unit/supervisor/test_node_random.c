/* A node in a world where news is lost, doubled and late, workers die,
 * assignments come and go, and the supervisor itself is started anew.  After
 * each step the world sees to what must always be true. */
#include "slots.h"

#include "base/mix.h"
#include "supervisor/node.h"

TestSuite(node_random, .timeout = 300);

enum { PORTS = 3, PROCS = 2048, MAIL = 8192, TOPOLOGIES = 4, CRASHY = 3 };

static const uint16_t ports[PORTS] = { 6700, 6701, 6702 };
static const char *const names[TOPOLOGIES] = { "words", "bills", "top",
                                               "crashy" };

struct wish {
    int topology; /* -1: none */
    uint64_t since, version;
    bool patient;
};

struct proc {
    uint64_t incarnation;
    int port;
    struct wish is;
    bool alive, termed, heard;
    int64_t born, dies; /* GI_NEVER: by itself never */
};

struct letter {
    int64_t at;
    int port;
    gi_slot_event e;
};

struct world {
    uint64_t seed;
    gi_rng rng;
    gi_node *node;
    int64_t now;
    bool chaos;
    struct wish wish[PORTS]; /* as the node was told last */
    bool here[PORTS];        /* the program of it, as the node was told */
    uint64_t version, last, saved_version;
    struct wish saved[PORTS];
    struct proc procs[PROCS];
    int n_procs, n_mail;
    struct letter mail[MAIL];
    int starts, calm_starts[PORTS], restarts, lost;
};

static bool chance(struct world *w, unsigned percent)
{
    return gi_rng_below(&w->rng, 100) < percent;
}

static bool same_worker(struct wish a, struct wish b)
{
    return a.topology == b.topology && (a.topology < 0 || a.since == b.since);
}

#define must(w, cond, ...)                          \
    cr_assert(cond, "seed %llu at %lld ms: " #cond, \
              (unsigned long long)(w)->seed, (long long)((w)->now / MS))

static void post_one(struct world *w, int port, const gi_slot_event *e)
{
    int64_t wait = (int64_t)gi_rng_below(&w->rng, 50) * MS;

    if (w->chaos && chance(w, 5))
        wait += (int64_t)gi_rng_below(&w->rng, 5000) * MS;
    if (w->n_mail < MAIL)
        w->mail[w->n_mail++] = (struct letter){ w->now + wait, port, *e };
}

static void post(struct world *w, int port, gi_slot_event e)
{
    if (w->chaos && chance(w, 10)) {
        w->lost++;
        return;
    }
    post_one(w, port, &e);
    if (w->chaos && chance(w, 10))
        post_one(w, port, &e);
}

static struct proc *proc_of(struct world *w, uint64_t incarnation)
{
    for (int i = w->n_procs - 1; i >= 0; i--)
        if (w->procs[i].incarnation == incarnation)
            return &w->procs[i];
    return NULL;
}

static void post_end(struct world *w, int port, uint64_t incarnation,
                     gi_ending_kind kind)
{
    post(w, port,
         (gi_slot_event){ .kind = GI_SLOT_ENDED,
                          .incarnation = incarnation,
                          .ending = { kind, 1, false } });
}

static void die(struct world *w, struct proc *p)
{
    p->alive = false;
    post_end(w, p->port, p->incarnation, GI_END_EXIT);
}

static struct wish wish_of(const gi_order *o)
{
    struct wish is = { 0, o->since, o->version, o->patient };

    while (strcmp(names[is.topology], o->topology) != 0)
        is.topology++;
    return is;
}

static void start(struct world *w, int port, const gi_slot_act *a)
{
    struct proc *p;

    for (int i = 0; i < w->n_procs; i++)
        must(w, !(w->procs[i].alive && w->procs[i].port == port), "two live");
    must(w, a->incarnation > w->last, "incarnations grow");
    must(w, same_worker(wish_of(a->order), w->wish[port]), "what is wanted");
    w->last = a->incarnation;
    w->starts++;
    w->calm_starts[port] += !w->chaos;
    if (w->chaos && chance(w, 10)) {
        post(w, port,
             (gi_slot_event){ .kind = GI_SLOT_START_FAILED,
                              .incarnation = a->incarnation });
        return;
    }
    must(w, w->n_procs < PROCS, "room");
    p = &w->procs[w->n_procs++];
    *p = (struct proc){ a->incarnation, port,   wish_of(a->order), true, false,
                        false,          w->now, GI_NEVER };
    if (p->is.topology == CRASHY)
        p->dies = w->now + (int64_t)gi_rng_below(&w->rng, 2000) * MS;
    post(w, port,
         (gi_slot_event){ .kind = GI_SLOT_STARTED,
                          .incarnation = a->incarnation,
                          .pid = w->n_procs,
                          .began = (uint64_t)w->now });
}

/* Nobody who is wanted and was heard may be asked to go; nor one in whose
 * place somebody patient comes, before the program is here. */
static bool may_end(struct world *w, const struct proc *p)
{
    const struct wish *next = &w->wish[p->port];
    bool may_come = next->topology < 0 || !next->patient || w->here[p->port];

    return p->termed || (!same_worker(p->is, *next) && may_come) ||
           (!p->heard && w->now - p->born >= 120 * SECOND);
}

static void act(struct world *w, const gi_slot_act *a)
{
    struct proc *p = proc_of(w, a->incarnation);
    int port = a->port - ports[0];

    if (a->kind == GI_SLOT_SAVE) {
        w->saved_version = gi_node_version(w->node);
        memcpy(w->saved, w->wish, sizeof(w->saved));
    } else if (a->kind == GI_SLOT_START) {
        start(w, port, a);
    } else if (a->kind == GI_SLOT_FETCH) {
        post(w, port,
             (gi_slot_event){ .kind = w->chaos && chance(w, 20)
                                          ? GI_SLOT_FETCH_FAILED
                                          : GI_SLOT_READY,
                              .program = names[wish_of(a->order).topology] });
    } else if (a->kind == GI_SLOT_TERM && p != NULL && p->alive) {
        must(w, may_end(w, p), "TERM");
        p->termed = true;
        if (chance(w, 80))
            p->dies = w->now + (int64_t)gi_rng_below(&w->rng, 5000) * MS;
    } else if (a->kind == GI_SLOT_KILL && p != NULL && p->alive) {
        must(w, may_end(w, p), "KILL");
        die(w, p);
    } else if ((a->kind == GI_SLOT_KILL || a->kind == GI_SLOT_LOOK) &&
               (p == NULL || !p->alive)) {
        post_end(w, port, a->incarnation, GI_END_UNKNOWN);
    }
}

static void carry_out(struct world *w)
{
    gi_slot_act a;

    while (gi_node_next(w->node, &a))
        act(w, &a);
    for (uint32_t i = 0; i < PORTS; i++) {
        const gi_keeper *k = gi_node_slot(w->node, i);

        if (k->state != GI_SLOT_BACKING_OFF)
            continue;
        must(w, k->why != GI_WHY_SLOT_NONE, "a reason");
        must(w, k->deadline - w->now <= 30 * SECOND, "back-off");
    }
}

static uint32_t place(const struct wish *wish, gi_placed *out)
{
    uint32_t n = 0;

    for (int i = 0; i < PORTS; i++)
        if (wish[i].topology >= 0)
            out[n++] = (gi_placed){ ports[i],
                                    { .topology = names[wish[i].topology],
                                      .program = names[wish[i].topology],
                                      .patient = wish[i].patient,
                                      .since = wish[i].since,
                                      .version = wish[i].version } };
    return n;
}

static void assign(struct world *w, uint64_t version, const struct wish *wish)
{
    gi_placed placed[PORTS];
    uint32_t n = place(wish, placed);
    bool taken, must_take = version > gi_node_version(w->node);

    for (int i = 0; i < PORTS && must_take; i++)
        w->here[i] = w->here[i] && wish[i].topology == w->wish[i].topology;
    if (must_take)
        memcpy(w->wish, wish, sizeof(w->wish));
    cr_assert_eq(gi_node_assign(w->node, version, placed, n, w->now, &taken),
                 GALE_OK);
    must(w, taken == must_take, "taken");
    carry_out(w);
}

static void reassign(struct world *w)
{
    struct wish next[PORTS];

    memcpy(next, w->wish, sizeof(next));
    w->version++;
    for (int i = 0; i < PORTS; i++) {
        if (next[i].topology >= 0)
            next[i].version = w->version; /* executors may have moved */
        if (chance(w, 30))
            next[i] = (struct wish){ (int)gi_rng_below(&w->rng, 5) - 1,
                                     w->version, w->version, chance(w, 50) };
        else if (next[i].patient && chance(w, 10))
            next[i].patient = false;
    }
    assign(w, w->version, next);
}

/* Late or doubled: of an old version, with anything in it. */
static void assign_stale(struct world *w)
{
    struct wish old[PORTS];

    for (int i = 0; i < PORTS; i++)
        old[i] = (struct wish){ (int)gi_rng_below(&w->rng, 5) - 1, 1, 1,
                                chance(w, 50) };
    if (gi_node_version(w->node) > 0)
        assign(w, 1 + gi_rng_below(&w->rng, gi_node_version(w->node)), old);
}

static void open_node(struct world *w)
{
    gi_node_opts o = { .seed = w->seed, .last = w->last };

    cr_assert_eq(gi_node_create(&w->node, &o, ports, PORTS), GALE_OK);
    gi_node_nimbus(w->node, true);
}

/* The supervisor crashes and is there again, with its record or without. */
static void restart(struct world *w)
{
    bool has_record = chance(w, 70) && w->saved_version > 0;

    gi_node_destroy(w->node);
    w->n_mail = 0;
    memset(w->here, 0, sizeof(w->here));
    w->restarts++;
    open_node(w);
    for (int i = 0; i < w->n_procs; i++) {
        struct proc *p = &w->procs[i];
        gi_placed at = { ports[p->port],
                         { .topology = names[p->is.topology],
                           .program = names[p->is.topology],
                           .since = p->is.since } };

        if (!p->alive)
            continue;
        p->heard = true; /* it is known */
        cr_assert_eq(gi_node_adopt(w->node, &at, p->incarnation, i + 1,
                                   (uint64_t)p->born, w->now),
                     GALE_OK);
        carry_out(w);
    }
    if (has_record) {
        must(w, w->saved_version == w->version, "nothing was lost");
        assign(w, w->saved_version, w->saved);
    } else {
        struct wish now[PORTS];

        memcpy(now, w->wish, sizeof(now));
        assign(w, w->version, now);
    }
}

static void deliver(struct world *w)
{
    for (int i = 0; i < w->n_mail; i++) {
        struct letter l = w->mail[i];
        struct proc *p = proc_of(w, l.e.incarnation);

        if (l.at > w->now)
            continue;
        w->mail[i--] = w->mail[--w->n_mail];
        if (l.e.kind == GI_SLOT_BEAT && p != NULL)
            p->heard = true;
        if (l.e.kind == GI_SLOT_READY && w->wish[l.port].topology >= 0 &&
            strcmp(l.e.program, names[w->wish[l.port].topology]) == 0)
            w->here[l.port] = true;
        gi_node_event(w->node, ports[l.port], &l.e, w->now);
        carry_out(w);
    }
}

static void live(struct world *w, bool beat)
{
    for (int i = 0; i < w->n_procs; i++) {
        struct proc *p = &w->procs[i];

        if (!p->alive)
            continue;
        if (w->now >= p->dies || (w->chaos && chance(w, 1) && chance(w, 5)))
            die(w, p);
        else if (beat)
            post(w, p->port,
                 (gi_slot_event){ .kind = GI_SLOT_BEAT,
                                  .incarnation = p->incarnation });
    }
}

static void run(struct world *w, int64_t ns)
{
    int64_t end = w->now + ns;

    for (int step = 0; w->now < end; step++) {
        w->now += 50 * MS;
        live(w, step % 20 == 0);
        deliver(w);
        gi_node_tick(w->node, w->now);
        carry_out(w);
        if (!w->chaos)
            continue;
        if (chance(w, 1))
            reassign(w);
        if (chance(w, 1))
            assign_stale(w);
        if (chance(w, 1) && chance(w, 40))
            restart(w);
    }
}

/* When all is quiet, everything is as it should be, or says why not. */
static void expect_settled(struct world *w)
{
    for (int i = 0; i < PORTS; i++) {
        const gi_keeper *k = gi_node_slot(w->node, (uint32_t)i);
        struct proc *p = proc_of(w, k->incarnation);
        int alive = 0;

        for (int j = 0; j < w->n_procs; j++)
            alive += w->procs[j].alive && w->procs[j].port == i;
        must(w, alive <= 1, "one");
        if (w->wish[i].topology < 0) {
            must(w, k->state == GI_SLOT_EMPTY && alive == 0, "empty");
        } else if (w->wish[i].topology == CRASHY) {
            must(w, k->deaths > 0 && k->why != GI_WHY_SLOT_NONE, "said");
            must(w, w->calm_starts[i] <= 40, "no storm of restarts");
        } else {
            must(w, k->state == GI_SLOT_RUNNING && alive == 1, "running");
            must(w, p != NULL && p->alive, "that one");
            must(w, same_worker(p->is, w->wish[i]), "what is wanted");
        }
    }
}

Test(node_random, whatever_comes_each_slot_does_what_it_should)
{
    static struct world w;
    int starts = 0, restarts = 0, lost = 0;

    for (uint64_t seed = 1; seed <= 3000; seed++) {
        memset(&w, 0, sizeof(w));
        w.seed = seed;
        w.rng.at = seed;
        w.now = SECOND;
        for (int i = 0; i < PORTS; i++)
            w.wish[i].topology = -1;
        open_node(&w);
        w.chaos = true;
        reassign(&w);
        run(&w, 60 * SECOND);
        w.chaos = false;
        run(&w, 300 * SECOND);
        expect_settled(&w);
        starts += w.starts;
        restarts += w.restarts;
        lost += w.lost;
        gi_node_destroy(w.node);
    }
    cr_expect_gt(starts, 10000);
    cr_expect_gt(restarts, 1000);
    cr_expect_gt(lost, 10000);
    cr_log_info("%d starts, %d restarts, %d letters lost", starts, restarts,
                lost);
}
