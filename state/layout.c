#include "state/layout.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "state/log.h"

void gi_place_name(char *name, const gi_place *p)
{
    snprintf(name, GI_PLACE_NAME, "%" PRIu32 "-of-%" PRIu32 ".%" PRIu64,
             p->index, p->count, p->edition);
}

bool gi_place_parse(gi_place *p, const char *name)
{
    char again[GI_PLACE_NAME];

    if (sscanf(name, "%" SCNu32 "-of-%" SCNu32 ".%" SCNu64, &p->index,
               &p->count, &p->edition) != 3)
        return false;
    gi_place_name(again, p);
    return strcmp(name, again) == 0 && p->count > 0 &&
           p->count <= GALE_STATE_GROUPS && p->index < p->count;
}

bool gi_place_has(const gi_place *p, uint32_t group)
{
    return gale_state_part(group, p->count) == p->index;
}

const gi_place *gi_layout_of(const gi_layout *l, uint32_t group)
{
    const gi_place *best = NULL;

    for (size_t i = 0; i < l->n; i++)
        if (gi_place_has(&l->at[i], group) &&
            (best == NULL || l->at[i].edition > best->edition))
            best = &l->at[i];
    return best;
}

bool gi_layout_outdated(const gi_layout *l, const gi_place *p)
{
    for (uint32_t g = 0; g < GALE_STATE_GROUPS; g++)
        if (gi_place_has(p, g) && gi_layout_of(l, g)->edition <= p->edition)
            return false;
    return true;
}

const gi_place *gi_layout_part(const gi_layout *l, uint32_t index,
                               uint32_t count)
{
    uint32_t from, to;
    const gi_place *first;

    gale_state_range(index, count, &from, &to);
    first = gi_layout_of(l, from);
    if (first == NULL || first->index != index || first->count != count)
        return NULL;
    for (uint32_t g = from; g < to; g++)
        if (gi_layout_of(l, g) != first)
            return NULL;
    return first;
}

uint64_t gi_layout_next_edition(const gi_layout *l)
{
    uint64_t highest = 0;

    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].edition > highest)
            highest = l->at[i].edition;
    return highest + 1;
}

static bool has(const gi_layout *l, const gi_place *p)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].index == p->index && l->at[i].count == p->count &&
            l->at[i].edition == p->edition)
            return true;
    return false;
}

bool gi_layout_same(const gi_layout *a, const gi_layout *b)
{
    for (size_t i = 0; i < a->n; i++)
        if (!has(b, &a->at[i]))
            return false;
    return a->n == b->n;
}

static gale_err add(gi_layout *l, const gi_place *p)
{
    gi_place *at = gi_realloc(l->at, (l->n + 1) * sizeof(*at));

    if (at == NULL)
        return GALE_ENOMEM;
    l->at = at;
    l->at[l->n++] = *p;
    return GALE_OK;
}

gale_err gi_layout_read(gi_layout *l, const char *dir, gale_diag *why)
{
    DIR *d = opendir(dir);
    const struct dirent *e;
    gale_err rv = GALE_OK;
    gi_place p;

    *l = (gi_layout){ 0 };
    if (d == NULL)
        return errno == ENOENT   ? GALE_OK
               : errno == ENOMEM ? gi_stored_no_memory(why)
                                 : gi_io_failed(dir, why);
    while (rv == GALE_OK && (e = readdir(d)) != NULL)
        if (gi_place_parse(&p, e->d_name))
            rv = add(l, &p);
    closedir(d);
    if (rv != GALE_OK) {
        gi_layout_fini(l);
        return gi_stored_no_memory(why);
    }
    return rv;
}

void gi_layout_fini(gi_layout *l)
{
    gi_free(l->at);
    *l = (gi_layout){ 0 };
}

char *gi_layout_escape(const char *name)
{
    gi_strbuf b = { 0 };

    for (const char *c = name; *c != '\0'; c++) {
        bool plain = isalnum((unsigned char)*c) || *c == '-' || *c == '_' ||
                     (*c == '.' && c != name);

        if (plain && (unsigned char)*c < 0x80)
            gi_strbuf_putc(&b, *c);
        else
            gi_strbuf_printf(&b, "%%%02X", (unsigned char)*c);
    }
    return gi_strbuf_take(&b);
}

/* -1: that is none that gi_layout_escape writes. */
static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool gi_layout_unescape(char *name)
{
    char *again, *was = gi_strdup(name), *to = name;
    bool same;

    for (const char *at = name; *at != '\0'; at++) {
        int high = *at == '%' ? digit(at[1]) : -1;
        int low = high < 0 ? -1 : digit(at[2]);

        if (low >= 0) {
            *to++ = (char)(high * 16 + low);
            at += 2;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
    again = gi_layout_escape(name);
    same = was != NULL && again != NULL && strcmp(was, again) == 0;
    gi_free(was);
    gi_free(again);
    return same;
}
