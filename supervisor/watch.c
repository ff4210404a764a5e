/* watch.c -- looking at workers: what they say, and what the system says.
 *
 * A worker is heard when its page changes.  It is judged by its loops, once
 * they turn; while it opens its tasks, or closes them, its loops need not
 * turn, but it may well be stopped, or in a callback that does not return.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "supervisor/daemon_inside.h"

enum { LOOPS_MOST = 512, YOUNG_NS = 2000000000, STRANGE_NS = 2000000000 };

void gi_watch_begin(gi_sdaemon *d, uint16_t port, uint64_t incarnation,
                    int64_t since)
{
    int i = gi_sd_slot(d, port);

    if (i < 0 || d->views[i].incarnation > incarnation)
        return;
    gi_pool_fini(&d->views[i].pool);
    d->views[i] = (gi_view){ .incarnation = incarnation, .since = since };
}

static const gi_msg_topology *topology_of(const gi_sdaemon *d,
                                          const gi_keeper *k)
{
    return k->has == NULL ? NULL : gi_duties_of(d, k->has->topology);
}

static uint64_t acked(const gi_sdaemon *d, const gi_keeper *k,
                      const gi_progress *p)
{
    const gi_msg_topology *t = topology_of(d, k);

    return t == NULL ? 0 : gi_progress_acked(p, t);
}

static bool stands_still(const gi_sdaemon *d, const gi_keeper *k)
{
    const gi_msg_topology *t = topology_of(d, k);

    return t != NULL && !t->active;
}

/* Somebody may wait for just that: it runs; the first tuple is acked; spouts
 * have stopped, and what was in flight is done. */
static bool is_news(const gi_sdaemon *d, const gi_keeper *k,
                    const gi_progress *was, const gi_progress *is)
{
    return was->state != is->state || was->turn != is->turn ||
           (acked(d, k, was) == 0 && acked(d, k, is) > 0) ||
           (was->pending + was->queued > 0 && is->pending + is->queued == 0 &&
            stands_still(d, k));
}

/* It may just be in the making; but not for long. */
static void look_for_strange(gi_sdaemon *d, gi_view *v, const gi_keeper *k)
{
    if (v->has_page || v->strange || gi_clock_ns() - v->since < STRANGE_NS)
        return;
    v->strange = true;
    d->talk.urgent = true;
    gi_log(GALE_LOG_WARN, GI_WHO, "slot %u: %s", k->port, GI_STRANGE_PAGE);
}

/* True: there is a page, and it is a newer one than at the last look. */
static bool read_page(gi_sdaemon *d, gi_view *v, const gi_keeper *k)
{
    char dir[GI_PATH_MOST];
    gi_pool pool = { 0 };
    gi_progress page;
    gale_err rv;
    bool news;

    v->readable = false;
    gi_home_worker(&d->home, k->port, dir);
    rv = gi_progress_read(&page, dir, k->incarnation, &pool);
    if (rv == GALE_EFORMAT)
        look_for_strange(d, v, k);
    if (rv != GALE_OK) {
        gi_pool_fini(&pool);
        return false;
    }
    v->strange = false;
    news = !v->has_page || page.beats != v->page.beats;
    if (news && is_news(d, k, &v->page, &page))
        d->talk.urgent = true;
    gi_pool_fini(&v->pool);
    v->pool = pool;
    v->page = page;
    v->has_page = v->readable = true;
    return news;
}

static void beat(gi_sdaemon *d, const gi_view *v, const gi_keeper *k,
                 int64_t now)
{
    gi_slot_event e = {
        .kind = GI_SLOT_BEAT,
        .incarnation = k->incarnation,
        .progress = v->page.beats,
    };

    gi_node_event(d->node, k->port, &e, now);
}

/* A thread that is gone says nothing of the process. */
static void look_at_thread(const gi_keeper *k, pid_t thread, gi_loop_signs *s)
{
    if (gi_proc_thread(k->pid, thread, &s->state, &s->cpu_ns) != GALE_OK)
        s->state = 'S';
}

/* A page that is old says nothing of the loops, if who writes it may just not
 * have come to it: that is the process's first thread.  Then there is no look:
 * how long a callback takes is not forgotten over it. */
static bool may_look(const gi_view *v, const gi_keeper *k, bool news)
{
    gi_loop_signs writer = { .state = 'S' };

    if (news || !v->readable)
        return v->has_page;
    look_at_thread(k, k->pid, &writer);
    return writer.state != 'R' && writer.state != 'D';
}

static uint32_t signs_of(gi_view *v, const gi_keeper *k, gi_loop_signs *signs)
{
    const gi_progress *p = &v->page;
    bool turns = p->state == GI_PROGRESS_RUNNING;
    uint32_t n = p->n_loops < LOOPS_MOST ? p->n_loops : LOOPS_MOST - 1;

    v->moves++;
    for (uint32_t i = 0; i < n; i++) {
        const gi_progress_loop *l = &p->loops[i];
        bool counts = v->readable && (turns || l->callback_since != 0);

        signs[i] = (gi_loop_signs){
            .turns = counts ? l->turns : v->moves,
            .callback_since = l->callback_since,
            .state = 'S',
        };
        /* A loop that has not said which thread it is: a stopped process is
         * stopped as a whole. */
        look_at_thread(k,
                       l->thread > 0 && l->thread <= INT32_MAX
                           ? (pid_t)l->thread
                           : k->pid,
                       &signs[i]);
    }
    if (n > 0)
        return n;
    signs[0] = (gi_loop_signs){ .turns = v->moves };
    look_at_thread(k, k->pid, &signs[0]);
    return 1;
}

static void look_at(gi_sdaemon *d, uint32_t i, int64_t now)
{
    const gi_keeper *k = gi_node_slot(d->node, i);
    gi_loop_signs signs[LOOPS_MOST];
    gi_view *v = &d->views[i];
    bool news;

    if (k->incarnation == 0 || v->incarnation != k->incarnation || k->pid == 0)
        return;
    news = read_page(d, v, k);
    if (news)
        beat(d, v, k, now);
    if (may_look(v, k, news))
        gi_node_look(d->node, k->port, k->incarnation, signs,
                     signs_of(v, k, signs), now);
}

/* Is there a worker of which the first ack may come any moment? */
bool gi_watch_soon(const gi_sdaemon *d, int64_t now)
{
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++) {
        const gi_keeper *k = gi_node_slot(d->node, i);
        const gi_view *v = &d->views[i];

        if (v->incarnation != 0 && now - v->since < YOUNG_NS &&
            acked(d, k, &v->page) == 0)
            return true;
    }
    return false;
}

void gi_watch(gi_sdaemon *d, int64_t now)
{
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++) {
        look_at(d, i, now);
        if (d->views[i].duty_again) {
            d->views[i].duty_again = false;
            d->views[i].duty_due = true;
        }
    }
    gi_node_tick(d->node, now);
}
