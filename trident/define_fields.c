/* define_fields.c -- the fields of rows: names become slots, and what comes of
 * a step is put together. */
#include <string.h>

#include "trident/graph.h"

static uint32_t find(const gi_node *of, const char *name)
{
    uint32_t i = 0;

    while (i < of->n_out && strcmp(of->out[i].name, name) != 0)
        i++;
    return i;
}

uint32_t *gi_node_slots(gi_node *n, const gi_node *from)
{
    uint32_t *slots = gi_node_take(n, (size_t)n->n_names + 1, sizeof(*slots));

    for (uint32_t i = 0; slots != NULL && i < n->n_names; i++) {
        uint32_t twice = 0;

        while (strcmp(n->names[twice], n->names[i]) != 0)
            twice++;
        if (twice < i)
            gi_node_say(n, "it names '%s' twice", gi_text_name(n->names[i]).s);
        if (twice < i || from->unclear)
            continue;
        slots[i] = find(from, n->names[i]);
        if (slots[i] < from->n_out)
            continue;
        gi_node_say(n, "'%s' is not a field of what it reads%s",
                    gi_text_name(n->names[i]).s,
                    gi_text_hint(from, n->names[i]).s);
        slots[i] = 0;
    }
    return slots;
}

uint32_t *gi_node_slots_of(gi_node *n, const gi_node *from,
                           const gale_name *names, uint32_t *count)
{
    const char **were = n->names;
    uint32_t n_were = n->n_names, *slots = NULL;

    n->names = NULL;
    n->n_names = 0;
    if (gi_node_names(n, names))
        slots = gi_node_slots(n, from);
    *count = slots == NULL ? 0 : n->n_names;
    n->names = were;
    n->n_names = n_were;
    return slots;
}

void gi_node_in(gi_node *n, const gale_name *in)
{
    if (in != NULL) {
        if (gi_node_names(n, in))
            n->in = gi_node_slots(n, n->from);
        n->n_in = n->in == NULL ? 0 : n->n_names;
        return;
    }
    n->in = gi_node_take(n, (size_t)n->from->n_out + 1, sizeof(*n->in));
    n->n_in = n->in == NULL ? 0 : n->from->n_out;
    for (uint32_t i = 0; i < n->n_in; i++)
        n->in[i] = i;
}

/* ---------------------------------------------------------- what comes -- */

uint32_t gi_node_count_fields(const gale_field *f)
{
    uint32_t n = 0;

    while (f != NULL && f[n].name != NULL && n <= GI_MOST_FIELDS)
        n++;
    return n;
}

bool gi_node_out(gi_node *n, uint32_t more)
{
    n->n_out = 0;
    if (more > GI_MOST_FIELDS) {
        gi_node_say(n,
                    "its rows would have more than %d fields, or they do not "
                    "end with {0}",
                    GI_MOST_FIELDS);
        n->unclear = true;
        return false;
    }

    gale_field *out = gi_node_take(n, (size_t)more + 1, sizeof(*out));
    if (out != NULL)
        n->out = out;
    return out != NULL;
}

void gi_node_out_add(gi_node *n, const char *name, gale_type type)
{
    uint32_t at;

    if (!gi_node_check_name(n, "the field", name)) {
        n->unclear = true;
        return;
    }
    if ((uint32_t)type > GALE_T_MAP) {
        gi_node_say(n, "the field '%s' has type %u, which is none (0 to %d)",
                    gi_text_name(name).s, (unsigned)type, GALE_T_MAP);
        type = GALE_T_ANY;
    }
    at = find(n, name);
    if (at < n->n_out) {
        gi_node_say(n, "its rows would have two fields '%s'",
                    gi_text_name(name).s);
        n->unclear = true;
        return;
    }
    name = gi_node_text(n, name);
    if (name != NULL)
        n->out[n->n_out++] = (gale_field){ name, type };
}

void gi_node_out_all(gi_node *n, const gi_node *from)
{
    for (uint32_t i = 0; i < from->n_out; i++)
        gi_node_out_add(n, from->out[i].name, from->out[i].type);
}

void gi_node_out_fields(gi_node *n, const gale_field *f)
{
    for (uint32_t i = 0; f != NULL && f[i].name != NULL; i++)
        gi_node_out_add(n, f[i].name, f[i].type);
}
