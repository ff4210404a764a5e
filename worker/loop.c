/* loop.c -- one turn of a loop. */
#include <stdio.h>
#include <stdlib.h>

#include "base/bell.h"
#include "base/log.h"
#include "worker/hold.h"
#include "worker/port_inside.h"
#include "worker/spout.h"

_Thread_local gi_loop *gi_loop_here __attribute__((tls_model("initial-exec")));
_Thread_local gale_task *gi_task_here
    __attribute__((tls_model("initial-exec")));

enum { BATCHES_A_TURN = 64, BACKLOG_NS = 100000 };

/* What this loop has put by: give it back first. */
static void release_spare(gi_loop *l)
{
    gi_batches_release(l);
    for (uint32_t i = 0; i < l->n_tasks; i++)
        gi_keep_release(&l->tasks[i]->keep);
}

void gi_wait_for_memory(gi_loop *l, unsigned *tries)
{
    if (*tries == 0)
        release_spare(l);
    if (*tries >= 10000) {
        gi_log(GALE_LOG_ERROR, l->w->plan->name,
               "out of memory for ten seconds; giving up");
        abort();
    }
    ++*tries;
    l->w->env->nap(l->w->env->arg);
}

/* The first ready task at or after place `from`; n_tasks if none is. */
static uint32_t next_ready(const gi_loop *l, uint32_t from)
{
    uint32_t words = (l->n_tasks + 63) / 64;

    for (uint32_t i = from / 64; i < words; i++) {
        uint64_t bits = l->ready[i];

        if (i == from / 64)
            bits &= ~(uint64_t)0 << (from % 64);
        if (bits != 0)
            return i * 64 + (uint32_t)__builtin_ctzll(bits);
    }
    return l->n_tasks;
}

/* Sinks first, and each that has input gets its slice before any gets another:
 * what is nearly done is finished before more is begun, and a task whose input
 * never runs dry keeps nobody from theirs. */
static bool run_bolts(gi_loop *l)
{
    bool some = false;

    for (uint32_t n = 0; n < BATCHES_A_TURN;) {
        uint32_t before = n;

        for (uint32_t place = next_ready(l, 0); place < l->n_tasks;
             place = next_ready(l, place + 1))
            n += gi_bolt_run(l->tasks[place]);
        if (n == before)
            break;
        some = true;
    }
    return some;
}

static bool run_ticks(gi_loop *l)
{
    bool poked = atomic_load_explicit(&l->poked, memory_order_relaxed) != 0;
    bool some = false;

    if (l->n_timed == 0 && !poked && !l->ticks_owed)
        return false;
    if (poked) /* before looking at who was woken: later ones poke again */
        atomic_exchange_explicit(&l->poked, 0, memory_order_acq_rel);
    l->ticks_owed = false;
    for (uint32_t i = 0; i < l->n_tasks - l->n_spouts; i++) {
        gale_task *t = l->tasks[i];

        some |= gi_bolt_tick(t);
        if (atomic_load_explicit(&t->woken, memory_order_relaxed) != 0)
            l->ticks_owed = true;
    }
    return some || poked;
}

/* A task whose readers have no credit left gets neither input nor ticks, so it
 * cannot answer for what it holds.  That is not forgetting: keep those trees
 * from timing out meanwhile. */
static void shield_blocked(gi_loop *l)
{
    const gi_settings *set = &l->w->plan->set;

    if (!set->timeouts || l->now_ns < l->next_shield_ns)
        return;
    l->next_shield_ns = l->now_ns + (int64_t)set->timeout_ms * 250000;
    for (uint32_t i = 0; i < l->n_tasks; i++)
        if (l->tasks[i]->holds != NULL && !gi_has_room(l, l->tasks[i]))
            gi_holds_shield(l->tasks[i]);
}

/* Each turn another one begins, so that none lives on what others leave. */
static bool run_spouts(gi_loop *l)
{
    uint32_t first = l->n_tasks - l->n_spouts;
    bool some = false;

    for (uint32_t i = 0; i < l->n_spouts; i++)
        some |=
            gi_spout_run(l->tasks[first + (l->spout_turn + i) % l->n_spouts]);
    l->spout_turn++;
    return some;
}

void gi_loop_arrive(gi_loop *l)
{
    gi_loop_here = l;
    gi_reader_here.plan = l->w->plan;
    gi_loop_clock(l);
}

/* A turn that did something lasted until this one began. */
static inline void note_busy(gi_loop *l)
{
    int64_t busy = atomic_load_explicit(&l->busy_ns, memory_order_relaxed);

    if (l->sight.turn_ns != 0)
        atomic_store_explicit(&l->busy_ns, busy + l->now_ns - l->sight.turn_ns,
                              memory_order_relaxed);
}

bool gi_loop_turn(gi_loop *l)
{
    gi_loop_arrive(l);
    int64_t began = l->now_ns;

    note_busy(l);
    if (began >= l->sight.look_ns)
        gi_load_look(l);
    if (l->no == 0)
        gi_frontier_tick(&l->w->frontier, l->now_ns);

    l->turn_epoch = gi_frontier_now(&l->w->frontier);

    bool some = gi_links_take_in(l);
    if (__builtin_expect(l->w->between != NULL, 0))
        some |= l->w->between->turn(l->w->between->arg, l);
    if (l->port != NULL)
        some |= gi_port_turn(l->port);
    some |= run_ticks(l);
    some |= run_bolts(l);
    some |= run_spouts(l);
    shield_blocked(l);
    gi_track_flush(l);
    gi_outbox_finished(l);
    gi_track_expire(l);
    gi_outbox_flush(l);
    gi_links_flush(l);
    gi_loop_record_took(l);

    /* What its tasks had to say up to here is on its way. */
    atomic_store_explicit(&l->fair_ns, began, memory_order_release);
    l->sight.turn_ns = some ? began : 0;
    if (some)
        atomic_store_explicit(&l->worked_ns, l->now_ns, memory_order_relaxed);
    return some;
}

/* ------------------------------------------------------------- sleeping -- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_tick_ns(const gi_loop *l)
{
    int64_t next = INT64_MAX;

    for (uint32_t i = 0; l->n_timed > 0 && i < l->n_tasks; i++)
        if (l->tasks[i]->tick_ns != 0 && gi_has_room(l, l->tasks[i]))
            next = earlier(next, l->tasks[i]->next_tick_ns);
    return next;
}

/* Something the loop can do now, without anybody else? */
static bool has_work(const gi_loop *l)
{
    for (uint32_t i = next_ready(l, 0); i < l->n_tasks;
         i = next_ready(l, i + 1))
        if (gi_bolt_has_work(l->tasks[i]))
            return true;
    return false;
}

static bool holds_without_room(const gi_loop *l)
{
    for (uint32_t i = 0; i < l->n_tasks; i++)
        if (l->tasks[i]->holds != NULL && !gi_has_room(l, l->tasks[i]))
            return true;
    return false;
}

static int64_t next_due_ns(gi_loop *l, int64_t least_ns)
{
    int64_t next = next_tick_ns(l);

    if (has_work(l))
        return l->now_ns;
    for (uint32_t i = l->n_tasks - l->n_spouts; i < l->n_tasks; i++)
        next = earlier(next, gi_spout_next_ns(l->tasks[i], least_ns));
    if (l->acker != NULL && l->w->plan->set.timeouts &&
        gi_acker_open(l->acker) > 0)
        next = earlier(next, l->next_sweep_ns);
    if (l->no == 0)
        next = earlier(next, l->w->frontier.next_ns);
    if (gi_links_have_backlog(l))
        next = earlier(next, l->now_ns + BACKLOG_NS);
    if (l->w->plan->set.timeouts && holds_without_room(l))
        next = earlier(next, l->next_shield_ns);
    if (l->w->between != NULL)
        next = earlier(next, l->w->between->next_ns(l->w->between->arg, l));
    if (l->port != NULL)
        next = earlier(next, gi_port_next_ns(l->port));
    return next;
}

int64_t gi_loop_next_ns(gi_loop *l, int64_t least_ns)
{
    int64_t next = next_due_ns(l, least_ns);

    atomic_store_explicit(&l->fair_ns, next, memory_order_relaxed);
    return next;
}

bool gi_loop_has_mail(gi_loop *l)
{
    return atomic_load_explicit(&l->poked, memory_order_relaxed) != 0 ||
           gi_links_have_mail(l);
}

gi_parker *gi_loop_parker(gi_loop *l)
{
    return &l->parker;
}

bool gi_loop_is_apart(const gi_loop *l)
{
    return l->apart;
}

bool gi_loop_is_port(const gi_loop *l)
{
    return l->port != NULL;
}

const gale_task *gi_loop_running(gi_loop *l, uint64_t *step)
{
    *step = gi_count_read(&l->steps);
    return atomic_load_explicit(&l->running, memory_order_relaxed);
}

/* ----------------------------------------------------- opening, closing -- */

void gi_task_refused(gale_task *t, gale_err e)
{
    gi_worker *w = t->loop->w;
    char name[GI_TASK_NAME];

    pthread_mutex_lock(&w->mtx);
    if (w->error == GALE_OK) {
        w->error = GALE_EUSER;
        snprintf(w->error_why.text, sizeof(w->error_why.text),
                 "'%s' could not %s: %s", gi_task_name(t, name),
                 t->comp->is_spout ? "open" : "prepare",
                 w->last_words_of == t->id ? w->last_words : gale_err_text(e));
    }
    pthread_mutex_unlock(&w->mtx);
    gi_bell_strike(w->bell);
}

gale_err gi_task_open(gale_task *t)
{
    const gi_comp *c = t->comp;
    gale_err e = GALE_OK;

    t->phase = GI_PHASE_OPENING;
    gi_enter(t, c->is_spout ? "open" : "prepare");
    if (c->is_spout && c->spout.open != NULL)
        e = c->spout.open(t->self, (gale_spout_ctx *)(void *)t);
    else if (!c->is_spout && c->bolt.prepare != NULL)
        e = c->bolt.prepare(t->self, (gale_bolt_ctx *)(void *)t);
    gi_leave(t);
    if (e == GALE_OK)
        t->phase = GI_PHASE_RUNNING;
    if (t->tick_ns != 0)
        t->next_tick_ns = t->loop->now_ns + t->tick_ns;
    return e;
}

bool gi_loop_open(gi_loop *l)
{
    gi_loop_arrive(l);
    for (uint32_t i = 0; i < l->n_tasks; i++) {
        gale_task *t = l->tasks[i];
        gale_err e = gi_task_open(t);

        if (e != GALE_OK) {
            gi_task_refused(t, e);
            return false;
        }
    }
    return true;
}

void gi_task_close(gale_task *t)
{
    const gi_comp *c = t->comp;
    bool opened = t->phase == GI_PHASE_RUNNING;

    t->phase = GI_PHASE_CLOSING;
    gi_enter(t, c->is_spout ? "close" : "cleanup");
    if (opened && c->is_spout && c->spout.close != NULL)
        c->spout.close(t->self, (gale_spout_ctx *)(void *)t);
    else if (opened && !c->is_spout && c->bolt.cleanup != NULL)
        c->bolt.cleanup(t->self, (gale_bolt_ctx *)(void *)t);
    gi_leave(t);
    t->phase = GI_PHASE_CLOSED;
}

bool gi_loop_close(gi_loop *l)
{
    gi_worker *w = l->w;
    uint32_t turn;

    gi_loop_arrive(l);
    while ((turn = atomic_load_explicit(&w->closing, memory_order_acquire)) <=
               w->plan->n_tasks &&
           (w->loop_of[turn - 1] == l->no || gi_task_is_far(w, turn))) {
        if (!gi_task_is_far(w, turn))
            gi_task_close(&w->tasks[turn - 1]);
        /* Past a far one goes whoever is there first. */
        atomic_compare_exchange_strong_explicit(&w->closing, &turn, turn + 1,
                                                memory_order_acq_rel,
                                                memory_order_relaxed);
    }
    for (uint32_t i = 0; i < l->n_tasks; i++)
        if (l->tasks[i]->phase != GI_PHASE_CLOSED)
            return false;
    return true;
}
