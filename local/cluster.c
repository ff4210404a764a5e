/* cluster.c -- loops as threads. */
#define _GNU_SOURCE /* gettid, pthread_setname_np */
#include "base/clock.h"
#include "base/diag.h"
#include "local/local.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "local/cores.h"

/* What all threads are told to do; it only ever goes up. */
enum { OPENING, RUNNING, CLOSING };

enum { FIRST_IDLE_NS = 20000 };

typedef struct gi_seat {
    _Alignas(128) gi_local *c;
    gi_loop *loop;
    pthread_t thread;
    bool started;
    _Atomic uint64_t turns;
    _Atomic uint64_t tid;

    /* The watcher's: which callback it saw last, since when (0: none), whose
     * it is, and until when it names no other one for being slow. */
    uint64_t step;
    int64_t step_ns;
    uint32_t step_task;
    int64_t quiet_until_ns;
} gi_seat;

struct gi_local {
    const gi_plan *plan;
    gi_faults *faults; /* NULL: none */
    gi_worker *worker;
    uint32_t n, started;
    gi_seat *seats;
    bool spin; /* loops without work look for some for a while */
    _Atomic int told;
    _Atomic uint32_t opened; /* threads that are done opening, ... */
    _Atomic uint32_t left;   /* ... with running their loop, ... */
    _Atomic uint32_t ended;  /* ... and with closing */
    _Atomic bool failed;
    int64_t least_ns; /* the first sleep of a spout with nothing to give */
    int64_t beat_ns;  /* INT64_MAX: a loop sleeps as long as it likes */
};

static void nap(int64_t ns)
{
    nanosleep(&(struct timespec){ .tv_sec = ns / 1000000000,
                                  .tv_nsec = ns % 1000000000 },
              NULL);
}

/* An injected fault makes a callback take so long, or until all is over. */
static void stall(void *arg, gi_loop *l, int64_t ns)
{
    const gi_local *c = arg;
    const int64_t piece = 10000000;

    (void)l;
    while (ns > 0 &&
           atomic_load_explicit(&c->told, memory_order_acquire) != CLOSING) {
        nap(ns < piece ? ns : piece);
        ns -= piece;
    }
}

static gale_err make_worker(gi_local *c, gi_plan *plan, const gi_local_opts *o,
                            uint32_t loops)
{
    gi_worker_opts w = { .env = &gi_env_real,
                         .loops = loops,
                         .args = o->args,
                         .n_args = o->n_args,
                         .port = o->port };
    gi_faults_opts f = { .env = &gi_env_real, .stall = stall, .stall_arg = c };
    gale_err rv = GALE_OK;

    if (o->faults != NULL && o->faults->n > 0)
        rv = gi_faults_create(&c->faults, plan, o->faults, &f);
    if (rv != GALE_OK)
        return rv;
    if (c->faults != NULL) {
        w.env = gi_faults_env(c->faults);
        w.between = gi_faults_between(c->faults);
        w.watcher = gi_faults_watcher(c->faults);
    }
    rv = gi_worker_create(&c->worker, plan, &w);
    if (rv == GALE_OK && c->faults != NULL)
        rv = gi_faults_attach(c->faults, c->worker);
    return rv;
}

gale_err gi_local_create(gi_local **out, gi_plan *plan,
                         const gi_local_opts *opts)
{
    uint32_t cores = gi_cores();
    uint32_t loops = opts->loops != 0 ? opts->loops : plan->set.loops;
    gi_local *c = gi_alloc(sizeof(*c));
    gale_err rv;

    if (c == NULL)
        return GALE_ENOMEM;
    c->plan = plan;
    rv = make_worker(c, plan, opts, loops != 0 ? loops : cores);
    if (rv != GALE_OK)
        goto fail;
    c->n = gi_worker_n_loops(c->worker);
    c->spin = gi_cores_to_look(cores, c->n, opts->neighbours);
    c->least_ns = plan->set.idle_sleep_ms == 0 ? 0 : FIRST_IDLE_NS;
    c->beat_ns =
        opts->beat_ms == 0 ? INT64_MAX : (int64_t)opts->beat_ms * 1000000;
    c->seats = gi_alloc_aligned(128, c->n * sizeof(*c->seats));
    if (c->seats == NULL) {
        rv = GALE_ENOMEM;
        goto fail;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        c->seats[i].c = c;
        c->seats[i].loop = gi_worker_loop(c->worker, i);
    }
    *out = c;
    return GALE_OK;
fail:
    gi_local_destroy(c);
    return rv;
}

void gi_local_destroy(gi_local *c)
{
    if (c == NULL)
        return;
    gi_worker_destroy(c->worker);
    gi_faults_destroy(c->faults);
    gi_free(c->seats);
    gi_free(c);
}

gi_faults *gi_local_faults(gi_local *c)
{
    return c->faults;
}

void gi_local_result(gi_local *c, gale_run_result *out)
{
    gi_worker_result(c->worker, out);
    if (c->faults != NULL)
        gi_faults_result(c->faults, out);
}

gi_worker *gi_local_worker(gi_local *c)
{
    return c->worker;
}

const gi_plan *gi_local_plan(const gi_local *c)
{
    return c->plan;
}

/* -------------------------------------------------------------- threads -- */

/* How long to look for work before sleeping.  A wake-up that came soon after
 * falling asleep says that looking longer would have paid; one that came late
 * says that looking was wasted. */
typedef struct gi_patience {
    int64_t look_ns, most_ns;
} gi_patience;

static void learn(gi_patience *p, int64_t slept_ns)
{
    if (slept_ns < p->most_ns)
        p->look_ns = p->look_ns * 2 + 1000;
    else
        p->look_ns = p->look_ns / 2;
    if (p->look_ns > p->most_ns)
        p->look_ns = p->most_ns;
}

static bool turn(gi_seat *seat)
{
    uint64_t n = atomic_load_explicit(&seat->turns, memory_order_relaxed) + 1;

    atomic_store_explicit(&seat->turns, n, memory_order_relaxed);
    return gi_loop_turn(seat->loop);
}

/* Turn after turn until one does something or patience is at its end.  Each
 * asks the spouts too, so what comes in meanwhile waits for nothing. */
static bool look_for_work(gi_seat *seat, const gi_patience *p)
{
    int64_t until = gi_clock_ns() + p->look_ns;

    do {
        if (turn(seat))
            return true;
        gi_cpu_relax();
    } while (gi_clock_ns() < until);
    return false;
}

static bool told_otherwise(const gi_seat *seat)
{
    return atomic_load_explicit(&seat->c->told, memory_order_acquire) !=
           RUNNING;
}

static void sleep_until_work(gi_seat *seat, gi_patience *p)
{
    gi_parker *parker = gi_loop_parker(seat->loop);

    gi_parker_announce(parker);
    int64_t next = gi_loop_next_ns(seat->loop, seat->c->least_ns);
    int64_t began = gi_clock_ns();
    if (gi_loop_has_mail(seat->loop) || next <= began ||
        told_otherwise(seat)) {
        gi_parker_cancel(parker);
        return;
    }
    int64_t longest = seat->c->beat_ns;
    if (next != INT64_MAX && next - began < longest)
        longest = next - began;
    gi_parker_sleep(parker, longest == INT64_MAX ? -1 : longest);
    learn(p, gi_clock_ns() - began);
}

/* A loop of a blocking executor never looks twice: it would take the time of
 * those that have work. */
static void run(gi_seat *seat)
{
    bool may_look = seat->c->spin && !gi_loop_is_apart(seat->loop);
    int64_t most = may_look ? (int64_t)seat->c->plan->set.spin_us * 1000 : 0;
    gi_patience p = { most, most };

    while (!told_otherwise(seat))
        if (!look_for_work(seat, &p))
            sleep_until_work(seat, &p);
}

/* For top, gdb and profilers. */
static void name_thread(const gi_seat *seat)
{
    char name[16]; /* the most that Linux keeps */

    snprintf(name, sizeof(name), "gale:%s%u",
             gi_loop_is_port(seat->loop) ? "port" : "loop",
             (unsigned)(seat - seat->c->seats));
    pthread_setname_np(pthread_self(), name);
}

static void *thread_main(void *arg)
{
    gi_seat *seat = arg;
    gi_local *c = seat->c;
    void *stack = gi_crash_stack();

    name_thread(seat);
    atomic_store_explicit(&seat->tid, (uint64_t)gettid(),
                          memory_order_relaxed);
    if (!gi_loop_open(seat->loop))
        atomic_store(&c->failed, true);
    atomic_fetch_add(&c->opened, 1);
    while (atomic_load_explicit(&c->told, memory_order_acquire) == OPENING)
        nap(200000);
    run(seat);
    atomic_fetch_add(&c->left, 1);
    while (!gi_loop_close(seat->loop))
        nap(100000);
    gi_crash_stack_free(stack);
    atomic_fetch_add(&c->ended, 1);
    return NULL;
}

/* ----------------------------------------------------------- life cycle -- */

static void tell(gi_local *c, int what)
{
    atomic_store_explicit(&c->told, what, memory_order_release);
    for (uint32_t i = 0; i < c->n; i++)
        gi_parker_wake(gi_loop_parker(c->seats[i].loop));
}

static void join(gi_local *c)
{
    for (uint32_t i = 0; i < c->n; i++) {
        if (c->seats[i].started)
            pthread_join(c->seats[i].thread, NULL);
        c->seats[i].started = false;
    }
}

/* The threads that did start wait for the ones that did not to close their
 * tasks; so those are closed here. */
static void close_orphans(gi_local *c)
{
    for (bool all = false; !all;) {
        all = true;
        for (uint32_t i = 0; i < c->n; i++)
            if (!c->seats[i].started)
                all &= gi_loop_close(c->seats[i].loop);
        if (!all)
            nap(100000);
    }
}

void gi_local_begin(gi_local *c)
{
    for (uint32_t i = 0; i < c->n; i++) {
        gi_seat *s = &c->seats[i];

        s->started = pthread_create(&s->thread, NULL, thread_main, s) == 0;
        c->started += s->started;
    }
}

bool gi_local_opened(gi_local *c)
{
    return atomic_load(&c->opened) == c->started;
}

gale_err gi_local_go(gi_local *c, gale_diag *why)
{
    if (c->started == c->n && !atomic_load(&c->failed)) {
        if (c->faults != NULL)
            gi_faults_start(c->faults);
        tell(c, RUNNING);
        return GALE_OK;
    }
    tell(c, CLOSING);
    close_orphans(c);
    join(c);
    if (c->started < c->n) {
        gi_diag_say(why, "could not start thread %u of %u", c->started + 1,
                    c->n);
        return GALE_EIO;
    }
    return gi_worker_error(c->worker, why);
}

gale_err gi_local_start(gi_local *c, gale_diag *why)
{
    gi_local_begin(c);
    while (!gi_local_opened(c))
        nap(100000);
    return gi_local_go(c, why);
}

void gi_local_activate(gi_local *c, bool active)
{
    gi_worker_set_active(c->worker, active);
}

bool gi_local_quiet(gi_local *c)
{
    return gi_worker_quiet(c->worker);
}

void gi_local_halt(gi_local *c)
{
    gi_worker_halt(c->worker);
    tell(c, CLOSING);
}

bool gi_local_left(gi_local *c)
{
    return atomic_load(&c->left) == c->n;
}

bool gi_local_ended(gi_local *c)
{
    return atomic_load(&c->ended) == c->n;
}

void gi_local_stop(gi_local *c)
{
    gi_local_halt(c);
    join(c);
}

#define QUIET_NS (60 * INT64_C(1000000000))

/* Is it in the same callback as when we looked last? */
static const gale_task *same_callback(gi_seat *s, int64_t now)
{
    uint64_t step;
    const gale_task *t = gi_loop_running(s->loop, &step);

    if (t != NULL && step == s->step && s->step_ns != 0)
        return t;
    s->step = step;
    s->step_ns = t == NULL ? 0 : now;
    s->step_task = 0;
    if (t != NULL)
        s->step_task = gale_task_id(t);
    return NULL;
}

void gi_local_watch(gi_local *c)
{
    int64_t limit = (int64_t)c->plan->set.slow_callback_ms * 1000000;
    int64_t now = gi_clock_ns();

    for (uint32_t i = 0; i < c->n; i++) {
        gi_seat *s = &c->seats[i];
        const gale_task *t = same_callback(s, now);
        char name[GI_TASK_NAME];

        if (t == NULL || limit == 0 || now - s->step_ns < limit ||
            now < s->quiet_until_ns)
            continue;
        s->quiet_until_ns = now + QUIET_NS;
        gi_log(GALE_LOG_WARN, c->plan->name,
               "'%s' has been in a callback for %lld ms%s",
               gi_task_name(t, name),
               (long long)((now - s->step_ns) / 1000000),
               gi_loop_is_apart(s->loop)
                   ? ""
                   : " and keeps its loop from everything else; if it waits "
                     "for something, set .blocking = true");
    }
}

void gi_local_look(gi_local *c, uint32_t loop, gi_local_loop *out)
{
    gi_seat *s = &c->seats[loop];

    *out = (gi_local_loop){
        .turns = atomic_load_explicit(&s->turns, memory_order_relaxed),
        .callback_since = s->step_ns,
        .thread = atomic_load_explicit(&s->tid, memory_order_relaxed),
        .task = s->step_task,
    };
}
