/* plan_promise.c -- what holds for each state, by what leads to it. */
#include <string.h>

#include "trident/plan.h"
#include "trident/spout_lines.h"

bool gi_exactly_once(gale_spout_kind spout, gale_state_kind state)
{
    switch (spout) {
    case GALE_SPOUT_TRANSACTIONAL:
        return state != GALE_STATE_NON_TRANSACTIONAL;
    case GALE_SPOUT_OPAQUE:
        return state == GALE_STATE_OPAQUE;
    case GALE_SPOUT_NON_TRANSACTIONAL:
        break;
    }
    return false;
}

/* How bad the batches of a node are, and through what. */
typedef struct worst {
    gale_spout_kind kind;
    const gi_node *source; /* whose kind that is */
    const gi_node *again;  /* or the step that made it so */
} worst;

static worst worse(worst a, worst b)
{
    return b.source != NULL && (a.source == NULL || b.kind > a.kind) ? b : a;
}

/* Done again, a batch finds states as they are by then, and rows in another
 * order: what comes of that need not be the same, whatever the spout. */
static bool may_differ(const gi_node *n)
{
    return n->kind == GI_NODE_QUERY || n->kind == GI_NODE_FIRST_N ||
           (n->kind == GI_NODE_WINDOW && n->window.by_rows);
}

static worst of(const gi_node *n, const worst *known)
{
    const gale_batch_spout *spout = n->user;
    worst w = { 0 };

    if (n->kind == GI_NODE_SOURCE)
        return (worst){ .kind = spout->kind, .source = n };
    if (n->from != NULL)
        w = known[n->from->no];
    if (n->kind != GI_NODE_QUERY && n->right != NULL)
        w = worse(w, known[n->right->no]);
    if (may_differ(n) && w.kind == GALE_SPOUT_TRANSACTIONAL) {
        w.kind = GALE_SPOUT_OPAQUE;
        w.again = n;
    }
    return w;
}

static void promise(gi_lowering *l, gi_promise *to, const gi_node *n, worst w)
{
    const gi_lop *op = l->rows[n->no].op;

    *to = (gi_promise){
        .state = op->op.id,
        .part = op->part->no,
        .store = op->op.state.store,
        .kind = n->state.kind,
        .spout = w.kind,
        .source = gi_keep_text(l, "%s", w.source->id),
        .once = gi_exactly_once(w.kind, n->state.kind),
    };
    if (w.again != NULL)
        to->again_from = gi_keep_text(l, "%s", gi_node_who(w.again).s);
}

static const char *promised(gi_lowering *l, bool once)
{
    const char *list = "";

    for (uint32_t i = 0; i < l->p->n_promises; i++)
        if (l->p->promises[i].once == once)
            list = gi_keep_text(l, "%s%s%s", list, *list == '\0' ? "" : ", ",
                                l->p->promises[i].state);
    return list;
}

/* What --help and `describe` say of the program. */
static const char *about(gi_lowering *l)
{
    const char *yes = promised(l, true), *no = promised(l, false);

    if (*yes == '\0' && *no == '\0')
        return gi_keep_text(l, "Works in batches, and keeps no state.");
    return gi_keep_text(
        l, "Works in batches.%s%s%s%s%s%s",
        *yes == '\0' ? "" : " Exactly once: ", yes, *yes == '\0' ? "" : ".",
        *no == '\0' ? "" : " Not exactly once: ", no, *no == '\0' ? "" : ".");
}

/* Words on the command line, if nobody said whether there are any. */
static const char *args(const gi_lowering *l)
{
    for (const gi_node *m = l->t->first; m != NULL; m = m->next)
        if (l->t->args == NULL && m->kind == GI_NODE_SOURCE &&
            gi_lines_of_words(m->user))
            return "FILE...";
    return l->t->args;
}

void gi_promise_all(gi_lowering *l)
{
    size_t n = (size_t)l->t->n_nodes + 1;
    worst *known = gi_scratch(l, n, sizeof(*known));
    gi_promise *to = gi_keep(l, n, sizeof(*to));

    if (known == NULL || to == NULL)
        return;
    l->p->promises = to;
    for (const gi_node *m = l->t->first; m != NULL; m = m->next) {
        known[m->no] = of(m, known);
        if (m->kind == GI_NODE_PERSIST || m->kind == GI_NODE_UPDATE ||
            (m->kind == GI_NODE_WINDOW && l->rows[m->no].op != NULL))
            promise(l, &to[l->p->n_promises++], m, known[m->no]);
    }
    l->p->topology.about = about(l);
    if (l->t->about != NULL)
        l->p->topology.about =
            gi_keep_text(l, "%s %s", l->t->about, l->p->topology.about);
    l->p->topology.args = args(l);
}
