/* A real Nimbus on a made-up store, and a client. */
#include "world.h"

#include "wire/msg.h"

/* --------------------------------------------------------------- store -- */

static gale_err store_load(void *self, gi_store_pair pair, void *arg,
                           gale_diag *why)
{
    struct chief *c = self;

    (void)why;
    for (struct pair *p = c->store; p != NULL; p = p->next) {
        gale_err rv = pair(arg, p->key, p->bytes, p->len);

        if (rv != GALE_OK)
            return rv;
    }
    return GALE_OK;
}

static void forget(struct pair **at)
{
    struct pair *p = *at;

    *at = p->next;
    gi_free(p->key);
    gi_free(p->bytes);
    gi_free(p);
}

static void change(struct chief *c, const gi_store_change *x)
{
    struct pair **at = &c->store, *p;

    while (*at != NULL && strcmp((*at)->key, x->key) < 0)
        at = &(*at)->next;
    if (*at != NULL && strcmp((*at)->key, x->key) == 0)
        forget(at);
    if (x->bytes == NULL)
        return;
    p = gi_alloc(sizeof(*p));
    p->key = gi_alloc(strlen(x->key) + 1);
    strcpy(p->key, x->key);
    p->bytes = gi_alloc(x->len + 1);
    memcpy(p->bytes, x->bytes, x->len);
    p->len = x->len;
    p->next = *at;
    *at = p;
}

static gale_err store_commit(void *self, const gi_store_change *changes,
                             size_t n, gale_diag *why)
{
    (void)why;
    for (size_t i = 0; i < n; i++)
        change(self, &changes[i]);
    return GALE_OK;
}

/* ------------------------------------------------------------- replies -- */

struct kept {
    struct kept *next;
    uint32_t host;
    uint64_t number, incarnation;
    int64_t until;
    gi_pool pool;
    gi_msg_report report;
};

/* Its wall clock is set to another time every few seconds. */
static gi_when when(const struct world *w)
{
    uint64_t leap = gi_mix64(w->seed ^ (uint64_t)(w->now / (3 * SECOND))) % 4;

    return (gi_when){ .ms = (uint64_t)(w->now / MS),
                      .wall_ms = 1700000000000 + (uint64_t)(w->now / MS) +
                                 leap * 3600000 };
}

struct message {
    size_t len;
    char bytes[];
};

static void on_orders(struct world *w, const struct event *e)
{
    const struct message *m = e->own;

    if (w->host[e->a].supervisor == e->x)
        host_orders(w, e->a, m->bytes, m->len);
}

static void reply(struct world *w, struct kept *k)
{
    gi_pool pool = { 0 };
    gi_strbuf b = { 0 };
    gi_msg_orders o;

    if (gi_nimbus_orders(w->chief.nimbus, &k->report, &pool, &o) != GALE_OK) {
        world_wrong(w, "Nimbus has no orders for who has reported");
        gi_pool_fini(&pool);
        return;
    }
    gi_msg_write(&b, GI_M_orders, &o);
    gi_pool_fini(&pool);
    struct message *m = gi_alloc(sizeof(*m) + b.len);
    m->len = b.len;
    memcpy(m->bytes, b.at, b.len);
    gi_strbuf_fini(&b);
    if (!w->healing && world_chance(w, 20))
        gi_free(m);
    else
        world_after(w, (int64_t)world_upto(w, 2 * MS),
                    (struct event){ .happens = on_orders,
                                    .a = k->host,
                                    .x = k->incarnation,
                                    .own = m });
}

static void drop(struct kept **at)
{
    struct kept *k = *at;

    *at = k->next;
    gi_pool_fini(&k->pool);
    gi_free(k);
}

static void pump(struct world *w);

static void on_due(struct world *w, const struct event *e)
{
    struct chief *c = &w->chief;

    if (c->nimbus == NULL || c->life != e->x || c->due != e->at)
        return;
    c->due = INT64_MAX;
    gi_nimbus_tick(c->nimbus, when(w));
    pump(w);
}

/* Who waits is answered when there is news, or it is time. */
static void pump(struct world *w)
{
    struct chief *c = &w->chief;
    int64_t next = INT64_MAX;

    for (struct kept **at = &c->kept; *at != NULL;) {
        struct kept *k = *at;

        if (k->report.urgent || k->until <= w->now ||
            gi_nimbus_news(c->nimbus, &k->report)) {
            reply(w, k);
            drop(at);
            continue;
        }
        if (k->until < next)
            next = k->until;
        at = &k->next;
    }
    uint64_t due = gi_nimbus_due(c->nimbus);
    if (due != UINT64_MAX && (int64_t)due * MS < next)
        next = (int64_t)due * MS;
    if (next <= w->now)
        next = w->now + MS;
    if (next < c->due) {
        c->due = next;
        world_after(w, next - w->now,
                    (struct event){ .happens = on_due, .x = c->life });
    }
}

void chief_report(struct world *w, uint32_t host, const char *bytes,
                  size_t len)
{
    struct chief *c = &w->chief;
    struct kept *k;
    gale_diag why = { "" };

    if (c->nimbus == NULL || host_deaf(w, host))
        return;
    for (struct kept **at = &c->kept; *at != NULL;)
        if ((*at)->host == host)
            drop(at); /* a new one takes its place */
        else
            at = &(*at)->next;
    k = gi_alloc(sizeof(*k));
    if (gi_msg_read(GI_M_report, bytes, len, &k->pool, &k->report, NULL,
                    &why) != GALE_OK) {
        world_wrong(w, "a report that nobody can read: %s", why.text);
        gi_free(k);
        return;
    }
    k->host = host;
    k->incarnation = k->report.incarnation;
    k->until = w->now + SECOND;
    if (gi_nimbus_report(c->nimbus, &k->report, when(w), &why) != GALE_OK) {
        gi_pool_fini(&k->pool);
        gi_free(k);
        return; /* overtaken by a later supervisor */
    }
    k->next = c->kept;
    c->kept = k;
    pump(w);
}

/* -------------------------------------------------------------- client -- */

static void ask(struct world *w, gi_verb_no verb, const void *request,
                void *out)
{
    struct chief *c = &w->chief;
    gi_pool pool = { 0 };
    gale_diag why = { "" };

    if (c->nimbus == NULL)
        return;
    gale_err rv = gi_nimbus_ask(c->nimbus, verb, request, "somebody", when(w),
                                &pool, out, &why);
    world_note(w, "ask", (uint64_t)verb, (uint64_t)rv);
    if (w->loud && rv != GALE_OK)
        fprintf(stderr, "  refused: %s\n", why.text);
    gi_pool_fini(&pool);
    pump(w);
}

void chief_submit(struct world *w)
{
    gi_msg_component components[3] = {
        { .id = "numbers", .spout = true, .first_task = 1, .n_tasks = 2 },
        { .id = "split", .first_task = 3, .n_tasks = 3 },
        { .id = "count", .first_task = 6, .n_tasks = 4 },
    };
    gi_msg_talk talks[2] = { { 0, 1 }, { 1, 2 } };
    gi_msg_submit s = {
        .name = "parts",
        .program =
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        .machine = "x86_64",
        .workers = 1 + world_upto(w, 4),
        .timeout_ms = 5000,
        .n_components = 3,
        .components = components,
        .n_talks = 2,
        .talks = talks,
        .once = "once",
    };
    gi_msg_submitted out;

    for (uint32_t i = 0; i < 3; i++)
        components[i].n_executors = components[i].n_tasks;
    ask(w, GI_ASK_SUBMIT, &s, &out);
}

void chief_look(struct world *w, gi_pool *pool, gi_msg_topology_look *out)
{
    gi_msg_named named = { .name = "parts" };
    gale_diag why = { "" };

    *out = (gi_msg_topology_look){ 0 };
    if (w->chief.nimbus == NULL ||
        gi_nimbus_ask(w->chief.nimbus, GI_ASK_LOOK, &named, "somebody",
                      when(w), pool, out, &why) != GALE_OK)
        world_wrong(w, "Nimbus does not say what runs: %s", why.text);
}

void chief_wish(struct world *w, gi_verb_no verb)
{
    gi_msg_named named = { .name = "parts" };
    gi_msg_recut recut = { .id = "count",
                           .n_executors = 1 + world_upto(w, 3) };
    gi_msg_rebalance rebalance = { .name = "parts",
                                   .workers = 1 + world_upto(w, 4),
                                   .n_components = (uint32_t)world_upto(w, 1),
                                   .components = &recut };
    gi_msg_rebalanced rebalanced;
    gi_msg_nothing nothing;

    if (world_chance(w, 300)) /* spread it */
        rebalance.workers = rebalance.n_components = 0;
    if (verb == GI_ASK_REBALANCE)
        ask(w, verb, &rebalance, &rebalanced);
    else
        ask(w, verb, &named, &nothing);
}

/* ----------------------------------------------------- birth and death -- */

static void note(void *arg, bool bad, const char *text)
{
    const struct world *w = arg;

    if (w->loud)
        fprintf(stderr, "  nimbus: %s%s\n", bad ? "(bad) " : "", text);
}

void chief_birth(struct world *w)
{
    struct chief *c = &w->chief;
    char id[32];
    gale_diag why = { "" };

    c->life++;
    snprintf(id, sizeof(id), "nimbus%llu", (unsigned long long)c->life);
    c->table = (gi_store){ c, store_load, store_commit, NULL };
    gi_nimbus_opts o = {
        .id = id, .supervisor_timeout_ms = 5000, .note = note, .arg = w
    };
    c->due = INT64_MAX;
    world_note(w, "nimbus", c->life, 0);
    if (gi_nimbus_create(&c->nimbus, &o, &c->table, when(w), &why) !=
        GALE_OK) {
        world_wrong(w, "Nimbus cannot begin: %s", why.text);
        return;
    }
    pump(w);
}

void chief_death(struct world *w)
{
    struct chief *c = &w->chief;

    world_note(w, "nimbus dies", c->life, 0);
    while (c->kept != NULL)
        drop(&c->kept);
    gi_nimbus_destroy(c->nimbus);
    c->nimbus = NULL;
}

void chief_end(struct world *w)
{
    if (w->chief.nimbus != NULL)
        chief_death(w);
    while (w->chief.store != NULL)
        forget(&w->chief.store);
}
