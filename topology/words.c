/* words.c -- the pieces that messages about a table are made of. */
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "topology/draft.h"

enum { SHOWN = 80, LISTED = 6 };

/* The length of `s`, at most `most`, without cutting a letter in two. */
static int whole_letters(const char *s, size_t most)
{
    size_t n = strnlen(s, most);

    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
        n--;
    return (int)n;
}

void gi_words_add(gi_words *w, const char *format, ...)
{
    size_t at = strlen(w->s);
    va_list ap;

    va_start(ap, format);
    vsnprintf(w->s + at, sizeof(w->s) - at, format, ap);
    va_end(ap);
}

gi_words gi_show(const char *name)
{
    gi_words w = { "" };
    int n = whole_letters(name, SHOWN);

    gi_words_add(&w, "%.*s%s", n, name, name[n] == '\0' ? "" : "...");
    return w;
}

const char *gi_name_fault(const char *name)
{
    size_t n = strnlen(name, GI_MAX_NAME + 1);

    if (n > GI_MAX_NAME)
        return "is longer than 255 bytes";
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
            return "has a control character in it";
    return NULL;
}

bool gi_name_reserved(const char *name)
{
    return strncmp(name, "__", 2) == 0;
}

/* "'a', 'b', 'c', ...", as many as can be taken in at a glance. */
static void add_list(gi_words *w, const char *const *names, uint32_t n)
{
    uint32_t i = 0;

    for (; i < n && i < LISTED && strlen(w->s) < sizeof(w->s) / 2; i++)
        gi_words_add(w, "%s'%.*s'", i == 0 ? "" : ", ",
                     whole_letters(names[i], 40), names[i]);
    if (i < n)
        gi_words_add(w, ", ...");
}

/* Takes `names`.  Without memory for them a hint is left out, and the mistake
 * is named all the same. */
static gi_words hint(const char *name, const char **names, uint32_t n,
                     const char *verb, bool list_always)
{
    gi_words w = { "" };

    if (names != NULL && n > 0) {
        const char *nearest = gi_nearest(name, names, n);
        bool list = nearest == NULL || list_always;

        gi_words_add(&w, " (");
        if (nearest != NULL)
            gi_words_add(&w, "did you mean '%s'?%s", gi_show(nearest).s,
                         list ? " " : "");
        if (list) {
            gi_words_add(&w, "%s ", verb);
            add_list(&w, names, n);
        }
        gi_words_add(&w, ")");
    }
    gi_free(names);
    return w;
}

gi_words gi_hint_comp(const gi_draft *d, const char *name)
{
    const char **ids = gi_calloc(d->n_comps, sizeof(*ids));
    uint32_t n = 0;

    for (uint32_t i = 0; ids != NULL && i < d->n_comps; i++)
        if (d->comps[i].c.id != NULL && d->comps[i].c.id[0] != '\0')
            ids[n++] = d->comps[i].c.id;
    return hint(name, ids, n, "there is", false);
}

gi_words gi_hint_stream(const gi_draft_comp *c, const char *name)
{
    const char **names = gi_calloc(c->n_streams, sizeof(*names));
    uint32_t n = 0;

    for (uint32_t i = 0; names != NULL && i < c->n_streams; i++)
        if (c->streams[i].declared)
            names[n++] = c->streams[i].name;
    return hint(name, names, n, "it has", true);
}

gi_words gi_hint_field(const gi_draft_stream *s, const char *name)
{
    const char **names = gi_calloc(s->n_fields, sizeof(*names));

    for (uint32_t i = 0; names != NULL && i < s->n_fields; i++)
        names[i] = s->fields[i].name;
    return hint(name, names, s->n_fields, "it has", true);
}

gi_words gi_stream_who(const gi_draft_comp *c, const gi_draft_stream *s)
{
    gi_words w = { "" };

    gi_words_add(&w, "stream '%s' of %s", gi_show(s->name).s, c->who.s);
    return w;
}
