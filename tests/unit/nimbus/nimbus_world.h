/* A Nimbus with a store in memory, and supervisors that obey it: for tests. */
#ifndef TESTS_NIMBUS_WORLD_H
#define TESTS_NIMBUS_WORLD_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/mix.h"
#include "nimbus/nimbus.h"
#include "nimbus_store.h"

#define PROGRAM \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* --------------------------------------------------------- supervisors -- */

enum { NODES = 4, PORTS = 3, TEXT = 160 };

/* A slot as its supervisor has it: what runs obeys at once. */
struct runs {
    char topology[TEXT];
    uint64_t since, version, turn, pending;
    uint64_t gone; /* it died, and is not started anew yet */
    bool poisoned;
    const char *state, *words;
};

struct sup {
    char id[16], host[16];
    const char *machine;
    uint32_t n_ports;
    uint64_t incarnation, number;
    char nimbus[32];
    uint64_t version;
    bool away; /* does not report */
    struct runs slots[PORTS];
};

struct world {
    struct memory memory;
    gi_nimbus *n;
    gi_nimbus_opts opts;
    gi_when now;
    char id[32], noted[1024];
    uint32_t begun, notes;
    struct sup sups[NODES];
    gale_diag why;
    gi_pool pool; /* of replies */
};

static inline void world_note(void *arg, bool bad, const char *text)
{
    struct world *w = arg;

    (void)bad;
    w->notes++;
    snprintf(w->noted, sizeof(w->noted), "%s", text);
}

static inline gale_err world_begin(struct world *w)
{
    snprintf(w->id, sizeof(w->id), "nimbus-%u", ++w->begun);
    w->opts.id = w->id;
    w->opts.host = "here";
    w->opts.url = "tcp://here:6627";
    w->opts.note = world_note;
    w->opts.arg = w;
    return gi_nimbus_create(&w->n, &w->opts, &w->memory.store, w->now,
                            &w->why);
}

static inline void world_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    memory_init(&w->memory);
    w->now = (gi_when){ 1000, 1700000000000 };
    for (uint32_t i = 0; i < NODES; i++) {
        struct sup *s = &w->sups[i];

        snprintf(s->id, sizeof(s->id), "n%u", i);
        snprintf(s->host, sizeof(s->host), "host%u", i);
        s->machine = "x86_64";
        s->n_ports = PORTS;
        s->incarnation = 1;
    }
    cr_assert_eq(world_begin(w), GALE_OK);
}

static inline void world_fini(struct world *w)
{
    gi_nimbus_destroy(w->n);
    memory_fini(&w->memory);
    gi_pool_fini(&w->pool);
}

/* Nimbus ends, whatever it is about, and another one begins. */
static inline void world_restart(struct world *w)
{
    gi_nimbus_destroy(w->n);
    w->n = NULL;
    cr_assert_eq(world_begin(w), GALE_OK, "%s", w->why.text);
}

static inline void world_pass(struct world *w, uint64_t ms)
{
    w->now.ms += ms;
    w->now.wall_ms += ms;
    gi_nimbus_tick(w->n, w->now);
}

struct said {
    gi_msg_report m;
    gi_msg_port ports[PORTS];
    gi_msg_slot slots[PORTS];
};

static inline void sup_fill(const struct sup *s, struct said *out)
{
    memset(out, 0, sizeof(*out));
    for (uint32_t i = 0; i < s->n_ports; i++) {
        const struct runs *r = &s->slots[i];

        out->ports[i].port = 6700 + i;
        out->slots[i] = (gi_msg_slot){
            .port = 6700 + i,
            .state = r->topology[0] == '\0' ? "empty"
                     : r->state != NULL     ? r->state
                                            : "running",
            .topology = r->topology,
            .since = r->since,
            .incarnation = r->topology[0] != '\0' && r->gone == 0,
            .gone = r->gone,
            .version = r->version,
            .turn = r->turn,
            .pending = r->pending,
            .poisoned = r->poisoned,
            .finding = "WELL",
            .words = r->words == NULL ? "" : r->words,
        };
    }
    out->m = (gi_msg_report){
        .node = s->id,
        .host = s->host,
        .url = "tcp://host:6628",
        .machine = s->machine,
        .incarnation = s->incarnation,
        .number = s->number,
        .cpu = 400,
        .memory_mb = 4096,
        .nimbus = s->nimbus,
        .version = s->version,
        .n_ports = s->n_ports,
        .ports = out->ports,
        .n_slots = s->n_ports,
        .slots = out->slots,
    };
}

static inline const gi_msg_topology *told_of(const gi_msg_orders *o,
                                             const char *id)
{
    for (uint32_t i = 0; i < o->n_topologies; i++)
        if (strcmp(o->topologies[i].id, id) == 0)
            return &o->topologies[i];
    cr_assert_fail("no word of %s", id);
    return NULL;
}

/* Do as one is told, all of it. */
static inline void sup_obey(struct sup *s, const gi_msg_orders *o)
{
    struct runs before[PORTS];

    cr_assert(!o->same);
    cr_assert(strcmp(s->nimbus, o->nimbus) != 0 || o->version > s->version);
    cr_assert_gt(o->version, s->version);
    snprintf(s->nimbus, sizeof(s->nimbus), "%s", o->nimbus);
    s->version = o->version;
    memcpy(before, s->slots, sizeof(before));
    memset(s->slots, 0, sizeof(s->slots));
    for (uint32_t i = 0; i < o->n_orders; i++) {
        const gi_msg_order *order = &o->orders[i];
        uint32_t at = (uint32_t)order->port - 6700;
        struct runs *r;

        if (at >= s->n_ports)
            continue; /* it is about to hear that there is no such slot */
        r = &s->slots[at];
        cr_assert_eq(r->topology[0], '\0', "two in one slot");
        cr_assert_gt(order->n_executors, 0);
        if (strcmp(before[at].topology, order->topology) == 0 &&
            before[at].since == order->since) {
            cr_assert_geq(order->version, before[at].version);
            *r = before[at];
        }
        snprintf(r->topology, TEXT, "%s", order->topology);
        r->since = order->since;
        r->version = order->version;
        r->turn = told_of(o, order->topology)->turn;
    }
}

/* Report, and obey.  What Nimbus says of the report. */
static inline gale_err sup_report(struct world *w, struct sup *s)
{
    struct said said;
    gi_msg_orders orders;
    gi_pool pool = { 0 };
    gale_err e;

    s->number++;
    sup_fill(s, &said);
    e = gi_nimbus_report(w->n, &said.m, w->now, &w->why);
    if (e == GALE_OK) {
        e = gi_nimbus_orders(w->n, &said.m, &pool, &orders);
        if (e == GALE_OK && gi_nimbus_news(w->n, &said.m))
            sup_obey(s, &orders);
        else if (e == GALE_OK)
            cr_assert(orders.same);
    }
    gi_pool_fini(&pool);
    return e;
}

/* Everybody who is there reports, until nobody hears anything new. */
static inline void world_round(struct world *w)
{
    for (uint32_t k = 0; k < 3; k++)
        for (uint32_t i = 0; i < NODES; i++)
            if (!w->sups[i].away)
                cr_assert_eq(sup_report(w, &w->sups[i]), GALE_OK, "%s",
                             w->why.text);
}

/* ------------------------------------------------------------- clients -- */

static inline gale_err ask(struct world *w, gi_verb_no verb, const void *q,
                           const char *user, void *reply)
{
    return gi_nimbus_ask(w->n, verb, q, user, w->now, &w->pool, reply,
                         &w->why);
}

/* A spout and a bolt, of so many tasks each, each with its executor. */
static inline gi_msg_submit plain_submit(const char *name, uint32_t workers,
                                         uint32_t tasks,
                                         gi_msg_component components[2])
{
    components[0] = (gi_msg_component){ .id = "words",
                                        .spout = true,
                                        .first_task = 1,
                                        .n_tasks = tasks,
                                        .n_executors = tasks };
    components[1] = (gi_msg_component){ .id = "count",
                                        .first_task = 1 + tasks,
                                        .n_tasks = tasks,
                                        .n_executors = tasks };
    return (gi_msg_submit){
        .name = name,
        .program = PROGRAM,
        .machine = "x86_64",
        .once = "",
        .workers = workers,
        .timeout_ms = 30000,
        .n_components = 2,
        .components = components,
    };
}

static inline gale_err submit(struct world *w, const char *name,
                              uint32_t workers)
{
    gi_msg_component components[2];
    gi_msg_submit q = plain_submit(name, workers, 2, components);
    gi_msg_submitted reply;

    return ask(w, GI_ASK_SUBMIT, &q, "ann", &reply);
}

static inline gale_err named(struct world *w, gi_verb_no verb,
                             const char *name, const char *user)
{
    gi_msg_named q = { name };
    gi_msg_nothing reply;

    return ask(w, verb, &q, user, &reply);
}

static inline gale_err kill_it(struct world *w, const char *name,
                               uint64_t wait_ms)
{
    gi_msg_kill q = { name, true, wait_ms };
    gi_msg_nothing reply;

    return ask(w, GI_ASK_KILL, &q, "ann", &reply);
}

/* The row of a topology in LIST; NULL: it is not there. */
static inline const gi_msg_topology_row *row(struct world *w, const char *name)
{
    gi_msg_topologies list;
    gi_msg_nothing nothing = { 0 };

    cr_assert_eq(ask(w, GI_ASK_LIST, &nothing, "", &list), GALE_OK);
    for (uint32_t i = 0; i < list.n_topologies; i++)
        if (strcmp(list.topologies[i].name, name) == 0)
            return &list.topologies[i];
    return NULL;
}

static inline const char *status(struct world *w, const char *name)
{
    const gi_msg_topology_row *r = row(w, name);

    return r == NULL ? "none" : r->status;
}

static inline gi_msg_topology_look look(struct world *w, const char *name)
{
    gi_msg_topology_look out;

    cr_assert_eq(named(w, GI_ASK_NOTHING, name, ""), GALE_EINVAL);
    cr_assert_eq(ask(w, GI_ASK_LOOK, &(gi_msg_named){ name }, "", &out),
                 GALE_OK, "%s", w->why.text);
    return out;
}

static inline gi_msg_cluster see_cluster(struct world *w)
{
    gi_msg_cluster out;
    gi_msg_nothing nothing = { 0 };

    cr_assert_eq(ask(w, GI_ASK_CLUSTER, &nothing, "", &out), GALE_OK);
    return out;
}

/* The turn and state that a worker of it was told last. */
static inline gi_msg_topology told(struct world *w, const char *name)
{
    struct said said;
    gi_msg_orders orders;

    for (uint32_t i = 0; i < NODES; i++) {
        sup_fill(&w->sups[i], &said);
        said.m.nimbus = "";
        cr_assert_eq(gi_nimbus_orders(w->n, &said.m, &w->pool, &orders),
                     GALE_OK);
        for (uint32_t k = 0; k < orders.n_topologies; k++)
            if (strcmp(orders.topologies[k].name, name) == 0)
                return orders.topologies[k];
    }
    cr_assert_fail("nobody was told of %s", name);
    return (gi_msg_topology){ 0 };
}

/* How many slots run it. */
static inline uint32_t running(const struct world *w, const char *name)
{
    uint32_t n = 0;
    size_t len = strlen(name);

    for (uint32_t i = 0; i < NODES; i++)
        for (uint32_t k = 0; k < PORTS; k++)
            n += strncmp(w->sups[i].slots[k].topology, name, len) == 0 &&
                 w->sups[i].slots[k].topology[len] == '-';
    return n;
}

#endif
