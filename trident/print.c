/* print.c -- a program in words: each part with its steps, what it reads and
 * sends, and what is promised of each state. */
#include <inttypes.h>

#include "base/strbuf.h"
#include "trident/build.h"
#include "trident/request_spout.h"

static void put_fields(gi_strbuf *to, const gale_field *f, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        gi_strbuf_printf(to, "%s%s", i == 0 ? "" : ", ", f[i].name);
        if (f[i].type != GALE_T_ANY)
            gi_strbuf_printf(to, " %s", gale_type_name((uint32_t)f[i].type));
    }
}

/* ------------------------------------------------- what a step looks at -- */

/* The step that `op` reads at that port, the first of several; NULL: none. */
static const gi_op *read_by(const gi_part *p, const gi_op *op, uint32_t port)
{
    for (uint32_t i = 0; i < op->no; i++)
        for (uint32_t k = 0; k < p->ops[i].n_next; k++)
            if (p->ops[i].next[k].op == op->no &&
                p->ops[i].next[k].port == port)
                return &p->ops[i];
    return NULL;
}

static void put_slots(gi_strbuf *to, const char *before, const gi_op *from,
                      const uint32_t *slots, uint32_t n)
{
    for (uint32_t i = 0; from != NULL && i < n; i++)
        gi_strbuf_printf(to, "%s%s", i == 0 ? before : ", ",
                         from->out[slots[i]].name);
}

/* " <- 1, 3" where that is not the step above. */
static void put_reads(gi_strbuf *to, const gi_part *p, const gi_op *op)
{
    uint32_t n = 0, last = 0;
    gi_strbuf list = { 0 };

    for (uint32_t i = 0; i < op->no; i++)
        for (uint32_t k = 0; k < p->ops[i].n_next; k++)
            if (p->ops[i].next[k].op == op->no) {
                gi_strbuf_printf(&list, "%s%u", n == 0 ? "" : ", ", i + 1);
                last = i;
                n++;
            }
    if (n > 1 || (n == 1 && last + 1 != op->no))
        gi_strbuf_printf(to, " <- %s", list.failed ? "" : list.at);
    to->failed = to->failed || list.failed;
    gi_strbuf_fini(&list);
}

/* --------------------------------------------------------------- words -- */

static const char *kind_word(const gi_op *op)
{
    static const char *const words[GI_OP_KINDS] = {
        [GI_OP_SOURCE] = "source",   [GI_OP_ENTRY] = "rows",
        [GI_OP_EACH] = "each",       [GI_OP_MAP] = "map",
        [GI_OP_WHERE] = "where",     [GI_OP_PEEK] = "peek",
        [GI_OP_PROJECT] = "project", [GI_OP_FOLD] = "fold",
        [GI_OP_FOLD_BY] = "fold",    [GI_OP_FIRST_N] = "first",
        [GI_OP_JOIN] = "join",       [GI_OP_PERSIST] = "keep",
        [GI_OP_UPDATE] = "update",   [GI_OP_QUERY] = "ask",
        [GI_OP_RETURN] = "return",   [GI_OP_SEND] = "send",
        [GI_OP_PANE] = "pane",       [GI_OP_WINDOW] = "window",
        [GI_OP_LATE] = "late rows",
    };

    return words[op->kind];
}

static const char *how_word(gi_fold_how how)
{
    switch (how) {
    case GI_FOLD_PARTIAL:
        return ", as far as rows are here";
    case GI_FOLD_MERGE:
        return ", of what was folded there";
    case GI_FOLD_WHOLE:
        break;
    }
    return "";
}

static const char *spout_word(gale_spout_kind kind)
{
    switch (kind) {
    case GALE_SPOUT_OPAQUE:
        return "opaque";
    case GALE_SPOUT_NON_TRANSACTIONAL:
        return "non-transactional";
    case GALE_SPOUT_TRANSACTIONAL:
        break;
    }
    return "transactional";
}

static const char *state_word(gale_state_kind kind)
{
    switch (kind) {
    case GALE_STATE_TRANSACTIONAL:
        return "transactional";
    case GALE_STATE_NON_TRANSACTIONAL:
        return "non-transactional";
    case GALE_STATE_OPAQUE:
        break;
    }
    return "opaque";
}

static const char *join_word(gale_join_kind kind)
{
    switch (kind) {
    case GALE_JOIN_LEFT:
        return " (left)";
    case GALE_JOIN_RIGHT:
        return " (right)";
    case GALE_JOIN_FULL:
        return " (full)";
    case GALE_JOIN_INNER:
        break;
    }
    return "";
}

/* Who of the readers gets a row. */
static void put_way(gi_strbuf *to, const gi_program *p, const gi_part *from,
                    const gi_op *op)
{
    static const char *const words[] = {
        [GALE_GROUP_SHUFFLE] = ", in turn",
        [GALE_GROUP_ALL] = ", all of it",
        [GALE_GROUP_GLOBAL] = ", its first task",
        [GALE_GROUP_LOCAL] = ", to one nearby",
        [GALE_GROUP_CUSTOM] = "",
    };
    const char *stream = gi_home_of(from)->streams[op->stream - 1].name;
    size_t n = p->topology.components.n;

    switch (op->send) {
    case GI_SEND_KEYS:
        put_slots(to, " by ", op, op->keys, op->n_keys);
        return;
    case GI_SEND_BATCH:
        gi_strbuf_puts(to, ", one task a batch");
        return;
    case GI_SEND_CHOOSER:
        gi_strbuf_puts(to, ", as its chooser says");
        return;
    case GI_SEND_GROUPING:
        break;
    }
    for (const gale_component *c = p->topology.components.at; n-- > 0; c++)
        for (const gale_input *in = c->inputs; in != NULL && in->from != NULL;
             in++)
            if (in->from == from->name && in->stream == stream)
                gi_strbuf_puts(to, words[in->how]);
}

static void put_window(gi_strbuf *to, const gi_windows *o)
{
    const char *unit = o->by_rows ? "row" : "ms";
    const char *many = o->by_rows && o->w.length != 1 ? "s" : "";

    gi_strbuf_printf(to, ", of %" PRId64 " %s%s", o->w.length, unit, many);
    if (o->w.slide != o->w.length)
        gi_strbuf_printf(to, " every %" PRId64 " %s%s", o->w.slide, unit,
                         o->by_rows && o->w.slide != 1 ? "s" : "");
    if (!o->by_rows)
        gi_strbuf_puts(to, o->clock.of_rows ? " of the time of rows"
                                            : " of the time of batches");
    if (o->clock.lateness > 0)
        gi_strbuf_printf(to, ", %" PRId64 " ms late at most",
                         o->clock.lateness);
    if (o->clock.idle > 0)
        gi_strbuf_printf(to, ", by the clock after %" PRId64 " ms",
                         o->clock.idle);
}

/* --------------------------------------------------------------- steps -- */

static void put_what(gi_strbuf *to, const gi_program *p, const gi_part *part,
                     const gi_op *op)
{
    const gi_op *from = read_by(part, op, 0);
    const gale_batch_spout *spout = op->user;

    switch (op->kind) {
    case GI_OP_SOURCE:
        gi_strbuf_printf(to, " '%s', %s", op->id,
                         op->user == &gi_request_source
                             ? "requests"
                             : spout_word(spout->kind));
        break;
    case GI_OP_EACH:
    case GI_OP_MAP:
    case GI_OP_WHERE:
    case GI_OP_PEEK:
    case GI_OP_RETURN:
        put_slots(to, " of ", from, op->in, op->n_in);
        break;
    case GI_OP_FOLD:
    case GI_OP_FOLD_BY:
        put_slots(to, " by ", from, op->keys, op->n_keys);
        gi_strbuf_puts(to, how_word(op->how));
        break;
    case GI_OP_FIRST_N:
        gi_strbuf_printf(to, " %u", op->first_n);
        put_slots(to, op->largest ? " by largest " : " by ", from, op->in,
                  op->n_in);
        break;
    case GI_OP_JOIN:
        put_slots(to, " by ", from, op->keys, op->n_keys);
        put_slots(to, " and ", read_by(part, op, 1), op->right_keys,
                  op->n_keys);
        gi_strbuf_puts(to, join_word(op->join));
        break;
    case GI_OP_PERSIST:
        gi_strbuf_printf(to, " '%s'", op->id);
        put_slots(to, " by ", from, op->keys, op->n_keys);
        gi_strbuf_puts(to, how_word(op->how));
        break;
    case GI_OP_PANE:
        put_slots(to, " of ", from, &op->window.time, 1);
        break;
    case GI_OP_WINDOW:
        gi_strbuf_printf(to, " '%s'", op->id);
        put_slots(to, " by ", from,
                  op->keys + (op->n_keys - op->window.n_keys),
                  op->window.n_keys);
        put_window(to, &op->window);
        gi_strbuf_puts(to, how_word(op->how));
        break;
    case GI_OP_LATE:
        gi_strbuf_printf(to, " of '%s'", op->id);
        break;
    case GI_OP_UPDATE:
    case GI_OP_QUERY:
        gi_strbuf_printf(to, " '%s'", op->id);
        put_slots(to, op->kind == GI_OP_QUERY ? " by " : " with ", from,
                  op->in, op->n_in);
        break;
    case GI_OP_SEND:
        gi_strbuf_printf(to, " to '%s'", op->id);
        put_way(to, p, part, op);
        break;
    case GI_OP_ENTRY:
        for (uint32_t i = 0; i < part->n_inlets; i++)
            if (part->inlets[i].op == op->no)
                gi_strbuf_printf(to, " of '%s'",
                                 p->parts[part->inlets[i].part].name);
        break;
    case GI_OP_PROJECT:
    case GI_OP_KINDS:
        break;
    }
}

static void put_part(gi_strbuf *to, const gi_program *p, const gi_part *part)
{
    const gi_part *first = &p->parts[gi_home_of(part)->parts[0]];

    gi_strbuf_printf(to, "\n%s%s: %u task%s%s%s", part == first ? "" : "in ",
                     part->name, part->tasks, part->tasks == 1 ? "" : "s",
                     part->commits ? ", commits" : "",
                     part->late ? ", late" : "");
    if (part->group != first->group)
        gi_strbuf_printf(to, ", led by '%s'", p->groups[part->group].name);
    gi_strbuf_putc(to, '\n');
    for (uint32_t i = 0; i < part->n_ops; i++) {
        const gi_op *op = &part->ops[i];

        gi_strbuf_printf(to, "  %2u  %s", i + 1, kind_word(op));
        put_what(to, p, part, op);
        put_reads(to, part, op);
        if (op->kind != GI_OP_SEND && op->n_out > 0) {
            gi_strbuf_puts(to, ": ");
            put_fields(to, op->out, op->n_out);
        }
        gi_strbuf_putc(to, '\n');
    }
}

/* ------------------------------------------------------------ promises -- */

static void put_promise(gi_strbuf *to, const gi_program *p,
                        const gi_promise *s)
{
    gi_strbuf_printf(to, "  %s, %s, in '%s' (%s): ", s->state,
                     state_word(s->kind), p->parts[s->part].name,
                     s->store->name == NULL ? "a store" : s->store->name);
    if (s->once && s->store->durable && p->store->durable)
        gi_strbuf_puts(to, "exactly once\n");
    else if (s->once)
        gi_strbuf_puts(to, "exactly once while its process lives\n");
    else if (s->again_from != NULL)
        gi_strbuf_printf(to,
                         "not exactly once, since a batch that is done again "
                         "may come otherwise out of %s%s\n",
                         s->again_from,
                         s->kind == GALE_STATE_TRANSACTIONAL
                             ? " (an opaque state bears that)"
                             : "");
    else
        gi_strbuf_printf(to, "not exactly once, since stream '%s' is %s%s\n",
                         s->source, spout_word(s->spout),
                         s->kind != GALE_STATE_OPAQUE &&
                                 s->spout != GALE_SPOUT_NON_TRANSACTIONAL
                             ? " (an opaque state bears that)"
                             : "");
}

char *gi_program_print(const gi_program *p)
{
    gi_strbuf to = { 0 };

    gi_strbuf_printf(&to, "%s: %u component%s", p->name, p->n_homes,
                     p->n_homes == 1 ? "" : "s");
    for (uint32_t i = 0; i < p->n_groups; i++)
        gi_strbuf_printf(&to, "%s '%s'", i == 0 ? ", led by" : " and",
                         p->groups[i].name);
    gi_strbuf_putc(&to, '\n');
    for (uint32_t i = 0; i < p->n_parts; i++)
        put_part(&to, p, &p->parts[i]);
    if (p->n_promises > 0)
        gi_strbuf_puts(&to, "\nstates\n");
    for (uint32_t i = 0; i < p->n_promises; i++)
        put_promise(&to, p, &p->promises[i]);
    if (p->n_notes > 0)
        gi_strbuf_puts(&to, "\nnotes\n");
    for (uint32_t i = 0; i < p->n_notes; i++)
        gi_strbuf_printf(&to, "  %s\n", p->notes[i]);
    return gi_strbuf_take(&to);
}
