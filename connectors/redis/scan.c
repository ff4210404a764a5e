/* scan.c -- all pairs of a group, by key.
 *
 * HSCAN gives them in pieces, in no order, some of them twice; so a group is
 * put together before anything of it is shown.  A reader watches the group
 * meanwhile, and begins again if it was written to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "connectors/redis/store.h"
#include "state/cells.h"

enum {
    COUNT_FIRST = 128,
    COUNT_MOST = 2048,
    PIECE_SMALL = 256 << 10, /* bytes of an answer: ask for more, or less */
    PIECE_LARGE = 4 << 20,
    AGAIN = 200,
};

typedef struct found {
    gale_str field, value;
} found;

typedef struct scanning {
    gi_redis *r;
    uint32_t group;
    gale_str prefix; /* of fields */
    redisReply **pieces;
    size_t n_pieces, cap_pieces;
    found *at;
    size_t n, cap;
} scanning;

static void forget(scanning *s)
{
    for (size_t i = 0; i < s->n_pieces; i++)
        freeReplyObject(s->pieces[i]);
    s->n_pieces = s->n = 0;
}

/* -------------------------------------------------------------- pieces -- */

static bool keep_piece(scanning *s, redisReply *piece)
{
    if (s->n_pieces == s->cap_pieces) {
        size_t cap = s->cap_pieces == 0 ? 16 : 2 * s->cap_pieces;
        redisReply **at = gi_realloc(s->pieces, cap * sizeof(*at));

        if (at == NULL)
            return false;
        s->pieces = at;
        s->cap_pieces = cap;
    }
    s->pieces[s->n_pieces++] = piece;
    return true;
}

static bool keep_pair(scanning *s, gale_str field, gale_str value)
{
    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? 256 : 2 * s->cap;
        found *at = gi_realloc(s->at, cap * sizeof(*at));

        if (at == NULL)
            return false;
        s->at = at;
        s->cap = cap;
    }
    s->at[s->n++] = (found){ field, value };
    return true;
}

static bool wanted(const scanning *s, gale_str field, bool fence)
{
    bool is = field.len > 0 && (unsigned char)field.ptr[0] == GI_STORED_FENCE;

    return is == fence && field.len >= s->prefix.len &&
           (s->prefix.len == 0 ||
            memcmp(field.ptr, s->prefix.ptr, s->prefix.len) == 0);
}

static gale_str text_of(const redisReply *r)
{
    return (gale_str){ r->str, (uint32_t)r->len };
}

static bool is_piece(const redisReply *r)
{
    return r->type == REDIS_REPLY_ARRAY && r->elements == 2 &&
           r->element[0]->type == REDIS_REPLY_STRING &&
           r->element[1]->type == REDIS_REPLY_ARRAY &&
           r->element[1]->elements % 2 == 0;
}

/* The pairs of an answer; *bytes are so many. */
static gale_err take_pairs(scanning *s, const redisReply *pairs, bool fence,
                           size_t *bytes)
{
    *bytes = 0;
    for (size_t i = 0; i < pairs->elements; i += 2) {
        const redisReply *f = pairs->element[i], *v = pairs->element[i + 1];

        if (f->type != REDIS_REPLY_STRING || v->type != REDIS_REPLY_STRING)
            return GALE_EFORMAT;
        *bytes += f->len + v->len;
        if (wanted(s, text_of(f), fence) &&
            !keep_pair(s, text_of(f), text_of(v)))
            return GALE_ENOMEM;
    }
    return GALE_OK;
}

static void say_scan(scanning *s, bool fence, const char *cursor, int count)
{
    gi_redis_link *l = &s->r->link;
    char key[GI_REDIS_KEY], text[16];

    gi_redis_key(s->r, 2 * s->group + fence, key);
    snprintf(text, sizeof(text), "%d", count);
    gi_redis_say(l, 5);
    gi_redis_text(l, "HSCAN");
    gi_redis_text(l, key);
    gi_redis_text(l, cursor);
    gi_redis_text(l, "COUNT");
    gi_redis_text(l, text);
}

static gale_err hear_piece(scanning *s, redisReply **piece, gale_diag *why)
{
    gale_err rv = gi_redis_hear(&s->r->link, piece, why);

    if (rv != GALE_OK)
        return rv;
    if (!keep_piece(s, *piece)) {
        freeReplyObject(*piece);
        return gi_stored_no_memory(why);
    }
    if ((*piece)->type == REDIS_REPLY_ERROR)
        return gi_redis_refused(&s->r->link, *piece, why);
    return is_piece(*piece)
               ? GALE_OK
               : gi_redis_failed(&s->r->link, GALE_EFORMAT, why,
                                 "what is there of group %u is no state",
                                 s->group);
}

/* All of one key. */
static gale_err collect(scanning *s, bool fence, gale_diag *why)
{
    char cursor[24] = "0";
    int count = COUNT_FIRST;
    size_t bytes;
    gale_err rv;

    do {
        redisReply *piece;

        say_scan(s, fence, cursor, count);
        rv = hear_piece(s, &piece, why);
        if (rv != GALE_OK)
            return rv;
        rv = take_pairs(s, piece->element[1], fence, &bytes);
        if (rv != GALE_OK)
            return rv == GALE_ENOMEM
                       ? gi_stored_no_memory(why)
                       : gi_redis_failed(&s->r->link, rv, why,
                                         "what is there of group %u is no "
                                         "state",
                                         s->group);
        snprintf(cursor, sizeof(cursor), "%s", piece->element[0]->str);
        if (bytes > PIECE_LARGE && count > 1)
            count = count > 8 ? count / 8 : 1;
        else if (bytes < PIECE_SMALL && count < COUNT_MOST)
            count *= 2;
    } while (strcmp(cursor, "0") != 0);
    return GALE_OK;
}

/* ------------------------------------------------------------- a group -- */

static void say_watch(scanning *s)
{
    gi_redis_link *l = &s->r->link;
    char key[GI_REDIS_KEY];

    gi_redis_say(l, 3);
    gi_redis_text(l, "WATCH");
    gi_redis_text(l, gi_redis_key(s->r, 2 * s->group, key));
    gi_redis_text(l, gi_redis_key(s->r, 2 * s->group + 1, key));
}

/* Has nobody written to it since it was watched? */
static gale_err still(scanning *s, bool *is, gale_diag *why)
{
    gi_redis_link *l = &s->r->link;
    redisReply *answer;
    gale_err rv;

    gi_redis_say(l, 1);
    gi_redis_text(l, "MULTI");
    gi_redis_say(l, 1);
    gi_redis_text(l, "EXEC");
    rv = gi_redis_hear_ok(l, why);
    if (rv == GALE_OK)
        rv = gi_redis_hear(l, &answer, why);
    if (rv != GALE_OK)
        return rv;
    *is = answer->type == REDIS_REPLY_ARRAY;
    if (answer->type == REDIS_REPLY_ERROR)
        rv = gi_redis_refused(l, answer, why);
    freeReplyObject(answer);
    return rv;
}

static gale_err collect_both(scanning *s, gale_diag *why)
{
    bool only_fence = s->prefix.len > 0 &&
                      (unsigned char)s->prefix.ptr[0] == GI_STORED_FENCE;
    gale_err rv = only_fence ? GALE_OK : collect(s, false, why);

    return rv == GALE_OK && (only_fence || s->prefix.len == 0)
               ? collect(s, true, why)
               : rv;
}

static gale_err collect_group(scanning *s, gale_diag *why)
{
    bool done = false;
    gale_err rv = GALE_OK;

    if (!s->r->read_only)
        return collect_both(s, why);
    for (int i = 0; rv == GALE_OK && !done && i < AGAIN; i++) {
        forget(s);
        say_watch(s);
        rv = gi_redis_hear_ok(&s->r->link, why);
        if (rv == GALE_OK)
            rv = collect_both(s, why);
        if (rv == GALE_OK)
            rv = still(s, &done, why);
    }
    return rv == GALE_OK && !done
               ? gi_redis_failed(&s->r->link, GALE_EIO, why,
                                 "state '%.150s' is written to all the time",
                                 s->r->state)
               : rv;
}

static int by_field(const void *a, const void *b)
{
    return gi_key_compare(((const found *)a)->field,
                          ((const found *)b)->field);
}

/* What came twice is shown once. */
static gale_err show(scanning *s, gale_store_pair pair, void *arg)
{
    char bytes[GALE_STATE_KEY_MOST];
    gale_err rv = GALE_OK;

    if (s->n > 0)
        qsort(s->at, s->n, sizeof(*s->at), by_field);
    gi_put_be16(bytes, (uint16_t)s->group);
    for (size_t i = 0; rv == GALE_OK && i < s->n; i++) {
        gale_str f = s->at[i].field;

        if (i > 0 && gi_key_compare(f, s->at[i - 1].field) == 0)
            continue;
        if (f.len > sizeof(bytes) - GI_STORED_GROUP)
            return GALE_EFORMAT;
        if (f.len > 0)
            memcpy(bytes + GI_STORED_GROUP, f.ptr, f.len);
        rv = pair(arg, (gale_str){ bytes, GI_STORED_GROUP + f.len },
                  s->at[i].value);
    }
    return rv;
}

static gale_err scan_group(gi_redis *r, uint32_t group, gale_str prefix,
                           gale_store_pair pair, void *arg, gale_diag *why)
{
    scanning s = { .r = r, .group = group };
    gale_err rv;

    if (prefix.len > GI_STORED_GROUP)
        s.prefix = gi_redis_field(prefix);
    rv = collect_group(&s, why);
    if (rv != GALE_OK)
        gi_redis_hang_up(&r->link);
    else
        rv = show(&s, pair, arg);
    forget(&s);
    gi_free(s.pieces);
    gi_free(s.at);
    return rv;
}

gale_err gi_redis_scan(void *self, gale_str prefix, gale_store_pair pair,
                       void *arg, gale_diag *why)
{
    gi_redis *r = self;
    gale_err rv = gi_redis_ready(r, why);

    for (uint32_t g = r->from; rv == GALE_OK && g < r->to; g++)
        if (gi_stored_group_may_have(g, prefix)) {
            rv = gi_redis_ready(r, why);
            if (rv == GALE_OK)
                rv = scan_group(r, g, prefix, pair, arg, why);
        }
    return rv;
}
