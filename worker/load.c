/* load.c -- how busy the loops of a worker are, and what follows from it for
 * shuffles (scope.h).
 */
#include "worker/loop.h"

/* Who catches up, having stood still for a little, is busy for some
 * milliseconds and needs no help: loads are those of more. */
enum { LOOK_NS = 2000000, LOADS_NS = 8000000 };

/* What a tuple for another loop costs more than one for its own, at both ends:
 * `identity` on two loops, where half of them cross, takes 45 ns a tuple at
 * home and 64 with all. */
enum { CROSSING_NS = 40 };

/* Another loop that shuffles of this one reach. */
struct gi_reached {
    const gi_loop *loop;
    int64_t busy_ns; /* when we looked last */
};

static bool route_reaches(const gi_loop *l, const gi_route *r, uint32_t loop)
{
    for (uint32_t i = r->n_loop; r->n_loop > 0 && i < r->n; i++)
        if (l->w->loop_of[r->tasks[i] - 1] == loop)
            return true;
    return false;
}

static bool task_reaches(const gale_task *t, uint32_t loop)
{
    for (uint32_t i = 0; i < t->comp->n_streams; i++)
        for (uint32_t k = 0; k < t->out[i].n_routes; k++)
            if (route_reaches(t->loop, &t->out[i].routes[k], loop))
                return true;
    return false;
}

static bool reaches(const gi_loop *l, uint32_t loop)
{
    for (uint32_t i = 0; i < l->n_tasks; i++)
        if (task_reaches(l->tasks[i], loop))
            return true;
    return false;
}

gale_err gi_load_init(gi_loop *l)
{
    const gi_worker *w = l->w;

    l->sight.look_ns = INT64_MAX;
    l->sight.reached = gi_calloc(w->n_shared, sizeof(*l->sight.reached));
    if (l->sight.reached == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < w->n_shared; i++)
        if (reaches(l, i))
            l->sight.reached[l->sight.n_reached++].loop = w->loops[i];
    if (l->sight.n_reached > 0)
        l->sight.look_ns = INT64_MIN;
    return GALE_OK;
}

void gi_load_fini(gi_loop *l)
{
    gi_free(l->sight.reached);
}

static uint32_t share(int64_t of_ns, int64_t all_ns)
{
    int64_t each_ns = all_ns / GI_LOAD_FULL;

    return of_ns >= all_ns || each_ns == 0 ? GI_LOAD_FULL
                                           : (uint32_t)(of_ns / each_ns);
}

/* In the last for_ns.  Since the last turn that is over it has been in another
 * one, a long one, or the machine keeps it from running: it has no time for
 * more then. */
static uint32_t load_of(struct gi_reached *r, int64_t now_ns, int64_t for_ns)
{
    int64_t busy =
        atomic_load_explicit(&r->loop->busy_ns, memory_order_relaxed);
    int64_t fair =
        atomic_load_explicit(&r->loop->fair_ns, memory_order_relaxed);
    int64_t of = busy - r->busy_ns;

    if (now_ns > fair) /* else it sleeps until then */
        of += now_ns - fair;
    r->busy_ns = busy;
    return share(of, for_ns);
}

/* Of what one stream has sent so far, how much would have crossed if it had
 * gone to all. */
static uint64_t crossings_of(const gi_out *out)
{
    uint64_t n = 0;

    for (uint32_t k = 0; k < out->n_routes; k++) {
        const gi_route *r = &out->routes[k];

        if (r->n_loop > 0)
            n += out->emitted / r->n * (r->n - r->n_loop);
    }
    return n;
}

static uint64_t crossings(const gi_loop *l)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < l->n_tasks; i++)
        for (uint32_t k = 0; k < l->tasks[i]->comp->n_streams; k++)
            n += crossings_of(&l->tasks[i]->out[k]);
    return n;
}

static gi_scope_loads loads_of(gi_loop *l, int64_t for_ns)
{
    int64_t then = l->now_ns - for_ns;
    int64_t busy = atomic_load_explicit(&l->busy_ns, memory_order_relaxed);
    uint64_t crossing = crossings(l);
    gi_scope_loads loads = {
        .since_ms = (uint64_t)(then / 1000000),
        .own = share(busy - l->sight.busy_ns, for_ns),
        .n = 1 + l->sight.n_reached,
        .crossing = share(
            (int64_t)(crossing - l->sight.crossing) * CROSSING_NS, for_ns),
    };

    l->sight.busy_ns = busy;
    l->sight.crossing = crossing;
    loads.sum = loads.own;
    for (uint32_t i = 0; i < l->sight.n_reached; i++)
        loads.sum += load_of(&l->sight.reached[i], l->now_ns, for_ns);
    return loads;
}

static uint64_t next_word(gi_loop *l, uint64_t word, uint64_t now_ms)
{
    const gi_settings *set = &l->w->plan->set;
    const gi_scope_rule rule = { set->scope_high, set->scope_low };
    int64_t for_ns = l->now_ns - l->sight.since_ns;
    bool first = l->sight.since_ns == 0;

    if (word == 0)
        return gi_scope_begin(now_ms);
    if (for_ns < LOADS_NS)
        return word;
    gi_scope_loads loads = loads_of(l, for_ns);
    l->sight.since_ns = l->now_ns;
    return first ? word : gi_scope_next(word, &rule, now_ms, &loads);
}

void gi_load_look(gi_loop *l)
{
    _Atomic uint64_t *scope = &l->w->scope;
    uint64_t now_ms = (uint64_t)(l->now_ns / 1000000);
    uint64_t word = atomic_load_explicit(scope, memory_order_relaxed);
    uint64_t next = next_word(l, word, now_ms);

    /* If somebody else was quicker, theirs is as good. */
    if (next != word &&
        atomic_compare_exchange_strong_explicit(
            scope, &word, next, memory_order_relaxed, memory_order_relaxed))
        word = next;
    if (l->sight.home && !gi_scope_home(word, now_ms))
        GI_SEEN(HOME_TOO_BUSY);
    l->sight.home = gi_scope_home(word, now_ms);
    l->sight.look_ns = l->now_ns + LOOK_NS;
}
