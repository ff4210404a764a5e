/* Twice the same walk.  The first one checks everything and counts what it
 * takes in memory; then there is one block of just that, and the second walk
 * fills it.  What is refused costs no memory. */
#include "base/diag.h"
#include "wire/msg_table.h"

#include <stdio.h>

#include "base/msgpack.h"
#include "base/utf8.h"

/* Where a walk is, for words: a message, or a field within the place above. */
typedef struct place {
    const struct place *up;
    const char *name;
    int64_t index; /* in a list; -1: not in one */
} place;

typedef struct walk {
    const unsigned char *at, *end;
    size_t room; /* bytes of memory needed ... */
    size_t most; /* ... and allowed */
    bool fill;
    unsigned char *lists, *texts; /* with `fill`: from here on, up to here */
    gale_diag *why;
} walk;

/* ------------------------------------------------------------- refusing -- */

static size_t write_place(const place *p, char *to, size_t cap)
{
    size_t n = p->up == NULL ? 0 : write_place(p->up, to, cap);
    const char *dot = p->up == NULL ? "" : ".";
    int more;

    if (p->index < 0)
        more = snprintf(to + n, cap - n, "%s%s", dot, p->name);
    else
        more = snprintf(to + n, cap - n, "%s%s[%lld]", dot, p->name,
                        (long long)p->index);
    return more < 0 || (size_t)more >= cap - n ? cap - 1 : n + (size_t)more;
}

static bool refuse(walk *w, const place *p, const char *what)
{
    char where[512];

    if (w->why != NULL) {
        write_place(p, where, sizeof(where));
        gi_diag_say(w->why, "%s: %s", where, what);
    }
    return false;
}

/* -------------------------------------------------------------- values -- */

static bool head(walk *w, const place *p, gi_msgpack_head *h)
{
    if (!gi_msgpack_read(w->at, (size_t)(w->end - w->at), h))
        return refuse(w, p, "cut short, or no msgpack");
    w->at += h->size;
    return true;
}

static bool take(walk *w, const place *p, size_t n)
{
    w->room += n;
    if (w->room > w->most)
        return refuse(w, p, "far more values than bytes");
    return true;
}

static bool read_number(walk *w, const place *p, uint64_t *out)
{
    gi_msgpack_head h;

    if (!head(w, p, &h))
        return false;
    if (h.kind == GI_MSGPACK_HUGE)
        return refuse(w, p, "more than 9223372036854775807");
    if (h.kind == GI_MSGPACK_FLOAT)
        return refuse(w, p, "not a whole number");
    if (h.kind != GI_MSGPACK_INT)
        return refuse(w, p, "not a number");
    if (h.as.i < 0)
        return refuse(w, p, "less than 0");
    if (w->fill)
        *out = (uint64_t)h.as.i;
    return true;
}

static bool read_bool(walk *w, const place *p, bool *out)
{
    gi_msgpack_head h;

    if (!head(w, p, &h))
        return false;
    if (h.kind != GI_MSGPACK_BOOL)
        return refuse(w, p, "neither true nor false");
    if (w->fill)
        *out = h.as.b;
    return true;
}

static bool check_text(walk *w, const place *p, const unsigned char *s,
                       size_t n)
{
    size_t letter;

    for (size_t i = 0; i < n; i += letter) {
        if (s[i] == '\0')
            return refuse(w, p, "a text with a zero byte in it");
        letter = gi_utf8_letter(s + i, n - i);
        if (letter == 0)
            return refuse(w, p, "a text that is not UTF-8");
    }
    return true;
}

static bool read_text(walk *w, const place *p, const char **out)
{
    gi_msgpack_head h;

    if (!head(w, p, &h))
        return false;
    if (h.kind != GI_MSGPACK_STR)
        return refuse(w, p, "not a text");

    const unsigned char *s = w->at;
    w->at += h.n;
    if (!w->fill)
        return check_text(w, p, s, h.n) &&
               take(w, p, h.n == 0 ? 0 : (size_t)h.n + 1);
    if (h.n > 0) {
        w->texts -= (size_t)h.n + 1;
        memcpy(w->texts, s, h.n);
        *out = (const char *)w->texts;
    }
    return true;
}

static bool read_bytes(walk *w, const place *p, gi_bytes *out)
{
    gi_msgpack_head h;

    if (!head(w, p, &h))
        return false;
    if (h.kind != GI_MSGPACK_BIN)
        return refuse(w, p, "not bytes");

    const unsigned char *s = w->at;
    w->at += h.n;
    if (!w->fill)
        return take(w, p, h.n);
    if (h.n > 0) {
        w->texts -= h.n;
        memcpy(w->texts, s, h.n);
        *out = (gi_bytes){ w->texts, h.n };
    }
    return true;
}

/* ------------------------------------------------------------ messages -- */

static bool read_message(walk *w, const place *p, gi_msg kind, char *m);

static bool read_list(walk *w, place *p, const gi_field *f, char *m)
{
    size_t size = gi_shape_of(f->inner).size;
    gi_msgpack_head h;
    char *list = NULL;

    if (!head(w, p, &h))
        return false;
    if (h.kind != GI_MSGPACK_LIST)
        return refuse(w, p, "not a list");
    if (!w->fill && !take(w, p, h.n * size))
        return false;
    if (w->fill && h.n > 0) {
        list = (char *)w->lists;
        w->lists += h.n * size;
        *(void **)(void *)(m + f->at) = list;
        *(uint32_t *)(void *)(m + f->n_at) = h.n;
    }
    for (uint32_t i = 0; i < h.n; i++) {
        p->index = i;
        if (!read_message(w, p, f->inner,
                          list == NULL ? NULL : list + i * size))
            return false;
    }
    return true;
}

static bool read_field(walk *w, const place *up, const gi_field *f, char *m)
{
    place p = { up, f->name, -1 };
    void *at = w->fill ? m + f->at : NULL;

    switch (f->kind) {
    case GI_FIELD_NUM:
        return read_number(w, &p, at);
    case GI_FIELD_BOOL:
        return read_bool(w, &p, at);
    case GI_FIELD_TEXT:
        return read_text(w, &p, at);
    case GI_FIELD_BYTES:
        return read_bytes(w, &p, at);
    case GI_FIELD_LIST:
        return read_list(w, &p, f, m);
    }
    return false;
}

/* Which field is `name`?  They come in the table's order, as a rule, so the
 * search begins where the last one ended.  NULL: none that we know. */
static const gi_field *find(const gi_shape *info, uint32_t from,
                            const unsigned char *name, uint32_t len)
{
    for (uint32_t i = 0; i < info->n; i++) {
        const gi_field *f = &info->fields[(from + i) % info->n];

        if (f->len == len && memcmp(f->name, name, len) == 0)
            return f;
    }
    return NULL;
}

static bool skip(walk *w, const place *p)
{
    size_t n = gi_msgpack_skip(w->at, (size_t)(w->end - w->at));

    if (n == 0)
        return refuse(w, p, "cut short, nested too deep, or no msgpack");
    w->at += n;
    return true;
}

static bool read_pair(walk *w, const place *p, const gi_shape *info,
                      uint64_t *seen, uint32_t *next, char *m)
{
    gi_msgpack_head h;

    if (!head(w, p, &h))
        return false;
    if (h.kind != GI_MSGPACK_STR)
        return refuse(w, p, "a name that is not a text");

    const gi_field *f = find(info, *next, w->at, h.n);
    w->at += h.n;
    if (f == NULL)
        return skip(w, p);

    uint32_t i = (uint32_t)(f - info->fields);
    if ((*seen >> i & 1) != 0)
        return refuse(w, &(place){ p, f->name, -1 }, "there twice");
    *seen |= UINT64_C(1) << i;
    *next = i + 1;
    return read_field(w, p, f, m);
}

/* What is missing: all is zero already. */
static void set_defaults(const gi_shape *info, char *m)
{
    for (uint32_t i = 0; i < info->n; i++) {
        void *at = m + info->fields[i].at;

        if (info->fields[i].kind == GI_FIELD_TEXT)
            *(const char **)at = "";
        else if (info->fields[i].kind == GI_FIELD_BYTES)
            ((gi_bytes *)at)->at = "";
    }
}

static bool read_message(walk *w, const place *p, gi_msg kind, char *m)
{
    gi_shape info = gi_shape_of(kind);
    gi_msgpack_head h;
    uint64_t seen = 0;
    uint32_t next = 0;

    if (!head(w, p, &h))
        return false;
    if (h.kind != GI_MSGPACK_MAP)
        return refuse(w, p, "not a message");
    if (w->fill)
        set_defaults(&info, m);
    for (uint32_t i = 0; i < h.n; i++) {
        if (!read_pair(w, p, &info, &seen, &next, m))
            return false;
    }
    return true;
}

gale_err gi_msg_read(gi_msg kind, const void *p, size_t len, gi_pool *pool,
                     void *out, size_t *consumed, gale_diag *why)
{
    gi_shape info = gi_shape_of(kind);
    place top = { NULL, info.name, -1 };
    walk w = { .at = p,
               .end = (const unsigned char *)p + len,
               .most = GI_MSG_ROOM_FLAT + GI_MSG_ROOM_EACH * len,
               .why = why };

    if (!read_message(&w, &top, kind, NULL))
        return GALE_EFORMAT;
    if (consumed != NULL) {
        *consumed = (size_t)(w.at - (const unsigned char *)p);
    } else if (w.at != w.end) {
        refuse(&w, &top, "more bytes than it has");
        return GALE_EFORMAT;
    }

    w.lists = gi_pool_take(pool, w.room, 1);
    if (w.lists == NULL) {
        refuse(&w, &top, gale_err_text(GALE_ENOMEM));
        return GALE_ENOMEM;
    }
    w.texts = w.lists + w.room;
    w.at = p;
    w.fill = true;
    memset(out, 0, info.size);
    read_message(&w, &top, kind, out);
    return GALE_OK;
}
