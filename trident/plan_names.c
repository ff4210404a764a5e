/* plan_names.c -- components get names that a person can tell them by: the
 * one that was given, that of a stream or a state, or what is done there. */
#include <stdio.h>
#include <string.h>

#include "trident/plan.h"

enum { LONGEST = 60 }; /* of a name that was not given */

typedef struct name {
    char s[128];
} name;

static bool taken(const gi_lowering *l, const char *id)
{
    for (uint32_t i = 0; i < l->p->n_parts; i++)
        if (l->p->parts[i].name != NULL &&
            strcmp(l->p->parts[i].name, id) == 0)
            return true;
    for (uint32_t i = 0; i < l->p->n_groups; i++)
        if (l->p->groups[i].name != NULL &&
            strcmp(l->p->groups[i].name, id) == 0)
            return true;
    return false;
}

/* `id`, or "id-2", ... */
static const char *unique(gi_lowering *l, const char *id)
{
    const char *to = gi_keep_text(l, "%s", id);

    for (uint32_t i = 2; !l->no_memory && taken(l, to); i++)
        to = gi_keep_text(l, "%.240s-%u", id, i);
    return to;
}

static void add(name *to, const char *text)
{
    size_t at = strlen(to->s), n = strnlen(text, LONGEST);

    if (at + n > LONGEST)
        n = at < LONGEST ? LONGEST - at : 0;
    while (text[n] != '\0' && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    memcpy(to->s + at, text, n);
    to->s[at + n] = '\0';
}

static const char *kind_name(gi_op_kind kind)
{
    switch (kind) {
    case GI_OP_EACH:
        return "each";
    case GI_OP_MAP:
        return "map";
    case GI_OP_WHERE:
        return "where";
    case GI_OP_PEEK:
        return "peek";
    case GI_OP_FOLD:
    case GI_OP_FOLD_BY:
        return "fold";
    case GI_OP_FIRST_N:
        return "first";
    case GI_OP_JOIN:
        return "join";
    default:
        return NULL;
    }
}

/* "by-word-day": the keys by which rows come in. */
static bool by_keys(name *to, const gi_lop *send)
{
    const gale_field *f = send->op.out;

    if (send->op.send != GI_SEND_KEYS)
        return false;
    add(to, "by");
    for (uint32_t i = 0; i < send->op.n_keys; i++) {
        add(to, "-");
        add(to, f[send->op.keys[i]].name);
    }
    return true;
}

static const gi_lop *who_sends(const gi_lowering *l, const gi_lpart *to)
{
    for (uint32_t i = 0; i < l->n_parts; i++)
        for (const gi_lop *op = l->order[i]->ops; op != NULL; op = op->more)
            if (op->op.kind == GI_OP_SEND && op->entry->part == to)
                return op;
    return NULL;
}

static name by_work(const gi_lowering *l, const gi_lpart *p)
{
    const gi_lop *send = who_sends(l, p);
    name to = { "" };

    for (const gi_lop *op = p->ops; op != NULL; op = op->more)
        if (op->op.kind == GI_OP_JOIN) {
            add(&to, "join");
            return to;
        }
    if (p->meets) {
        add(&to, "merge");
        return to;
    }
    if (send != NULL && by_keys(&to, send))
        return to;
    for (const gi_lop *op = p->ops; op != NULL; op = op->more)
        if (kind_name(op->op.kind) != NULL) {
            add(&to, kind_name(op->op.kind));
            return to;
        }
    add(&to, "pass");
    return to;
}

/* Of the first step of such a kind. */
static const char *id_of(const gi_part *p, bool source)
{
    for (uint32_t i = 0; i < p->n_ops; i++) {
        gi_op_kind kind = p->ops[i].kind;

        if (source ? kind == GI_OP_SOURCE
                   : kind == GI_OP_PERSIST || kind == GI_OP_UPDATE ||
                         kind == GI_OP_WINDOW)
            return p->ops[i].id;
    }
    return NULL;
}

static bool is_guest(const gi_lowering *l, uint32_t i)
{
    return l->order[i]->home != l->order[i];
}

static void name_given(gi_lowering *l)
{
    for (uint32_t i = 0; i < l->n_parts; i++) {
        const char *given = l->order[i]->named;

        if (given == NULL || is_guest(l, i))
            continue;
        if (taken(l, given))
            gi_report_add(l->r, "two components are named '%s'",
                          gi_text_name(given).s);
        l->p->parts[i].name = gi_keep_text(l, "%s", given);
    }
}

/* What a group remembers is found by its name, so that must not follow from
 * the order of the calls: in the arguments of one call, compilers choose it.
 */
static const char *led_by(const gi_lowering *l, const gi_group *g)
{
    const char *least = NULL;

    for (uint32_t i = 0; i < g->n_sources; i++) {
        const gi_part *p = &l->p->parts[g->sources[i]];
        const char *id = p->ops[p->source].id;

        if (least == NULL || strcmp(id, least) < 0)
            least = id;
    }
    return least;
}

void gi_name_parts(gi_lowering *l)
{
    gi_part *parts = l->p->parts;

    name_given(l);
    for (int source = 1; source >= 0; source--)
        for (uint32_t i = 0; i < l->n_parts; i++) {
            const char *id = id_of(&parts[i], source);

            if (parts[i].name == NULL && id != NULL && !is_guest(l, i))
                parts[i].name = unique(l, id);
        }
    for (uint32_t i = 0; i < l->n_parts; i++)
        if (parts[i].name == NULL && !is_guest(l, i))
            parts[i].name = unique(l, by_work(l, l->order[i]).s);
    for (uint32_t i = 0; i < l->n_parts; i++)
        parts[i].name = parts[l->order[i]->home->no].name;
    for (uint32_t i = 0; i < l->p->n_groups && !l->no_memory; i++) {
        gi_group *g = &l->p->groups[i];

        g->name = unique(l, gi_keep_text(l, "%.240s-batches", led_by(l, g)));
    }
}
