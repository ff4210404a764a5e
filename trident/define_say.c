/* define_say.c -- what is said of a mistake: which step, what is wrong with
 * it, and the nearest right thing. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "trident/graph.h"

enum { SHOWN = 80, LISTED = 6 };

static int whole_letters(const char *s, size_t most)
{
    size_t n = strnlen(s, most);

    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
        n--;
    return (int)n;
}

GALE_PRINTF(2, 3)
static void add(gi_text *to, const char *format, ...)
{
    size_t at = strlen(to->s);
    va_list ap;

    va_start(ap, format);
    vsnprintf(to->s + at, sizeof(to->s) - at, format, ap);
    va_end(ap);
}

gi_text gi_text_name(const char *name)
{
    gi_text w = { "" };
    int n = whole_letters(name, SHOWN);

    add(&w, "%.*s%s", n, name, name[n] == '\0' ? "" : "...");
    return w;
}

/* "'a', 'b', 'c', ...", as many as can be taken in at a glance. */
static void add_list(gi_text *to, const char *const *names, uint32_t n)
{
    uint32_t i = 0;

    for (; i < n && i < LISTED && strlen(to->s) < sizeof(to->s) / 2; i++)
        add(to, "%s'%.*s'", i == 0 ? "" : ", ", whole_letters(names[i], 40),
            names[i]);
    if (i < n)
        add(to, ", ...");
}

/* Without memory for it a hint is left out, and the mistake is named all the
 * same. */
gi_text gi_text_hint(const gi_node *of, const char *name)
{
    const char **names = gi_calloc((size_t)of->n_out + 1, sizeof(*names));
    const char *nearest;
    gi_text w = { "" };

    if (names == NULL || of->n_out == 0) {
        gi_free(names);
        return w;
    }
    for (uint32_t i = 0; i < of->n_out; i++)
        names[i] = of->out[i].name;
    nearest = gi_nearest(name, names, of->n_out);
    add(&w, " (");
    if (nearest != NULL)
        add(&w, "did you mean '%s'? ", gi_text_name(nearest).s);
    add(&w, "it has ");
    add_list(&w, names, of->n_out);
    add(&w, ")");
    gi_free(names);
    return w;
}

/* The nearest name that somebody gave to where its rows come from. */
static const char *behind(const gi_node *n)
{
    for (n = n->from; n != NULL; n = n->from) {
        if (n->name != NULL)
            return n->name;
        if (n->id != NULL)
            return n->id;
    }
    return NULL;
}

gi_text gi_node_who(const gi_node *n)
{
    gi_text w = { "" };
    const char *far = behind(n);

    add(&w, "step %u, %s", n->no, n->call);
    if (n->id != NULL) {
        add(&w, " '%s'", gi_text_name(n->id).s);
    } else if (n->n_names > 0) {
        add(&w, " of ");
        add_list(&w, n->names, n->n_names);
    }
    if (n->name != NULL)
        add(&w, " in '%s'", gi_text_name(n->name).s);
    else if (far != NULL)
        add(&w, " behind '%s'", gi_text_name(far).s);
    return w;
}

static void tell(gi_report *r, const gi_node *n, const char *format,
                 va_list ap)
{
    char what[1024];

    vsnprintf(what, sizeof(what), format, ap);
    gi_report_add(r, "%s: %s", gi_node_who(n).s, what);
}

void gi_node_say(gi_node *n, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    tell(&n->t->mistakes, n, format, ap);
    va_end(ap);
}

void gi_node_tell(gi_report *r, const gi_node *n, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    tell(r, n, format, ap);
    va_end(ap);
}
