/* summary.c -- what a run did, for people: a headline, a table by component,
 * the trees, and what to do about what went wrong. */
#include <stdio.h>

#include "cli/number.h"
#include "cli/summary.h"
#include "cli/table.h"

enum { WIDTH = 80, MARGIN = 2, MAX_ID = 24, MAX_ID_NARROW = 16 };

typedef struct page {
    gi_strbuf text;
    const gi_tally *t;
    const char *me;
    gi_look look;
} page;

static const char *paint(const page *p, gi_paint which)
{
    return gi_paint_text(p->look, which);
}

static const char *s_unless_one(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* ------------------------------------------------------------ headline -- */

static void put_headline(page *p)
{
    const gi_tally *t = p->t;
    char time[GI_NUMBER_TEXT], took[GI_NUMBER_TEXT + 32];

    gi_number_time(time, t->sum.run_ns / 1000);
    snprintf(took, sizeof(took), "%s%s", time,
             t->sim != NULL ? " of virtual time" : "");
    if (t->cut_short)
        gi_strbuf_printf(&p->text, "%s%s: interrupted after %s%s\n",
                         paint(p, GI_PAINT_BAD), t->name, took,
                         paint(p, GI_PAINT_OFF));
    else if (t->error != NULL)
        gi_strbuf_printf(&p->text, "%s%s: failed after %s: %s%s\n",
                         paint(p, GI_PAINT_BAD), t->name, took, t->error,
                         paint(p, GI_PAINT_OFF));
    else
        gi_strbuf_printf(
            &p->text, "%s%s: %s %s%s\n", paint(p, GI_PAINT_STRONG), t->name,
            t->interrupted ? "stopped and drained after" : "done in", took,
            paint(p, GI_PAINT_OFF));
}

/* ---------------------------------------------------------- components -- */

typedef char *number_text(char to[GI_NUMBER_TEXT], uint64_t n);

static void put_number(gi_table *table, number_text *as, uint64_t n)
{
    char text[GI_NUMBER_TEXT];

    gi_table_word(table, as(text, n));
}

/* As in top(1): 100 % is one thread that did nothing else. */
static void put_busy(gi_table *table, const gi_tally *t, uint64_t busy_ns)
{
    char text[GI_NUMBER_TEXT];
    uint64_t run = t->sum.run_ns;
    double share = run == 0 ? 0 : (double)busy_ns / (double)run;

    snprintf(text, sizeof(text), "%.0f %%", 100 * share);
    gi_table_word(table, text);
}

static void fill_components(gi_table *table, const gi_tally *t,
                            number_text *as)
{
    static const char *const heads[] = { "component", "tasks", "emitted",
                                         "executed",  "acked", "failed",
                                         "busy",      "queued" };

    table->cols = sizeof(heads) / sizeof(heads[0]);
    table->left[0] = true;
    table->most = as == gi_number_full ? MAX_ID : MAX_ID_NARROW;
    for (unsigned i = 0; i < table->cols; i++)
        gi_table_word(table, heads[i]);
    for (size_t i = 0; i < t->n_comps; i++) {
        const gi_tally_comp *c = &t->comps[i];

        gi_table_word(table, c->id);
        put_number(table, as, c->tasks);
        put_number(table, as, c->n.emitted);
        if (c->is_spout)
            gi_table_word(table, "-");
        else
            put_number(table, as, c->n.executed);
        put_number(table, as, c->n.acked);
        put_number(table, as, c->n.failed);
        put_busy(table, t, c->n.busy_ns);
        put_number(table, as, c->n.queued);
    }
}

static void put_components(page *p)
{
    gi_table table = { 0 };

    fill_components(&table, p->t, gi_number_full);
    if (gi_table_width(&table) + MARGIN > WIDTH) {
        gi_table_fini(&table);
        fill_components(&table, p->t, gi_number_short);
    }
    gi_strbuf_putc(&p->text, '\n');
    gi_table_put(&table, &p->text, true, p->look);
    gi_table_fini(&table);
}

/* --------------------------------------------------------------- trees -- */

/* "   0 failed", in red if there are any. */
static void put_count(page *p, uint64_t n, const char *what, gi_paint bad)
{
    char text[GI_NUMBER_TEXT];

    gi_strbuf_printf(&p->text, "   %s%s %s%s", n > 0 ? paint(p, bad) : "",
                     gi_number_full(text, n), what,
                     n > 0 ? paint(p, GI_PAINT_OFF) : "");
}

static void put_trees(page *p)
{
    const gale_run_result *r = &p->t->sum;

    gi_strbuf_puts(&p->text, "\n  trees  ");
    put_count(p, r->acked, "acked", GI_PAINT_GOOD);
    if (!p->t->tracked) {
        gi_strbuf_puts(&p->text, "   (not tracked: there are no ackers)\n");
        return;
    }
    put_count(p, r->failed, "failed", GI_PAINT_BAD);
    put_count(p, r->replayed, "replayed", GI_PAINT_OFF);
    put_count(p, r->pending, "left", GI_PAINT_BAD);
    gi_strbuf_putc(&p->text, '\n');
    if (r->timed_out == 0 && r->dead == 0)
        return;
    gi_strbuf_puts(&p->text, "         ");
    put_count(p, r->timed_out, "of them timed out", GI_PAINT_BAD);
    put_count(p, r->dead, "given up (dead letters)", GI_PAINT_BAD);
    gi_strbuf_putc(&p->text, '\n');
}

static void put_speed(page *p)
{
    const gale_run_result *r = &p->t->sum;
    char a[GI_NUMBER_TEXT], b[GI_NUMBER_TEXT], c[GI_NUMBER_TEXT],
        d[GI_NUMBER_TEXT];

    if (p->t->tracked && r->acked > 0)
        gi_strbuf_printf(
            &p->text, "  latency   p50 %s   p99 %s   p99.9 %s   max %s\n",
            gi_number_time(a, r->p50_us), gi_number_time(b, r->p99_us),
            gi_number_time(c, r->p999_us), gi_number_time(d, r->max_us));
    if (r->run_ns > 0 && p->t->sim == NULL)
        gi_strbuf_printf(
            &p->text, "  speed     %s trees/s   %s tuples executed/s\n",
            gi_number_full(a, gi_number_rate(r->acked, r->run_ns)),
            gi_number_full(b, gi_number_rate(r->executed, r->run_ns)));
}

/* ---------------------------------------------------- counters, faults -- */

static void put_heading(page *p, const char *what)
{
    gi_strbuf_printf(&p->text, "\n  %s%s%s\n", paint(p, GI_PAINT_FAINT), what,
                     paint(p, GI_PAINT_OFF));
}

static void put_counters(page *p)
{
    gi_table table = { .cols = 3, .left = { true, true } };
    char text[GI_NUMBER_TEXT];

    if (p->t->n_counters == 0)
        return;
    put_heading(p, "counters");
    for (size_t i = 0; i < p->t->n_counters; i++) {
        const gi_tally_counter *c = &p->t->counters[i];

        gi_table_word(&table, c->comp);
        gi_table_word(&table, c->name);
        gi_table_word(&table, gi_number_signed(text, c->value));
    }
    gi_table_put(&table, &p->text, false, p->look);
    gi_table_fini(&table);
}

static void put_failures(page *p)
{
    gi_table table = { .cols = 2, .left = { true } };
    char number[GI_NUMBER_TEXT], why[GI_TABLE_WORD * 2];

    if (p->t->n_failures == 0)
        return;
    put_heading(p, "why trees failed");
    for (size_t i = 0; i < p->t->n_failures; i++) {
        const gi_tally_failure *f = &p->t->failures[i];

        if (f->comp != NULL)
            snprintf(why, sizeof(why), "%s '%s'", gi_why_text(f->why),
                     f->comp);
        else if (f->why == GI_WHY_TIMEOUT)
            snprintf(why, sizeof(why), "timed out, and no bolt had answered");
        else
            snprintf(why, sizeof(why), "%s a task", gi_why_text(f->why));
        gi_table_word(&table, why);
        gi_table_word(&table, gi_number_full(number, f->count));
    }
    gi_table_put(&table, &p->text, false, p->look);
    gi_table_fini(&table);
}

/* --------------------------------------------------------------- hints -- */

static void begin_hint(page *p, bool *any)
{
    gi_strbuf_puts(&p->text, *any ? "  " : "\n  ");
    gi_strbuf_puts(&p->text, paint(p, GI_PAINT_HINT));
    *any = true;
}

static void end_hint(page *p)
{
    gi_strbuf_printf(&p->text, "%s\n", paint(p, GI_PAINT_OFF));
}

static uint64_t put_held(page *p, bool *any)
{
    uint64_t all = 0;
    char n[GI_NUMBER_TEXT];

    for (size_t i = 0; i < p->t->n_comps; i++) {
        const gi_tally_comp *c = &p->t->comps[i];

        if (c->n.held == 0)
            continue;
        begin_hint(p, any);
        gi_strbuf_printf(&p->text,
                         "'%s' still holds %s tuple%s it never answered for:\n"
                         "  each gale_hold needs its gale_ack or gale_fail",
                         c->id, gi_number_short(n, c->n.held),
                         s_unless_one(c->n.held));
        end_hint(p);
        all += c->n.held;
    }
    return all;
}

static void put_hints(page *p)
{
    const gale_run_result *r = &p->t->sum;
    char n[GI_NUMBER_TEXT];
    bool any = false;

    if (r->refused > 0) {
        begin_hint(p, &any);
        gi_strbuf_printf(&p->text,
                         "%s call%s refused (a second ack, an emit after "
                         "ack, ...):\n  the log names the component",
                         gi_number_full(n, r->refused),
                         r->refused == 1 ? " was" : "s were");
        end_hint(p);
    }
    if (r->errors > 0) {
        begin_hint(p, &any);
        gi_strbuf_printf(
            &p->text, "%s error%s reported by components: see the log",
            gi_number_full(n, r->errors), s_unless_one(r->errors));
        end_hint(p);
    }

    /* Faults, and people in a hurry, keep good bolts from answering. */
    bool judge = !p->t->faulty && !p->t->interrupted;
    if (judge && put_held(p, &any) == 0 && r->timed_out > 0) {
        begin_hint(p, &any);
        gi_strbuf_printf(&p->text,
                         "a tree times out when nothing moves in it for that "
                         "long; if that is normal:\n"
                         "  %s -c topology.message.timeout.secs=SECONDS",
                         p->me);
        end_hint(p);
    }
    if (r->pending > 0 && !p->t->cut_short) {
        begin_hint(p, &any);
        gi_strbuf_printf(&p->text, "to wait longer for trees in flight: "
                                   "--drain-for DURATION");
        end_hint(p);
    }
}

char *gi_summary_text(const gi_tally *t, const char *me, gi_look look)
{
    page p = { .t = t, .me = me, .look = look };

    put_headline(&p);
    put_components(&p);
    put_trees(&p);
    put_speed(&p);
    put_counters(&p);
    put_failures(&p);
    gi_summary_faults(&p.text, t, look);
    gi_summary_sim(&p.text, t);
    put_hints(&p);
    return gi_strbuf_take(&p.text);
}
