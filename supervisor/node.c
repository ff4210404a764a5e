#include "supervisor/node.h"

#include <stdlib.h>

#include "base/mem.h"

struct slot {
    gi_keeper keeper;
    gi_health health;
    uint64_t looked; /* at which incarnation */
    gi_finding found;
    int64_t found_at; /* first */
    gi_order *next;   /* while an assignment is taken in */
};

struct gi_node {
    gi_node_opts opts;
    uint64_t last, version;
    int64_t suspects_since; /* too many at once; GI_NEVER */
    bool reachable, save;
    uint32_t n_slots;
    struct slot *slots; /* by port */
};

static int by_port(const void *a, const void *b)
{
    const struct slot *s = a, *t = b;

    return (int)s->keeper.port - (int)t->keeper.port;
}

static bool ports_ok(const gi_node *n)
{
    for (uint32_t i = 0; i < n->n_slots; i++) {
        uint16_t port = n->slots[i].keeper.port;

        if (port == 0 || (i > 0 && n->slots[i - 1].keeper.port == port))
            return false;
    }
    return n->n_slots > 0;
}

gale_err gi_node_create(gi_node **out, const gi_node_opts *opts,
                        const uint16_t *ports, uint32_t n_ports)
{
    gi_node *n = gi_alloc(sizeof(*n));
    gi_rng rng = { opts->seed };

    if (n == NULL)
        return GALE_ENOMEM;
    n->opts = *opts;
    n->last = opts->last;
    n->suspects_since = GI_NEVER;
    gi_slot_settle(&n->opts.slot);
    gi_health_settle(&n->opts.health);
    if (n->opts.truce_ns <= 0)
        n->opts.truce_ns = 5000000000;
    n->slots = gi_calloc(n_ports, sizeof(*n->slots));
    if (n->slots == NULL) {
        gi_node_destroy(n);
        return GALE_ENOMEM;
    }
    n->n_slots = n_ports;
    for (uint32_t i = 0; i < n_ports; i++)
        gi_keeper_init(&n->slots[i].keeper, ports[i], &n->opts.slot, &n->last,
                       gi_rng_next(&rng));
    qsort(n->slots, n_ports, sizeof(*n->slots), by_port);
    if (!ports_ok(n)) {
        gi_node_destroy(n);
        return GALE_EINVAL;
    }
    *out = n;
    return GALE_OK;
}

void gi_node_destroy(gi_node *n)
{
    if (n == NULL)
        return;
    for (uint32_t i = 0; i < n->n_slots; i++) {
        gi_keeper_fini(&n->slots[i].keeper);
        gi_health_fini(&n->slots[i].health);
    }
    gi_free(n->slots);
    gi_free(n);
}

static struct slot *find(const gi_node *n, uint16_t port)
{
    for (uint32_t i = 0; i < n->n_slots; i++)
        if (n->slots[i].keeper.port == port)
            return &n->slots[i];
    return NULL;
}

gale_err gi_node_adopt(gi_node *n, const gi_placed *p, uint64_t incarnation,
                       int32_t pid, uint64_t began, int64_t now)
{
    struct slot *s = find(n, p->port);
    gi_order *order;
    gale_err rv;

    if (s == NULL)
        return GALE_ENOTFOUND;
    if (n->version != 0 || incarnation == 0 || pid <= 0)
        return GALE_EINVAL;
    rv = gi_order_create(&order, &p->order);
    if (rv != GALE_OK)
        return rv;
    if (!gi_keeper_adopt(&s->keeper, order, incarnation, pid, began, now))
        rv = GALE_ELIMIT;
    gi_order_release(order);
    return rv;
}

static void forget_next(gi_node *n)
{
    for (uint32_t i = 0; i < n->n_slots; i++) {
        gi_order_release(n->slots[i].next);
        n->slots[i].next = NULL;
    }
}

static gale_err take_in(gi_node *n, const gi_placed *p)
{
    struct slot *s = find(n, p->port);

    if (s == NULL || s->next != NULL)
        return GALE_EINVAL;
    return gi_order_create(&s->next, &p->order);
}

gale_err gi_node_assign(gi_node *n, uint64_t version, const gi_placed *placed,
                        uint32_t n_placed, int64_t now, bool *taken)
{
    gale_err rv = GALE_OK;

    for (uint32_t i = 0; i < n_placed && rv == GALE_OK; i++)
        rv = take_in(n, &placed[i]);
    if (rv == GALE_OK) {
        *taken = version > n->version;
        if (*taken) {
            n->version = version;
            n->save = true;
        }
        for (uint32_t i = 0; i < n->n_slots && *taken; i++)
            gi_keeper_order(&n->slots[i].keeper, n->slots[i].next, now);
    }
    forget_next(n);
    return rv;
}

uint64_t gi_node_version(const gi_node *n)
{
    return n->version;
}

void gi_node_event(gi_node *n, uint16_t port, const gi_slot_event *e,
                   int64_t now)
{
    struct slot *s = find(n, port);

    if (s != NULL)
        gi_keeper_event(&s->keeper, e, now);
}

void gi_node_fetched(gi_node *n, const gi_slot_event *e, int64_t now)
{
    for (uint32_t i = 0; i < n->n_slots; i++)
        gi_keeper_event(&n->slots[i].keeper, e, now);
}

/* Do so many look frozen that the fault may be ours?  Who is being killed for
 * it counts, or one after another would be a case of its own. */
static bool truce(gi_node *n, int64_t now)
{
    uint32_t up = 0, frozen = 0;

    for (uint32_t i = 0; i < n->n_slots; i++) {
        const struct slot *s = &n->slots[i];

        if (s->keeper.state != GI_SLOT_RUNNING &&
            s->keeper.state != GI_SLOT_KILLING)
            continue;
        up++;
        frozen += s->looked == s->keeper.incarnation &&
                  s->found.kind == GI_FOUND_FROZEN;
    }
    if (frozen < 2 || frozen * 3 <= up) {
        n->suspects_since = GI_NEVER;
        return false;
    }
    if (n->suspects_since == GI_NEVER)
        n->suspects_since = now;
    return now - n->suspects_since < n->opts.truce_ns;
}

/* Two more looks, in which others may turn out to be frozen as well. */
static bool is_settled(const gi_node *n, const struct slot *s, int64_t now)
{
    return now - s->found_at >= 2 * n->opts.health.look_ns;
}

/* `news`: it was not found so at the last look. */
static void act_on(gi_node *n, struct slot *s, bool news, int64_t now)
{
    gi_keeper *k = &s->keeper;
    gi_finding_kind kind = s->found.kind;

    if (s->found.remedy == GI_REMEDY_LOOK) {
        gi_keeper_look(k);
    } else if (s->found.remedy == GI_REMEDY_REPORT) {
        gi_keeper_report(k);
    } else if (s->found.remedy == GI_REMEDY_KILL) {
        gi_slot_why why = kind == GI_FOUND_STOPPED ? GI_WHY_SLOT_STOPPED
                          : kind == GI_FOUND_HUNG  ? GI_WHY_SLOT_HUNG
                                                   : GI_WHY_SLOT_FROZEN;

        if (kind != GI_FOUND_FROZEN ||
            (!truce(n, now) && is_settled(n, s, now))) {
            gi_keeper_kill(k, k->incarnation, why, now);
            return;
        }
        s->found.remedy = news ? GI_REMEDY_REPORT : GI_REMEDY_NOTHING;
        if (news)
            gi_keeper_report(k);
    }
}

gi_finding gi_node_look(gi_node *n, uint16_t port, uint64_t incarnation,
                        const gi_loop_signs *signs, uint32_t n_loops,
                        int64_t now)
{
    struct slot *s = find(n, port);
    gi_finding_kind before;

    if (s == NULL || incarnation != s->keeper.incarnation ||
        s->keeper.state != GI_SLOT_RUNNING)
        return (gi_finding){ 0 };
    if (s->looked != incarnation) {
        gi_health_fini(&s->health);
        s->found = (gi_finding){ 0 };
        s->looked = incarnation;
    }
    before = s->found.kind;
    s->found =
        gi_health_look(&s->health, &n->opts.health, signs, n_loops, now);
    if (before != s->found.kind)
        s->found_at = now;
    act_on(n, s, before != s->found.kind, now);
    return s->found;
}

void gi_node_tick(gi_node *n, int64_t now)
{
    for (uint32_t i = 0; i < n->n_slots; i++)
        gi_keeper_tick(&n->slots[i].keeper, now);
}

int64_t gi_node_due(const gi_node *n)
{
    int64_t due = GI_NEVER;

    for (uint32_t i = 0; i < n->n_slots; i++) {
        int64_t mine = gi_keeper_due(&n->slots[i].keeper);

        if (mine < due)
            due = mine;
    }
    return due;
}

void gi_node_nimbus(gi_node *n, bool reachable)
{
    bool back = reachable && !n->reachable;

    n->reachable = reachable;
    for (uint32_t i = 0; i < n->n_slots && back; i++)
        gi_keeper_report(&n->slots[i].keeper);
}

static bool next_of(gi_node *n, uint32_t kinds, gi_slot_act *out)
{
    for (uint32_t i = 0; i < n->n_slots; i++)
        if (gi_keeper_next_of(&n->slots[i].keeper, kinds, out))
            return true;
    return false;
}

bool gi_node_next(gi_node *n, gi_slot_act *out)
{
    const uint32_t save = 1u << GI_SLOT_SAVE;
    uint32_t after = ~0u << GI_SLOT_START;

    if (next_of(n, save - 1, out))
        return true;
    while (next_of(n, save, out))
        n->save = true;
    if (n->save) {
        n->save = false;
        *out = (gi_slot_act){ .kind = GI_SLOT_SAVE };
        return true;
    }
    if (!n->reachable)
        after &= ~(1u << GI_SLOT_REPORT);
    return next_of(n, after, out);
}

uint32_t gi_node_n_slots(const gi_node *n)
{
    return n->n_slots;
}

const gi_keeper *gi_node_slot(const gi_node *n, uint32_t i)
{
    return &n->slots[i].keeper;
}

gi_finding gi_node_finding(const gi_node *n, uint32_t i)
{
    const struct slot *s = &n->slots[i];

    return s->looked == s->keeper.incarnation && s->looked != 0
               ? s->found
               : (gi_finding){ 0 };
}

uint64_t gi_node_last(const gi_node *n)
{
    return n->last;
}
