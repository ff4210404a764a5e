/* define_state.c -- what is kept beyond a batch, and asked for. */
#include <string.h>

#include "trident/graph.h"

static bool is_state(const gi_node *n)
{
    return n->kind == GI_NODE_PERSIST || n->kind == GI_NODE_UPDATE ||
           n->kind == GI_NODE_WINDOW;
}

static const gi_node *same_id(const gi_node *n)
{
    for (const gi_node *m = n->t->first; m != n; m = m->next)
        if (is_state(m) && m->id != NULL && strcmp(m->id, n->id) == 0)
            return m;
    return NULL;
}

/* Streams remember under their ids how far they are, and their coordinators
 * under those with "-batches" behind them. */
static bool clash(const gi_node *source, const gi_node *state)
{
    size_t len = strlen(source->id);

    return strncmp(source->id, state->id, len) == 0 &&
           (state->id[len] == '\0' ||
            strcmp(state->id + len, "-batches") == 0);
}

void gi_node_check_clash(gi_node *n)
{
    for (const gi_node *m = n->t->first; m != NULL && m != n; m = m->next) {
        if (m->id == NULL || n->id == NULL)
            continue;
        if (m->kind == GI_NODE_SOURCE && is_state(n) && clash(m, n))
            gi_node_say(n,
                        "the stream of step %u remembers under that id how "
                        "far it is: take another one",
                        m->no);
        if (n->kind == GI_NODE_SOURCE && is_state(m) && clash(n, m))
            gi_node_say(n,
                        "it would remember how far it is under the id of the "
                        "state of step %u: take another one",
                        m->no);
    }
}

bool gi_store_whole(const gale_store *s)
{
    return s->open != NULL && s->get != NULL && s->write != NULL &&
           s->scan != NULL && s->close != NULL;
}

static void check_store(gi_node *n, const gale_store *s)
{
    if (!gi_store_whole(s))
        gi_node_say(n,
                    "its store '%s' lacks one of open, get, write, scan "
                    "and close",
                    s->name == NULL ? "" : gi_text_name(s->name).s);
}

gi_node *gi_node_keep(gi_node *from, gi_node_kind kind, const char *call,
                      const char *id, const gale_state_opts *opts)
{
    gi_node *n =
        gi_node_add(from == NULL ? NULL : from->t, kind, call, from, NULL);

    if (!gi_node_lives(n))
        return n;
    if (gi_node_check_name(n, "its id", id)) {
        n->id = gi_node_text(n, id);
        if (n->id != NULL && same_id(n) != NULL)
            gi_node_say(n, "step %u keeps a state of that id, too",
                        same_id(n)->no);
        gi_node_check_clash(n);
    }
    if (opts == NULL)
        return n;
    n->state = *opts;
    if ((uint32_t)opts->kind > GALE_STATE_NON_TRANSACTIONAL)
        gi_node_say(n, "its kind is %u, which is none (0 to %d)",
                    (unsigned)opts->kind, GALE_STATE_NON_TRANSACTIONAL);
    if (opts->tasks > GALE_STATE_GROUPS)
        gi_node_say(n, "it has %u tasks, and a state has at most %d",
                    opts->tasks, GALE_STATE_GROUPS);
    if (opts->store != NULL)
        check_store(n, opts->store);
    return n;
}

/* One fold that can go on from what it came to before. */
static void keep_fold(gi_node *n, const gi_node *from, const gale_fold *fold)
{
    gi_node_folds(n, from, fold, false);
    if (n->n_folds > 1)
        gi_node_say(n,
                    "it has %u folds, and a state is kept by one: make "
                    "a state for each",
                    n->n_folds);
    else if (n->n_folds == 1 && n->folds[0].fold.aggregator != NULL)
        gi_node_say(n, "its fold is an aggregator, and only combiners and "
                       "reducers go on from what was before");
}

static gale_kept *persist(gi_node *n, const gale_fold *fold)
{
    size_t before = gi_node_mistakes(n);

    if (!gi_node_lives(n) || !gi_node_out(n, n->n_keys + gi_folds_out(fold)))
        return (gale_kept *)n;
    for (uint32_t i = 0; i < n->n_keys && !n->from->unclear; i++)
        gi_node_out_add(n, n->from->out[n->keys[i]].name,
                        n->from->out[n->keys[i]].type);
    keep_fold(n, n->from, fold);
    n->n_values = n->n_out - n->n_keys;
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
    return (gale_kept *)n;
}

gale_kept *gale_persistent_aggregate(gale_grouped *g, const char *id,
                                     const gale_fold *fold,
                                     const gale_state_opts *opts)
{
    gi_node *n = gi_node_keep((gi_node *)g, GI_NODE_PERSIST,
                              "gale_persistent_aggregate", id, opts);

    if (gi_node_lives(n)) {
        gi_node_check_grouped(n);
        n->keys = n->from->keys;
        n->n_keys = n->from->n_keys;
    }
    return persist(n, fold);
}

gale_kept *gale_persistent_total(gale_batches *s, const char *id,
                                 const gale_fold *fold,
                                 const gale_state_opts *opts)
{
    gi_node *n = gi_node_keep((gi_node *)s, GI_NODE_PERSIST,
                              "gale_persistent_total", id, opts);

    if (!gi_node_lives(n))
        return (gale_kept *)n;
    n->total = true;
    if (n->state.tasks > 1)
        gi_node_say(n, "it has %u tasks, and one value is kept by one",
                    n->state.tasks);
    return persist(n, fold);
}

gale_kept *gale_partition_persist(gale_batches *s, const char *id,
                                  const gale_name *in, const gale_updater *u,
                                  const gale_state_opts *opts)
{
    gi_node *n = gi_node_keep((gi_node *)s, GI_NODE_UPDATE,
                              "gale_partition_persist", id, opts);

    if (!gi_node_lives(n))
        return (gale_kept *)n;
    gi_node_in(n, in);
    n->user = u;
    if (u == NULL) {
        gi_node_say(n, "it has no updater");
        n->unclear = true;
        return (gale_kept *)n;
    }
    if (u->update == NULL)
        gi_node_say(n, "its updater has no update");
    if (gi_node_out(n, gi_node_count_fields(u->output)))
        gi_node_out_fields(n, u->output);
    return (gale_kept *)n;
}

gale_batches *gale_new_values(gale_kept *k)
{
    gi_node *kept = (gi_node *)k;
    gi_node *n = gi_node_add(kept == NULL ? NULL : kept->t, GI_NODE_NEW_VALUES,
                             "gale_new_values", kept, NULL);

    if (n->unclear || !gi_node_out(n, n->from->n_out))
        return (gale_batches *)n;
    if (n->from->n_out == 0) {
        gi_node_say(n, "the updater of that state has no output");
        n->unclear = true;
    }
    gi_node_out_all(n, n->from);
    return (gale_batches *)n;
}

/* -------------------------------------------------------------- asking -- */

/* What is asked with against what was grouped by; the keys of an updater are
 * its own affair. */
static void check_key(gi_node *n, const gi_node *kept)
{
    if (kept->kind != GI_NODE_PERSIST || kept->unclear)
        return;
    if (n->n_in != kept->n_keys) {
        gi_node_say(n, "it asks with %u field%s, and a key of '%s' has %u",
                    n->n_in, n->n_in == 1 ? "" : "s", kept->id, kept->n_keys);
        return;
    }
    for (uint32_t i = 0; i < n->n_in && !n->from->unclear; i++) {
        const gale_field *a = &n->from->out[n->in[i]];
        const gale_field *b = &kept->out[i];

        if (a->type != b->type && a->type != GALE_T_ANY &&
            b->type != GALE_T_ANY)
            gi_node_say(n,
                        "it asks with '%s', of type %s, and the key '%s' of "
                        "'%s' is of type %s",
                        gi_text_name(a->name).s,
                        gale_type_name((uint32_t)a->type),
                        gi_text_name(b->name).s, kept->id,
                        gale_type_name((uint32_t)b->type));
    }
}

static void check_values(gi_node *n, const gi_node *kept,
                         const gale_field *output)
{
    uint32_t many = gi_node_count_fields(output);

    if (many == 0) {
        gi_node_say(n, "it has no output for what it is told");
        n->unclear = true;
        return;
    }
    if (kept->kind != GI_NODE_PERSIST || kept->unclear)
        return;
    if (many != kept->n_values)
        gi_node_say(n, "its output is %u field%s, and '%s' keeps %u", many,
                    many == 1 ? "" : "s", kept->id, kept->n_values);
    for (uint32_t i = 0; i < many && i < kept->n_values; i++) {
        const gale_field *b = &kept->out[kept->n_keys + i];

        if (output[i].type != b->type && output[i].type != GALE_T_ANY &&
            b->type != GALE_T_ANY)
            gi_node_say(n,
                        "'%s' is of type %s, and '%s' keeps '%s' of type "
                        "%s",
                        gi_text_name(output[i].name).s,
                        gale_type_name((uint32_t)output[i].type), kept->id,
                        gi_text_name(b->name).s,
                        gale_type_name((uint32_t)b->type));
    }
}

gale_batches *gale_state_query(gale_batches *s, gale_kept *k,
                               const gale_name *in, const gale_field *output)
{
    static const gale_name none[] = { NULL };
    gi_node *from = (gi_node *)s, *kept = (gi_node *)k;
    gale_trident *t = from != NULL ? from->t : NULL;
    gi_node *n;

    if (t == NULL && kept != NULL)
        t = kept->t;
    n = gi_node_add(t, GI_NODE_QUERY, "gale_state_query", from, kept);
    if (!gi_node_lives(n))
        return (gale_batches *)n;
    if (from == NULL || kept == NULL) {
        gi_node_say(n, "the %s is NULL", from == NULL ? "stream" : "state");
        n->unclear = true;
        return (gale_batches *)n;
    }
    gi_node_in(n, in == NULL ? none : in);
    if (n->n_in > GI_MOST_KEYS)
        gi_node_say(n, "it asks with %u fields, and %d are the most", n->n_in,
                    GI_MOST_KEYS);
    check_key(n, n->right);
    n->n_values = gi_node_count_fields(output);
    check_values(n, n->right, output);
    n->unclear = n->unclear || n->from->unclear;
    if (n->unclear || !gi_node_out(n, n->from->n_out + n->n_values))
        return (gale_batches *)n;
    gi_node_out_all(n, n->from);
    for (uint32_t i = 0; i < n->n_values; i++) /* nil where there is none */
        gi_node_out_add(n, output[i].name, GALE_T_ANY);
    return (gale_batches *)n;
}
