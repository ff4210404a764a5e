/* Events in the order of their time, and what goes wrong. */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>

/* -------------------------------------------------------------- events -- */

static bool earlier(const struct event *a, const struct event *b)
{
    return a->at < b->at || (a->at == b->at && a->no < b->no);
}

void world_after(struct world *w, int64_t ns, struct event e)
{
    e.at = w->now + (ns < 0 ? 0 : ns);
    e.no = w->events_made++;
    if (w->n_heap == w->cap_heap) {
        w->cap_heap = w->cap_heap == 0 ? 256 : 2 * w->cap_heap;
        w->heap = gi_realloc(w->heap, w->cap_heap * sizeof(*w->heap));
    }
    uint32_t i = w->n_heap++;
    for (; i > 0 && earlier(&e, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = e;
}

static struct event pop(struct world *w)
{
    struct event first = w->heap[0], last = w->heap[--w->n_heap];
    uint32_t i = 0;

    for (;;) {
        uint32_t k = 2 * i + 1;

        if (k >= w->n_heap)
            break;
        if (k + 1 < w->n_heap && earlier(&w->heap[k + 1], &w->heap[k]))
            k++;
        if (!earlier(&w->heap[k], &last))
            break;
        w->heap[i] = w->heap[k];
        i = k;
    }
    w->heap[i] = last;
    return first;
}

uint64_t world_upto(struct world *w, uint64_t n)
{
    return gi_rng_below(&w->rng, n + 1);
}

bool world_chance(struct world *w, uint32_t in_thousand)
{
    return gi_rng_below(&w->rng, 1000) < in_thousand;
}

void world_note(struct world *w, const char *what, uint64_t a, uint64_t b)
{
    uint64_t h = w->hash ^ (uint64_t)w->now;

    for (const char *c = what; *c != '\0'; c++)
        h = gi_mix64(h ^ (uint8_t)*c);
    w->hash = gi_mix64(h ^ gi_mix64(a) ^ b << 32);
    if (w->loud)
        fprintf(stderr, "%10.3f ms  %-6llu %s %llu %llu\n",
                (double)w->now / 1e6, (unsigned long long)w->turning % 1000000,
                what, (unsigned long long)a, (unsigned long long)b);
}

void world_wrong(struct world *w, const char *format, ...)
{
    va_list args;

    if (w->wrong[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(w->wrong, sizeof(w->wrong), format, args);
    va_end(args);
}

/* ------------------------------------------------------------- mishaps -- */

static struct proc *any_proc(struct world *w)
{
    uint32_t n = 0;

    for (struct proc *p = w->procs; p != NULL; p = p->next)
        n += p->alive;
    if (n == 0)
        return NULL;
    uint64_t which = gi_rng_below(&w->rng, n);
    for (struct proc *p = w->procs; p != NULL; p = p->next)
        if (p->alive && which-- == 0)
            return p;
    return NULL;
}

static void on_nimbus(struct world *w, const struct event *e)
{
    (void)e;
    if (w->chief.nimbus == NULL)
        chief_birth(w);
}

static void on_supervisor(struct world *w, const struct event *e)
{
    if (w->host[e->a].node == NULL)
        host_birth(w, e->a);
}

static void on_thaw(struct world *w, const struct event *e)
{
    struct proc *p = proc_find(w, e->y);

    if (p == NULL || !p->frozen)
        return;
    p->frozen = false;
    world_note(w, "thaw", p->incarnation, 0);
    if (p->up) {
        proc_duty(w, p); /* what it missed lies there */
        if (p->up)
            proc_pump(w, p);
    }
}

static void kill_worker(struct world *w)
{
    struct proc *p = any_proc(w);

    if (p == NULL)
        return;
    w->deaths++;
    world_note(w, "kill", p->incarnation, p->port);
    proc_die(w, p, (gi_ending){ .kind = GI_END_SIGNAL, .number = 9 });
}

static void freeze(struct world *w)
{
    struct proc *p = any_proc(w);

    if (p == NULL || p->frozen)
        return;
    w->freezes++;
    p->frozen = true;
    world_note(w, "freeze", p->incarnation, 0);
    world_after(w, (int64_t)world_upto(w, 3 * (uint64_t)SECOND),
                (struct event){ .happens = on_thaw, .y = p->incarnation });
}

static void kill_supervisor(struct world *w)
{
    uint32_t no = (uint32_t)gi_rng_below(&w->rng, w->n_hosts);

    if (w->host[no].node == NULL)
        return;
    w->supervisor_deaths++;
    w->moved = true;
    host_death(w, no);
    world_after(w, (int64_t)world_upto(w, 12 * (uint64_t)SECOND),
                (struct event){ .happens = on_supervisor, .a = no });
}

static void kill_nimbus(struct world *w)
{
    if (w->chief.nimbus == NULL)
        return;
    w->nimbus_deaths++;
    chief_death(w);
    world_after(w, (int64_t)world_upto(w, 5 * (uint64_t)SECOND),
                (struct event){ .happens = on_nimbus });
}

static void cut_off(struct world *w)
{
    uint32_t no = (uint32_t)gi_rng_below(&w->rng, w->n_hosts);

    w->cuts++;
    w->moved = true;
    w->host[no].cut_off =
        w->now + (int64_t)world_upto(w, 8 * (uint64_t)SECOND);
    world_note(w, "cut off", no, (uint64_t)w->host[no].cut_off);
}

/* Its workers stay in touch with the others, while Nimbus gives them up. */
static void deafen(struct world *w)
{
    uint32_t no = (uint32_t)gi_rng_below(&w->rng, w->n_hosts);

    w->cuts++;
    w->moved = true;
    w->host[no].deaf = w->now + (int64_t)world_upto(w, 12 * (uint64_t)SECOND);
    world_note(w, "deaf", no, (uint64_t)w->host[no].deaf);
}

/* Everything at once: what is on disks stays. */
static void power_cut(struct world *w)
{
    world_note(w, "power cut", 0, 0);
    for (struct proc *p = w->procs; p != NULL; p = p->next)
        if (p->alive)
            proc_die(w, p, (gi_ending){ .kind = GI_END_SIGNAL, .number = 9 });
    for (uint32_t i = 0; i < w->n_hosts; i++)
        if (w->host[i].node != NULL) {
            host_death(w, i);
            world_after(w, (int64_t)world_upto(w, 500 * MS),
                        (struct event){ .happens = on_supervisor, .a = i });
        }
    kill_nimbus(w);
    w->deaths++;
}

static void on_mishap(struct world *w, const struct event *e)
{
    static const gi_verb_no wishes[] = { GI_ASK_REBALANCE, GI_ASK_REBALANCE,
                                         GI_ASK_DEACTIVATE, GI_ASK_ACTIVATE };
    uint64_t what = gi_rng_below(&w->rng, 100);

    (void)e;
    if (w->healing)
        return;
    if (what < 45)
        kill_worker(w);
    else if (what < 58)
        net_cut(w);
    else if (what < 68)
        freeze(w);
    else if (what < 76)
        kill_supervisor(w);
    else if (what < 82)
        kill_nimbus(w);
    else if (what < 85)
        cut_off(w);
    else if (what < 88)
        deafen(w);
    else if (what < 90)
        power_cut(w);
    else {
        w->moved = true;
        chief_wish(w, wishes[gi_rng_below(&w->rng, 4)]);
    }
    world_after(w, (int64_t)world_upto(w, 800 * MS),
                (struct event){ .happens = on_mishap });
}

static void on_healing(struct world *w, const struct event *e)
{
    (void)e;
    w->healing = true;
    world_note(w, "healing", 0, 0);
    for (uint32_t i = 0; i < w->n_hosts; i++)
        w->host[i].cut_off = w->host[i].deaf = 0;
    chief_wish(w, GI_ASK_ACTIVATE);
    world_after(w, 20 * SECOND, (struct event){ .happens = on_healing });
}

static void on_submit(struct world *w, const struct event *e)
{
    (void)e;
    chief_submit(w);
    if (!w->healing)
        world_after(w, SECOND, (struct event){ .happens = on_submit });
}

/* ----------------------------------------------------------------- run -- */

static void end(struct world *w)
{
    while (w->procs != NULL) {
        struct proc *p = w->procs;

        w->procs = p->next;
        proc_free(p);
    }
    for (uint32_t i = 0; i < w->n_hosts; i++)
        host_end(w, i);
    chief_end(w);
    for (uint32_t i = 0; i < w->n_heap; i++)
        gi_free(w->heap[i].own);
    gi_free(w->heap);
    gi_free(w->conns);
}

static void run_until(struct world *w, int64_t until, bool until_acked)
{
    while (w->n_heap > 0 && w->wrong[0] == '\0' && w->heap[0].at < until &&
           !(until_acked && w->n_acked == NUMBERS)) {
        struct event e = pop(w);

        w->now = e.at;
        e.happens(w, &e);
        gi_free(e.own);
    }
}

/* All numbers are acked: now nothing goes wrong any more, and after a while
 * everything is where it should be.  (The dead come back within 12 seconds,
 * the dead are noticed within 5, and who drains has 3.) */
static void settle(struct world *w)
{
    on_healing(w, &(struct event){ 0 });
    run_until(w, w->now + 30 * SECOND, false);
    if (w->wrong[0] == '\0')
        judge_end(w);
}

bool world_run(struct world *w, uint64_t seed, bool loud)
{
    int64_t trouble;

    *w = (struct world){ .seed = seed,
                         .rng = { gi_mix64(seed) },
                         .now = 1000 * SECOND,
                         .loud = loud,
                         .hash = seed };
    work_world = w;
    w->n_hosts = 1 + (uint32_t)world_upto(w, MOST_HOSTS - 1);
    w->n_slots = 1 + (uint32_t)world_upto(w, MOST_SLOTS - 1);
    trouble = (int64_t)world_upto(w, 20 * (uint64_t)SECOND);
    chief_birth(w);
    for (uint32_t i = 0; i < w->n_hosts; i++)
        host_birth(w, i);
    world_after(w, 0, (struct event){ .happens = on_submit });
    world_after(w, 500 * MS, (struct event){ .happens = on_mishap });
    world_after(w, trouble, (struct event){ .happens = on_healing });

    run_until(w, w->now + trouble + 120 * SECOND, true);
    if (w->wrong[0] == '\0' && w->n_acked < NUMBERS)
        world_wrong(w,
                    "only %u of %u numbers were acked, long after all was "
                    "well again",
                    w->n_acked, (unsigned)NUMBERS);
    if (w->wrong[0] == '\0')
        settle(w);
    for (struct proc *p = w->procs; loud && p != NULL; p = p->next)
        proc_show(p);
    end(w);
    /* Whatever was lost was lost with somebody, and that is evidence; but for
     * tasks that were given to others while a worker still had them. */
    if (w->wrong[0] == '\0' && w->timed_out > 0 && !w->moved)
        world_wrong(w, "%llu trees timed out",
                    (unsigned long long)w->timed_out);
    return w->wrong[0] == '\0';
}
