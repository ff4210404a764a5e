/* plan_dot.c -- a plan as a picture, drawn by Graphviz. */
#include "base/strbuf.h"
#include "topology/plan.h"

/* A name between quotes: two characters would end it or mean something. */
static void put_escaped(gi_strbuf *b, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            gi_strbuf_putc(b, '\\');
        gi_strbuf_putc(b, *s);
    }
}

/* In a label, beside those, &lt; and its like are read as characters. */
static void put_label(gi_strbuf *b, const char *s)
{
    for (; *s != '\0'; s++)
        if (*s == '&')
            gi_strbuf_puts(b, "&amp;");
        else
            put_escaped(b, (const char[]){ *s, '\0' });
}

static void put_node(gi_strbuf *b, const gi_comp *c)
{
    gi_strbuf_puts(b, "    \"");
    put_escaped(b, c->id);
    gi_strbuf_printf(b, "\" [shape=%s, label=\"", c->is_spout ? "cds" : "box");
    put_label(b, c->id);
    gi_strbuf_printf(b, "\\n%u task%s\"];\n", c->n_tasks,
                     c->n_tasks == 1 ? "" : "s");
}

/* Edges within a cycle are dashed: what flows there comes round again. */
static void put_edge(gi_strbuf *b, const gi_plan *p, const gi_edge *e)
{
    const gi_stream *s = &p->streams[e->stream];

    gi_strbuf_puts(b, "    \"");
    put_escaped(b, p->comps[s->comp].id);
    gi_strbuf_puts(b, "\" -> \"");
    put_escaped(b, p->comps[e->to].id);
    gi_strbuf_puts(b, "\" [label=\"");
    put_label(b, s->name);
    gi_strbuf_printf(b, "\\n%s", gi_grouping_name(e->how));
    for (uint32_t i = 0; i < e->n_keys; i++) {
        gi_strbuf_puts(b, i == 0 ? "(" : ", ");
        put_label(b, s->fields[e->keys[i]].name);
    }
    gi_strbuf_printf(b, "%s\"%s];\n", e->n_keys > 0 ? ")" : "",
                     e->inner ? ", style=dashed" : "");
}

char *gi_plan_dot(const gi_plan *p)
{
    gi_strbuf b = { 0 };

    gi_strbuf_puts(&b, "digraph \"");
    put_escaped(&b, p->name);
    gi_strbuf_puts(&b, "\" {\n"
                       "    rankdir=LR;\n"
                       "    node [fontname=\"sans-serif\"];\n"
                       "    edge [fontname=\"sans-serif\", fontsize=10];\n");
    for (uint32_t i = 0; i < p->n_comps; i++)
        put_node(&b, &p->comps[i]);
    for (uint32_t i = 0; i < p->n_edges; i++)
        put_edge(&b, p, &p->edges[i]);
    gi_strbuf_puts(&b, "}\n");
    return gi_strbuf_take(&b);
}
