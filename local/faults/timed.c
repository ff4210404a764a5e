/* timed.c -- faults that fall due at a time, and tasks that are to start
 * anew.  Each loop looks after those that concern what lives on it; loop 0
 * also after those of the whole process. */
#include "base/failpoint.h"
#include "local/faults/inside.h"

static int64_t since_start(const gi_faults *f, int64_t now_ns)
{
    return now_ns - atomic_load_explicit(&f->started_ns, memory_order_relaxed);
}

/* When `x` falls due the next time, having done so `fired` times; INT64_MAX:
 * never again. */
static int64_t next_due(const gi_faults *f, const gi_fault *x, uint64_t fired)
{
    uint64_t at = x->at;

    if (x->when != GI_FAULT_AT_TIME || (fired > 0 && x->every == 0))
        return INT64_MAX;
    if (x->every != 0 && fired > ((uint64_t)INT64_MAX - at) / x->every)
        return INT64_MAX;
    at += fired * x->every;
    return at < (uint64_t)f->what->until_ns ? (int64_t)at : INT64_MAX;
}

/* How often it has fallen due by then; it has at least once. */
static uint64_t times_due(const gi_fault *x, int64_t since_ns)
{
    return x->every == 0 ? 1 : ((uint64_t)since_ns - x->at) / x->every + 1;
}

/* ------------------------------------------------------- what happens -- */

/* To each task of this loop that it concerns. */
static void to_tasks(gi_faults *f, gi_loop *l, const gi_fault *x)
{
    for (uint32_t i = 0; i < l->n_tasks; i++) {
        gale_task *t = l->tasks[i];

        if (!gi_fault_of_task(x, t))
            continue;
        if (x->kind == GI_FAULT_HANG) {
            gi_fault_count(f, l, x, 0, t->id);
            gi_enter(t, "hang");
            f->o.stall(f->o.stall_arg, l, x->ns);
            gi_leave(t);
        } else if (x->kind == GI_FAULT_FAIL && !t->comp->is_spout) {
            f->task[t->id - 1].fail_next = x;
        } else if (x->kind != GI_FAULT_FAIL) {
            gi_fault_doom(f, t, x);
        }
    }
}

/* All loops of a process stand still at once. */
static void suspend(gi_faults *f, gi_loop *l, const gi_fault *x)
{
    if (f->o.suspends)
        return;
    if (l->no == 0)
        gi_fault_count(f, l, x, 0, 0);
    f->o.stall(f->o.stall_arg, l, x->ns);
}

static gi_point point_of(gi_fault_kind kind)
{
    return kind == GI_FAULT_MEMORY  ? GI_POINT_MEMORY
           : kind == GI_FAULT_WRITE ? GI_POINT_WRITE
                                    : GI_POINT_SYNC;
}

/* The next call from now on fails. */
static void arm_once(gi_faults *f, gi_loop *l, const gi_fault *x)
{
    gi_point_plan once = { .first = 1, .count = 1 };

    if (l->no == 0)
        gi_point_arm(point_of(x->kind), (uint32_t)(x - f->what->at), &once);
}

static void happen(gi_faults *f, gi_loop *l, const gi_fault *x)
{
    switch (x->kind) {
    case GI_FAULT_SUSPEND:
        suspend(f, l, x);
        break;
    case GI_FAULT_CLOCK:
        if (l->no == 0) {
            gi_fault_count(f, l, x, 0, 0);
            atomic_fetch_add(&f->wall_by_ms, x->ns / 1000000);
        }
        break;
    case GI_FAULT_MEMORY:
    case GI_FAULT_WRITE:
    case GI_FAULT_SYNC:
        arm_once(f, l, x);
        break;
    case GI_FAULT_KILL:
        if (x->acks && l->acker != NULL &&
            (x->task == GI_FAULT_ANY || x->task == l->no)) {
            gi_fault_count(f, l, x, 0, 0);
            gi_loop_lose_acker(l);
        } else if (!x->acks) {
            to_tasks(f, l, x);
        }
        break;
    default:
        to_tasks(f, l, x);
        break;
    }
}

static bool fire(gi_faults *f, gi_loop *l)
{
    gi_fault_side *s = gi_fault_side_of(f, l);
    int64_t now = since_start(f, l->now_ns);
    bool some = false;

    for (uint32_t i = 0; i < f->what->n; i++) {
        if (next_due(f, &f->what->at[i], s->fired[i]) > now)
            continue;
        const gi_fault *x = &f->what->at[i];

        /* Those that were missed meanwhile are not made up for. */
        s->fired[i] = times_due(x, now);
        happen(f, l, x);
        some = true;
    }
    return some;
}

static void restart_doomed(gi_faults *f, gi_loop *l, gi_fault_side *s)
{
    for (uint32_t i = 0; i < l->n_tasks && s->doomed > 0; i++) {
        gi_fault_task *t = &f->task[l->tasks[i]->id - 1];

        if (!t->doomed)
            continue;
        s->doomed--;
        t->doomed = false;
        t->fail_next = NULL;
        gi_task_restart(l->tasks[i], t->clean);
    }
}

bool gi_fault_turn(void *arg, gi_loop *l)
{
    gi_faults *f = arg;
    gi_fault_side *s = gi_fault_side_of(f, l);
    bool some = false;

    if (gi_faults_on(f, l->now_ns))
        some |= fire(f, l);
    else if (l->no == 0 && f->armed)
        gi_fault_points_end(f);
    some |= s->doomed > 0;
    restart_doomed(f, l, s);
    some |= gi_fault_deliver_due(f, l);
    return some;
}

int64_t gi_fault_next_ns(void *arg, const gi_loop *l)
{
    gi_faults *f = arg;
    const gi_fault_side *s = gi_fault_side_of(f, l);
    int64_t next = s->doomed > 0 ? l->now_ns : gi_fault_next_delivery(s);
    int64_t began = atomic_load_explicit(&f->started_ns, memory_order_relaxed);

    for (uint32_t i = 0; gi_faults_on(f, l->now_ns) && i < f->what->n; i++) {
        int64_t at = next_due(f, &f->what->at[i], s->fired[i]);

        if (at != INT64_MAX && gi_fault_after(began, at) < next)
            next = gi_fault_after(began, at);
    }
    return next;
}

/* ---------------------------------------------------- the whole process -- */

int64_t gi_faults_next_suspend(gi_faults *f, int64_t *for_ns)
{
    int64_t began = atomic_load(&f->started_ns);
    int64_t next = INT64_MAX;

    for (uint32_t i = 0; began != 0 && i < f->what->n; i++) {
        const gi_fault *x = &f->what->at[i];
        int64_t at = x->kind == GI_FAULT_SUSPEND
                         ? next_due(f, x, f->suspended[i])
                         : INT64_MAX;

        if (at == INT64_MAX || gi_fault_after(began, at) >= next)
            continue;
        next = gi_fault_after(began, at);
        *for_ns = x->ns;
        f->next_suspend = i;
    }
    return next;
}

void gi_faults_suspended(gi_faults *f, gi_loop *l)
{
    const gi_fault *x = &f->what->at[f->next_suspend];

    f->suspended[f->next_suspend] =
        times_due(x, since_start(f, f->o.env->now_ns(f->o.env->arg)));
    gi_fault_count(f, l, x, 0, 0);
}

static void arm(gi_faults *f, const gi_fault *x, uint32_t no)
{
    gi_point_plan p = { .seed = gi_mix64(gi_fault_seed(f) + no) };

    f->armed = true;
    if (x->when == GI_FAULT_AT_TIME)
        return; /* when its time comes */
    if (x->when == GI_FAULT_AT_COUNT) {
        p.first = x->at;
        p.count = 1;
        p.every = x->every;
    } else {
        p.chance = x->chance;
    }
    gi_point_arm(point_of(x->kind), no, &p);
}

void gi_fault_points(gi_faults *f)
{
    for (int kind = GI_FAULT_MEMORY; kind <= GI_FAULT_SYNC; kind++)
        f->points_before[kind] =
            gi_point_failed(point_of((gi_fault_kind)kind));
    for (uint32_t i = 0; i < f->what->n; i++) {
        const gi_fault *x = &f->what->at[i];

        if (x->kind >= GI_FAULT_MEMORY && x->kind <= GI_FAULT_SYNC)
            arm(f, x, i);
    }
}

void gi_fault_points_end(gi_faults *f)
{
    for (int p = 0; p < GI_N_POINTS; p++)
        gi_point_disarm((gi_point)p);
    f->armed = false;
}
