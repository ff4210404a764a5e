/* plan_text.c -- a plan for people: one line a component, what it emits on
 * the right, what it reads below, and the settings that somebody chose. */
#include <stdio.h>

#include "base/scalar.h"
#include "base/settings.h"
#include "base/strbuf.h"
#include "topology/plan.h"

enum { WIDTH = 80, MARGIN = 2, GAP = 3, KIND = 5, MAX_ID = 20 };

typedef struct page {
    gi_strbuf text;
    unsigned col;
    unsigned id, tasks; /* widths of the first and the third column */
} page;

/* --------------------------------------------------------- typesetting -- */

/* Where a letter (UTF-8) begins; the other bytes of it take no room. */
static bool is_letter(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

static unsigned width(const char *s, size_t n)
{
    unsigned w = 0;

    for (size_t i = 0; i < n; i++)
        w += is_letter(s[i]);
    return w;
}

static void new_line(page *pg)
{
    gi_strbuf_putc(&pg->text, '\n');
    pg->col = 0;
}

static void pad_to(page *pg, unsigned col)
{
    for (; pg->col < col; pg->col++)
        gi_strbuf_putc(&pg->text, ' ');
}

/* One word, broken where the line ends if it is longer than any line. */
static void put(page *pg, const char *s, size_t n, unsigned indent)
{
    for (size_t i = 0; i < n; i++) {
        if (is_letter(s[i]) && pg->col == WIDTH) {
            new_line(pg);
            pad_to(pg, indent);
        }
        gi_strbuf_putc(&pg->text,
                       (unsigned char)s[i] < ' ' || s[i] == 0x7f ? '?' : s[i]);
        pg->col += is_letter(s[i]);
    }
}

/* Text from column `indent` on to the end of the line; words that do not fit
 * go to the lines below, `hang` columns further in. */
static void flow(page *pg, const char *s, unsigned indent, unsigned hang)
{
    pad_to(pg, indent);
    indent += hang;
    for (bool first = true; *s != '\0'; first = false) {
        size_t n = strcspn(s, " \n");

        if (!first && pg->col + 1 + width(s, n) > WIDTH) {
            new_line(pg);
            pad_to(pg, indent);
        } else if (!first) {
            put(pg, " ", 1, indent);
        }
        put(pg, s, n, indent);
        s += n + (s[n] != '\0');
    }
    new_line(pg);
}

/* The same with a text that was put together for it; empties it. */
static void flow_out(page *pg, gi_strbuf *b, unsigned indent)
{
    enum { HANG = 2 };

    pg->text.failed = pg->text.failed || b->failed;
    if (b->len > 0)
        flow(pg, b->at, indent, HANG);
    gi_strbuf_fini(b);
}

/* --------------------------------------------------------- components -- */

static int count_text(char *to, size_t size, uint32_t n, const char *what)
{
    return snprintf(to, size, "%u %s%s", n, what, n == 1 ? "" : "s");
}

static bool is_declared(const gi_comp *c, const gi_stream *s)
{
    const gale_field *output = c->is_spout ? c->spout.output : c->bolt.output;

    return s->no > c->first_stream || output != NULL;
}

/* "default(word: str, count: i64)" */
static void put_stream(page *pg, const gi_stream *s, unsigned indent)
{
    gi_strbuf b = { 0 };

    gi_strbuf_printf(&b, "%s(", s->name);
    for (uint32_t i = 0; i < s->n_fields; i++) {
        gi_strbuf_printf(&b, "%s%s", i == 0 ? "" : ", ", s->fields[i].name);
        if (s->fields[i].type != GALE_T_ANY)
            gi_strbuf_printf(&b, ": %s", gale_type_name(s->fields[i].type));
    }
    gi_strbuf_puts(&b, s->direct ? ") direct" : ")");
    flow_out(pg, &b, indent);
}

/* What is out of the ordinary about it. */
static void put_notes(page *pg, const gi_comp *c, unsigned indent)
{
    gi_strbuf b = { 0 };
    const char *comma = "";

    if (c->n_executors != c->n_tasks) {
        gi_strbuf_printf(&b, "%u executor%s", c->n_executors,
                         c->n_executors == 1 ? "" : "s");
        comma = ", ";
    }
    if (c->tick_ms > 0) {
        gi_strbuf_printf(&b, "%sticks every %u ms", comma, c->tick_ms);
        comma = ", ";
    }
    if (c->blocking) {
        gi_strbuf_printf(&b, "%sblocking", comma);
        comma = ", ";
    }
    if (c->fused) {
        gi_strbuf_printf(&b, "%sfused", comma);
        comma = ", ";
    }
    if (c->in_cycle)
        gi_strbuf_printf(&b, "%sin a cycle", comma);
    flow_out(pg, &b, indent);
}

/* "reads split by fields(word)", "reads odd of split by all" */
static void put_edge(page *pg, const gi_plan *p, const gi_edge *e,
                     unsigned indent)
{
    const gi_stream *s = &p->streams[e->stream];
    const gi_comp *from = &p->comps[s->comp];
    gi_strbuf b = { 0 };

    gi_strbuf_puts(&b, "reads ");
    if (s->no != from->first_stream)
        gi_strbuf_printf(&b, "%s of ", s->name);
    gi_strbuf_printf(&b, "%s by %s", from->id, gi_grouping_name(e->how));
    for (uint32_t i = 0; i < e->n_keys; i++)
        gi_strbuf_printf(&b, "%s%s", i == 0 ? "(" : ", ",
                         s->fields[e->keys[i]].name);
    if (e->n_keys > 0)
        gi_strbuf_putc(&b, ')');
    flow_out(pg, &b, indent);
}

static void put_streams(page *pg, const gi_plan *p, const gi_comp *c,
                        unsigned indent)
{
    for (uint32_t i = 0; i < c->n_streams; i++) {
        const gi_stream *s = &p->streams[c->first_stream + i];
        bool quiet = strcmp(s->name, GI_DEAD_LETTER) == 0 && s->n_edges == 0;

        if (is_declared(c, s) && !quiet)
            put_stream(pg, s, indent);
    }
}

static void put_comp(page *pg, const gi_plan *p, const gi_comp *c)
{
    unsigned at_kind = MARGIN + pg->id + GAP;
    unsigned at_tasks = at_kind + KIND + GAP;
    char tasks[32];

    pad_to(pg, MARGIN);
    put(pg, c->id, strlen(c->id), MARGIN);
    if (pg->col + GAP > at_kind)
        new_line(pg);
    pad_to(pg, at_kind);
    gi_strbuf_puts(&pg->text, c->is_spout ? "spout" : "bolt");
    pg->col += c->is_spout ? 5 : 4;
    pad_to(pg, at_tasks);
    count_text(tasks, sizeof(tasks), c->n_tasks, "task");
    put(pg, tasks, strlen(tasks), at_tasks);
    put_streams(pg, p, c, at_tasks + pg->tasks + GAP);
    if (pg->col > 0)
        new_line(pg);

    put_notes(pg, c, at_kind);
    for (uint32_t i = 0; i < p->n_edges; i++)
        if (p->edges[i].to == c->no)
            put_edge(pg, p, &p->edges[i], at_kind);
}

static void measure(page *pg, const gi_plan *p)
{
    for (uint32_t i = 0; i < p->n_comps; i++) {
        const gi_comp *c = &p->comps[i];
        unsigned id = width(c->id, strlen(c->id));
        char tasks[32];
        unsigned w =
            (unsigned)count_text(tasks, sizeof(tasks), c->n_tasks, "task");

        pg->tasks = w > pg->tasks ? w : pg->tasks;
        if (id <= MAX_ID)
            pg->id = id > pg->id ? id : pg->id;
    }
}

/* ----------------------------------------------------------- settings -- */

static bool same_value(const char *key, const char *a, const char *b)
{
    const gi_setting_info *info = gi_settings_find(key);
    double x, y;
    bool p, q;

    if (info == NULL || info->kind == GI_KIND_TEXT)
        return strcmp(a, b) == 0;
    if (info->kind == GI_KIND_BOOL && gi_scalar_bool(a, &p) &&
        gi_scalar_bool(b, &q))
        return p == q;
    if (gi_scalar_f64(a, &x) && gi_scalar_f64(b, &y))
        return x == y;
    return strcmp(a, b) == 0;
}

/* What `key` would be if `c` did not say; NULL if nobody else does. */
static const char *otherwise(const gi_plan *p, const gi_conf *c,
                             const char *key)
{
    const gi_setting_info *info = gi_settings_find(key);
    const char *above = c == p->conf ? NULL : gi_conf_get(p->conf, key);

    if (above == NULL && info != NULL)
        above = info->otherwise;
    return above;
}

/* The heading is due before the first of them only. */
static void put_settings(page *pg, const gi_plan *p, const gi_conf *c,
                         bool *headed)
{
    const char *key;

    for (size_t i = 0; (key = gi_conf_key_at(c, i)) != NULL; i++) {
        const char *value = gi_conf_get(c, key);
        const char *without = otherwise(p, c, key);
        gi_strbuf b = { 0 };

        if (without != NULL && same_value(key, value, without))
            continue;
        if (!*headed)
            flow(pg, "settings", 0, 0);
        *headed = true;
        gi_strbuf_printf(&b, "%s = %s (%s)", key, value, gi_conf_from(c, key));
        flow_out(pg, &b, MARGIN);
    }
}

char *gi_plan_text(const gi_plan *p)
{
    page pg = { .id = 1 };
    gi_strbuf head = { 0 };
    char comps[32], tasks[32];
    bool headed = false;

    count_text(comps, sizeof(comps), p->n_comps, "component");
    count_text(tasks, sizeof(tasks), p->n_tasks, "task");
    gi_strbuf_printf(&head, "topology %s: %s, %s", p->name, comps, tasks);
    flow_out(&pg, &head, 0);
    if (p->about != NULL)
        flow(&pg, p->about, MARGIN, 0);

    measure(&pg, p);
    for (uint32_t i = 0; i < p->n_comps; i++)
        put_comp(&pg, p, &p->comps[i]);

    put_settings(&pg, p, p->conf, &headed);
    for (uint32_t i = 0; i < p->n_comps; i++)
        put_settings(&pg, p, p->comps[i].conf, &headed);
    return gi_strbuf_take(&pg.text);
}
