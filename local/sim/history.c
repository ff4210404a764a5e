#include "local/sim/history.h"

#include <inttypes.h>
#include <string.h>

static void mix(gi_history *h, uint64_t x)
{
    h->hash = gi_mix64(h->hash ^ x) + UINT64_C(0x9e3779b97f4a7c15);
}

static void mix_bytes(gi_history *h, const char *at, size_t n)
{
    uint64_t word;

    mix(h, n);
    for (; n >= 8; n -= 8, at += 8) {
        word = 0;
        for (int i = 7; i >= 0; i--)
            word = word << 8 | (unsigned char)at[i];
        mix(h, word);
    }
    word = 0;
    while (n > 0)
        word = word << 8 | (unsigned char)at[--n];
    mix(h, word);
}

static void mix_value(gi_history *h, const gale_value *v)
{
    mix(h, v->type);
    if (v->type >= GALE_T_STR)
        mix_bytes(h, v->as.p, v->len);
    else if (v->type == GALE_T_BOOL)
        mix(h, v->as.b);
    else if (v->type != GALE_T_NIL)
        mix(h, (uint64_t)v->as.i);
}

static void mix_event(gi_history *h, const gi_event *e)
{
    h->events++;
    mix_bytes(h, e->what, strlen(e->what));
    mix(h, (uint64_t)e->at_ns);
    mix(h, e->task);
    mix(h, e->number);
    mix(h, e->root);
    if (e->name != NULL)
        mix_bytes(h, e->name, strlen(e->name));
    for (size_t i = 0; i < e->row.n; i++)
        mix_value(h, &e->row.values[i]);
}

static void log_value(gi_history *h, const gale_value *v)
{
    if (v->type == GALE_T_I64)
        fprintf(h->log, " %" PRId64, v->as.i);
    else if (v->type == GALE_T_F64)
        fprintf(h->log, " %.17g", v->as.f);
    else if (v->type == GALE_T_STR)
        fprintf(h->log, " '%.*s'", (int)(v->len < 64 ? v->len : 64), v->as.p);
    else if (v->type == GALE_T_BOOL)
        fprintf(h->log, " %s", v->as.b ? "true" : "false");
    else
        fprintf(h->log, " (%s)", gale_type_name(v->type));
}

static void log_event(gi_history *h, const gi_event *e)
{
    fprintf(h->log, "%6" PRIu64 " %12.6f ms  %-9s", h->events,
            (double)e->at_ns / 1e6, e->what);
    if (e->task != 0) {
        const gi_comp *c = gi_plan_task(h->plan, e->task);

        fprintf(h->log, "  %s/%" PRIu32, c->id, e->task - c->first_task);
    }
    if (e->number_is != NULL)
        fprintf(h->log, "  %s %" PRIu64, e->number_is, e->number);
    if (e->root != 0)
        fprintf(h->log, "  root 0x%" PRIx64, e->root);
    if (e->name != NULL)
        fprintf(h->log, "  %s", e->name);
    if (e->row.n > 0)
        fputc(' ', h->log);
    for (size_t i = 0; i < e->row.n; i++)
        log_value(h, &e->row.values[i]);
    fputc('\n', h->log);
}

void gi_history_add(gi_history *h, const gi_event *e)
{
    if (h->off)
        return;
    mix_event(h, e);
    if (h->log != NULL)
        log_event(h, e);
}
