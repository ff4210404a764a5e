#include "worker/port.h"

#include "worker/port_inside.h"

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint32_t gi_port_payload_most(const gi_plan *plan)
{
    uint64_t need = most(plan->set.batch_bytes, plan->set.tuple_max_bytes) +
                    GI_TUPLES_OVER;

    need = most(need, GI_FRAME_PAYLOAD);
    return need > GI_FRAME_PAYLOAD_MAX ? GI_FRAME_PAYLOAD_MAX : (uint32_t)need;
}

/* --------------------------------------------------------- who is where -- */

static void count_used(gi_port *p)
{
    const gi_plan *plan = p->rules.plan;

    for (uint32_t i = 0; i < p->n_peers; i++) {
        p->peers[i].used = false;
        p->peers[i].counted = 0;
        p->peers[i].share = 0; /* so far: how many berths there are */
    }
    for (uint32_t c = 0; c < plan->n_comps; c++) {
        for (uint32_t i = 0; i < plan->comps[c].n_tasks; i++) {
            uint32_t peer = p->peer_of[plan->comps[c].first_task - 1 + i];

            if (peer >= p->n_peers || p->peers[peer].counted == c + 1)
                continue;
            p->peers[peer].used = true;
            p->peers[peer].counted = c + 1;
            p->peers[peer].share += plan->comps[c].in_cycle ? 2 : 1;
        }
    }
    for (uint32_t i = 0; i < p->n_peers; i++) {
        uint32_t berths = p->peers[i].share;

        p->peers[i].share =
            berths >= p->frames || berths == 0 ? 1 : p->frames / berths;
    }
}

/* What waits for a task that is to be found elsewhere now: its trees fail, so
 * that order is kept; what waited for nobody in particular goes there. */
static void sort_berth(gi_port *p, uint32_t peer, gi_berth *at)
{
    gi_queue waiting = at->waiting;
    gi_batch *b;

    at->waiting = (gi_queue){ 0 };
    while ((b = gi_queue_pop(&waiting)) != NULL)
        if (p->peer_of[b->to - 1] == peer) {
            gi_queue_push(&at->waiting, b);
        } else {
            p->peers[peer].n_waiting--;
            gi_port_lose(p, b);
        }
}

static void sort_anew(gi_port *p)
{
    gi_queue nowhere = p->nowhere;
    gi_batch *b;

    for (uint32_t i = 0; i < p->n_peers; i++)
        for (uint32_t k = 0; k < p->n_berths && p->peers[i].n_waiting > 0; k++)
            sort_berth(p, i, &p->peers[i].berths[k]);
    p->nowhere = (gi_queue){ 0 };
    while ((b = gi_queue_pop(&nowhere)) != NULL)
        gi_port_send(p, b);
}

static bool obey(gi_port *p)
{
    pthread_mutex_lock(&p->lock);
    uint32_t *now = p->new_peer_of;
    p->new_peer_of = NULL;
    pthread_mutex_unlock(&p->lock);

    if (now == NULL)
        return false;
    gi_free(p->peer_of);
    p->peer_of = now;
    count_used(p);
    sort_anew(p);
    return true;
}

gale_err gi_port_place(gi_worker *w, const uint32_t *peer_of)
{
    gi_port *p = w->port;
    uint32_t n = w->plan->n_tasks;
    uint32_t *copy = gi_calloc(n, sizeof(*copy));

    if (copy == NULL)
        return GALE_ENOMEM;
    memcpy(copy, peer_of, n * sizeof(*copy));
    pthread_mutex_lock(&p->lock);
    gi_free(p->new_peer_of);
    p->new_peer_of = copy;
    pthread_mutex_unlock(&p->lock);
    gi_port_wake(w);
    return GALE_OK;
}

void gi_port_wake(gi_worker *w)
{
    gi_loop *l = w->port->loop;

    atomic_store_explicit(&l->poked, 1, memory_order_seq_cst);
    gi_parker_wake(&l->parker);
}

/* ------------------------------------------------------------ the dead -- */

/* What a dead worker had handled and not passed on is known to nobody.  Trees
 * that are in good hands elsewhere are done in a moment; so wait for that, and
 * then let all fail that are as old as its death. */
static void mourn(gi_port *p, gi_mourning *m)
{
    m->died_ms = p->loop->now_ms;
    m->until_ns = p->loop->now_ns + p->grace_ns;
}

static bool stop_mourning(gi_port *p, gi_mourning *m)
{
    if (m->until_ns == 0 || m->until_ns > p->loop->now_ns)
        return false;
    m->until_ns = 0;
    gi_track_tell_lost(p->loop, GI_ANYWHERE, m->died_ms);
    return true;
}

/* Another worker may never have met it, if it did not live for long, and have
 * trees there all the same. */
static void spread(gi_port *p, uint32_t peer)
{
    uint32_t task = p->rules.plan->n_tasks;

    while (task > 0 && p->peer_of[task - 1] != peer)
        task--; /* 0: it has none any more, so nobody knows it by one */
    for (uint32_t i = 0; i < p->n_peers; i++)
        if (i != peer && p->peers[i].used)
            gi_probe_tell(p, i, GI_PROBE_DIED, 0, 0, task);
}

/* Mostly we know it by ourselves. */
void gi_port_hear(gi_port *p, uint32_t task)
{
    enum { NO_NEWS_MS = 2000 };
    uint32_t peer = task >= 1 && task <= p->rules.plan->n_tasks
                        ? p->peer_of[task - 1]
                        : GI_NOBODY_YET;

    if (peer < p->n_peers && p->peers[peer].ended > 0 &&
        p->loop->now_ms - p->peers[peer].mourning.died_ms < NO_NEWS_MS)
        return;
    mourn(p, &p->hearsay);
}

bool gi_port_mourns(const gi_port *p)
{
    for (uint32_t i = 0; i < p->n_peers; i++)
        if (p->peers[i].mourning.until_ns != 0)
            return true;
    return p->hearsay.until_ns != 0;
}

static bool look_for_dead(gi_port *p, uint32_t peer)
{
    gi_far *f = &p->peers[peer];
    uint64_t ended = p->carrier.ended(p->carrier.arg, peer);

    if (ended == f->ended)
        return stop_mourning(p, &f->mourning);
    gi_count(&p->count.deaths, ended - f->ended);
    f->ended = ended;
    f->old.noted = false;
    mourn(p, &f->mourning);
    spread(p, peer);
    return true;
}

/* ------------------------------------------------------------ the turn -- */

bool gi_port_turn(gi_port *p)
{
    const gi_carrier *c = &p->carrier;
    bool some = obey(p);

    p->due_ns = c->turn(c->arg, p->loop->now_ns);
    p->offered = false;
    for (uint32_t i = 0; i < p->n_peers; i++) {
        some |= gi_port_take_back(p, i);
        some |= gi_port_take_in(p, i);
        some |= look_for_dead(p, i);
    }
    some |= stop_mourning(p, &p->hearsay);
    some |= gi_probe_turn(p);
    for (uint32_t i = 0; i < p->n_peers; i++)
        gi_port_offer_all(p, i);
    if (p->offered || some)
        p->due_ns = c->turn(c->arg, p->loop->now_ns);
    return some || p->offered;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t gi_port_next_ns(const gi_port *p)
{
    int64_t next = p->due_ns;

    for (uint32_t i = 0; i < p->n_peers; i++)
        if (p->peers[i].mourning.until_ns != 0)
            next = earlier(next, p->peers[i].mourning.until_ns);
    if (p->hearsay.until_ns != 0)
        next = earlier(next, p->hearsay.until_ns);
    if (p->probe.phase != GI_PROBE_IDLE)
        next = earlier(next, p->loop->now_ns + 1000000000);
    return next;
}

void gi_port_look(gi_worker *w, gi_port_counts *out)
{
    const gi_port *p = w->port;

    *out = (gi_port_counts){ 0 };
#define X(name, text) out->name = gi_count_read(&p->count.name);
    GI_PORT_COUNTS(X)
#undef X
}

/* -------------------------------------------------------------- making -- */

/* Berths in the order in which components run: sinks first. */
static void put_in_turn(gi_port *p)
{
    const gi_plan *plan = p->rules.plan;
    uint32_t n = 0, most_rank = 0;

    for (uint32_t i = 0; i < plan->n_comps; i++)
        if (plan->comps[i].rank > most_rank)
            most_rank = plan->comps[i].rank;
    for (uint32_t rank = 0; rank <= most_rank; rank++)
        for (uint32_t i = 0; i < plan->n_comps; i++)
            if (plan->comps[i].rank == rank) {
                p->in_turn[n++] = i * 2 + 1; /* along the cycle */
                p->in_turn[n++] = i * 2;
            }
}

static gale_err make_arrays(gi_port *p, const gi_port_opts *opts)
{
    uint32_t n_tasks = p->rules.plan->n_tasks;

    p->peers = gi_calloc(p->n_peers + 1, sizeof(*p->peers));
    p->peer_of = gi_calloc(n_tasks, sizeof(*p->peer_of));
    p->in_turn = gi_calloc(p->n_berths, sizeof(*p->in_turn));
    if (p->peers == NULL || p->peer_of == NULL || p->in_turn == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < p->n_peers; i++) {
        p->peers[i].berths = gi_calloc(p->n_berths, sizeof(gi_berth));
        if (p->peers[i].berths == NULL)
            return GALE_ENOMEM;
    }
    memcpy(p->peer_of, opts->peer_of, n_tasks * sizeof(*p->peer_of));
    return GALE_OK;
}

gale_err gi_port_create(gi_port **out, gi_loop *l, const gi_port_opts *opts)
{
    gi_port *p = gi_alloc(sizeof(*p));

    if (p == NULL)
        return GALE_ENOMEM;
    pthread_mutex_init(&p->lock, NULL);
    p->loop = l;
    p->carrier = *opts->carrier;
    p->n_peers = opts->n_peers;
    p->rules = gi_rules_of(l->w->plan);
    p->n_berths = 2 * l->w->plan->n_comps;
    p->frames = opts->frames == 0 ? 128 : opts->frames;
    p->grace_ns = (int64_t)(opts->grace_ms == 0 ? 50 : opts->grace_ms);
    p->grace_ns *= 1000000;
    if (make_arrays(p, opts) != GALE_OK) {
        gi_port_destroy(p);
        return GALE_ENOMEM;
    }
    put_in_turn(p);
    count_used(p);
    *out = p;
    return GALE_OK;
}

static void destroy_far(gi_port *p, uint32_t i)
{
    gi_far *f = &p->peers[i];
    gi_going *g;

    for (uint32_t k = 0; f->berths != NULL && k < p->n_berths; k++)
        gi_batches_free(&f->berths[k].waiting);
    gi_free(f->berths);
    gi_free(f->notes);
    while ((g = p->carrier.back(p->carrier.arg, i)) != NULL) {
        gi_sent *s = (gi_sent *)(void *)g;

        gi_batches_free(&s->batches);
        gi_free(s);
    }
}

void gi_port_destroy(gi_port *p)
{
    if (p == NULL)
        return;
    for (uint32_t i = 0; p->peers != NULL && i < p->n_peers; i++)
        destroy_far(p, i);
    while (p->spare != NULL) {
        gi_sent *s = p->spare;

        p->spare = s->next;
        gi_free(s);
    }
    gi_batches_free(&p->nowhere);
    gi_free(p->peers);
    gi_free(p->packing);
    gi_free(p->in_turn);
    gi_free(p->peer_of);
    gi_free(p->new_peer_of);
    gi_free(p->coming);
    pthread_mutex_destroy(&p->lock);
    gi_free(p);
}
