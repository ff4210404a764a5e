/* shadow.c -- the model's memory: records of tuples, trees, sources. */
#include "shadow.h"

#include <stdarg.h>
#include <stdlib.h>

shadow model;

void wrong(const char *oracle, const char *format, ...)
{
    va_list ap;

    if (model.wrong != NULL)
        return;
    model.wrong = oracle;
    va_start(ap, format);
    vsnprintf(model.words, sizeof(model.words), format, ap);
    va_end(ap);
}

static void *need(size_t n, size_t size)
{
    void *p = calloc(n == 0 ? 1 : n, size);

    if (p == NULL) {
        fputs("gale-sim: out of memory\n", stderr);
        exit(3);
    }
    return p;
}

static void *more(void *p, size_t before, size_t after, size_t size)
{
    char *q = realloc(p, after * size);

    if (q == NULL) {
        fputs("gale-sim: out of memory\n", stderr);
        exit(3);
    }
    memset(q + before * size, 0, (after - before) * size);
    return q;
}

/* ---------------------------------------------------- making, dropping -- */

/* Messages are dealt out to the spouts' tasks, as evenly as it goes. */
static void make_sources(shadow *m)
{
    uint32_t at = 0;

    m->source = need(m->n_sources, sizeof(*m->source));
    for (uint32_t task = 1, i = 0; task <= m->plan->n_tasks; task++) {
        if (!gi_plan_task(m->plan, task)->is_spout)
            continue;
        struct source *src = &m->source[i++];
        uint32_t upto = (uint32_t)((uint64_t)m->n_messages * i / m->n_sources);

        *src = (struct source){ .task = task, .first = at, .n = upto - at };
        src->left = src->n;
        src->again = need(src->n, sizeof(*src->again));
        m->source_of[task - 1] = src;
        at = upto;
    }
}

void shadow_begin(const scenario *s, gi_plan *plan)
{
    shadow *m = &model;

    memset(m, 0, sizeof(*m));
    m->s = s;
    m->plan = plan;
    m->n_messages = m->n_left = (uint32_t)s->roots;
    m->message = need(m->n_messages, sizeof(*m->message));
    m->task = need(plan->n_tasks, sizeof(*m->task));
    m->source_of = need(plan->n_tasks, sizeof(*m->source_of));
    m->keys = need((size_t)plan->n_edges * N_KEYS, sizeof(*m->keys));
    for (uint32_t i = 0; i < plan->n_tasks; i++) {
        m->task[i].seen = need(plan->n_tasks, sizeof(int64_t));
        m->n_sources += gi_plan_task(plan, i + 1)->is_spout;
    }
    m->grove = need(m->n_sources, sizeof(*m->grove));
    make_sources(m);
}

void shadow_end(void)
{
    shadow *m = &model;

    for (uint32_t i = 0; i < m->n_records; i++)
        if (m->record[i].roots != m->record[i].own)
            free(m->record[i].roots);
    for (uint32_t i = 0; i < m->n_sources; i++) {
        free(m->source[i].again);
        free(m->grove[i].at);
    }
    for (uint32_t i = 0; i < m->plan->n_tasks; i++)
        free(m->task[i].seen);
    free(m->message);
    free(m->task);
    free(m->source);
    free(m->source_of);
    free(m->keys);
    free(m->grove);
    free(m->record);
}

/* --------------------------------------------------------------- trees -- */

static struct tree *slot_of(uint64_t root)
{
    uint32_t spout = gi_root_spout(root), slot = gi_root_slot(root);

    if (spout >= model.n_sources || slot >= model.grove[spout].n)
        return NULL;
    return &model.grove[spout].at[slot];
}

struct tree *tree_of(uint64_t root)
{
    struct tree *t = slot_of(root);

    return t != NULL && t->root == root && t->open ? t : NULL;
}

struct tree *shadow_slot(uint64_t root)
{
    struct grove *g = &model.grove[gi_root_spout(root)];
    uint32_t slot = gi_root_slot(root);

    if (slot >= g->n) {
        uint32_t n = g->n == 0 ? 64 : g->n;

        while (n <= slot)
            n *= 2;
        g->at = more(g->at, g->n, n, sizeof(*g->at));
        g->n = n;
    }
    return &g->at[slot];
}

/* ------------------------------------------------------------- records -- */

/* A number that no other record ever has: place and generation. */
static uint64_t ref_of(const struct record *r)
{
    return (uint64_t)r->generation << 32 | ((uint64_t)(r - model.record) + 1);
}

/* NULL: it is answered by all who got it. */
struct record *record_of(uint64_t ref)
{
    uint32_t at = (uint32_t)ref - 1;

    if (at >= model.n_records || model.record[at].generation != ref >> 32)
        return NULL;
    return &model.record[at];
}

static struct record *take_record(void)
{
    shadow *m = &model;
    struct record *r;

    if (m->free_record != 0) {
        r = &m->record[m->free_record - 1];
        m->free_record = r->next;
        return r;
    }
    if (m->n_records == m->cap_records) {
        uint32_t cap = m->cap_records == 0 ? 1024 : m->cap_records * 2;

        /* Roots inside of a record move along with it. */
        struct record *before = m->record;
        m->record = more(before, m->cap_records, cap, sizeof(*m->record));
        for (uint32_t i = 0; i < m->n_records; i++)
            if (m->record[i].n_roots <= OWN_ROOTS)
                m->record[i].roots = m->record[i].own;
        m->cap_records = cap;
    }
    r = &m->record[m->n_records++];
    r->generation = 1;
    return r;
}

static void free_record(struct record *r)
{
    if (r->roots != r->own)
        free(r->roots);
    r->roots = r->own;
    r->n_roots = 0;
    r->generation++;
    r->next = model.free_record;
    model.free_record = (uint32_t)(r - model.record) + 1;
}

const uint64_t *shadow_roots(const hand *h, uint32_t *n)
{
    if (h->again || h->ref == 0) {
        *n = !h->again;
        return &h->root;
    }
    const struct record *r = record_of(h->ref);
    *n = r == NULL ? 0 : r->n_roots;
    return r == NULL ? NULL : r->roots;
}

static void add_root(struct record *r, uint64_t root)
{
    for (uint32_t i = 0; i < r->n_roots; i++)
        if (r->roots[i] == root)
            return;
    if (r->n_roots == OWN_ROOTS) {
        r->roots = need(2 * OWN_ROOTS, sizeof(*r->roots));
        memcpy(r->roots, r->own, sizeof(r->own));
    } else if (r->n_roots > OWN_ROOTS && r->n_roots % OWN_ROOTS == 0) {
        r->roots =
            more(r->roots, r->n_roots, r->n_roots * 2, sizeof(*r->roots));
    }
    r->roots[r->n_roots++] = root;
}

/* So many more tuples of its trees are on their way. */
static void count_copies(const struct record *r, uint32_t copies)
{
    for (uint32_t i = 0; i < r->n_roots; i++) {
        struct tree *t = tree_of(r->roots[i]);

        if (t != NULL)
            t->left += copies;
    }
    if (r->n_roots == 0)
        model.loose += copies;
}

uint64_t shadow_record(const hand *const *anchors, uint32_t n)
{
    struct record *r = take_record();

    r->sent = r->left = COPIES_UNKNOWN;
    r->came = 0;
    r->n_roots = 0;
    r->roots = r->own;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t n_roots;
        const uint64_t *roots = shadow_roots(anchors[i], &n_roots);

        for (uint32_t k = 0; k < n_roots; k++)
            add_root(r, roots[k]);
    }
    count_copies(r, COPIES_UNKNOWN);
    return ref_of(r);
}

void shadow_sent(uint64_t ref, uint32_t copies)
{
    struct record *r = record_of(ref);
    uint32_t less = COPIES_UNKNOWN - copies;

    count_copies(r, 0 - less);
    r->sent = copies;
    r->left -= less;
    if ((uint32_t)__builtin_popcountll(r->came) > copies)
        wrong("stray", "a tuple came to more tasks than it was sent to");
    else if (r->left == 0)
        free_record(r);
}

/* ------------------------------------------------------------- answers -- */

static void each_tree(const hand *h, void (*with)(struct tree *))
{
    uint32_t n;
    const uint64_t *roots = shadow_roots(h, &n);

    for (uint32_t i = 0; i < n; i++) {
        struct tree *t = tree_of(roots[i]);

        if (t != NULL)
            with(t);
    }
}

static void one_less(struct tree *t)
{
    if (t->left == 0)
        wrong("counts", "the shadow counts less than nothing: root %llx",
              (unsigned long long)t->root);
    t->left--;
}

static void move(struct tree *t)
{
    t->moved_ns = sim_now();
}

static void speak(struct tree *t)
{
    t->moved_ns = t->spoken_ns = sim_now();
}

static void fail(struct tree *t)
{
    t->failed = true;
}

static void forget(struct tree *t)
{
    t->forgotten = true;
}

void shadow_answer(const hand *h, bool ack)
{
    if (h->again)
        return;
    each_tree(h, move);
    if (!ack)
        each_tree(h, fail);
    each_tree(h, one_less);
    if (h->ref == 0)
        return;
    struct record *r = record_of(h->ref);
    if (r == NULL || r->left == 0) {
        wrong("counts", "a tuple was answered more often than it was sent");
        return;
    }
    if (r->n_roots == 0) {
        model.loose--;
        model.loose_held -= h->held;
    }
    if (--r->left == 0)
        free_record(r);
}

void shadow_held(hand *h)
{
    const struct record *r = record_of(h->ref);

    h->held = true;
    model.loose_held += !h->again && r != NULL && r->n_roots == 0;
    each_tree(h, speak);
}

void shadow_moved(const hand *h)
{
    each_tree(h, speak);
}

void shadow_forgotten(const hand *h)
{
    each_tree(h, forget);
}

uint32_t shadow_attempts(const hand *h)
{
    uint32_t n, attempts = 0;
    const uint64_t *roots = shadow_roots(h, &n);

    for (uint32_t i = 0; i < n; i++) {
        const struct tree *t = tree_of(roots[i]);

        if (t != NULL)
            attempts += model.message[t->message].attempts;
    }
    return attempts;
}
