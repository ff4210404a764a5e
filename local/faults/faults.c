#include "local/faults/faults.h"

#include "base/failpoint.h"
#include "local/faults/inside.h"

/* ---------------------------------------------------------------- sides -- */

static gi_fault_side *make_side(gi_faults *f, const gi_worker *w, uint32_t no)
{
    gi_fault_side *s = gi_alloc(sizeof(*s));
    size_t lanes = (size_t)w->n_loops * (f->plan->n_tasks + 1);

    if (s == NULL)
        return NULL;
    s->rng.at = gi_mix64(gi_fault_seed(f)) + no;
    s->delayed.size = sizeof(gi_delayed);
    s->lane_due = gi_calloc(lanes, sizeof(*s->lane_due));
    s->fired = gi_calloc(f->what->n + 1, sizeof(*s->fired));
    if (s->lane_due != NULL && s->fired != NULL)
        return s;
    gi_free(s->lane_due);
    gi_free(s->fired);
    gi_free(s);
    return NULL;
}

gale_err gi_faults_attach(gi_faults *f, gi_worker *w)
{
    f->side = gi_calloc(w->n_loops, sizeof(*f->side));
    if (f->side == NULL)
        return GALE_ENOMEM;
    f->n_sides = w->n_loops;
    for (uint32_t i = 0; i < f->n_sides; i++)
        if ((f->side[i] = make_side(f, w, i)) == NULL)
            return GALE_ENOMEM;
    return GALE_OK;
}

void gi_fault_count(gi_faults *f, gi_loop *l, const gi_fault *what,
                    uint64_t root, uint32_t task)
{
    gi_fault_bump(&gi_fault_side_of(f, l)->count[what->kind], 1);
    if (f->o.hit != NULL)
        f->o.hit(f->o.hit_arg, what->kind, what->acks, root, task);
}

void gi_fault_count_all(gi_faults *f, gale_task *t, const gale_tuple *in,
                        const gi_fault *what)
{
    gi_fault_count(f, t->loop, what, in->link.root, t->id);
    for (uint32_t i = 0; f->o.hit != NULL && i < gi_tuple_more(in); i++)
        f->o.hit(f->o.hit_arg, what->kind, what->acks,
                 gi_tuple_links(in)[i].root, t->id);
}

/* ---------------------------------------------------------------- world -- */

static int64_t now_ns(void *arg)
{
    const gi_faults *f = arg;

    return f->o.env->now_ns(f->o.env->arg);
}

static int64_t wall_ms(void *arg)
{
    const gi_faults *f = arg;

    return f->o.env->wall_ms(f->o.env->arg) +
           atomic_load_explicit(&f->wall_by_ms, memory_order_relaxed);
}

static uint64_t entropy(void *arg)
{
    const gi_faults *f = arg;

    return f->o.env->entropy(f->o.env->arg);
}

static void nap(void *arg)
{
    const gi_faults *f = arg;

    f->o.env->nap(f->o.env->arg);
}

/* ------------------------------------------------------------- watching -- */

static void emitted(void *arg, gale_task *from, const gi_stream *s,
                    gale_row row)
{
    const gi_watcher *w = ((gi_faults *)arg)->o.watcher;

    if (w != NULL && w->emitted != NULL)
        w->emitted(w->arg, from, s, row);
}

static void begins(void *arg, gale_task *t, uint64_t id, uint64_t root,
                   bool replay)
{
    const gi_watcher *w = ((gi_faults *)arg)->o.watcher;

    if (w != NULL && w->begins != NULL)
        w->begins(w->arg, t, id, root, replay);
}

static void launched(void *arg, gale_task *t, uint64_t id, uint64_t root,
                     size_t n, bool replay)
{
    gi_faults *f = arg;
    const gi_watcher *w = f->o.watcher;

    if (replay)
        atomic_store_explicit(&f->replays[gi_mix64(root) % GI_REPLAYS], root,
                              memory_order_relaxed);
    if (w != NULL && w->launched != NULL)
        w->launched(w->arg, t, id, root, n, replay);
}

static void settled(void *arg, gale_task *t, uint64_t id, uint64_t root,
                    gi_why why, uint16_t comp)
{
    const gi_watcher *w = ((gi_faults *)arg)->o.watcher;

    if (w != NULL && w->settled != NULL)
        w->settled(w->arg, t, id, root, why, comp);
}

static void gave_up(void *arg, gale_task *t, uint64_t id)
{
    const gi_watcher *w = ((gi_faults *)arg)->o.watcher;

    if (w != NULL && w->gave_up != NULL)
        w->gave_up(w->arg, t, id);
}

static void forgot(void *arg, gale_task *t)
{
    const gi_watcher *w = ((gi_faults *)arg)->o.watcher;

    if (w != NULL && w->forgot != NULL)
        w->forgot(w->arg, t);
}

/* ------------------------------------------------------------ lifetime -- */

static void end(void *arg, gi_loop *l)
{
    gi_fault_links_end(arg, l);
}

static void look_at(gi_faults *f)
{
    for (uint32_t i = 0; i < f->what->n; i++) {
        const gi_fault *x = &f->what->at[i];

        if (x->kind > GI_FAULT_LATE && !(x->kind == GI_FAULT_KILL && x->acks))
            continue;
        f->links |= !x->acks;
        f->notes |= x->acks;
    }
}

gale_err gi_faults_create(gi_faults **out, gi_plan *plan,
                          const gi_fault_plan *what,
                          const gi_faults_opts *opts)
{
    gi_faults *f = gi_alloc(sizeof(*f));

    if (f == NULL)
        return GALE_ENOMEM;
    f->plan = plan;
    f->what = what;
    f->o = *opts;
    look_at(f);
    f->env = (gi_env){ f, now_ns, wall_ms, entropy, nap };
    f->between = (gi_between){ .arg = f,
                               .all = f->links || f->notes,
                               .arrived = gi_fault_arrived,
                               .fails = gi_fault_fails,
                               .answers = gi_fault_answers,
                               .calls = gi_fault_calls,
                               .turn = gi_fault_turn,
                               .next_ns = gi_fault_next_ns,
                               .end = end };
    f->watcher =
        (gi_watcher){ f, emitted, begins, launched, settled, gave_up, forgot };
    f->task = gi_calloc(plan->n_tasks, sizeof(*f->task));
    f->spout = gi_calloc(plan->n_comps, sizeof(*f->spout));
    f->bolt = gi_calloc(plan->n_comps, sizeof(*f->bolt));
    f->suspended = gi_calloc(what->n + 1, sizeof(*f->suspended));
    f->replays = gi_calloc(GI_REPLAYS, sizeof(*f->replays));
    if (f->task == NULL || f->spout == NULL || f->bolt == NULL ||
        f->suspended == NULL || f->replays == NULL) {
        gi_faults_destroy(f);
        return GALE_ENOMEM;
    }
    gi_fault_wrap(f);
    *out = f;
    return GALE_OK;
}

void gi_faults_destroy(gi_faults *f)
{
    if (f == NULL)
        return;
    if (f->armed)
        gi_fault_points_end(f);
    for (uint32_t i = 0; f->side != NULL && i < f->n_sides; i++) {
        if (f->side[i] == NULL)
            continue;
        gi_heap_fini(&f->side[i]->delayed);
        gi_free(f->side[i]->lane_due);
        gi_free(f->side[i]->fired);
        gi_free(f->side[i]);
    }
    gi_free(f->side);
    gi_free(f->task);
    gi_free(f->spout);
    gi_free(f->bolt);
    gi_free(f->suspended);
    gi_free((void *)f->replays);
    gi_free(f);
}

const gi_env *gi_faults_env(gi_faults *f)
{
    return &f->env;
}

const gi_between *gi_faults_between(gi_faults *f)
{
    return &f->between;
}

const gi_watcher *gi_faults_watcher(gi_faults *f)
{
    return &f->watcher;
}

void gi_faults_start(gi_faults *f)
{
    atomic_store(&f->started_ns, now_ns(f));
    gi_fault_points(f);
}

/* ------------------------------------------------------------- counting -- */

static uint64_t points_failed(const gi_faults *f, gi_fault_kind kind)
{
    static const gi_point point[GI_N_FAULT_KINDS] = {
        [GI_FAULT_MEMORY] = GI_POINT_MEMORY,
        [GI_FAULT_WRITE] = GI_POINT_WRITE,
        [GI_FAULT_SYNC] = GI_POINT_SYNC,
    };

    if (atomic_load(&f->started_ns) == 0)
        return 0;
    return gi_point_failed(point[kind]) - f->points_before[kind];
}

uint64_t gi_faults_count(const gi_faults *f, gi_fault_kind kind)
{
    uint64_t n = 0;

    if (kind == GI_FAULT_MEMORY || kind == GI_FAULT_WRITE ||
        kind == GI_FAULT_SYNC)
        return points_failed(f, kind);
    for (uint32_t i = 0; i < f->n_sides; i++)
        if (f->side[i] != NULL)
            n += atomic_load_explicit(&f->side[i]->count[kind],
                                      memory_order_relaxed);
    return n;
}

bool gi_faults_asks(const gi_faults *f, gi_fault_kind kind)
{
    for (uint32_t i = 0; i < f->what->n; i++)
        if (f->what->at[i].kind == kind)
            return true;
    return false;
}

uint64_t gi_faults_total(const gi_faults *f)
{
    uint64_t n = 0;

    for (int kind = 0; kind < GI_N_FAULT_KINDS; kind++)
        n += gi_faults_count(f, (gi_fault_kind)kind);
    return n;
}

void gi_faults_result(const gi_faults *f, gale_run_result *out)
{
    out->faults = gi_faults_total(f);
    out->redelivered = 0;
    for (uint32_t i = 0; i < f->n_sides; i++)
        if (f->side[i] != NULL)
            out->redelivered += atomic_load_explicit(&f->side[i]->redelivered,
                                                     memory_order_relaxed);
}
