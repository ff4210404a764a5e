/* summary_faults.c -- faults and simulation in the summary. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/number.h"
#include "cli/summary.h"
#include "cli/table.h"

static const char *s_unless_one(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* ----------------------------------------------------------- for people -- */

static void put_kinds(gi_strbuf *to, const gi_tally *t, gi_look look)
{
    gi_table table = { .cols = 2, .left = { true } };
    char text[GI_NUMBER_TEXT];
    uint64_t total = 0;

    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        total += t->faults[i];
    gi_strbuf_printf(to, "\n  %sfaults%s\n",
                     gi_paint_text(look, GI_PAINT_FAINT),
                     gi_paint_text(look, GI_PAINT_OFF));
    for (int i = 0; total > 0 && i < GI_N_FAULT_KINDS; i++)
        if (t->asked[i] || t->faults[i] > 0) {
            gi_table_word(&table, gi_fault_done((gi_fault_kind)i));
            gi_table_word(&table, gi_number_full(text, t->faults[i]));
        }
    if (total == 0)
        gi_strbuf_puts(to, "  none happened\n");
    gi_table_put(&table, to, false, look);
    to->failed = to->failed || table.failed;
    gi_table_fini(&table);
}

/* What the runtime did about them. */
static void put_recovery(gi_strbuf *to, const gi_tally *t)
{
    const gale_run_result *r = &t->sum;
    char a[GI_NUMBER_TEXT], b[GI_NUMBER_TEXT], c[GI_NUMBER_TEXT],
        d[GI_NUMBER_TEXT];

    gi_strbuf_printf(
        to, "  recovery  %s replay%s   %s tuple%s executed in them\n",
        gi_number_full(a, r->replayed), s_unless_one(r->replayed),
        gi_number_full(b, r->redelivered), s_unless_one(r->redelivered));
    if (r->recovered > 0)
        gi_strbuf_printf(to,
                         "            %s recovered   p50 %s   p99 "
                         "%s   max %s\n",
                         gi_number_full(a, r->recovered),
                         gi_number_time(b, r->recovery_p50_us),
                         gi_number_time(c, r->recovery_p99_us),
                         gi_number_time(d, r->recovery_max_us));
    if (r->forgotten > 0)
        gi_strbuf_printf(to,
                         "            %s tree%s forgotten by spouts that "
                         "died\n",
                         gi_number_full(a, r->forgotten),
                         s_unless_one(r->forgotten));
}

void gi_summary_faults(gi_strbuf *to, const gi_tally *t, gi_look look)
{
    if (!t->faulty)
        return;
    put_kinds(to, t, look);
    put_recovery(to, t);
}

/* "9,100 times as fast as real time", of which less than one is a part. */
static void put_pace(gi_strbuf *to, const gi_tally_sim *s)
{
    uint64_t real = s->real_ns > 0 ? (uint64_t)s->real_ns : 1;
    uint64_t tenths = (uint64_t)((double)s->virtual_ns * 10 / (double)real);
    char n[GI_NUMBER_TEXT];

    if (tenths >= 100)
        gi_strbuf_puts(to, gi_number_full(n, tenths / 10));
    else
        gi_strbuf_printf(to, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
    gi_strbuf_puts(to, " times as fast as real time\n");
}

void gi_summary_sim(gi_strbuf *to, const gi_tally *t)
{
    const gi_tally_sim *s = t->sim;
    char a[GI_NUMBER_TEXT], b[GI_NUMBER_TEXT];

    if (s == NULL)
        return;
    gi_strbuf_printf(to, "\n  virtual   %s in %s, ",
                     gi_number_time(a, (uint64_t)s->virtual_ns / 1000),
                     gi_number_time(b, (uint64_t)s->real_ns / 1000));
    put_pace(to, s);
    gi_strbuf_printf(to, "  seed      %" PRIu64 "   %s steps\n", s->seed,
                     gi_number_full(a, s->steps));
    gi_strbuf_printf(to, "  history 0x%016" PRIx64 " of %s events\n", s->hash,
                     gi_number_full(a, s->events));
}

/* --------------------------------------------------------- for programs -- */

static void json_kinds(gi_json *j, const gi_tally *t)
{
    if (!t->faulty) {
        gi_json_null(j, "faults");
        return;
    }
    gi_json_object(j, "faults");
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        if (t->asked[i] || t->faults[i] > 0)
            gi_json_u64(j, gi_fault_name((gi_fault_kind)i), t->faults[i]);
    gi_json_end(j);
}

static void json_sim(gi_json *j, const gi_tally_sim *s)
{
    char hash[24];

    if (s == NULL) {
        gi_json_null(j, "sim");
        return;
    }
    snprintf(hash, sizeof(hash), "0x%016" PRIx64, s->hash);
    gi_json_object(j, "sim");
    gi_json_u64(j, "seed", s->seed);
    gi_json_str(j, "hash", hash);
    gi_json_u64(j, "events", s->events);
    gi_json_u64(j, "steps", s->steps);
    gi_json_u64(j, "virtual_ms", (uint64_t)s->virtual_ns / 1000000);
    gi_json_u64(j, "real_ms", (uint64_t)s->real_ns / 1000000);
    gi_json_end(j);
}

void gi_summary_json_faults(gi_json *j, const gi_tally *t)
{
    const gale_run_result *r = &t->sum;

    json_kinds(j, t);
    gi_json_object(j, "recovery");
    gi_json_u64(j, "recovered", r->recovered);
    gi_json_u64(j, "redelivered", r->redelivered);
    gi_json_u64(j, "forgotten", r->forgotten);
    gi_json_u64(j, "p50_us", r->recovery_p50_us);
    gi_json_u64(j, "p99_us", r->recovery_p99_us);
    gi_json_u64(j, "max_us", r->recovery_max_us);
    gi_json_end(j);
    json_sim(j, t->sim);
}
