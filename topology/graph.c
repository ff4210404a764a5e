/* Tarjan's search for strongly connected components.  It finishes a component
 * only after all that can be reached from it, so the ranks of what lies below
 * are known by then and one walk does for both.  The walk keeps its own stack:
 * a chain of thousands of bolts must not end the thread's.
 */
#include "topology/graph.h"

#include "base/mem.h"

enum { UNSEEN = 0, DONE = INT32_MAX };

/* What the walk knows of a node. */
typedef struct mark {
    uint32_t seen;  /* UNSEEN, when it was reached (from 1), or DONE */
    uint32_t low;   /* earliest open node known to be reachable from here */
    uint32_t arrow; /* the next arrow to follow */
} mark;

typedef struct walk {
    const gi_graph *g;
    gi_place *out;
    mark *marks;
    uint32_t *path; /* the way from the root to where we stand */
    uint32_t n_path;
    uint32_t *open; /* reached, but in no finished component yet */
    uint32_t n_open;
    uint32_t clock;
} walk;

static void enter(walk *w, uint32_t v)
{
    mark *m = &w->marks[v];

    m->seen = m->low = ++w->clock;
    m->arrow = w->g->first[v];
    w->path[w->n_path++] = v;
    w->open[w->n_open++] = v;
}

/* The rank of the component whose nodes are `v`: one above the highest that
 * an arrow leads out to.  Those are finished; its own nodes are not. */
static uint32_t rank_of(const walk *w, const uint32_t *v, uint32_t n)
{
    uint32_t rank = 0;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t a = w->g->first[v[i]]; a < w->g->first[v[i] + 1]; a++) {
            uint32_t to = w->g->to[a];

            if (w->marks[to].seen == DONE && w->out[to].rank >= rank)
                rank = w->out[to].rank + 1;
        }
    return rank;
}

static bool has_arrow_to_itself(const gi_graph *g, uint32_t v)
{
    for (uint32_t a = g->first[v]; a < g->first[v + 1]; a++)
        if (g->to[a] == v)
            return true;
    return false;
}

/* `root` reaches nothing older than itself: it and all that was opened since
 * are one component. */
static void finish(walk *w, uint32_t root)
{
    uint32_t from = w->n_open;

    do
        from--;
    while (w->open[from] != root);

    const uint32_t *v = w->open + from;
    uint32_t n = w->n_open - from;
    uint32_t least = root;
    for (uint32_t i = 0; i < n; i++)
        least = v[i] < least ? v[i] : least;

    gi_place place = {
        .rank = rank_of(w, v, n),
        .cycle = least,
        .in_cycle = n > 1 || has_arrow_to_itself(w->g, root),
    };
    for (uint32_t i = 0; i < n; i++) {
        w->out[v[i]] = place;
        w->marks[v[i]].seen = DONE;
    }
    w->n_open = from;
}

static void lower(mark *m, uint32_t to)
{
    if (to < m->low)
        m->low = to;
}

static void walk_from(walk *w, uint32_t root)
{
    enter(w, root);
    while (w->n_path > 0) {
        uint32_t v = w->path[w->n_path - 1];
        mark *m = &w->marks[v];

        if (m->arrow < w->g->first[v + 1]) {
            uint32_t to = w->g->to[m->arrow++];

            if (w->marks[to].seen == UNSEEN)
                enter(w, to);
            else if (w->marks[to].seen != DONE)
                lower(m, w->marks[to].seen);
            continue;
        }
        w->n_path--;
        if (w->n_path > 0)
            lower(&w->marks[w->path[w->n_path - 1]], m->low);
        if (m->low == m->seen)
            finish(w, v);
    }
}

gale_err gi_graph_place(const gi_graph *g, gi_place *out)
{
    walk w = {
        .g = g,
        .out = out,
        .marks = gi_calloc(g->n, sizeof(mark)),
        .path = gi_calloc(g->n, sizeof(uint32_t)),
        .open = gi_calloc(g->n, sizeof(uint32_t)),
    };
    gale_err rv = GALE_ENOMEM;

    if (w.marks != NULL && w.path != NULL && w.open != NULL) {
        for (uint32_t v = 0; v < g->n; v++)
            if (w.marks[v].seen == UNSEEN)
                walk_from(&w, v);
        rv = GALE_OK;
    }
    gi_free(w.open);
    gi_free(w.path);
    gi_free(w.marks);
    return rv;
}
