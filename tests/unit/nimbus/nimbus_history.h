/* What may happen to a Nimbus, drawn from a seed: clients ask, supervisors
 * die, come back, report late and twice, and slots go bad. */
#ifndef TESTS_NIMBUS_HISTORY_H
#define TESTS_NIMBUS_HISTORY_H

#include "nimbus_world.h"

#include "nimbus/nimbus_state.h"

enum { NAMES = 6, STEPS = 70, HISTORIES = 3000, SEEN_MOST = NODES * PORTS };

/* What a client knows of a topology. */
struct model {
    bool there; /* it was told so, and did not kill it */
    bool maybe; /* the store did not say, or it is being killed */
    bool inactive;
    bool changed; /* by this step: its workers may go */
    char id[TEXT];
    uint32_t workers, tasks, executors;
};

/* A worker, as the orders have it. */
struct seen {
    char topology[TEXT];
    uint32_t node, port;
    uint64_t since, version;
};

struct history {
    struct world w;
    gi_rng rng;
    uint64_t seed, digest;
    struct model models[NAMES];
    struct sup old[8]; /* as they were: reports that are under way */
    uint32_t n_old;
    struct seen seen[SEEN_MOST];
    uint32_t n_seen;
    uint64_t versions[NODES];
    uint32_t said_ports[NODES]; /* as it reported last */
    bool touched[NODES];        /* by this step: its workers may go */
};

static inline uint32_t draw(struct history *h, uint32_t n)
{
    return (uint32_t)gi_rng_below(&h->rng, n);
}

static inline const char *name_of(uint32_t i)
{
    static const char *const names[NAMES] = { "a", "b", "c", "d", "e", "f" };

    return names[i];
}

#define HOLDS(h, what) \
    cr_assert(what, "seed %llu: " #what, (unsigned long long)(h)->seed)

/* ------------------------------------------------ what clients do -- */

static inline void ask_submit(struct history *h, uint32_t i)
{
    struct model *m = &h->models[i];
    gi_msg_component c[2];
    uint32_t tasks = 1 + draw(h, 3);
    gi_msg_submit q = plain_submit(name_of(i), 1 + draw(h, 4), tasks, c);
    gi_msg_submitted reply;
    gale_err e;

    q.inactive = draw(h, 4) == 0;
    e = ask(&h->w, GI_ASK_SUBMIT, &q, "ann", &reply);
    HOLDS(h, e != GALE_OK || !m->there || m->maybe);
    if (e == GALE_OK) {
        *m = (struct model){ .there = true,
                             .inactive = q.inactive,
                             .changed = true,
                             .workers = (uint32_t)q.workers,
                             .tasks = 2 * tasks,
                             .executors = 2 * tasks };
        snprintf(m->id, TEXT, "%s", reply.id);
    } else if (e == GALE_EIO && !m->there) {
        m->maybe = true;
    }
}

static inline void ask_rebalance(struct history *h, uint32_t i)
{
    gi_msg_recut cut = { "count", 1 + draw(h, 3), 0, 0 };
    gi_msg_rebalance r = {
        .name = name_of(i),
        .now = true,
        .wait_ms = draw(h, 8000),
        .workers = draw(h, 5),
        .n_components = draw(h, 2),
        .components = &cut,
    };
    gi_msg_rebalanced reply;

    ask(&h->w, GI_ASK_REBALANCE, &r, "ann", &reply);
}

static inline void ask_something(struct history *h)
{
    uint32_t i = draw(h, NAMES);
    struct model *m = &h->models[i];
    gi_msg_set_log level = { name_of(i), draw(h, 4), draw(h, 3000) };
    gi_msg_nothing nothing;
    gale_err e;
    bool active;

    switch (draw(h, 8)) {
    case 0:
    case 1:
    case 2:
        ask_submit(h, i);
        break;
    case 3:
        e = kill_it(&h->w, name_of(i), draw(h, 8000));
        HOLDS(h,
              e == GALE_OK || e == GALE_EIO || e == GALE_ELIMIT || !m->there);
        if (e == GALE_OK || e == GALE_EIO)
            m->there = false, m->maybe = true;
        break;
    case 4:
    case 5:
        active = draw(h, 2) == 0;
        e = named(&h->w, active ? GI_ASK_ACTIVATE : GI_ASK_DEACTIVATE,
                  name_of(i), "ann");
        if (e == GALE_OK)
            m->inactive = !active;
        else if (e == GALE_EIO)
            m->maybe = true;
        break;
    case 6:
        ask_rebalance(h, i);
        break;
    default:
        ask(&h->w, GI_ASK_SET_LOG, &level, "ann", &nothing);
        break;
    }
}

/* -------------------------------------------- what supervisors do -- */

static inline void report_old(struct history *h)
{
    struct said said;
    struct sup *s;

    if (h->n_old == 0)
        return;
    s = &h->old[draw(h, h->n_old)];
    for (uint32_t i = 0; i < NODES; i++) /* one of the past that goes on */
        if (strcmp(h->w.sups[i].id, s->id) == 0 &&
            s->incarnation < h->w.sups[i].incarnation && draw(h, 2) == 0)
            s->number++;
    for (uint32_t i = 0; i < NODES; i++)
        if (strcmp(h->w.sups[i].id, s->id) == 0) {
            h->touched[i] = true;
            h->said_ports[i] = 0;
        }
    sup_fill(s, &said);
    gi_nimbus_report(h->w.n, &said.m, h->w.now, &h->w.why);
}

static inline void change_node(struct history *h, uint32_t i)
{
    struct sup *s = &h->w.sups[i];
    struct runs *r = &s->slots[draw(h, PORTS)];

    switch (draw(h, 8)) {
    case 0:
        s->away = !s->away;
        break;
    case 1: /* begins anew; its workers live on */
        s->incarnation++;
        s->number = 0;
        break;
    case 2: /* all of it was lost */
        memset(s->slots, 0, sizeof(s->slots));
        s->incarnation++;
        s->nimbus[0] = '\0';
        s->version = 0;
        break;
    case 3:
        s->n_ports = 1 + draw(h, PORTS);
        break;
    case 4:
        r->poisoned = r->topology[0] != '\0';
        r->words = "it does not come up";
        break;
    case 5:
    case 6:
        r->pending = draw(h, 2);
        break;
    default:
        snprintf(s->host, sizeof(s->host), "host%u", draw(h, 9));
        break;
    }
}

static inline void node_step(struct history *h)
{
    uint32_t i = draw(h, NODES);
    struct sup *s = &h->w.sups[i];

    if (draw(h, 4) == 0)
        change_node(h, i);
    if (draw(h, 5) == 0 && h->n_old < 8)
        h->old[h->n_old++] = *s;
    if (draw(h, 6) == 0)
        report_old(h);
    for (uint32_t k = 0; k < s->n_ports; k++)
        h->touched[i] = h->touched[i] || s->slots[k].poisoned;
    if (!s->away) {
        h->touched[i] = h->touched[i] || s->n_ports != h->said_ports[i];
        h->said_ports[i] = sup_report(&h->w, s) == GALE_OK ? s->n_ports : 0;
    }
}

#endif
