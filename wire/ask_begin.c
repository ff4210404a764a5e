/* Asking without waiting: a thread waits instead. */
#include "wire/ask_inside.h"

#include <assert.h>
#include <signal.h>

#include "base/clock.h"

enum { STACK = 512 << 10 };

static void *asks(void *arg)
{
    gi_asker *a = arg;

    pthread_mutex_lock(&a->mtx);
    for (;;) {
        while (!a->over && a->phase != GI_PHASE_UNDER_WAY)
            pthread_cond_wait(&a->cv, &a->mtx);
        if (a->over)
            break;
        pthread_mutex_unlock(&a->mtx);
        gi_ask_run(a, &a->job);

        pthread_mutex_lock(&a->mtx);
        void (*done)(void *) = a->done;
        void *to = a->arg;
        bool tell = !a->given_up && done != NULL;
        a->phase = GI_PHASE_THERE;
        a->telling = tell;
        pthread_cond_broadcast(&a->cv);
        if (tell) {
            pthread_mutex_unlock(&a->mtx);
            done(to);
            pthread_mutex_lock(&a->mtx);
            a->telling = false;
            pthread_cond_broadcast(&a->cv);
        }
    }
    pthread_mutex_unlock(&a->mtx);
    return NULL;
}

/* Signals are for other threads. */
static gale_err start(gi_asker *a)
{
    pthread_attr_t attr;
    sigset_t all, old;
    int e;

    if (a->has_thread)
        return GALE_OK;
    if (pthread_attr_init(&attr) != 0)
        return GALE_ENOMEM;
    pthread_attr_setstacksize(&attr, STACK);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    e = pthread_create(&a->thread, &attr, asks, a);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    a->has_thread = e == 0;
    return e == 0 ? GALE_OK : GALE_EIO;
}

gale_err gi_ask_begin(gi_asker *a, gi_verb_no verb, const void *request,
                      uint32_t wait_ms, void (*done)(void *arg), void *arg)
{
    gi_ask_job job;
    gale_err e = start(a);

    if (e == GALE_OK)
        e = gi_ask_job_init(&job, a, verb, request, wait_ms);
    if (e != GALE_OK)
        return e;
    pthread_mutex_lock(&a->mtx);
    assert(a->phase == GI_PHASE_IDLE);
    a->job = job;
    a->done = done;
    a->arg = arg;
    a->given_up = false;
    a->phase = GI_PHASE_UNDER_WAY;
    pthread_cond_broadcast(&a->cv);
    pthread_mutex_unlock(&a->mtx);
    return GALE_OK;
}

bool gi_ask_over(gi_asker *a, uint32_t wait_ms)
{
    struct timespec until = gi_clock_in_ms(wait_ms);
    bool over;

    pthread_mutex_lock(&a->mtx);
    assert(a->phase != GI_PHASE_IDLE);
    while (a->phase != GI_PHASE_THERE &&
           pthread_cond_timedwait(&a->cv, &a->mtx, &until) == 0)
        ;
    over = a->phase == GI_PHASE_THERE;
    pthread_mutex_unlock(&a->mtx);
    return over;
}

gale_err gi_asked(gi_asker *a, gi_pool *pool, void *reply, gale_diag *why)
{
    gale_err e;

    pthread_mutex_lock(&a->mtx);
    assert(a->phase != GI_PHASE_IDLE);
    while (a->phase != GI_PHASE_THERE)
        pthread_cond_wait(&a->cv, &a->mtx);
    a->phase = GI_PHASE_IDLE;
    pthread_mutex_unlock(&a->mtx);
    e = gi_ask_result(&a->job, pool, reply, why);
    gi_ask_job_fini(&a->job);
    return e;
}

void gi_ask_cancel(gi_asker *a)
{
    pthread_mutex_lock(&a->mtx);
    a->given_up = true;
    if (a->phase == GI_PHASE_UNDER_WAY)
        gi_req_stop(a->req);
    while (a->phase == GI_PHASE_UNDER_WAY || a->telling)
        pthread_cond_wait(&a->cv, &a->mtx);
    a->phase = GI_PHASE_IDLE;
    pthread_mutex_unlock(&a->mtx);
    gi_req_go_on(a->req);
    gi_ask_job_fini(&a->job);
}

void gi_ask_end_thread(gi_asker *a)
{
    if (!a->has_thread)
        return;
    gi_ask_cancel(a);
    pthread_mutex_lock(&a->mtx);
    a->over = true;
    pthread_cond_broadcast(&a->cv);
    pthread_mutex_unlock(&a->mtx);
    pthread_join(a->thread, NULL);
    a->has_thread = false;
}
