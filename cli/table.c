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
    char *to = t->words[t->n++];
    copy_word(to, word, t->most == 0 ? GI_TABLE_WORD : t->most);
    for (; *to != '\0'; to++) /* it may be anybody's; no escape sequences */
        if ((unsigned char)*to < 0x20 || *to == 0x7f)
            *to = '.';
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

/* Which columns stand side by side: the first one, and [from, end). */
struct part {
    unsigned from, end;
};

/* As many from `from` on as there is room for, and at least one. */
static struct part take_part(const gi_table *t, const unsigned *widths,
                             unsigned from, unsigned room)
{
    struct part p = { from, from };
    unsigned sum = MARGIN + widths[0];

    for (; p.end < t->cols; p.end++) {
        sum += GAP + widths[p.end];
        if (room != 0 && sum > room && p.end > from)
            break;
    }
    return p;
}

static void put_row(const gi_table *t, gi_strbuf *to, size_t first,
                    const unsigned *widths, struct part p)
{
    unsigned last = p.end > p.from ? p.end - 1 : 0;

    spaces(to, MARGIN);
    for (unsigned i = 0; i <= last && first + i < t->n;
         i = i == 0 ? p.from : i + 1) {
        const char *word = t->words[first + i];
        unsigned pad = widths[i] - gi_text_width(word);

        if (!t->left[i])
            spaces(to, pad);
        gi_strbuf_puts(to, word);
        if (i == last)
            break;
        spaces(to, t->left[i] ? pad + GAP : GAP);
    }
}

static void put_part(const gi_table *t, gi_strbuf *to, bool head, gi_look look,
                     const unsigned *widths, struct part p)
{
    for (size_t i = 0; i < t->n; i += t->cols) {
        bool heading = head && i == 0;

        if (heading)
            gi_strbuf_puts(to, gi_paint_text(look, GI_PAINT_FAINT));
        put_row(t, to, i, widths, p);
        if (heading)
            gi_strbuf_puts(to, gi_paint_text(look, GI_PAINT_OFF));
        gi_strbuf_putc(to, '\n');
    }
}

void gi_table_put(const gi_table *t, gi_strbuf *to, bool head, gi_look look)
{
    unsigned widths[GI_TABLE_COLS];
    struct part p = { 1, 1 };

    measure(t, widths);
    do {
        p = take_part(t, widths, p.end, look.columns);
        put_part(t, to, head, look, widths, p);
    } while (p.end < t->cols);
    if (t->failed)
        to->failed = true;
}

void gi_table_fini(gi_table *t)
{
    gi_free(t->words);
    *t = (gi_table){ 0 };
}
