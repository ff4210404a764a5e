/* lying.h -- do rows lie in the tasks where steps need them? */
#ifndef TEST_TRIDENT_LYING_H
#define TEST_TRIDENT_LYING_H

#include "programs.h"

#define CHECK(what) \
    cr_assert(what, "seed %llu: %s", (unsigned long long)seed, #what)

static uint64_t seed;

typedef enum where {
    BY_KEYS,  /* the task of these very keys */
    BY_SOME,  /* or of some of them */
    TOGETHER, /* all of a batch in one task */
} where;

static bool lies(const gi_program *g, const gi_part *p, const gi_op *op,
                 uint32_t port, const uint32_t *slots, uint32_t n, where how);

static bool has(const uint32_t *slots, uint32_t n, uint32_t slot)
{
    for (uint32_t i = 0; i < n; i++)
        if (slots[i] == slot)
            return true;
    return false;
}

static bool sent_so(const gi_program *g, const gi_part *p, const gi_op *send,
                    const uint32_t *slots, uint32_t n, where how)
{
    bool global = false;

    (void)p;
    for (size_t i = 0; i < g->topology.components.n; i++) {
        const gale_component *c = &g->topology.components.at[i];

        for (const gale_input *in = c->inputs; in != NULL && in->from != NULL;
             in++)
            if (in->from == p->name && in->stream != NULL &&
                strcmp(in->stream,
                       gi_home_of(p)->streams[send->stream - 1].name) == 0)
                global = in->how == GALE_GROUP_GLOBAL;
    }
    if (send->send == GI_SEND_BATCH || global)
        return how != BY_KEYS || (n == 0 && global);
    if (send->send != GI_SEND_KEYS || how == TOGETHER)
        return false;
    for (uint32_t i = 0; i < send->n_keys; i++)
        if (how == BY_KEYS ? i >= n || slots[i] != send->keys[i]
                           : !has(slots, n, send->keys[i]))
            return false;
    return how != BY_KEYS || n == send->n_keys;
}

/* Rows that come out of `op`. */
static bool come(const gi_program *g, const gi_part *p, const gi_op *op,
                 const uint32_t *slots, uint32_t n, where how)
{
    uint32_t was[GI_MOST_FIELDS], m = 0;
    bool right = true;

    if (op->kind == GI_OP_ENTRY) {
        for (uint32_t i = 0; i < p->n_inlets; i++) {
            const gi_part *from = &g->parts[p->inlets[i].part];

            for (uint32_t k = 0; p->inlets[i].op == op->no && k < from->n_ops;
                 k++)
                if (from->ops[k].kind == GI_OP_SEND &&
                    from->ops[k].stream == p->inlets[i].stream &&
                    !sent_so(g, from, &from->ops[k], slots, n, how))
                    return false;
        }
        return true;
    }
    if (op->kind == GI_OP_SOURCE)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t to = slots[i];

        if (op->kind == GI_OP_PROJECT)
            to = op->in[to];
        else if (op->kind == GI_OP_FOLD_BY || op->kind == GI_OP_PERSIST ||
                 op->kind == GI_OP_JOIN) {
            if (to >= op->n_keys && how == BY_KEYS)
                return false;
            if (to >= op->n_keys)
                continue;
            to = op->keys[to];
        } else if (to >= op->n_row) {
            if (how == BY_KEYS)
                return false;
            continue;
        } else if (op->kind == GI_OP_MAP || op->kind == GI_OP_FOLD ||
                   op->kind == GI_OP_UPDATE) {
            if (how == BY_KEYS)
                return false;
            continue;
        }
        was[m++] = to;
    }
    if (op->kind == GI_OP_JOIN) {
        uint32_t other[GI_MOST_FIELDS], o = 0;

        for (uint32_t i = 0; i < n; i++)
            if (slots[i] < op->n_keys)
                other[o++] = op->right_keys[slots[i]];
        right = lies(g, p, op, 1, other, o, how);
    }
    return right && lies(g, p, op, 0, was, m, how);
}

/* Rows that come to `op` at that port. */
static bool lies(const gi_program *g, const gi_part *p, const gi_op *op,
                 uint32_t port, const uint32_t *slots, uint32_t n, where how)
{
    if (p->tasks == 1)
        return true;
    for (uint32_t i = 0; i < op->no; i++)
        for (uint32_t k = 0; k < p->ops[i].n_next; k++)
            if (p->ops[i].next[k].op == op->no &&
                p->ops[i].next[k].port == port &&
                !come(g, p, &p->ops[i], slots, n, how))
                return false;
    return true;
}

static void check_meeting(const gi_program *g, const gi_part *p,
                          const gi_op *op)
{
    bool together;

    switch (op->kind) {
    case GI_OP_PERSIST:
        CHECK(lies(g, p, op, 0, op->keys, op->n_keys, BY_KEYS));
        break;
    case GI_OP_QUERY:
        CHECK(lies(g, p, op, 0, op->in, op->n_in, BY_KEYS));
        break;
    case GI_OP_FOLD_BY:
        CHECK(op->how == GI_FOLD_PARTIAL ||
              lies(g, p, op, 0, op->keys, op->n_keys, BY_SOME));
        break;
    case GI_OP_FOLD:
        CHECK(op->at == GI_FOLD_AT_EACH ||
              lies(g, p, op, 0, NULL, 0, TOGETHER));
        CHECK(op->how != GI_FOLD_MERGE || op->at != GI_FOLD_AT_EACH);
        break;
    case GI_OP_JOIN:
        together = lies(g, p, op, 0, NULL, 0, TOGETHER) &&
                   lies(g, p, op, 1, NULL, 0, TOGETHER);
        CHECK(together ||
              (lies(g, p, op, 0, op->keys, op->n_keys, BY_KEYS) &&
               lies(g, p, op, 1, op->right_keys, op->n_keys, BY_KEYS)));
        break;
    default:
        break;
    }
}

#endif
