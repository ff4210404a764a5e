#include "cli/table.h"

#include <string.h>

#include "base/mem.h"

enum { MARGIN = 2, GAP = 2 };

static bool begins_letter(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

unsigned gi_text_width(const char *s)
{
    unsigned w = 0;

    for (; *s != '\0'; s++)
        w += begins_letter(*s);
    return w;
}

/* Whole letters only, and two dots in place of what is left out. */
static void copy_word(char to[GI_TABLE_WORD], const char *word, unsigned most)
{
    size_t n = 0, fits = 0;
    unsigned letters = 0;

    for (; word[n] != '\0'; n++) {
        letters += begins_letter(word[n]);
        if (begins_letter(word[n]) && letters < most && n < GI_TABLE_WORD - 2)
            fits = n;
    }
    if (letters <= most && n < GI_TABLE_WORD) {
        memcpy(to, word, n + 1);
        return;
    }
    memcpy(to, word, fits);
    memcpy(to + fits, "..", 3);
}

void gi_table_word(gi_table *t, const char *word)
{
    if (t->n == t->cap) {
        size_t cap = t->cap == 0 ? 64 : 2 * t->cap;
        void *words = gi_realloc(t->words, cap * sizeof(*t->words));
        if (words == NULL) {
            t->failed = true;
            return;
        }
        t->words = words;
        t->cap = cap;
    }
    copy_word(t->words[t->n++], word, t->most == 0 ? GI_TABLE_WORD : t->most);
}

static void measure(const gi_table *t, unsigned widths[GI_TABLE_COLS])
{
    memset(widths, 0, GI_TABLE_COLS * sizeof(widths[0]));
    for (size_t i = 0; i < t->n; i++) {
        unsigned w = gi_text_width(t->words[i]);
        if (w > widths[i % t->cols])
            widths[i % t->cols] = w;
    }
}

unsigned gi_table_width(const gi_table *t)
{
    unsigned widths[GI_TABLE_COLS], sum = 0;

    measure(t, widths);
    for (unsigned i = 0; i < t->cols; i++)
        sum += widths[i] + (i > 0 ? GAP : 0);
    return sum;
}

static void spaces(gi_strbuf *to, unsigned n)
{
    gi_strbuf_printf(to, "%*s", (int)n, "");
}

static void put_row(const gi_table *t, gi_strbuf *to, size_t first,
                    const unsigned *widths)
{
    spaces(to, MARGIN);
    for (unsigned i = 0; i < t->cols && first + i < t->n; i++) {
        const char *word = t->words[first + i];
        unsigned pad = widths[i] - gi_text_width(word);

        if (!t->left[i])
            spaces(to, pad);
        gi_strbuf_puts(to, word);
        if (i + 1 == t->cols)
            break;
        spaces(to, t->left[i] ? pad + GAP : GAP);
    }
}

void gi_table_put(const gi_table *t, gi_strbuf *to, bool head, gi_look look)
{
    unsigned widths[GI_TABLE_COLS];

    measure(t, widths);
    for (size_t i = 0; i < t->n; i += t->cols) {
        bool heading = head && i == 0;

        if (heading)
            gi_strbuf_puts(to, gi_paint_text(look, GI_PAINT_FAINT));
        put_row(t, to, i, widths);
        if (heading)
            gi_strbuf_puts(to, gi_paint_text(look, GI_PAINT_OFF));
        gi_strbuf_putc(to, '\n');
    }
    if (t->failed)
        to->failed = true;
}

void gi_table_fini(gi_table *t)
{
    gi_free(t->words);
    *t = (gi_table){ 0 };
}
