/* task.c -- making a task, and what task.h promises to the code in it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bell.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "worker/hold.h"
#include "worker/spout.h"
#include "worker/throttle.h"

/* --------------------------------------------------------------- making -- */

static int64_t tick_ns_of(const gi_comp *c)
{
    return (int64_t)c->tick_ms * 1000000;
}

gale_err gi_task_make(gi_worker *w, uint32_t id, gi_loop *l)
{
    gale_task *t = &w->tasks[id - 1];
    const gi_comp *c = gi_plan_task(w->plan, id);
    size_t size = c->is_spout ? c->spout.state_size : c->bolt.state_size;

    t->loop = l;
    t->comp = c;
    t->id = id;
    t->index = id - c->first_task;
    t->slice = 16;
    t->tick_ns = tick_ns_of(c);
    gi_conf_bool(c->conf, "topology.debug", &t->debug);
    t->watched = t->debug || w->watcher != NULL;
    t->rng.at = w->env->entropy(w->env->arg);
    t->self = gi_alloc_apart(size);
    t->counters = gi_calloc(GI_MAX_COUNTERS, sizeof(*t->counters));
    if (t->self == NULL || t->counters == NULL)
        return GALE_ENOMEM;
    return gi_routes_make(t);
}

void gi_task_drop(gale_task *t)
{
    if (t->comp == NULL)
        return;
    gi_spout_drop(t);
    gi_holds_drop(t);
    gi_keep_fini(&t->keep);
    gi_routes_drop(t);
    gi_free(t->counters);
    gi_free(t->self);
}

/* ------------------------------------------------------------- identity -- */

gale_task *gale_spout_task(gale_spout_ctx *ctx)
{
    return (gale_task *)(void *)ctx;
}

gale_task *gale_bolt_task(gale_bolt_ctx *ctx)
{
    return (gale_task *)(void *)ctx;
}

uint32_t gale_task_id(const gale_task *t)
{
    return t->id;
}

const char *gale_task_component(const gale_task *t)
{
    return t->comp->id;
}

const char *gale_task_topology(const gale_task *t)
{
    return t->loop->w->plan->name;
}

uint32_t gale_task_index(const gale_task *t)
{
    return t->index;
}

uint32_t gale_task_count(const gale_task *t)
{
    return t->comp->n_tasks;
}

uint32_t gale_task_peers(const gale_task *t, const char *component,
                         uint32_t *first)
{
    const gi_comp *c = gi_plan_comp(t->loop->w->plan, component);

    if (c == NULL)
        return 0;
    if (first != NULL)
        *first = c->first_task;
    return c->n_tasks;
}

const void *gale_task_arg(const gale_task *t)
{
    return t->comp->arg;
}

size_t gale_task_args(const gale_task *t, const char *const **words)
{
    *words = t->loop->w->args;
    return t->loop->w->n_args;
}

size_t gale_task_credential(const gale_task *t, const char *key, char *to,
                            size_t room)
{
    return gi_credentials_get(&t->loop->w->credentials, key, to, room);
}

/* --------------------------------------------------------- time, chance -- */

int64_t gale_task_now_ms(const gale_task *t)
{
    return t->loop->now_ns / 1000000;
}

int64_t gale_task_wall_ms(const gale_task *t)
{
    const gi_env *env = t->loop->w->env;

    return env->wall_ms(env->arg);
}

uint64_t gale_task_random(gale_task *t)
{
    return gi_rng_next(&t->rng);
}

/* ------------------------------------------------------------- settings -- */

const char *gale_task_conf_str(const gale_task *t, const char *key,
                               const char *otherwise)
{
    const char *v = gi_conf_get(t->comp->conf, key);

    return v == NULL ? otherwise : v;
}

/* It is set, but not to anything of this kind: do not pass that over. */
static void wrong_kind(const gale_task *t, const char *key, const char *kind)
{
    const char *v = gi_conf_get(t->comp->conf, key);

    if (v != NULL && v[0] != '\0')
        gale_task_error((gale_task *)(uintptr_t)t,
                        "setting '%s' = '%s' (%s) is not %s; the default is "
                        "used",
                        key, v, gi_conf_from(t->comp->conf, key), kind);
}

int64_t gale_task_conf_i64(const gale_task *t, const char *key,
                           int64_t otherwise)
{
    if (!gi_conf_i64(t->comp->conf, key, &otherwise))
        wrong_kind(t, key, "a whole number");
    return otherwise;
}

double gale_task_conf_f64(const gale_task *t, const char *key,
                          double otherwise)
{
    if (!gi_conf_f64(t->comp->conf, key, &otherwise))
        wrong_kind(t, key, "a number");
    return otherwise;
}

bool gale_task_conf_bool(const gale_task *t, const char *key, bool otherwise)
{
    if (!gi_conf_bool(t->comp->conf, key, &otherwise))
        wrong_kind(t, key, "true or false");
    return otherwise;
}

/* ------------------------------------------------------ counters, words -- */

gale_counter *gale_task_counter(gale_task *t, const char *name)
{
    uint32_t n = __atomic_load_n(&t->n_counters, __ATOMIC_RELAXED);

    for (uint32_t i = 0; i < n; i++)
        if (strncmp(t->counters[i].name, name,
                    sizeof(t->counters[i].name) - 1) == 0)
            return &t->counters[i];
    if (n == GI_MAX_COUNTERS)
        return NULL;
    snprintf(t->counters[n].name, sizeof(t->counters[n].name), "%s", name);
    __atomic_store_n(&t->n_counters, n + 1, __ATOMIC_RELEASE);
    return &t->counters[n];
}

void gale_counter_add(gale_counter *c, int64_t n)
{
    if (c != NULL)
        __atomic_store_n(&c->value,
                         __atomic_load_n(&c->value, __ATOMIC_RELAXED) + n,
                         __ATOMIC_RELAXED);
}

const char *gi_task_name(const gale_task *t, char to[GI_TASK_NAME])
{
    snprintf(to, GI_TASK_NAME, "%s/%u", t->comp->id, gale_task_index(t));
    return to;
}

/* "wordcount/split/3" */
static void name_of(const gale_task *t, char *to, size_t len)
{
    char name[GI_TASK_NAME];

    snprintf(to, len, "%s/%s", t->loop->w->plan->name, gi_task_name(t, name));
}

void gale_task_log(gale_task *t, gale_level level, const char *format, ...)
{
    char who[600];
    va_list ap;

    name_of(t, who, sizeof(who));
    va_start(ap, format);
    gi_logv(level, who, format, ap);
    va_end(ap);
}

/* A line about a component, unless it had its share of this window. */
static void say_throttled(gale_task *t, gale_level level, const char *prefix,
                          const char *format, va_list ap)
{
    gi_worker *w = t->loop->w;
    char who[600], text[1024];
    uint64_t hidden = 0;
    bool say;

    pthread_mutex_lock(&w->mtx);
    say = gi_throttle_pass(&w->throttle[t->comp->no], &w->plan->set,
                           t->loop->now_ns, &hidden);
    pthread_mutex_unlock(&w->mtx);
    if (!say)
        return;
    name_of(t, who, sizeof(who));
    vsnprintf(text, sizeof(text), format, ap);
    if (hidden > 0)
        gi_log(level, who, "%s%s (and %llu more not shown)", prefix, text,
               (unsigned long long)hidden);
    else
        gi_log(level, who, "%s%s", prefix, text);
}

void gale_task_error(gale_task *t, const char *format, ...)
{
    gi_worker *w = t->loop->w;
    va_list ap;

    gi_count(&t->count.errors, 1);
    va_start(ap, format);
    say_throttled(t, GALE_LOG_ERROR, "", format, ap);
    va_end(ap);
    if (t->phase != GI_PHASE_OPENING)
        return;
    /* It will most likely refuse to open, and this is why. */
    pthread_mutex_lock(&w->mtx);
    w->last_words_of = t->id;
    va_start(ap, format);
    vsnprintf(w->last_words, sizeof(w->last_words), format, ap);
    va_end(ap);
    pthread_mutex_unlock(&w->mtx);
}

void gale_task_fatal(gale_task *t, const char *format, ...)
{
    gi_worker *w = t->loop->w;
    va_list ap;

    gi_count(&t->count.errors, 1);
    pthread_mutex_lock(&w->mtx);
    if (w->error == GALE_OK) {
        char *text = w->error_why.text, name[GI_TASK_NAME];
        size_t size = sizeof(w->error_why.text);
        int n = snprintf(text, size, "'%s': ", gi_task_name(t, name));

        w->error = GALE_EUSER;
        va_start(ap, format);
        vsnprintf(text + n, size - (size_t)n, format, ap);
        va_end(ap);
    }
    pthread_mutex_unlock(&w->mtx);
    gi_bell_strike(w->bell);
}

void gi_refuse(gale_task *t, const char *format, ...)
{
    va_list ap;

    gi_count(&t->count.refused, 1);
    va_start(ap, format);
    say_throttled(t, GALE_LOG_ERROR, "refused: ", format, ap);
    va_end(ap);
}

void gi_note_failure(gale_task *t, gi_why why, uint16_t comp)
{
    gi_worker *w = t->loop->w;
    uint32_t n = w->plan->n_comps;
    uint32_t at = (uint32_t)why * (n + 1) + (comp < n ? comp : n);

    atomic_fetch_add_explicit(&w->fail_counts[at], 1, memory_order_relaxed);
}

/* --------------------------------------------------------------- faults -- */

bool gale_task_write_fails(gale_task *t)
{
    (void)t;
    return gi_point_fails(GI_POINT_WRITE);
}

bool gale_task_sync_fails(gale_task *t)
{
    (void)t;
    return gi_point_fails(GI_POINT_SYNC);
}

/* -------------------------------------------------------- other threads -- */

void gale_task_wake(gale_task *t)
{
    if (t->comp->bolt.tick != NULL)
        atomic_store_explicit(&t->woken, 1, memory_order_release);
    atomic_store_explicit(&t->loop->poked, 1, memory_order_seq_cst);
    gi_parker_wake(&t->loop->parker);
}

void gi_no_opts(const gale_task *t, const char *call)
{
    gi_bug("'%s' calls %s without opts (NULL)", t->comp->id, call);
}

void gi_check_here_slow(const gale_task *t, const char *call)
{
    char name[GI_TASK_NAME];

    if (gi_loop_here != t->loop)
        gi_bug("%s of '%s' on a thread that does not run it; hand "
               "the data over and call gale_task_wake instead",
               call, gi_task_name(t, name));
    if (t->phase == GI_PHASE_RUNNING)
        gi_bug("%s of '%s' from a callback of another task; its "
               "context is its own",
               call, gi_task_name(t, name));
    if (t->phase == GI_PHASE_OPENING)
        gi_bug("'%s' calls %s while it is being opened; nobody is ready to "
               "read yet",
               t->comp->id, call);
    gi_bug("'%s' calls %s while it is being closed; nobody reads any more",
           t->comp->id, call);
}
