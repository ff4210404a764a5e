/* define_steps.c -- what is done with rows where they are, and where they are
 * sent to. */
#include "base/bug.h"
#include "trident/graph.h"

static gi_node *behind(gale_batches *s, gi_node_kind kind, const char *call)
{
    gi_node *from = (gi_node *)s;

    return gi_node_add(from == NULL ? NULL : from->t, kind, call, from, NULL);
}

/* ---------------------------------------------------- where rows are -- */

/* A step with a gale_function; all four look alike until it comes to what
 * comes of them. */
static gi_node *function(gale_batches *s, gi_node_kind kind, const char *call,
                         const gale_name *in, const gale_function *f)
{
    gi_node *n = behind(s, kind, call);

    if (!gi_node_lives(n))
        return n;
    gi_node_in(n, in);
    n->user = f;
    if (f == NULL)
        gi_node_say(n, "it has no function");
    else if (f->apply == NULL)
        gi_node_say(n, "its function has no apply");
    if (f == NULL)
        n->unclear = true;
    return n;
}

gale_batches *gale_each(gale_batches *s, const gale_name *in,
                        const gale_function *f)
{
    gi_node *n = function(s, GI_NODE_EACH, "gale_each", in, f);

    if (n->unclear ||
        !gi_node_out(n, n->from->n_out + gi_node_count_fields(f->output)))
        return (gale_batches *)n;
    gi_node_out_all(n, n->from);
    gi_node_out_fields(n, f->output);
    return (gale_batches *)n;
}

gale_batches *gale_map_rows(gale_batches *s, const gale_name *in,
                            const gale_function *f)
{
    gi_node *n = function(s, GI_NODE_MAP, "gale_map_rows", in, f);

    if (!gi_node_lives(n) || f == NULL)
        return (gale_batches *)n;
    if (gi_node_count_fields(f->output) == 0) {
        gi_node_say(n, "its function has no output, so nothing would remain");
        n->unclear = true;
    } else if (gi_node_out(n, gi_node_count_fields(f->output))) {
        gi_node_out_fields(n, f->output);
    }
    return (gale_batches *)n;
}

gale_batches *gale_peek(gale_batches *s, const gale_name *in,
                        const gale_function *f)
{
    gi_node *n = function(s, GI_NODE_PEEK, "gale_peek", in, f);

    if (gi_node_lives(n) && f != NULL && gi_node_count_fields(f->output) > 0)
        gi_node_say(n, "its function has an output, and whoever peeks emits "
                       "nothing (gale_each does)");
    if (!n->unclear && gi_node_out(n, n->from->n_out))
        gi_node_out_all(n, n->from);
    return (gale_batches *)n;
}

gale_batches *gale_where(gale_batches *s, const gale_name *in,
                         const gale_filter *f)
{
    gi_node *n = behind(s, GI_NODE_WHERE, "gale_where");

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    gi_node_in(n, in);
    n->user = f;
    if (f == NULL)
        gi_node_say(n, "it has no filter");
    else if (f->keep == NULL)
        gi_node_say(n, "its filter has no keep");
    if (!n->unclear && gi_node_out(n, n->from->n_out))
        gi_node_out_all(n, n->from);
    return (gale_batches *)n;
}

gale_batches *gale_project(gale_batches *s, const gale_name *keep)
{
    gi_node *n = behind(s, GI_NODE_PROJECT, "gale_project");
    size_t before = gi_node_mistakes(n);

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    if (keep == NULL || keep[0] == NULL)
        gi_node_say(n, "it names no field, so nothing would remain");
    else
        gi_node_in(n, keep);
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
    if (!n->unclear && gi_node_out(n, n->n_in))
        for (uint32_t i = 0; i < n->n_in; i++)
            gi_node_out_add(n, n->from->out[n->in[i]].name,
                            n->from->out[n->in[i]].type);
    return (gale_batches *)n;
}

gale_batches *gale_first_n(gale_batches *s, uint32_t count, const char *by)
{
    const gale_name names[] = { by != NULL && by[0] == '-' ? by + 1 : by,
                                NULL };
    gi_node *n = behind(s, GI_NODE_FIRST_N, "gale_first_n");

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    n->first_n = count;
    n->largest = by != NULL && by[0] == '-';
    gi_node_in(n, names);
    if (count == 0)
        gi_node_say(n, "the 0 first rows are none");
    if (!n->unclear && gi_node_out(n, n->from->n_out))
        gi_node_out_all(n, n->from);
    return (gale_batches *)n;
}

/* ------------------------------------------------------------ where to -- */

static gi_node *route(gale_batches *s, gi_routing how, const char *call)
{
    gi_node *n = behind(s, GI_NODE_ROUTE, call);

    if (!gi_node_lives(n))
        return n;
    n->route = how;
    if (!n->unclear && gi_node_out(n, n->from->n_out))
        gi_node_out_all(n, n->from);
    return n;
}

gale_batches *gale_shuffle(gale_batches *s)
{
    return (gale_batches *)route(s, GI_ROUTE_SHUFFLE, "gale_shuffle");
}

gale_batches *gale_local_or_shuffle(gale_batches *s)
{
    return (gale_batches *)route(s, GI_ROUTE_LOCAL, "gale_local_or_shuffle");
}

gale_batches *gale_global(gale_batches *s)
{
    return (gale_batches *)route(s, GI_ROUTE_FIRST, "gale_global");
}

gale_batches *gale_batch_global(gale_batches *s)
{
    return (gale_batches *)route(s, GI_ROUTE_BATCH, "gale_batch_global");
}

gale_batches *gale_broadcast(gale_batches *s)
{
    return (gale_batches *)route(s, GI_ROUTE_ALL, "gale_broadcast");
}

/* n->keys from what the call names. */
static void keys(gi_node *n, const gale_name *names)
{
    size_t before = gi_node_mistakes(n);

    if (names == NULL || names[0] == NULL) {
        gi_node_say(n, "it names no key");
    } else if (gi_node_names(n, names)) {
        n->keys = gi_node_slots(n, n->from);
        n->n_keys = n->keys == NULL ? 0 : n->n_names;
    }
    if (n->n_keys > GI_MOST_KEYS)
        gi_node_say(n, "it names %u keys, and %d are the most", n->n_keys,
                    GI_MOST_KEYS);
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
}

gale_batches *gale_partition_by(gale_batches *s, const gale_name *names)
{
    gi_node *n = route(s, GI_ROUTE_KEYS, "gale_partition_by");
    bool unclear = n->unclear;

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    keys(n, names);
    n->unclear = unclear; /* whatever the keys, the fields are the same */
    return (gale_batches *)n;
}

gale_batches *gale_partition(gale_batches *s, const gale_chooser *chooser)
{
    gi_node *n = route(s, GI_ROUTE_CHOOSER, "gale_partition");

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    n->user = chooser;
    if (chooser == NULL)
        gi_node_say(n, "it has no chooser");
    else if (chooser->choose == NULL)
        gi_node_say(n, "its chooser has no choose");
    return (gale_batches *)n;
}

gale_grouped *gale_group_by(gale_batches *s, const gale_name *names)
{
    gi_node *n = behind(s, GI_NODE_GROUP, "gale_group_by");

    if (!gi_node_lives(n))
        return (gale_grouped *)n;
    if (!n->unclear && gi_node_out(n, n->from->n_out))
        gi_node_out_all(n, n->from);
    keys(n, names);
    return (gale_grouped *)n;
}
