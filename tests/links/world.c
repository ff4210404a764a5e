#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void world_wrong(struct world *w, const char *format, ...)
{
    va_list args;

    if (w->wrong[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(w->wrong, sizeof(w->wrong), format, args);
    va_end(args);
}

void world_note(struct world *w, const char *what, uint64_t a, uint64_t b,
                uint64_t c)
{
    w->history = gi_mix64(w->history + (uint64_t)w->now);
    w->history = gi_mix64(w->history + (uint64_t)(unsigned char)what[0]);
    w->history = gi_mix64(w->history + a + (b << 20) + (c << 40));
    if (w->verbose)
        printf("%12.6f %-10s %lu %lu %lu\n", (double)w->now / 1e9, what,
               (unsigned long)a, (unsigned long)b, (unsigned long)c);
}

bool world_chance(struct world *w, uint32_t of_1000)
{
    return gi_rng_below(&w->rng, 1000) < of_1000;
}

int64_t world_upto(struct world *w, int64_t ns)
{
    return 1 + (int64_t)gi_rng_below(&w->rng, (uint64_t)ns);
}

/* ------------------------------------------- what is to happen: a heap -- */

static bool before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct world *w, struct event e)
{
    uint32_t i = w->n_events;

    if (w->n_events == MOST_EVENTS) {
        world_wrong(w, "too much is going on");
        free(e.message);
        return;
    }
    w->n_events++;
    for (; i > 0 && before(&e, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = e;
}

void world_push(struct world *w, struct event e)
{
    e.order = ++w->order;
    put(w, e);
}

static struct event pop(struct world *w)
{
    struct event first = w->heap[0];
    struct event last = w->heap[--w->n_events];
    uint32_t i = 0, n = w->n_events;

    for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(&w->heap[child + 1], &w->heap[child]))
            child++;
        if (!before(&w->heap[child], &last))
            break;
        w->heap[i] = w->heap[child];
    }
    w->heap[i] = last;
    return first;
}

/* ------------------------------------------------------------ one step -- */

/* Events of the world, not of an end.  True: it was one. */
static bool of_the_world(struct world *w, const struct event *e)
{
    switch (e->kind) {
    case EV_FAULT:
        if (w->healing && (w->calm || w->now > w->heal_at + 500 * MS))
            return true;
        faults_one(w);
        world_push(
            w, (struct event){ .at = w->now + world_upto(w, w->chances.fault),
                               .kind = EV_FAULT });
        return true;
    case EV_BIRTH:
        node_birth(w, e->node);
        return true;
    default:
        return false;
    }
}

static void work(struct world *w, const struct event *e)
{
    if (w->healing)
        return;
    node_work(w, e->node);
    world_push(w, (struct event){ .at = w->now + w->chances.work,
                                  .kind = EV_WORK,
                                  .node = e->node,
                                  .life = e->life });
}

/* Is e->node there to see it? */
static bool is_there(struct world *w, struct event *e)
{
    struct node *node = &w->node[e->node];

    if (!node->alive)
        return false;
    if (e->life != 0 && e->life != node->life)
        return false;
    return e->kind != EV_ARRIVE || e->life != 0;
}

static void step(struct world *w)
{
    struct event e = pop(w);
    struct node *node = &w->node[e.node];

    w->now = e.at;
    w->steps++;
    if (of_the_world(w, &e))
        return;
    if (is_there(w, &e) && node->asleep_until != 0) {
        if (node->asleep_until >= w->now) {
            e.at = node->asleep_until + 1;
            put(w, e); /* in the old order */
            return;
        }
        node->slept = node->asleep_until;
        node->asleep_until = 0;
    }
    if (e.kind == EV_ARRIVE && !net_arrive(w, &e)) {
        free(e.message);
    } else if (is_there(w, &e)) {
        if (e.kind == EV_ASSIGN)
            node_assign(w, e.node, e.number);
        else if (e.kind == EV_WORK)
            work(w, &e);
        else
            node_event(w, &e);
        if (e.kind == EV_ARRIVE)
            free(e.message);
    }
    /* who waited for room in the connection may send again */
    if (e.kind == EV_ARRIVE && w->node[e.peer].alive &&
        w->node[e.peer].asleep_until == 0)
        node_pump(w, e.peer, e.node);
}

/* ----------------------------------------------------------- the whole -- */

static void heal(struct world *w)
{
    w->healing = true;
    world_note(w, "heal", 0, 0, 0);
    for (uint64_t life = 1; life <= w->lives; life++) {
        for (uint32_t n = 0; w->dead[life] && n < w->n_nodes; n++) {
            if (n != w->owner[life])
                world_push(w, (struct event){ .at = w->now + MS,
                                              .kind = EV_NEWS,
                                              .node = n,
                                              .peer = w->owner[life],
                                              .number = life });
        }
    }
}

static bool all_there(const struct world *w)
{
    for (uint32_t n = 0; n < w->n_nodes; n++) {
        if (!w->node[n].alive || w->node[n].asleep_until >= w->now ||
            w->node[n].assignment != w->assignment)
            return false;
    }
    return true;
}

static void run(struct world *w)
{
    bool left = false, wait = world_chance(w, 500);

    while (w->wrong[0] == '\0' && w->n_events != 0) {
        if (!w->healing && w->now >= w->heal_at)
            heal(w);
        if (w->healing && !left && all_there(w) &&
            (!wait || judge_all_back(w))) {
            left = true;
            for (uint32_t n = 0; n < w->n_nodes; n++)
                node_leave(w, n);
        }
        if (left && judge_all_over(w))
            break;
        if (w->now > w->heal_at + 60000 * MS) {
            world_wrong(w, left ? "it is never over" : "it never settles");
            break;
        }
        step(w);
    }
    if (w->wrong[0] == '\0' && !judge_all_back(w))
        world_wrong(w, "a frame never came back");
    if (w->wrong[0] == '\0' && !left)
        world_wrong(w, "nothing happens any more");
}

bool world_run(struct world *w, uint64_t seed, bool verbose)
{
    struct event *heap = w->heap;

    memset(w, 0, sizeof(*w));
    w->heap = heap != NULL ? heap : malloc(MOST_EVENTS * sizeof(*heap));
    w->seed = seed;
    w->verbose = verbose;
    w->rng.at = gi_mix64(seed + 1);
    w->now = 1000 * MS;
    w->assignment = 1;
    w->n_nodes = seed % 3 == 0 ? 3 : 2;
    faults_choose(w);
    w->calm = world_chance(w, 500);
    w->heal_at = w->now + 300 * MS + world_upto(w, 2500 * MS);
    for (uint32_t n = 0; n < w->n_nodes; n++)
        world_push(w, (struct event){ .at = w->now + world_upto(w, 50 * MS),
                                      .kind = EV_BIRTH,
                                      .node = n });
    world_push(w, (struct event){ .at = w->now + w->chances.fault,
                                  .kind = EV_FAULT });
    run(w);
    while (w->n_events != 0)
        free(w->heap[--w->n_events].message);
    for (uint32_t n = 0; n < w->n_nodes; n++) {
        if (w->node[n].alive)
            node_death(w, n);
    }
    w->n_events = 0;
    return w->wrong[0] == '\0';
}
