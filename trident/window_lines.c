#include "trident/window_lines.h"

enum { FEW = 1024 }; /* so many empty lines are no matter */

bool gi_lines_init(gi_lines *t, uint32_t n_keys, bool lasting, uint64_t seed)
{
    *t = (gi_lines){ .n_keys = n_keys, .seed = seed, .lasting = lasting };
    t->last_pane = &t->panes;
    t->last_line = &t->lines;
    return gi_keyed_init(&t->keys, &t->pool, n_keys, sizeof(gi_line), 0, seed);
}

static void free_pane(gi_pane *p)
{
    while (p->bunches != NULL) {
        gi_bunch *next = p->bunches->next;

        gi_free(p->bunches);
        p->bunches = next;
    }
    gi_free(p->kept);
    gi_free(p);
}

void gi_lines_fini(gi_lines *t)
{
    for (uint32_t i = 0; i < t->keys.n; i++) {
        gi_line *l = gi_lines_get(t, i);

        while (l->first != NULL) {
            gi_pane *next = l->first->next;

            free_pane(l->first);
            l->first = next;
        }
    }
    gi_pool_fini(&t->pool);
    *t = (gi_lines){ .n_keys = 0 };
}

gi_line *gi_line_at(gi_lines *t, const gale_value *values,
                    const uint32_t *slots)
{
    bool fresh;

    return gi_keyed_at(&t->keys, values, slots, &fresh);
}

static gi_pane *new_pane(gi_line *l, int64_t no, gi_pane *before)
{
    gi_pane *p = gi_alloc(sizeof(*p));

    if (p == NULL)
        return NULL;
    p->no = no;
    p->line = l;
    p->end = &p->bunches;
    p->next = before == NULL ? l->first : before->next;
    if (before == NULL)
        l->first = p;
    else
        before->next = p;
    if (p->next == NULL)
        l->last = p;
    return p;
}

gi_pane *gi_pane_at(gi_line *l, int64_t no)
{
    gi_pane *before = NULL, *p;

    if (l->last != NULL && l->last->no == no)
        return l->last;
    if (l->last != NULL && l->last->no < no)
        return new_pane(l, no, l->last);
    p = l->at != NULL && l->at->no <= no ? l->at : l->first;
    for (; p != NULL && p->no < no; p = p->next)
        before = p;
    if (p == NULL || p->no != no)
        p = new_pane(l, no, before);
    l->at = p;
    return p;
}

void gi_line_touch(gi_lines *t, gi_line *l)
{
    if (l->touched)
        return;
    l->touched = true;
    l->before = l->n;
    l->more = NULL;
    *t->last_line = l;
    t->last_line = &l->more;
}

void gi_pane_touch(gi_lines *t, gi_pane *p)
{
    gi_line_touch(t, p->line);
    if (p->touched)
        return;
    p->touched = true;
    p->more = NULL;
    *t->last_pane = p;
    t->last_pane = &p->more;
}

/* -------------------------------------------------------------- values -- */

static size_t bytes_of(const gale_value *values, uint32_t n)
{
    size_t bytes = n * sizeof(gale_value);

    for (uint32_t i = 0; i < n; i++)
        bytes += values[i].type >= GALE_T_STR ? values[i].len : 0;
    return bytes;
}

/* To `to`, the bytes behind the values. */
static void copy(gale_value *to, const gale_value *values, uint32_t n)
{
    char *at = (char *)(to + n);

    for (uint32_t i = 0; i < n; i++) {
        to[i] = values[i];
        if (to[i].type < GALE_T_STR)
            continue;
        if (to[i].len > 0)
            memcpy(at, values[i].as.p, to[i].len);
        to[i].as.p = at;
        at += to[i].len;
    }
}

bool gi_pane_keep(gi_pane *p, const gale_value *values, uint32_t n)
{
    size_t bytes = bytes_of(values, n);

    if (bytes > p->room) {
        gale_value *kept = gi_alloc(bytes);

        if (kept == NULL)
            return false;
        copy(kept, values, n);
        gi_free(p->kept);
        p->kept = kept;
        p->room = bytes;
    } else {
        copy(p->kept, values, n);
    }
    return true;
}

gi_bunch *gi_pane_bunch(gi_pane *p, int64_t no, gale_row values)
{
    gi_bunch *b =
        gi_alloc(sizeof(*b) + bytes_of(values.values, (uint32_t)values.n));
    gi_bunch **at = p->end;

    if (b == NULL)
        return NULL;
    b->no = no;
    b->n_values = (uint32_t)values.n;
    copy(b->values, values.values, b->n_values);
    if (no < p->n_bunches) /* from the state, in any order */
        for (at = &p->bunches; *at != NULL && (*at)->no < no;)
            at = &(*at)->next;
    b->next = *at;
    *at = b;
    if (b->next == NULL)
        p->end = &b->next;
    if (no >= p->n_bunches)
        p->n_bunches = no + 1;
    return b;
}

/* ------------------------------------------------------------- closing -- */

void gi_lines_rest(gi_lines *t)
{
    for (gi_pane *p = t->panes; p != NULL; p = p->more) {
        p->touched = false;
        p->now = NULL;
        p->rows = (gi_rows){ NULL, NULL, 0 };
    }
    t->panes = NULL;
    t->last_pane = &t->panes;
}

void gi_line_cut(gi_line *l, int64_t before)
{
    l->at = NULL;
    while (l->first != NULL && l->first->no < before) {
        gi_pane *next = l->first->next;

        free_pane(l->first);
        l->first = next;
    }
    if (l->first == NULL)
        l->last = NULL;
}

static bool is_sparse(const gi_lines *t)
{
    uint32_t empty = 0;

    if (t->lasting || t->keys.n < FEW)
        return false;
    for (uint32_t i = 0; i < t->keys.n; i++)
        empty += gi_lines_get(t, i)->first == NULL;
    return empty > t->keys.n / 2;
}

/* To a table of their own. */
static bool move_all(gi_lines *to, gi_lines *from, const uint32_t *slots)
{
    for (uint32_t i = 0; i < from->keys.n; i++) {
        gi_line *l = gi_lines_get(from, i), *there;

        if (l->first == NULL)
            continue;
        there = gi_line_at(to, gi_line_key(from, l).values, slots);
        if (there == NULL)
            return false;
        *there = *l;
        l->first = NULL;
        for (gi_pane *p = there->first; p != NULL; p = p->next)
            p->line = there;
    }
    return true;
}

bool gi_lines_sweep(gi_lines *t, bool cut)
{
    gi_lines fresh = { .n_keys = 0 };
    uint32_t *slots;
    bool well;

    for (gi_line *l = t->lines; l != NULL; l = l->more)
        l->touched = false;
    t->lines = NULL;
    t->last_line = &t->lines;
    if (!cut || !is_sparse(t))
        return true;
    slots = gi_pool_take(&t->pool, t->n_keys + 1u, sizeof(*slots));
    well =
        slots != NULL && gi_lines_init(&fresh, t->n_keys, t->lasting, t->seed);
    for (uint32_t i = 0; well && i < t->n_keys; i++)
        slots[i] = i;
    well = well && move_all(&fresh, t, slots);
    gi_lines_fini(t);
    if (!well) {
        gi_lines_fini(&fresh);
        return false;
    }
    *t = fresh;
    t->keys.pool = &t->pool;
    t->last_pane = &t->panes;
    t->last_line = &t->lines;
    return true;
}
