#include "cli/gale/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/number.h"
#include "cli/tail.h"

static void put_number(gi_table *t, uint64_t n)
{
    char text[GI_NUMBER_TEXT];

    gi_table_word(t, gi_number_short(text, n));
}

static void put_time(gi_table *t, uint64_t ms)
{
    char text[GI_NUMBER_TEXT];

    gi_table_word(t, gi_number_time(text, ms * 1000));
}

static void put_heads(gi_table *t, const char *const *heads, unsigned n)
{
    t->cols = n;
    for (unsigned i = 0; i < n; i++)
        gi_table_word(t, heads[i]);
}

/* What others say stays on its line and sends no escape sequence. */
static void put_tame(gi_strbuf *to, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        gi_strbuf_putc(to, c < 0x20 || c == 0x7f ? ' ' : text[i]);
    }
}

/* ---------------------------------------------------------- topologies -- */

static void put_why(gi_strbuf *to, const gi_msg_topology_row *row,
                    gi_look look)
{
    if (row->why[0] == '\0')
        return;
    gi_strbuf_printf(to, "  %s%s: ", gi_paint_text(look, GI_PAINT_BAD),
                     row->name);
    put_tame(to, row->why, strlen(row->why));
    gi_strbuf_printf(to, "%s\n", gi_paint_text(look, GI_PAINT_OFF));
}

void gi_show_topologies(gi_strbuf *to, const gi_msg_topology_row *rows,
                        uint32_t n, gi_look look)
{
    static const char *const heads[] = { "topology", "status",   "workers",
                                         "tasks",    "up",       "acked",
                                         "failed",   "in flight" };
    gi_table t = { .left = { true, true } };

    if (n == 0) {
        gi_strbuf_puts(to, "  no topologies\n");
        return;
    }
    put_heads(&t, heads, 8);
    for (uint32_t i = 0; i < n; i++) {
        const gi_msg_topology_row *r = &rows[i];
        char workers[48];

        gi_table_word(&t, r->name);
        gi_table_word(&t, r->status);
        snprintf(workers, sizeof(workers), "%" PRIu64 "/%" PRIu64,
                 r->n_running, r->n_workers);
        gi_table_word(&t, workers);
        put_number(&t, r->n_tasks);
        put_time(&t, r->up_ms);
        put_number(&t, r->acked);
        put_number(&t, r->failed);
        put_number(&t, r->pending);
    }
    gi_table_put(&t, to, true, look);
    gi_table_fini(&t);
    for (uint32_t i = 0; i < n; i++)
        put_why(to, &rows[i], look);
}

/* ------------------------------------------------------------- cluster -- */

static void show_supervisors(gi_strbuf *to, const gi_msg_cluster *c,
                             gi_look look)
{
    static const char *const heads[] = { "supervisor", "host",      "state",
                                         "slots",      "cpu",       "memory",
                                         "up",         "last heard" };
    gi_table t = { .left = { true, true, true }, .most = 36 };

    if (c->n_supervisors == 0) {
        gi_strbuf_puts(to, "  no supervisors (start one by 'gale "
                           "supervisor')\n");
        return;
    }
    put_heads(&t, heads, 8);
    for (uint32_t i = 0; i < c->n_supervisors; i++) {
        const gi_msg_supervisor_row *s = &c->supervisors[i];
        char slots[48], memory[32];

        gi_table_word(&t, s->id);
        gi_table_word(&t, s->host);
        gi_table_word(&t, s->state);
        snprintf(slots, sizeof(slots), "%" PRIu64 "/%" PRIu64, s->n_used,
                 s->n_slots);
        gi_table_word(&t, slots);
        put_number(&t, s->cpu);
        snprintf(memory, sizeof(memory), "%" PRIu64 " MB", s->memory_mb);
        gi_table_word(&t, memory);
        if (s->up_ms == 0) /* dead, or not heard since Nimbus began */
            gi_table_word(&t, "-");
        else
            put_time(&t, s->up_ms);
        put_time(&t, s->silent_ms);
    }
    gi_table_put(&t, to, true, look);
    gi_table_fini(&t);
}

void gi_show_cluster(gi_strbuf *to, const gi_msg_cluster *c, gi_look look)
{
    for (uint32_t i = 0; i < c->n_nimbuses; i++) {
        const gi_msg_info *n = &c->nimbuses[i];
        char up[GI_NUMBER_TEXT];

        gi_strbuf_printf(to, "  Nimbus %s on %s, Gale %s, up %s%s\n", n->id,
                         n->host, n->version,
                         gi_number_time(up, n->up_ms * 1000),
                         n->leads ? "" : ", not the leader");
    }
    gi_strbuf_putc(to, '\n');
    show_supervisors(to, c, look);
    gi_strbuf_putc(to, '\n');
    gi_show_topologies(to, c->topologies, c->n_topologies, look);
}

/* ------------------------------------------------------------- workers -- */

void gi_show_workers_begin(gi_table *t)
{
    static const char *const heads[] = { "topology",  "worker", "state",
                                         "pid",       "up",     "executors",
                                         "in flight", "deaths" };

    *t = (gi_table){ .left = { true, true, true }, .most = 36 };
    put_heads(t, heads, 8);
}

void gi_show_workers(gi_table *t, const gi_msg_topology_look *look)
{
    for (uint32_t i = 0; i < look->n_workers; i++) {
        const gi_msg_worker_row *w = &look->workers[i];
        const gi_msg_slot *s = w->n_slot == 1 ? w->slot : NULL;
        char place[96], pid[24];

        gi_table_word(t, look->row->name);
        snprintf(place, sizeof(place), "%.64s:%" PRIu64, w->host, w->port);
        gi_table_word(t, place);
        gi_table_word(t, s == NULL ? "not heard of" : s->state);
        snprintf(pid, sizeof(pid), "%" PRIu64, s == NULL ? 0 : s->pid);
        gi_table_word(t, s == NULL || s->pid == 0 ? "-" : pid);
        if (s == NULL || s->pid == 0)
            gi_table_word(t, "-");
        else
            put_time(t, s->up_ms);
        put_number(t, w->n_executors);
        put_number(t, s == NULL ? 0 : s->pending);
        put_number(t, s == NULL ? 0 : s->deaths);
    }
}

static bool is_well(const gi_msg_slot *s)
{
    return s->finding[0] == '\0' || strcmp(s->finding, "WELL") == 0;
}

/* Of the last words only the last line: `gale logs` has them all. */
static void put_words(gi_strbuf *to, const char *words)
{
    static const char mark[] = "last words: ";
    const char *last = strstr(words, mark);

    if (last == NULL) {
        put_tame(to, words, strlen(words));
        return;
    }
    last += sizeof(mark) - 1;
    put_tame(to, words, (size_t)(last - words));
    last = gi_tail_lines(last, 1);
    put_tame(to, last, strcspn(last, "\n"));
}

void gi_show_woes(gi_strbuf *to, const gi_msg_topology_look *look)
{
    for (uint32_t i = 0; i < look->n_workers; i++) {
        const gi_msg_worker_row *w = &look->workers[i];

        if (w->n_slot != 1)
            continue;
        if (w->slot->words[0] != '\0') {
            gi_strbuf_printf(to, "  %s:%" PRIu64 ": ", w->host, w->port);
            put_words(to, w->slot->words);
            gi_strbuf_putc(to, '\n');
        }
        if (!is_well(w->slot))
            gi_strbuf_printf(to, "  %s:%" PRIu64 ": %s\n", w->host, w->port,
                             w->slot->finding);
        if (w->slot->poisoned)
            gi_strbuf_printf(to,
                             "  %s:%" PRIu64 ": does not come up there, and "
                             "is tried rarely\n",
                             w->host, w->port);
    }
}

/* ------------------------------------------------------------ topology -- */

static void show_components(gi_strbuf *to, const gi_msg_topology_look *l,
                            gi_look look)
{
    static const char *const heads[] = { "component", "tasks",    "executors",
                                         "emitted",   "executed", "acked",
                                         "failed",    "queued",   "p50",
                                         "p99" };
    gi_table t = { .left = { true }, .most = 32 };

    put_heads(&t, heads, 10);
    for (uint32_t i = 0; i < l->n_components; i++) {
        const gi_msg_component *c = &l->components[i];
        gi_msg_tally n = { 0 };
        char text[GI_NUMBER_TEXT];

        for (uint32_t k = 0; k < l->n_tallies; k++)
            if (l->tallies[k].component == i)
                n = l->tallies[k];
        gi_table_word(&t, c->id);
        put_number(&t, c->n_tasks);
        put_number(&t, c->n_executors);
        put_number(&t, n.emitted);
        put_number(&t, n.executed);
        put_number(&t, n.acked);
        put_number(&t, n.failed + n.timed_out);
        put_number(&t, n.queued);
        gi_table_word(
            &t, n.p50_ns == 0 ? "-" : gi_number_time(text, n.p50_ns / 1000));
        gi_table_word(
            &t, n.p99_ns == 0 ? "-" : gi_number_time(text, n.p99_ns / 1000));
    }
    gi_table_put(&t, to, true, look);
    gi_table_fini(&t);
}

void gi_show_topology(gi_strbuf *to, const gi_msg_topology_look *l,
                      gi_look look)
{
    gi_table t;

    const char *owner =
        l->row->owner[0] == '\0' ? "nobody known" : l->row->owner;

    gi_strbuf_printf(to, "  %s, submitted by ", l->row->id);
    put_tame(to, owner, strlen(owner));
    gi_strbuf_puts(to, "\n\n");
    gi_show_topologies(to, l->row, 1, look);
    gi_strbuf_putc(to, '\n');
    show_components(to, l, look);
    gi_strbuf_putc(to, '\n');
    if (l->n_workers == 0) {
        gi_strbuf_puts(to, "  no workers\n");
        return;
    }
    gi_show_workers_begin(&t);
    gi_show_workers(&t, l);
    gi_table_put(&t, to, true, look);
    gi_table_fini(&t);
    gi_show_woes(to, l);
}

/* -------------------------------------------------------------- errors -- */

static void put_wall(gi_strbuf *to, uint64_t wall_ms)
{
    time_t at = (time_t)(wall_ms / 1000);
    struct tm day;
    char text[32] = "?";

    if (localtime_r(&at, &day) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &day);
    gi_strbuf_printf(to, "  %s", text);
}

static uint64_t first_task(const gi_msg_topology_look *look, const char *id)
{
    for (uint32_t i = 0; i < look->n_components; i++)
        if (strcmp(look->components[i].id, id) == 0)
            return look->components[i].first_task;
    return 0;
}

void gi_show_errors(gi_strbuf *to, const gi_msg_topology_look *look)
{
    size_t before = to->len;

    for (uint32_t i = 0; i < look->n_mishaps; i++) {
        const gi_msg_mishap *m = &look->mishaps[i];

        put_wall(to, m->wall_ms);
        gi_strbuf_printf(to, "  '%s/%" PRIu64 "': ", m->component,
                         m->task - first_task(look, m->component));
        put_tame(to, m->text, strlen(m->text));
        gi_strbuf_putc(to, '\n');
    }
    gi_show_woes(to, look);
    if (to->len == before && !to->failed)
        gi_strbuf_puts(to, "  no errors\n");
}
