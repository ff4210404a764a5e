/* Thousands of clusters, each through a life of random events; after each
 * event, what must always be true of what a scheduler answers.  What may stay
 * is judged here once more, by other code. */
#include "events.h"

enum { SEEDS = 1500, EVENTS = 40 };

static const gi_supervisor *find(const struct world *w, const char *id)
{
    for (uint32_t i = 0; i < w->c.n_supervisors; i++)
        if (strcmp(w->supervisors[i].id, id) == 0)
            return &w->supervisors[i];
    return NULL;
}

static const gi_slot *find_slot(const gi_supervisor *s, uint16_t port)
{
    for (uint32_t i = 0; i < s->n_slots; i++)
        if (s->slots[i].port == port)
            return &s->slots[i];
    return NULL;
}

static bool lives(const struct world *w, const char *topology,
                  const gi_assigned *a)
{
    for (uint32_t i = 0; i < w->c.n_living; i++)
        if (strcmp(w->living[i].topology, topology) == 0 &&
            strcmp(w->living[i].supervisor, a->supervisor) == 0 &&
            w->living[i].port == a->port && w->living[i].since == a->since)
            return true;
    return false;
}

static bool may_stay(const struct world *w, const char *topology,
                     const gi_assigned *a)
{
    const gi_supervisor *s = find(w, a->supervisor);

    if (find_slot(s, a->port)->bad)
        return false;
    return s->state != GI_SUPERVISOR_DEAD || lives(w, topology, a);
}

static uint32_t worker_in(const gi_assignment *a, const gi_assigned *w)
{
    for (uint32_t i = 0; i < a->n_workers; i++)
        if (strcmp(a->workers[i].supervisor, w->supervisor) == 0 &&
            a->workers[i].port == w->port && a->workers[i].since == w->since)
            return i;
    return GI_NOWHERE;
}

/* Ranges are the topology's, workers exist and have work, slots are open. */
static void check_whole(const struct world *w, uint32_t i,
                        const gi_assignment *a)
{
    const gi_topology *t = &w->topologies[i];
    const gi_assignment *now = w->now[i];
    uint32_t n = 0;

    for (uint32_t c = 0; c < t->n_components; c++)
        for (uint32_t k = 0; k < t->components[c].n_executors; k++, n++) {
            uint32_t first, end;

            gi_component_executor(&t->components[c], k, &first, &end);
            cr_assert_eq(a->executors[n].first_task, first);
            cr_assert_eq(a->executors[n].end_task, end);
            cr_assert(a->executors[n].worker == GI_NOWHERE ||
                      a->executors[n].worker < a->n_workers);
        }
    cr_assert_eq(n, a->n_executors);
    for (uint32_t k = 0; k < a->n_workers; k++) {
        const gi_assigned *v = &a->workers[k];
        const gi_supervisor *s = find(w, v->supervisor);
        bool kept = now != NULL && worker_in(now, v) != GI_NOWHERE;

        cr_assert_gt(executors_on(a, k), 0);
        cr_assert(!find_slot(s, v->port)->bad);
        if (kept)
            cr_assert(may_stay(w, t->id, v));
        else
            cr_assert_eq(s->state, GI_SUPERVISOR_ALIVE);
        if (!kept)
            cr_assert_eq(v->since, a->version);
    }
    if (now != NULL)
        cr_assert_eq(a->version,
                     now->version + (gi_assignment_same(a, now) ? 0u : 1u));
}

static void check_no_slot_twice(const gi_schedule *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t k = 0; k < i; k++)
            for (uint32_t v = 0; v < s->of[i]->n_workers; v++)
                for (uint32_t u = 0; u < s->of[k]->n_workers; u++)
                    cr_assert(s->of[i]->workers[v].port !=
                                  s->of[k]->workers[u].port ||
                              strcmp(s->of[i]->workers[v].supervisor,
                                     s->of[k]->workers[u].supervisor) != 0);
}

/* The same facts in another order: the same answer, topology by topology. */
static void check_order_does_not_matter(const struct world *w, gi_rng *r,
                                        scheduler schedule,
                                        const gi_schedule *s)
{
    static gi_supervisor supervisors[MOST_SUPERVISORS];
    static gi_topology topologies[MOST_TOPOLOGIES];
    static gi_living living[MOST_LIVING];
    uint32_t back[MOST_TOPOLOGIES], n = w->c.n_topologies;
    uint32_t n_sup = w->c.n_supervisors, turn = draw(r, 100);
    gi_cluster c = {
        n_sup, supervisors, n, topologies, w->c.n_living, living
    };
    gi_schedule again;

    for (uint32_t i = 0; i < n_sup; i++)
        supervisors[i] = w->supervisors[(i + turn) % n_sup];
    for (uint32_t i = 0; i < n; i++)
        topologies[i] = w->topologies[back[i] = (i + turn) % n];
    for (uint32_t i = 0; i < w->c.n_living; i++)
        living[i] = w->living[(i + turn) % w->c.n_living];
    cr_assert_eq(schedule(&again, &c), GALE_OK);
    for (uint32_t i = 0; i < n; i++) {
        const gi_assignment *a = s->of[back[i]], *b = again.of[i];

        cr_assert(gi_assignment_same(a, b));
        cr_assert_eq(a->version, b->version);
        cr_assert_eq(a->why == NULL, b->why == NULL);
        if (a->why != NULL)
            cr_assert_str_eq(a->why, b->why);
    }
    gi_schedule_fini(&again);
}

static uint32_t free_after(const struct world *w, const gi_schedule *s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->c.n_supervisors; i++) {
        const gi_supervisor *sup = &w->supervisors[i];

        if (sup->state != GI_SUPERVISOR_ALIVE)
            continue;
        for (uint32_t k = 0; k < sup->n_slots; k++) {
            bool taken = sup->slots[k].bad;

            for (uint32_t t = 0; t < s->n; t++)
                for (uint32_t v = 0; v < s->of[t]->n_workers; v++)
                    taken |=
                        s->of[t]->workers[v].port == sup->slots[k].port &&
                        strcmp(s->of[t]->workers[v].supervisor, sup->id) == 0;
            n += !taken;
        }
    }
    return n;
}

static int falling(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x == y ? 0 : x > y ? -1 : 1;
}

/* With the same cut of executors: the fewest that could have moved, given how
 * many workers there are now.  Each worker keeps up to its part, the largest
 * parts with those that have most. */
static uint32_t fewest_moves(const struct world *w, uint32_t i,
                             const gi_assignment *a)
{
    const gi_assignment *now = w->now[i];
    uint32_t had[MOST_EXECUTORS] = { 0 }, n = 0, had_any = 0, kept = 0;

    for (uint32_t k = 0; k < now->n_workers; k++) {
        had_any += executors_on(now, k);
        if (may_stay(w, w->topologies[i].id, &now->workers[k]))
            had[n++] = executors_on(now, k);
    }
    qsort(had, n, sizeof(*had), falling);
    for (uint32_t k = 0; k < a->n_workers && k < n; k++) {
        uint32_t part = a->n_executors / a->n_workers +
                        (k < a->n_executors % a->n_workers ? 1 : 0);

        kept += had[k] < part ? had[k] : part;
    }
    return had_any - kept;
}

static bool same_cut(const gi_assignment *a, const gi_assignment *b)
{
    if (a->n_executors != b->n_executors)
        return false;
    for (uint32_t i = 0; i < a->n_executors; i++)
        if (a->executors[i].first_task != b->executors[i].first_task ||
            a->executors[i].end_task != b->executors[i].end_task)
            return false;
    return true;
}

static uint32_t n_judged; /* topologies whose moves were counted */

static void check_even(const struct world *w, uint32_t i, const gi_schedule *s)
{
    const gi_assignment *a = s->of[i];
    const gi_topology *t = &w->topologies[i];
    uint32_t low = a->n_executors, high = 0, wanted = t->n_workers;
    uint32_t n_free = free_after(w, s);

    if (wanted > a->n_executors)
        wanted = a->n_executors;
    for (uint32_t k = 0; k < a->n_workers; k++) {
        uint32_t n = executors_on(a, k);

        low = n < low ? n : low;
        high = n > high ? n : high;
    }
    cr_assert_leq(a->n_workers, wanted);
    cr_assert(a->n_workers == wanted || n_free == 0,
              "it wants workers, and there are slots");
    cr_assert_eq(a->why == NULL, a->n_workers == wanted);
    for (uint32_t k = 0; k < a->n_executors; k++)
        cr_assert_eq(a->executors[k].worker == GI_NOWHERE, a->n_workers == 0);
    if (a->n_workers > 0)
        cr_assert_leq(high - low, 1);
    if (w->now[i] != NULL && same_cut(w->now[i], a)) {
        cr_assert_eq(moves(w->now[i], a), fewest_moves(w, i, a));
        n_judged++;
    }
}

static void run(uint64_t seed, scheduler schedule,
                void (*check)(const struct world *w, uint32_t i,
                              const gi_schedule *s))
{
    static struct world w;
    gi_rng r = { gi_mix64(seed) };

    world_init(&w);
    for (int k = 0; k < EVENTS; k++) {
        gi_schedule s;
        uint32_t n = 1 + draw(&r, 3);

        while (n-- > 0)
            draw_event(&w, &r);
        draw_living(&w, &r);
        cr_assert_eq(schedule(&s, &w.c), GALE_OK);
        check_no_slot_twice(&s);
        for (uint32_t i = 0; i < s.n; i++) {
            if (w.topologies[i].leaving) {
                cr_assert(w.now[i] == NULL ||
                          gi_assignment_same(w.now[i], s.of[i]));
                continue;
            }
            check_whole(&w, i, s.of[i]);
            check(&w, i, &s);
        }
        check_order_does_not_matter(&w, &r, schedule, &s);
        gi_schedule_fini(&s);
        settle(&w, schedule);
    }
    world_fini(&w);
}

Test(schedule_random, even)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run(seed, gi_schedule_even, check_even);
    cr_assert_gt(n_judged, SEEDS * EVENTS);
}

/* What is assigned on a supervisor or in a worker, of one thing. */
static uint64_t used(const struct world *w, const gi_schedule *s,
                     const char *supervisor, bool cpu)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        const gi_topology *t = &w->topologies[i];

        if (t->leaving)
            continue;
        for (uint32_t c = 0, n = 0; c < t->n_components; c++)
            for (uint32_t k = 0; k < t->components[c].n_executors; k++) {
                uint32_t worker = s->of[i]->executors[n++].worker;

                if (worker != GI_NOWHERE &&
                    strcmp(s->of[i]->workers[worker].supervisor, supervisor) ==
                        0)
                    sum += cpu ? t->components[c].cpu
                               : t->components[c].memory_mb;
            }
    }
    return sum;
}

static void check_resource(const struct world *w, uint32_t i,
                           const gi_schedule *s)
{
    const gi_assignment *a = s->of[i], *now = w->now[i];
    const gi_topology *t = &w->topologies[i];
    uint32_t n_lost = 0, worker_mb[MOST_LIVING] = { 0 }, n = 0;

    for (uint32_t k = 0; k < w->c.n_supervisors; k++) {
        const gi_supervisor *sup = &w->supervisors[k];

        cr_assert_leq(used(w, s, sup->id, true), sup->cpu);
        cr_assert_leq(used(w, s, sup->id, false), sup->memory_mb);
    }
    for (uint32_t c = 0; c < t->n_components; c++)
        for (uint32_t k = 0; k < t->components[c].n_executors; k++) {
            uint32_t worker = a->executors[n++].worker;

            if (worker == GI_NOWHERE)
                n_lost++;
            else
                worker_mb[worker] += t->components[c].memory_mb;
        }
    for (uint32_t k = 0; k < a->n_workers; k++)
        cr_assert(t->worker_memory_mb == 0 ||
                  worker_mb[k] <= t->worker_memory_mb);
    cr_assert_eq(n_lost > 0, a->why != NULL);
    if (now == NULL && n_lost > 0)
        cr_assert_eq(n_lost, a->n_executors, "all or nothing");
}

Test(schedule_random, resource)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run(seed, gi_schedule_resource, check_resource);
}

/* Somebody more important than topology `i` got executors that it had not. */
static bool somebody_pushed(const struct world *w, uint32_t i,
                            const gi_schedule *s)
{
    for (uint32_t k = 0; k < s->n; k++) {
        const gi_assignment *a = s->of[k], *now = w->now[k];

        if (w->topologies[k].priority >= w->topologies[i].priority ||
            w->topologies[k].leaving)
            continue;
        for (uint32_t e = 0; e < a->n_executors; e++) {
            uint32_t is = a->executors[e].worker;
            uint32_t was = GI_NOWHERE;

            if (now != NULL && same_cut(now, a))
                was = now->executors[e].worker;
            if (is != GI_NOWHERE &&
                (was == GI_NOWHERE || worker_in(now, &a->workers[is]) != was))
                return true;
        }
    }
    return false;
}

static uint32_t n_pushed;

/* With nothing that shrinks or grows, whoever may stay stays: an executor that
 * moved had lost its worker, or was pushed out by somebody more important. */
static void check_stays(const struct world *w, uint32_t i,
                        const gi_schedule *s)
{
    const gi_assignment *a = s->of[i], *now = w->now[i];

    if (now == NULL || !same_cut(now, a))
        return;
    for (uint32_t k = 0; k < now->n_executors; k++) {
        uint32_t was = now->executors[k].worker, is = a->executors[k].worker;

        if (was == GI_NOWHERE ||
            !may_stay(w, w->topologies[i].id, &now->workers[was]) ||
            (is != GI_NOWHERE && worker_in(now, &a->workers[is]) == was))
            continue;
        n_pushed++;
        cr_assert(somebody_pushed(w, i, s));
    }
}

Test(schedule_random, resource_moves_only_what_must_move)
{
    static struct world w;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        gi_rng r = { gi_mix64(~seed) };

        world_init(&w);
        for (uint32_t k = 0; k < EVENTS; k++) {
            gi_schedule s;

            draw_event(&w, &r);
            draw_living(&w, &r);
            for (uint32_t i = 0; i < w.c.n_topologies; i++)
                for (uint32_t c = 0; c < w.topologies[i].n_components; c++)
                    component_at(&w, i, c)->cpu = 10;
            for (uint32_t i = 0; i < w.c.n_supervisors; i++)
                w.supervisors[i].cpu = 1000;
            cr_assert_eq(gi_schedule_resource(&s, &w.c), GALE_OK);
            for (uint32_t i = 0; i < s.n; i++)
                if (!w.topologies[i].leaving)
                    check_stays(&w, i, &s);
            gi_schedule_fini(&s);
            settle(&w, gi_schedule_resource);
        }
        world_fini(&w);
    }
    cr_assert_gt(n_pushed, SEEDS / 10, "or else nothing was tried");
}
