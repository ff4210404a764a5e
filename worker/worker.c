/* worker.c -- making a worker out of a plan, and taking it apart. */
#include "worker/worker.h"

#include <stdlib.h>

#include "base/testpoint.h"
#include "worker/loop.h"
#include "worker/place.h"
#include "worker/port_inside.h"
#include "worker/spout.h"
#include "worker/throttle.h"

/* ---------------------------------------------------------------- loops -- */

static int by_rank(const void *a, const void *b)
{
    const gale_task *x = *(gale_task *const *)a;
    const gale_task *y = *(gale_task *const *)b;

    if (x->comp->is_spout != y->comp->is_spout)
        return x->comp->is_spout ? 1 : -1;
    if (x->comp->rank != y->comp->rank)
        return x->comp->rank < y->comp->rank ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The last one; tasks of which it is said to be the loop run elsewhere. */
static bool is_port(const gi_loop *l)
{
    return l->w->has_port && l->no == l->w->n_loops - 1;
}

/* Bolts from the sinks up, then spouts. */
static gale_err list_tasks(gi_worker *w, gi_loop *l)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->plan->n_tasks && !is_port(l); i++)
        n += w->loop_of[i] == l->no;
    l->tasks = gi_calloc(n == 0 ? 1 : n, sizeof(*l->tasks));
    l->ready = gi_alloc_apart((n / 64 + 1) * sizeof(*l->ready));
    if (l->tasks == NULL || l->ready == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < w->plan->n_tasks && n > 0; i++) {
        if (w->loop_of[i] != l->no)
            continue;
        l->tasks[l->n_tasks++] = &w->tasks[i];
        gale_err rv = gi_task_make(w, i + 1, l);
        if (rv != GALE_OK)
            return rv;
    }
    qsort(l->tasks, n, sizeof(*l->tasks), by_rank);
    for (uint32_t i = 0; i < n; i++) {
        l->tasks[i]->place = i;
        l->n_spouts += l->tasks[i]->comp->is_spout;
        l->n_timed += l->tasks[i]->tick_ns != 0;
    }
    return GALE_OK;
}

static gale_err make_loop(gi_worker *w, uint32_t no)
{
    const gi_plan *p = w->plan;
    gi_loop *l = gi_alloc_aligned(128, sizeof(*l));

    if (l == NULL)
        return GALE_ENOMEM;
    w->loops[no] = l;
    l->w = w;
    l->no = no;
    l->near = w->between != NULL && w->between->all ? UINT32_MAX : no;
    l->apart = no >= w->n_shared && !is_port(l);
    l->parker.fd = -1;
    l->out = gi_alloc_apart((size_t)p->n_tasks * 2 * sizeof(*l->out));
    l->dirty = gi_alloc_apart((size_t)p->n_tasks * 2 * sizeof(*l->dirty));
    l->blocked = gi_alloc_apart(p->n_comps * sizeof(*l->blocked));
    l->inner_blocked = gi_alloc_apart(p->n_comps * sizeof(*l->inner_blocked));
    l->stuck = gi_alloc_apart(p->n_comps * sizeof(*l->stuck));
    l->to = gi_alloc_apart(w->n_loops * sizeof(*l->to));
    for (uint32_t i = 0; l->out != NULL && i < 2 * p->n_tasks; i++)
        l->out[i].here = !gi_task_is_far(w, i / 2 + 1);
    if (l->out == NULL || l->dirty == NULL || l->blocked == NULL ||
        l->inner_blocked == NULL || l->stuck == NULL || l->to == NULL)
        return GALE_ENOMEM;
    l->edge_next = GI_BUG(EQUAL_IDS) ? 0 : (uint64_t)no << 48; /* disjoint */
    l->edge_salt = w->edge_salt;
    l->tuple_max = p->set.tuple_max_bytes;
    gale_err rv = list_tasks(w, l);
    return rv == GALE_OK ? gi_parker_init(&l->parker) : rv;
}

static void drop_loop(gi_loop *l)
{
    if (l == NULL)
        return;
    if (l->w->between != NULL && l->out != NULL)
        l->w->between->end(l->w->between->arg, l);
    gi_port_destroy(l->port);
    gi_outbox_fini(l);
    gi_links_fini(l);
    gi_batches_release(l);
    gi_acker_destroy(l->acker);
    gi_parker_fini(&l->parker);
    gi_free(l->tasks);
    gi_free(l->ready);
    gi_free(l->out);
    gi_free(l->dirty);
    gi_free(l->blocked);
    gi_free(l->inner_blocked);
    gi_free(l->stuck);
    gi_free(l->to);
    gi_load_fini(l);
    gi_free(l->own);
    gi_free(l);
}

enum { MANY_LOOPS = 16 }; /* their rings are smaller, being many more */

static gale_err make_peers(gi_worker *w)
{
    size_t n = (size_t)w->n_loops * w->n_loops;
    uint32_t size = w->n_loops > MANY_LOOPS ? GI_RING / 8 : GI_RING;
    gale_err rv = GALE_OK;

    w->peers = gi_alloc_aligned(128, n * sizeof(*w->peers));
    if (w->peers == NULL)
        return GALE_ENOMEM;
    for (size_t i = 0; i < n && rv == GALE_OK; i++) {
        gi_peer *p = &w->peers[i];

        if (i / w->n_loops == w->loops[i % w->n_loops]->near)
            continue; /* nothing goes through a ring */
        rv = gi_ring_init(&p->data, size);
        if (rv == GALE_OK)
            rv = gi_ring_init(&p->notes, size);
        if (rv == GALE_OK)
            rv = gi_ring_init(&p->back, size);
    }
    return rv;
}

static void free_ring(gi_ring *r)
{
    gi_batch *b;

    while (r->slot != NULL && (b = gi_ring_pop(r)) != NULL)
        gi_free(b);
    gi_ring_fini(r);
}

static void drop_peers(gi_worker *w)
{
    size_t n = (size_t)w->n_loops * w->n_loops;

    for (size_t i = 0; w->peers != NULL && i < n; i++) {
        free_ring(&w->peers[i].data);
        free_ring(&w->peers[i].notes);
        free_ring(&w->peers[i].back);
    }
    gi_free(w->peers);
}

/* --------------------------------------------------------------- ackers -- */

static gale_err number_spouts(gi_worker *w)
{
    const gi_plan *p = w->plan;

    for (uint32_t task = 1; task <= p->n_tasks; task++)
        w->n_spout_tasks += gi_plan_task(p, task)->is_spout;
    if (w->n_spout_tasks > GI_ROOT_SPOUTS)
        return GALE_ELIMIT;
    w->spout_task = gi_calloc(w->n_spout_tasks + 1, sizeof(uint32_t));
    w->spout_acker = gi_calloc(w->n_spout_tasks + 1, sizeof(uint32_t));
    w->spout_home = gi_calloc(w->n_spout_tasks + 1, sizeof(uint32_t));
    if (w->spout_task == NULL || w->spout_acker == NULL ||
        w->spout_home == NULL)
        return GALE_ENOMEM;
    for (uint32_t task = 1, n = 0; task <= p->n_tasks; task++)
        if (gi_plan_task(p, task)->is_spout)
            w->spout_task[n++] = task;
    return GALE_OK;
}

/* How many ackers, and on which loops.  Unset means one acker for this
 * worker; it keeps each spout's ledger on that spout's loop, where an update
 * is a call, so it has a part on every shared loop.  A number means so many,
 * dealt out over the shared loops; more than there are loops share them. */
static uint32_t count_ackers(const gi_worker *w)
{
    int32_t asked = w->plan->set.ackers;

    if (asked < 0 || (uint32_t)asked > w->n_shared)
        return w->n_shared;
    return (uint32_t)asked;
}

static gale_err make_ackers(gi_worker *w)
{
    gale_err rv = number_spouts(w);

    w->n_ackers = count_ackers(w);
    for (uint32_t i = 0; i < w->n_loops && rv == GALE_OK; i++) {
        w->loops[i]->own =
            gi_calloc(w->n_spout_tasks + 1, sizeof(gale_task *));
        rv = w->loops[i]->own == NULL ? GALE_ENOMEM : GALE_OK;
    }
    if (rv != GALE_OK || w->n_ackers == 0)
        return rv;
    w->acker_loop = gi_calloc(w->n_ackers + 1, sizeof(uint32_t));
    if (w->acker_loop == NULL)
        return GALE_ENOMEM;
    w->acker_loop[w->n_ackers] = w->n_loops - 1; /* the port, if there is */
    for (uint32_t a = 0; a < w->n_ackers; a++) {
        gi_loop *l = w->loops[a];

        w->acker_loop[a] = a;
        rv = gi_acker_create(&l->acker, w->n_spout_tasks, 64);
        if (rv != GALE_OK)
            return rv;
    }
    for (uint32_t i = 0; i < w->n_spout_tasks; i++) {
        uint32_t loop = w->loop_of[w->spout_task[i] - 1];

        w->spout_acker[i] = loop < w->n_ackers ? loop : GI_ANY_ACKER;
        w->spout_home[i] = loop < w->n_shared ? loop : GI_NO_HOME;
        if (gi_task_is_far(w, w->spout_task[i]))
            w->spout_acker[i] = w->n_ackers; /* with its spout, elsewhere */
        else if (loop < w->n_ackers && w->loops[loop]->near == loop)
            w->loops[loop]->own[i] = &w->tasks[w->spout_task[i] - 1];
    }
    return GALE_OK;
}

static gale_err make_spout(gi_worker *w, uint32_t ordinal)
{
    gale_task *t = &w->tasks[w->spout_task[ordinal] - 1];
    gale_err rv = gi_spout_make(t, ordinal);

    for (uint32_t a = 0; a < w->n_ackers && rv == GALE_OK; a++)
        gi_acker_bound(w->loops[a]->acker, ordinal,
                       &t->spout->pending.first_gen,
                       &t->spout->pending.last_gen);
    return rv;
}

static gale_err make_spouts(gi_worker *w)
{
    gale_err rv = GALE_OK;

    for (uint32_t i = 0; i < w->n_spout_tasks && rv == GALE_OK; i++)
        if (!gi_task_is_far(w, w->spout_task[i]))
            rv = make_spout(w, i);
    return rv;
}

/* --------------------------------------------------------------- worker -- */

/* Epochs are to mean the same in all workers, about.  Generations of roots go
 * on where those of a process that was here before cannot be: they advance
 * faster than a slot can be used. */
static void begin_by_the_wall(gi_worker *w, uint16_t *epoch)
{
    uint64_t ms = (uint64_t)w->env->wall_ms(w->env->arg);
    uint32_t each = w->plan->set.timeout_ms / 32;

    *epoch = (uint16_t)(ms / (each == 0 ? 1 : each));
    w->first_gen = (uint32_t)(ms * 128) & GI_ROOT_GEN_MASK;
}

static gale_err make_loops(gi_worker *w, uint32_t asked,
                           const gi_port_opts *port)
{
    const gi_plan *p = w->plan;
    const uint32_t *peer_of = port == NULL ? NULL : port->peer_of;
    uint16_t epoch = 1;
    gale_err rv;

    w->has_port = port != NULL;
    w->n_shared = gi_place_shared(p, peer_of, asked);
    w->n_loops =
        w->n_shared + gi_place_apart(p, peer_of) + (port == NULL ? 0 : 1);
    w->loops = gi_calloc(w->n_loops, sizeof(*w->loops));
    w->tasks = gi_alloc_aligned(128, p->n_tasks * sizeof(*w->tasks));
    w->loop_of = gi_calloc(p->n_tasks, sizeof(*w->loop_of));
    if (w->loops == NULL || w->tasks == NULL || w->loop_of == NULL)
        return GALE_ENOMEM;
    gi_place(p, peer_of, w->n_shared, w->n_loops - 1, w->loop_of);
    if (port != NULL)
        begin_by_the_wall(w, &epoch);
    rv = gi_frontier_init(&w->frontier, w->n_loops, p->set.timeout_ms, epoch);
    for (uint32_t i = 0; i < w->n_loops && rv == GALE_OK; i++)
        rv = make_loop(w, i);
    for (uint32_t i = 0; i < w->n_loops && rv == GALE_OK; i++)
        rv = gi_load_init(w->loops[i]);
    return rv;
}

static gale_err make_port(gi_worker *w, const gi_port_opts *opts)
{
    gi_loop *l = w->loops[w->n_loops - 1];

    gale_err rv = gi_port_create(&l->port, l, opts);
    w->port = l->port;
    return rv;
}

gale_err gi_worker_create(gi_worker **out, const gi_plan *plan,
                          const gi_worker_opts *opts)
{
    gi_worker *w = gi_alloc_aligned(128, sizeof(*w));
    gale_err rv;

    if (w == NULL)
        return GALE_ENOMEM;
    pthread_mutex_init(&w->mtx, NULL);
    w->bell = -1;
    gi_credentials_init(&w->credentials);
    w->plan = plan;
    w->env = opts->env;
    w->args = opts->args;
    w->n_args = opts->n_args;
    w->between = opts->between;
    w->watcher = opts->watcher;
    w->edge_salt = opts->env->entropy(opts->env->arg);
    atomic_init(&w->closing, 1);
    w->throttle = gi_calloc(plan->n_comps, sizeof(*w->throttle));
    w->fail_counts = gi_calloc((size_t)GI_WHYS * (plan->n_comps + 1),
                               sizeof(*w->fail_counts));
    if (w->throttle == NULL || w->fail_counts == NULL) {
        rv = GALE_ENOMEM;
        goto fail;
    }
    rv = make_loops(w, opts->loops, opts->port);
    if (rv == GALE_OK)
        rv = make_peers(w);
    if (rv == GALE_OK && opts->port != NULL)
        rv = make_port(w, opts->port);
    if (rv == GALE_OK)
        rv = make_ackers(w);
    if (rv == GALE_OK)
        rv = make_spouts(w);
    if (rv != GALE_OK)
        goto fail;
    *out = w;
    return GALE_OK;
fail:
    gi_worker_destroy(w);
    return rv;
}

void gi_worker_destroy(gi_worker *w)
{
    if (w == NULL)
        return;
    if (gi_loop_here != NULL && gi_loop_here->w == w) {
        gi_loop_here = NULL; /* its loops were turned on this very thread */
        gi_reader_here = (gi_reader){ NULL, 0 };
    }
    for (uint32_t i = 0; w->loops != NULL && i < w->n_loops; i++)
        drop_loop(w->loops[i]);
    drop_peers(w);
    for (uint32_t i = 0; w->tasks != NULL && i < w->plan->n_tasks; i++)
        gi_task_drop(&w->tasks[i]);
    gi_frontier_fini(&w->frontier);
    gi_free(w->loops);
    gi_free(w->tasks);
    gi_free(w->loop_of);
    gi_free(w->spout_task);
    gi_free(w->spout_acker);
    gi_free(w->spout_home);
    gi_free(w->acker_loop);
    gi_free(w->throttle);
    gi_free(w->fail_counts);
    gi_credentials_fini(&w->credentials);
    pthread_mutex_destroy(&w->mtx);
    gi_free(w);
}

uint32_t gi_worker_n_loops(const gi_worker *w)
{
    return w->n_loops;
}

gi_loop *gi_worker_loop(gi_worker *w, uint32_t no)
{
    return w->loops[no];
}

gi_credentials *gi_worker_credentials(gi_worker *w)
{
    return &w->credentials;
}

void gi_worker_set_active(gi_worker *w, bool active)
{
    int64_t none = 0;

    if (active)
        atomic_compare_exchange_strong(&w->started_ns, &none,
                                       w->env->now_ns(w->env->arg));
    atomic_store_explicit(&w->active, active, memory_order_release);
    for (uint32_t i = 0; i < w->n_loops; i++) {
        atomic_store_explicit(&w->loops[i]->poked, 1, memory_order_seq_cst);
        gi_parker_wake(&w->loops[i]->parker);
    }
}

void gi_worker_halt(gi_worker *w)
{
    atomic_store_explicit(&w->halted, true, memory_order_relaxed);
}

uint32_t gi_worker_spouts_open(gi_worker *w)
{
    uint32_t open = 0;

    for (uint32_t i = 0; i < w->n_loops; i++)
        open += atomic_load_explicit(&w->loops[i]->spouts_open,
                                     memory_order_acquire);
    return open;
}

gale_task *gi_worker_task(gi_worker *w, uint32_t id)
{
    return &w->tasks[id - 1];
}

void gi_worker_set_bell(gi_worker *w, int bell)
{
    w->bell = bell;
}

gale_err gi_worker_error(gi_worker *w, gale_diag *why)
{
    pthread_mutex_lock(&w->mtx);
    gale_err e = w->error;
    if (e != GALE_OK && why != NULL)
        *why = w->error_why;
    pthread_mutex_unlock(&w->mtx);
    return e;
}
