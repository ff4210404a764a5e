/* A node: a real gi_node in a made-up supervisor, and a disk. */
#include "world.h"

#include "wire/msg.h"

bool host_cut_off(const struct world *w, uint32_t no)
{
    return w->host[no].cut_off > w->now;
}

bool host_deaf(const struct world *w, uint32_t no)
{
    return host_cut_off(w, no) || w->host[no].deaf > w->now;
}

/* ------------------------------------------------------------- reports -- */

static void fill_slot(struct world *w, const struct host *h, uint32_t i,
                      gi_msg_slot *s)
{
    const gi_keeper *k = gi_node_slot(h->node, i);
    const gi_order *o = k->has != NULL ? k->has : k->want;
    const struct proc *p =
        k->incarnation == 0 ? NULL : proc_find(w, k->incarnation);

    *s = (gi_msg_slot){ .port = k->port,
                        .state = gi_slot_state_text(k->state),
                        .topology = o == NULL ? "" : o->topology,
                        .since = o == NULL ? 0 : o->since,
                        .incarnation = k->incarnation,
                        .gone = k->gone,
                        .deaths = k->deaths,
                        .poisoned = k->poisoned,
                        .finding = "WELL",
                        .words = "" };
    if (p == NULL || !p->up)
        return;
    s->version = p->version;
    for (uint32_t k2 = 0; k2 < gi_worker_n_loops(p->w); k2++)
        s->pending += atomic_load(&gi_worker_loop(p->w, k2)->pending);
    s->turn = p->turn;
}

struct message {
    size_t len;
    char bytes[];
};

static struct message *message(gi_strbuf *b)
{
    struct message *m = gi_alloc(sizeof(*m) + b->len);

    m->len = b->len;
    memcpy(m->bytes, b->at, b->len);
    gi_strbuf_fini(b);
    return m;
}

static void on_report(struct world *w, const struct event *e)
{
    const struct message *m = e->own;

    chief_report(w, e->a, m->bytes, m->len);
}

static void on_report_lost(struct world *w, const struct event *e)
{
    if (w->host[e->a].node != NULL && w->host[e->a].report == e->x)
        host_report_failed(w, e->a);
}

void host_report(struct world *w, struct host *h)
{
    gi_msg_port ports[MOST_SLOTS];
    gi_msg_slot slots[MOST_SLOTS];
    gi_msg_known known = { h->told_id, h->told_digest };
    gi_strbuf b = { 0 };
    gi_msg_report r = { .node = h->id,
                        .host = h->id,
                        .url = "tcp://nowhere:1",
                        .machine = "x86_64",
                        .incarnation = h->supervisor,
                        .number = ++h->report,
                        .cpu = 400,
                        .memory_mb = 4096,
                        .nimbus = h->nimbus,
                        .version = h->version,
                        .urgent = h->urgent,
                        .parts = true,
                        .n_known = h->told != NULL,
                        .known = &known,
                        .n_ports = w->n_slots,
                        .ports = ports,
                        .n_slots = w->n_slots,
                        .slots = slots };

    for (uint32_t i = 0; i < w->n_slots; i++) {
        ports[i].port = 6700 + i;
        fill_slot(w, h, i, &slots[i]);
    }
    h->urgent = false;
    h->asking = true;
    gi_msg_write(&b, GI_M_report, &r);
    /* Nobody answers for so long: it is asked again. */
    world_after(w, 4 * SECOND,
                (struct event){
                    .happens = on_report_lost, .a = h->no, .x = h->report });
    struct message *m = message(&b);
    if (host_deaf(w, h->no) || w->chief.nimbus == NULL ||
        (!w->healing && world_chance(w, 20)))
        gi_free(m);
    else
        world_after(
            w, (int64_t)world_upto(w, 2 * MS),
            (struct event){ .happens = on_report, .a = h->no, .own = m });
}

void host_report_failed(struct world *w, uint32_t no)
{
    struct host *h = &w->host[no];

    if (h->node == NULL || !h->asking)
        return;
    h->asking = false;
    gi_node_nimbus(h->node, false);
    gi_node_nimbus(h->node, true);
    host_report(w, h);
}

/* ---------------------------------------------------------------- acts -- */

static void save(struct world *w, struct host *h)
{
    gi_record r = { 0 };
    char *bytes;
    size_t len;

    if (gi_record_of(&r, h->node, "boot-of-this-world") != GALE_OK ||
        gi_record_encode(&r, &bytes, &len) != GALE_OK) {
        world_wrong(w, "the record cannot be made");
        gi_record_fini(&r);
        return;
    }
    gi_record_fini(&r);
    gi_free(h->record);
    h->record = bytes;
    h->record_len = len;
}

struct ready {
    char program[GI_PROGRAM_MOST + 1];
};

static void on_ready(struct world *w, const struct event *e)
{
    struct host *h = &w->host[e->a];
    const struct ready *m = e->own;

    if (h->node == NULL)
        return;
    gi_node_fetched(
        h->node,
        &(gi_slot_event){ .kind = GI_SLOT_READY, .program = m->program },
        w->now);
    host_pump(w, h);
}

static void on_kill(struct world *w, const struct event *e)
{
    struct proc *p = proc_find(w, e->y);

    if (p != NULL)
        proc_die(w, p, (gi_ending){ .kind = GI_END_SIGNAL, .number = 9 });
}

static void on_term(struct world *w, const struct event *e)
{
    struct proc *p = proc_find(w, e->y);

    if (p != NULL && !p->frozen)
        proc_term(w, p);
}

static void on_tell(struct world *w, const struct event *e)
{
    struct proc *p = proc_find(w, e->y);

    if (p != NULL)
        proc_duty(w, p);
}

static void on_gone(struct world *w, const struct event *e)
{
    host_event(w, e->a, (uint16_t)e->b,
               &(gi_slot_event){ .kind = GI_SLOT_ENDED,
                                 .incarnation = e->y,
                                 .ending = { .kind = GI_END_UNKNOWN } });
}

static void act(struct world *w, struct host *h, const gi_slot_act *a)
{
    struct event e = { .a = h->no, .b = a->port, .y = a->incarnation };

    switch (a->kind) {
    case GI_SLOT_KILL:
    case GI_SLOT_LOOK:
        if (proc_find(w, a->incarnation) == NULL) {
            e.happens = on_gone;
            world_after(w, 0, e);
        } else if (a->kind == GI_SLOT_KILL) {
            e.happens = on_kill;
            world_after(w, (int64_t)world_upto(w, MS), e);
        }
        break;
    case GI_SLOT_TERM:
        e.happens = on_term;
        world_after(w, (int64_t)world_upto(w, MS), e);
        break;
    case GI_SLOT_FETCH: {
        struct ready *m = gi_alloc(sizeof(*m));

        snprintf(m->program, sizeof(m->program), "%s", a->order->program);
        e.happens = on_ready;
        e.own = m;
        world_after(w, (int64_t)world_upto(w, 20 * MS), e);
        break;
    }
    case GI_SLOT_SAVE:
        save(w, h);
        break;
    case GI_SLOT_START:
        proc_start(w, h->no, a->port, a->incarnation, a->order);
        gi_node_event(
            h->node, a->port,
            &(gi_slot_event){ .kind = GI_SLOT_STARTED,
                              .incarnation = a->incarnation,
                              .pid = (int32_t)(a->incarnation & 0xffff) + 1,
                              .began = a->incarnation },
            w->now);
        break;
    case GI_SLOT_TELL:
        e.happens = on_tell;
        world_after(w, (int64_t)world_upto(w, 5 * MS), e);
        break;
    case GI_SLOT_REPORT:
        h->urgent = true;
        break;
    default: /* GONE, REFUSE: its peers and it find out by themselves */
        break;
    }
}

static void on_due(struct world *w, const struct event *e)
{
    struct host *h = &w->host[e->a];

    if (h->node == NULL || h->supervisor != e->x || h->due != e->at)
        return;
    h->due = INT64_MAX;
    gi_node_tick(h->node, w->now);
    host_pump(w, h);
}

void host_pump(struct world *w, struct host *h)
{
    gi_slot_act a;

    for (uint32_t n = 0; gi_node_next(h->node, &a); n++) {
        act(w, h, &a);
        if (n > 1000) {
            world_wrong(w, "a supervisor never has enough");
            return;
        }
    }
    if (h->urgent) /* a second report overtakes the one that waits */
        host_report(w, h);
    int64_t due = gi_node_due(h->node);
    if (due < h->due) {
        h->due = due <= w->now ? w->now + 1000 : due;
        world_after(w, h->due - w->now,
                    (struct event){
                        .happens = on_due, .a = h->no, .x = h->supervisor });
    }
}

void host_event(struct world *w, uint32_t no, uint16_t port,
                const gi_slot_event *e)
{
    struct host *h = &w->host[no];

    if (h->node == NULL)
        return;
    gi_node_event(h->node, port, e, w->now);
    host_pump(w, h);
}

/* -------------------------------------------------------------- orders -- */

/* What is not said again is as it was. */
static void keep_told(struct host *h, const gi_msg_topology *t)
{
    gi_strbuf b = { 0 };

    gi_msg_write(&b, GI_M_topology, t);
    gi_free(h->told);
    h->told_len = b.len;
    h->told = gi_strbuf_take(&b);
    h->told_digest = t->digest;
    snprintf(h->told_id, sizeof(h->told_id), "%s", t->id);
}

static void assign(struct world *w, struct host *h, const gi_msg_orders *o)
{
    gi_placed placed[MOST_SLOTS];
    gi_span spans[MOST_SLOTS][16];
    bool taken;

    if (o->n_orders > w->n_slots) {
        world_wrong(w, "more orders than slots");
        return;
    }
    for (uint32_t i = 0; i < o->n_orders; i++) {
        const gi_msg_order *m = &o->orders[i];

        placed[i].port = (uint16_t)m->port;
        placed[i].order = (gi_order){ .n_executors = m->n_executors,
                                      .patient = m->patient,
                                      .since = m->since,
                                      .version = m->version,
                                      .topology = m->topology,
                                      .program = m->program,
                                      .executors = spans[i] };
        for (uint32_t k = 0; k < m->n_executors && k < 16; k++)
            spans[i][k] = (gi_span){ (uint32_t)m->executors[k].first,
                                     (uint32_t)m->executors[k].end };
    }
    if (gi_node_assign(h->node, o->version, placed, o->n_orders, w->now,
                       &taken) != GALE_OK)
        world_wrong(w, "a node refuses its orders");
}

/* Every worker of the node looks at its duty. */
static void tell_all(struct world *w, struct host *h)
{
    for (struct proc *p = w->procs; p != NULL; p = p->next)
        if (p->alive && p->host == h->no)
            world_after(
                w, (int64_t)world_upto(w, 5 * MS),
                (struct event){ .happens = on_tell, .y = p->incarnation });
}

void host_orders(struct world *w, uint32_t no, const char *bytes, size_t len)
{
    struct host *h = &w->host[no];
    gi_pool pool = { 0 };
    gi_msg_orders o;
    gale_diag why;

    if (h->node == NULL || host_deaf(w, no))
        return;
    h->asking = false;
    if (gi_msg_read(GI_M_orders, bytes, len, &pool, &o, NULL, &why) !=
        GALE_OK) {
        world_wrong(w, "orders that nobody can read: %s", why.text);
        gi_pool_fini(&pool);
        return;
    }
    gi_node_nimbus(h->node, true);
    if (!o.same) {
        snprintf(h->nimbus, sizeof(h->nimbus), "%s", o.nimbus);
        h->version = o.version;
        if (o.part || o.n_topologies > 1 ||
            (o.n_orders > 0 && o.n_topologies == 0 && h->told == NULL))
            world_wrong(w, "orders of one topology come in parts");
        if (o.n_topologies == 1)
            keep_told(h, &o.topologies[0]);
        assign(w, h, &o);
        tell_all(w, h);
    }
    gi_pool_fini(&pool);
    host_pump(w, h);
    if (h->node != NULL && !h->asking)
        host_report(w, h);
}

/* What is said of who comes into its place is not for it. */
static bool is_of(struct world *w, const struct proc *p,
                  const gi_msg_topology *t)
{
    for (uint32_t i = 0; i < t->n_workers; i++)
        if (t->workers[i].port == p->port && t->workers[i].since == p->since &&
            strcmp(t->workers[i].node, w->host[p->host].id) == 0)
            return true;
    return false;
}

const gi_msg_topology *proc_topology(struct world *w, const struct proc *p,
                                     gi_pool *pool)
{
    struct host *h = &w->host[p->host];
    gi_msg_topology *t = gi_pool_take(pool, 1, sizeof(*t));

    if (h->told == NULL || gi_msg_read(GI_M_topology, h->told, h->told_len,
                                       pool, t, NULL, NULL) != GALE_OK)
        return NULL;
    return strcmp(t->id, p->topology) == 0 && is_of(w, p, t) ? t : NULL;
}
