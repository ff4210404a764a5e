/* text.c -- a plan, or one fault of it, as the text that is read as the
 * same. */
#include <inttypes.h>
#include <string.h>

#include "base/duration.h"
#include "base/strbuf.h"
#include "local/faults/read.h"

static bool is_plain(const char *id)
{
    static const char signs[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-";

    return strchr("0123456789.-", id[0]) == NULL &&
           id[strspn(id, signs)] == '\0';
}

static void put_name(gi_strbuf *to, const char *id)
{
    if (is_plain(id)) {
        gi_strbuf_puts(to, id);
        return;
    }
    gi_strbuf_putc(to, '"');
    for (; *id != '\0'; id++) {
        if (*id == '"' || *id == '\\')
            gi_strbuf_putc(to, '\\');
        gi_strbuf_putc(to, *id);
    }
    gi_strbuf_putc(to, '"');
}

/* Nothing, if it is everywhere. */
static void put_where(gi_strbuf *to, const gi_fault *f, const gi_plan *plan)
{
    if (f->acks) {
        gi_strbuf_puts(to, GI_ACKER);
    } else if (f->comp != GI_FAULT_ANY) {
        if (f->from != GI_FAULT_ANY) {
            put_name(to, plan->comps[f->from].id);
            gi_strbuf_putc(to, '>');
        }
        put_name(to, plan->comps[f->comp].id);
    }
    if (f->task != GI_FAULT_ANY)
        gi_strbuf_printf(to, "/%" PRIu32, f->task);
}

static void put_when(gi_strbuf *to, gi_fault_when when, uint64_t n)
{
    char text[GI_DURATION_TEXT];

    if (when == GI_FAULT_AT_TIME)
        gi_strbuf_puts(to, gi_duration_text(text, (int64_t)n));
    else
        gi_strbuf_printf(to, "%" PRIu64, n);
}

static void put_fault(gi_strbuf *to, const gi_fault *f, const gi_plan *plan)
{
    const gi_fault_rule *rule = gi_fault_rule_of(f->kind);
    char chance[GI_CHANCE_TEXT], time[GI_DURATION_TEXT];
    bool unsaid = rule->chance == GI_FAULT_NOT || f->when != 0 ||
                  (rule->chance == GI_FAULT_MAY && f->chance == UINT64_MAX);

    gi_strbuf_printf(to, "%s=", gi_fault_name(f->kind));
    size_t begin = to->len;
    put_where(to, f, plan);
    if (!unsaid)
        gi_strbuf_printf(to, "%s%s", to->len > begin ? ":" : "",
                         gi_chance_text(chance, f->chance));
    if (rule->time != GI_FAULT_NOT) {
        uint64_t ns = f->ns < 0 ? 0 - (uint64_t)f->ns : (uint64_t)f->ns;

        gi_strbuf_printf(to, "%s%s%s", to->len > begin ? ":" : "",
                         !rule->either_way ? "" : (f->ns < 0 ? "-" : "+"),
                         gi_duration_text(time, (int64_t)ns));
    }
    if (f->when != GI_FAULT_ALWAYS) {
        gi_strbuf_putc(to, '@');
        put_when(to, f->when, f->at);
        if (f->every != 0) {
            gi_strbuf_putc(to, '+');
            put_when(to, f->when, f->every);
        }
    }
}

char *gi_fault_text(const gi_fault *f, const gi_plan *plan)
{
    gi_strbuf to = { 0 };

    put_fault(&to, f, plan);
    return gi_strbuf_take(&to);
}

char *gi_fault_plan_text(const gi_fault_plan *f, const gi_plan *plan)
{
    char time[GI_DURATION_TEXT];
    gi_strbuf to = { 0 };

    for (uint32_t i = 0; i < f->n; i++) {
        gi_strbuf_puts(&to, i == 0 ? "" : ",");
        put_fault(&to, &f->at[i], plan);
    }
    if (f->seeded)
        gi_strbuf_printf(&to, "%sseed=%" PRIu64, to.len == 0 ? "" : ",",
                         f->seed);
    if (f->until_ns != INT64_MAX)
        gi_strbuf_printf(&to, "%suntil=%s", to.len == 0 ? "" : ",",
                         gi_duration_text(time, f->until_ns));
    return gi_strbuf_take(&to);
}
