#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

/* Room for `n` more bytes and the NUL that always follows the text. */
static bool reserve(gi_strbuf *b, size_t n)
{
    if (b->failed)
        return false;
    if (n < b->cap - b->len)
        return true;

    size_t cap = b->cap == 0 ? 64 : b->cap;
    while (cap - b->len <= n && cap <= SIZE_MAX / 2)
        cap *= 2;
    char *at = cap - b->len > n ? gi_realloc(b->at, cap) : NULL;
    if (at == NULL) {
        b->failed = true;
        return false;
    }
    b->at = at;
    b->cap = cap;
    return true;
}

void gi_strbuf_fini(gi_strbuf *b)
{
    if (b == NULL)
        return;
    gi_free(b->at);
    *b = (gi_strbuf){ 0 };
}

void gi_strbuf_add(gi_strbuf *b, const char *s, size_t n)
{
    if (!reserve(b, n))
        return;
    if (n > 0)
        memcpy(b->at + b->len, s, n);
    b->len += n;
    b->at[b->len] = '\0';
}

void gi_strbuf_puts(gi_strbuf *b, const char *s)
{
    gi_strbuf_add(b, s, strlen(s));
}

void gi_strbuf_putc(gi_strbuf *b, char c)
{
    gi_strbuf_add(b, &c, 1);
}

void gi_strbuf_printf(gi_strbuf *b, const char *format, ...)
{
    va_list ap, again;

    va_start(ap, format);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    if (n < 0) {
        b->failed = true;
    } else if (reserve(b, (size_t)n)) {
        vsnprintf(b->at + b->len, b->cap - b->len, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}

char *gi_strbuf_take(gi_strbuf *b)
{
    char *text = NULL;

    if (reserve(b, 0)) {
        text = b->at;
        text[b->len] = '\0';
        b->at = NULL;
    }
    gi_strbuf_fini(b);
    return text;
}
