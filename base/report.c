#include "base/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

void gi_report_init(gi_report *r)
{
    *r = (gi_report){ 0 };
}

void gi_report_fini(gi_report *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->n; i++)
        gi_free(r->lines[i]);
    gi_free(r->lines);
    *r = (gi_report){ 0 };
}

static bool room_for_one(gi_report *r)
{
    if (r->n < r->cap)
        return true;

    size_t cap = r->cap == 0 ? 8 : 2 * r->cap;
    char **lines = gi_realloc(r->lines, cap * sizeof(*lines));
    if (lines == NULL)
        return false;
    r->lines = lines;
    r->cap = cap;
    return true;
}

static char *format_line(const char *format, va_list ap)
{
    va_list again;

    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *line = n < 0 ? NULL : gi_alloc((size_t)n + 1);
    if (line != NULL)
        vsnprintf(line, (size_t)n + 1, format, ap);
    return line;
}

void gi_report_add(gi_report *r, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    char *line = room_for_one(r) ? format_line(format, ap) : NULL;
    va_end(ap);
    if (line == NULL) {
        r->dropped++;
        return;
    }

    /* What a person wrote is quoted in it, and may be anything; a mistake
     * stays one line and moves no cursor. */
    for (char *c = line; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    r->lines[r->n++] = line;
}

/* How much of `s` fits into `max` bytes without cutting a letter (UTF-8) in
 * two. */
static size_t whole_letters(const char *s, size_t max)
{
    size_t n = strnlen(s, max);

    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
        n--;
    return n;
}

void gi_report_to_diag(const gi_report *r, gale_diag *why)
{
    enum { TAIL = 40 }; /* "\n(and 18446744073709551615 more)" fits */

    if (why == NULL)
        return;

    size_t at = 0, cap = sizeof(why->text), i = 0;
    why->text[0] = '\0';
    for (; i < r->n; i++) {
        size_t len = strlen(r->lines[i]);
        size_t left = i + 1 == r->n && r->dropped == 0 ? 1 : TAIL;
        if (at + 1 + len + left > cap && i > 0)
            break;
        len = whole_letters(r->lines[i], cap - left - at - (i > 0));
        if (i > 0)
            why->text[at++] = '\n';
        memcpy(why->text + at, r->lines[i], len);
        at += len;
        why->text[at] = '\0';
    }

    if (r->n == 0 && r->dropped > 0)
        snprintf(why->text, cap, "%s", gale_err_text(GALE_ENOMEM));
    else if (i < r->n || r->dropped > 0)
        snprintf(why->text + at, cap - at, "\n(and %zu more)",
                 r->n - i + r->dropped);
}
