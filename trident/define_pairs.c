/* define_pairs.c -- two streams become one: merged, or joined. */
#include "trident/graph.h"

static gi_node *pair(gale_batches *a, gale_batches *b, gi_node_kind kind,
                     const char *call)
{
    gi_node *left = (gi_node *)a, *right = (gi_node *)b;
    gale_trident *t = left != NULL ? left->t : NULL;
    gi_node *n;

    if (t == NULL && right != NULL)
        t = right->t;
    n = gi_node_add(t, kind, call, left, right);
    if (!gi_node_lives(n))
        return n;
    if (left == NULL || right == NULL) {
        gi_node_say(n, "the %s stream is NULL",
                    left == NULL ? "first" : "second");
        n->unclear = true;
    }
    return n;
}

/* Can rows of both types be told to have the same one? */
static bool same_type(gale_type a, gale_type b)
{
    return a == b || a == GALE_T_ANY || b == GALE_T_ANY;
}

/* ------------------------------------------------------------- merging -- */

gale_batches *gale_merge(gale_batches *a, gale_batches *b)
{
    gi_node *n = pair(a, b, GI_NODE_MERGE, "gale_merge");
    const gi_node *l, *r;

    if (n->unclear || !gi_node_out(n, n->from->n_out))
        return (gale_batches *)n;
    l = n->from;
    r = n->right;
    if (l->n_out != r->n_out)
        gi_node_say(n, "one stream has %u field%s and the other %u", l->n_out,
                    l->n_out == 1 ? "" : "s", r->n_out);
    for (uint32_t i = 0; i < l->n_out; i++) {
        gale_type type = l->out[i].type;

        if (i < r->n_out && !same_type(type, r->out[i].type))
            gi_node_say(n,
                        "field number %u is '%s', of type %s, in the one and "
                        "'%s', of type %s, in the other",
                        i + 1, gi_text_name(l->out[i].name).s,
                        gale_type_name((uint32_t)type),
                        gi_text_name(r->out[i].name).s,
                        gale_type_name((uint32_t)r->out[i].type));
        if (i < r->n_out && type != r->out[i].type)
            type = GALE_T_ANY;
        gi_node_out_add(n, l->out[i].name, type);
    }
    return (gale_batches *)n;
}

/* ------------------------------------------------------------- joining -- */

static bool is_key(const uint32_t *keys, uint32_t n_keys, uint32_t slot)
{
    for (uint32_t i = 0; i < n_keys; i++)
        if (keys[i] == slot)
            return true;
    return false;
}

/* The fields of one side beside its keys; a side that may be missing has nil
 * in them, so their type can no longer be promised. */
static void add_others(gi_node *n, const gi_node *side, const uint32_t *keys,
                       bool optional)
{
    for (uint32_t i = 0; i < side->n_out; i++)
        if (!is_key(keys, n->n_keys, i))
            gi_node_out_add(n, side->out[i].name,
                            optional ? GALE_T_ANY : side->out[i].type);
}

static void check_keys(gi_node *n, uint32_t n_right)
{
    if (n->n_keys == 0 && n_right == 0)
        gi_node_say(n, "it names no key");
    else if (n->n_keys != n_right)
        gi_node_say(n, "one side has %u key%s and the other %u", n->n_keys,
                    n->n_keys == 1 ? "" : "s", n_right);
    if (n->n_keys > GI_MOST_KEYS)
        gi_node_say(n, "it names %u keys, and %d are the most", n->n_keys,
                    GI_MOST_KEYS);
    for (uint32_t i = 0; i < n->n_keys && i < n_right && !n->unclear; i++) {
        const gale_field *a = &n->from->out[n->keys[i]];
        const gale_field *b = &n->right->out[n->right_keys[i]];

        if (!same_type(a->type, b->type))
            gi_node_say(
                n, "its key '%s' is of type %s, and '%s' of type %s",
                gi_text_name(a->name).s, gale_type_name((uint32_t)a->type),
                gi_text_name(b->name).s, gale_type_name((uint32_t)b->type));
    }
}

gale_batches *gale_join(gale_batches *a, const gale_name *a_keys,
                        gale_batches *b, const gale_name *b_keys,
                        gale_join_kind how)
{
    gi_node *n = pair(a, b, GI_NODE_JOIN, "gale_join");
    size_t before = gi_node_mistakes(n);
    uint32_t n_right = 0;

    if (!gi_node_lives(n) || n->from == NULL || n->right == NULL)
        return (gale_batches *)n;
    n->join = how;
    if (gi_node_names(n, a_keys))
        n->keys = gi_node_slots(n, n->from);
    if ((uint32_t)how > GALE_JOIN_FULL)
        gi_node_say(n, "it is of kind %u, which is none (0 to %d)",
                    (unsigned)how, GALE_JOIN_FULL);
    n->n_keys = n->keys == NULL ? 0 : n->n_names;
    n->right_keys = gi_node_slots_of(n, n->right, b_keys, &n_right);
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
    check_keys(n, n_right);
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
    if (n->unclear || !gi_node_out(n, n->from->n_out + n->right->n_out))
        return (gale_batches *)n;
    for (uint32_t i = 0; i < n->n_keys; i++) {
        const gale_field *l = &n->from->out[n->keys[i]];
        const gale_field *r = &n->right->out[n->right_keys[i]];

        gi_node_out_add(n, l->name, l->type == r->type ? l->type : GALE_T_ANY);
    }
    add_others(n, n->from, n->keys,
               how == GALE_JOIN_RIGHT || how == GALE_JOIN_FULL);
    add_others(n, n->right, n->right_keys,
               how == GALE_JOIN_LEFT || how == GALE_JOIN_FULL);
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
    return (gale_batches *)n;
}
