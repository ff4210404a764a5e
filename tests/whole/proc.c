/* A worker process: a real worker and real channels, in a made-up process. */
#include "world.h"

#include "wire/exchange.h"

struct proc *proc_find(struct world *w, uint64_t incarnation)
{
    for (struct proc *p = w->procs; p != NULL; p = p->next)
        if (p->incarnation == incarnation && p->alive)
            return p;
    return NULL;
}

/* --------------------------------------------------------------- world -- */

static int64_t env_now(void *arg)
{
    return ((struct proc *)arg)->world->now;
}

/* Some begin on a machine whose clock was set to another time meanwhile. */
static int64_t env_wall(void *arg)
{
    static const int64_t leaps_ms[] = { 0,      0,        0,       -700,
                                        -30000, -3600000, 3600000, 86400000 };
    const struct proc *p = arg;
    uint64_t drawn = gi_mix64(p->world->seed ^ p->incarnation << 20);

    return 1700000000000 + p->world->now / MS + leaps_ms[drawn % 8];
}

static uint64_t env_entropy(void *arg)
{
    return gi_mix64(++((struct proc *)arg)->world->drawn ^
                    ((struct proc *)arg)->world->seed << 32);
}

static void env_nap(void *arg)
{
    (void)arg;
}

/* -------------------------------------------------------------- duties -- */

/* It is no peer any more; what was under way to it comes back as lost. */
static void part(struct proc *p, uint32_t i)
{
    struct peer *from = &p->peer[i];
    struct came *c;

    while ((c = from->came) != NULL) {
        from->came = c->next;
        gi_free(c);
    }
    if (from->old != NULL)
        world_wrong(p->world, "a channel is parted from too soon");
    from->ended = p->carrier.ended(p, i) + 1;
    gi_channel_abandon(from->channel);
    from->old = from->channel;
    from->channel = NULL;
}

static void make_channels(struct proc *p)
{
    for (uint32_t i = 0; i < p->roster.n_peers; i++) {
        const gi_roster_peer *r = &p->roster.peers[i];
        gi_channel_opts o = { .me = p->incarnation,
                              .assignment = r->since,
                              .key = p->key,
                              .peer_key = r->key,
                              .protocol = 1,
                              .dials = p->key > r->key,
                              .seed = gi_rng_next(&p->world->rng) };

        if (i >= MOST_PEERS) {
            world_wrong(p->world, "more peers than there can be");
            return;
        }
        if (r->here && p->peer[i].channel == NULL) {
            if (gi_channel_create(&p->peer[i].channel, &o, p->world->now) !=
                GALE_OK)
                world_wrong(p->world, "a channel could not be made");
        } else if (r->here) {
            gi_channel_assign(p->peer[i].channel, r->since, p->world->now);
        } else if (p->peer[i].channel != NULL) {
            part(p, i);
        }
        if (r->here && r->ended != 0)
            gi_channel_peer_ended(p->peer[i].channel, r->ended, p->world->now);
    }
}

/* False: it has to end. */
static bool obey(struct world *w, struct proc *p)
{
    gi_pool pool = { 0 };
    const gi_msg_topology *t = proc_topology(w, p, &pool);
    gi_roster roster = { 0 };
    gale_diag why = { "" };
    gale_err rv;

    if (t == NULL) {
        gi_pool_fini(&pool);
        return p->up; /* no word of it yet */
    }
    p->duty = (gi_msg_duty){ .node = w->host[p->host].id,
                             .host = w->host[p->host].id,
                             .port = p->port,
                             .since = p->since,
                             .incarnation = p->incarnation,
                             .n_topology = 1,
                             .topology = (gi_msg_topology *)t };
    rv = gi_roster_make(&roster, p->up ? &p->roster : NULL, &p->duty,
                        p->plan->n_tasks, MOST_PEERS, &why);
    if (rv == GALE_OK && p->up && !gi_roster_same_here(&p->roster, &roster))
        rv = GALE_ENOTFOUND; /* started anew with its other tasks */
    if (rv != GALE_OK) {
        gi_roster_fini(&roster);
        gi_pool_fini(&pool);
        if (rv != GALE_ENOTFOUND)
            world_wrong(w, "a duty makes no sense: %s", why.text);
        return false;
    }
    gi_roster_fini(&p->roster);
    gi_pool_fini(&p->pool);
    p->roster = roster;
    p->pool = pool;
    make_channels(p);
    return true;
}

static void obey_more(struct proc *p)
{
    const gi_msg_topology *t = p->duty.topology;

    if (gi_port_place(p->w, p->roster.peer_of) != GALE_OK)
        world_wrong(p->world, "out of memory");
    gi_worker_set_active(p->w, t->active && !p->ending);
    p->turn = t->turn;
    p->version = t->version;
}

static void give_up(struct world *w, struct proc *p, int status)
{
    proc_die(w, p, (gi_ending){ .kind = GI_END_EXIT, .number = status });
}

void proc_duty(struct world *w, struct proc *p)
{
    if (!p->up || p->frozen)
        return;
    if (!obey(w, p)) {
        give_up(w, p, 0);
        return;
    }
    obey_more(p);
    proc_pump(w, p);
}

/* --------------------------------------------------------------- turns -- */

static void on_wake(struct world *w, const struct event *e)
{
    struct proc *p = proc_find(w, e->y);

    if (p == NULL || p->wake != e->at)
        return;
    p->wake = INT64_MAX;
    if (p->up)
        proc_pump(w, p);
}

static void wake_at(struct world *w, struct proc *p, int64_t at)
{
    if (at <= w->now)
        at = w->now + 1000;
    if (at >= p->wake)
        return;
    p->wake = at;
    world_after(w, at - w->now,
                (struct event){ .happens = on_wake, .y = p->incarnation });
}

static bool drained(struct world *w, struct proc *p)
{
    return gi_worker_quiet(p->w) || (uint64_t)w->now > p->ended_by;
}

void proc_pump(struct world *w, struct proc *p)
{
    int64_t next = w->now + 100 * MS;
    bool some = true;

    if (!p->up || p->frozen)
        return;
    w->turning = p->incarnation;
    for (uint32_t i = 0; some && i < 200; i++) {
        some = false;
        for (uint32_t k = 0; k < gi_worker_n_loops(p->w); k++)
            some |= gi_loop_turn(gi_worker_loop(p->w, k));
        w->steps++;
    }
    w->turning = 0;
    for (uint32_t k = 0; k < gi_worker_n_loops(p->w); k++) {
        int64_t due = gi_loop_next_ns(gi_worker_loop(p->w, k), 5 * MS);

        if (due < next)
            next = due;
    }
    if (p->ending && drained(w, p))
        give_up(w, p, 0);
    else
        wake_at(w, p, some ? w->now + 1000 : next);
}

/* ------------------------------------------------------ life and death -- */

static void open_worker(struct world *w, struct proc *p)
{
    gi_port_opts port = { .carrier = &p->carrier,
                          .n_peers = MOST_PEERS,
                          .peer_of = p->roster.peer_of };
    gi_worker_opts opts = { .env = &p->env,
                            .loops = 1 + (uint32_t)world_upto(w, 1),
                            .port = &port };

    p->carrier = carrier_of(p);
    p->env = (gi_env){ p, env_now, env_wall, env_entropy, env_nap };
    if (gi_worker_create(&p->w, p->plan, &opts) != GALE_OK) {
        world_wrong(w, "a worker could not be made");
        return;
    }
    for (uint32_t i = 0; i < gi_worker_n_loops(p->w); i++)
        gi_loop_open(gi_worker_loop(p->w, i));
    p->up = true;
    obey_more(p);
}

static void on_beat(struct world *w, const struct event *e)
{
    struct proc *p = proc_find(w, e->y);

    if (p == NULL)
        return;
    if (!p->frozen)
        host_event(w, p->host, p->port,
                   &(gi_slot_event){ .kind = GI_SLOT_BEAT,
                                     .incarnation = p->incarnation,
                                     .progress = w->steps });
    world_after(w, 100 * MS,
                (struct event){ .happens = on_beat, .y = p->incarnation });
}

static void on_boot(struct world *w, const struct event *e)
{
    struct proc *p = proc_find(w, e->y);
    gale_diag why = { "" };

    if (p == NULL)
        return;
    if (gi_plan_of(&p->plan, &work_topology, NULL, "world", &why) != GALE_OK) {
        world_wrong(w, "no plan: %s", why.text);
        return;
    }
    gi_pool pool = { 0 };
    const gi_msg_topology *t = proc_topology(w, p, &pool);
    bool fits = t != NULL && gi_roster_cut(p->plan, t, &why) == GALE_OK;
    gi_pool_fini(&pool);
    if (!fits || !obey(w, p)) {
        give_up(w, p, 1);
        return;
    }
    open_worker(w, p);
    world_after(w, 0,
                (struct event){ .happens = on_beat, .y = p->incarnation });
    proc_pump(w, p);
}

void proc_start(struct world *w, uint32_t host, uint16_t port,
                uint64_t incarnation, const gi_order *order)
{
    struct proc *p = gi_alloc(sizeof(*p));

    for (struct proc *o = w->procs; o != NULL; o = o->next)
        if (o->alive && o->host == host && o->port == port)
            world_wrong(w, "two processes live in slot %s:%u",
                        w->host[host].id, port);
    p->world = w;
    p->host = host;
    p->port = port;
    p->incarnation = incarnation;
    snprintf(p->topology, sizeof(p->topology), "%s", order->topology);
    p->since = order->since;
    p->key = gi_peer_key(order->topology, w->host[host].id, port);
    p->alive = true;
    p->wake = INT64_MAX;
    p->next = w->procs;
    w->procs = p;
    world_note(w, "start", incarnation, port);
    world_after(w, 2 * MS + (int64_t)world_upto(w, 50 * MS),
                (struct event){ .happens = on_boot, .y = incarnation });
}

struct ended {
    gi_ending ending;
};

static void on_ended(struct world *w, const struct event *e)
{
    const struct ended *m = e->own;

    host_event(w, e->a, (uint16_t)e->b,
               &(gi_slot_event){ .kind = GI_SLOT_ENDED,
                                 .incarnation = e->y,
                                 .ending = m->ending });
}

/* Memory goes later: it may die in the midst of its own turn. */
static void on_bury(struct world *w, const struct event *e)
{
    for (struct proc **at = &w->procs; *at != NULL; at = &(*at)->next)
        if ((*at)->incarnation == e->y) {
            struct proc *p = *at;

            *at = p->next;
            proc_free(p);
            return;
        }
}

void proc_die(struct world *w, struct proc *p, gi_ending ending)
{
    struct ended *m = gi_alloc(sizeof(*m));

    if (!p->alive) {
        gi_free(m);
        return;
    }
    p->alive = p->up = false;
    m->ending = ending;
    world_note(w, "end", p->incarnation, (uint64_t)ending.kind);
    net_died(w, p);
    world_after(w, (int64_t)world_upto(w, MS),
                (struct event){ .happens = on_ended,
                                .a = p->host,
                                .b = p->port,
                                .y = p->incarnation,
                                .own = m });
    world_after(w, 0,
                (struct event){ .happens = on_bury, .y = p->incarnation });
}

void proc_term(struct world *w, struct proc *p)
{
    if (p->ending)
        return;
    p->ending = true;
    p->ended_by = (uint64_t)(w->now + 2 * SECOND);
    if (!p->up) {
        give_up(w, p, 0);
        return;
    }
    gi_worker_set_active(p->w, false);
    proc_pump(w, p);
}

void proc_free(struct proc *p)
{
    if (p->w != NULL) {
        gale_run_result r;

        gi_worker_result(p->w, &r);
        p->world->timed_out += r.timed_out;
        p->world->replayed += r.replayed;
    }
    for (uint32_t i = 0; i < MOST_PEERS; i++)
        if (p->peer[i].channel != NULL)
            gi_channel_abandon(p->peer[i].channel);
    gi_worker_destroy(p->w);
    for (uint32_t i = 0; i < MOST_PEERS; i++) {
        struct came *c;

        while ((c = p->peer[i].came) != NULL) {
            p->peer[i].came = c->next;
            gi_free(c);
        }
        gi_channel_destroy(p->peer[i].channel);
        gi_channel_destroy(p->peer[i].old);
    }
    gi_plan_destroy(p->plan);
    gi_roster_fini(&p->roster);
    gi_pool_fini(&p->pool);
    gi_free(p);
}
