/* state_key.c -- a key as somebody typed it: JSON, or plain text.
 *
 * What is read becomes msgpack as it goes, which is how rows are kept; a list
 * is put together apart, since its head says how many there are. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/scalar.h"
#include "cli/state_json.h"
#include "gale/nested.h"
#include "state/codec.h"

enum { HEAD = 9 };

typedef struct reading {
    const char *all, *at;
    unsigned depth;
    gale_err rv;
    const char *wrong; /* with what is at `at` */
} reading;

static bool fail(reading *r, const char *wrong)
{
    if (r->rv == GALE_OK) {
        r->rv = GALE_EINVAL;
        r->wrong = wrong;
    }
    return false;
}

static bool no_memory(reading *r)
{
    r->rv = GALE_ENOMEM;
    return false;
}

static bool add(reading *r, gi_bytes *to, const void *p, size_t n)
{
    char *at = gi_bytes_room(to, n);

    if (at == NULL)
        return no_memory(r);
    if (n > 0)
        memcpy(at, p, n);
    to->len += n;
    return true;
}

static void skip_blank(reading *r)
{
    r->at += strspn(r->at, " \t\n\r");
}

static bool eat(reading *r, const char *word)
{
    size_t n = strlen(word);

    skip_blank(r);
    if (strncmp(r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* One value that has no others in it. */
static bool put(reading *r, gi_bytes *to, gale_value v)
{
    gale_pack p;
    char *at = gi_bytes_room(to, HEAD + (v.type >= GALE_T_STR ? v.len : 0u));

    if (at == NULL)
        return no_memory(r);
    gale_pack_init(&p, at, to->cap - to->len);
    gale_pack_any(&p, v);
    to->len += gale_pack_len(&p);
    return true;
}

/* ----------------------------------------------------------------- text -- */

static bool hex4(reading *r, unsigned *out)
{
    char four[5] = { 0 }, *end;

    strncpy(four, r->at, 4);
    *out = (unsigned)strtoul(four, &end, 16);
    if (end != four + 4 || strspn(four, "0123456789abcdefABCDEF") != 4)
        return fail(r, "\\u takes four hex digits");
    r->at += 4;
    return true;
}

static bool put_letter(reading *r, gi_bytes *to, unsigned c)
{
    unsigned char b[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (n == 1)
        b[0] = (unsigned char)c;
    for (size_t i = n; n > 1 && i-- > 1; c >>= 6)
        b[i] = (unsigned char)(0x80 | (c & 0x3f));
    if (n > 1)
        b[0] = (unsigned char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
    return add(r, to, b, n);
}

static bool read_u(reading *r, gi_bytes *to)
{
    unsigned c, low;

    if (!hex4(r, &c))
        return false;
    if (c >= 0xdc00 && c <= 0xdfff)
        return fail(r, "half a surrogate pair");
    if (c >= 0xd800 && c <= 0xdbff) {
        if (strncmp(r->at, "\\u", 2) != 0)
            return fail(r, "half a surrogate pair");
        r->at += 2;
        if (!hex4(r, &low))
            return false;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(r, "half a surrogate pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    return put_letter(r, to, c);
}

/* Behind the first quote, up to behind the last one. */
static bool read_text(reading *r, gi_bytes *to)
{
    static const char from[] = "\"\\/bfnrt", as[] = "\"\\/\b\f\n\r\t";

    for (;; r->at++) {
        const char *known;

        if (*r->at == '\0')
            return fail(r, "a '\"' is missing");
        if (*r->at == '"')
            break;
        if (*r->at != '\\') {
            if (!add(r, to, r->at, 1))
                return false;
            continue;
        }
        r->at++;
        known = *r->at == '\0' ? NULL : strchr(from, *r->at);
        if (*r->at == 'u') {
            r->at++;
            if (!read_u(r, to))
                return false;
            r->at--;
        } else if (known == NULL) {
            return fail(r, "no such escape");
        } else if (!add(r, to, &as[known - from], 1)) {
            return false;
        }
    }
    r->at++;
    return true;
}

static bool put_text(reading *r, gi_bytes *to, gale_type type)
{
    gi_bytes text = { 0 };
    bool ok = read_text(r, &text) &&
              put(r, to,
                  gale_val_run(type, text.len == 0 ? "" : text.at,
                               (uint32_t)text.len));

    gi_bytes_fini(&text);
    return ok;
}

/* ------------------------------------------------------- numbers, words -- */

static size_t digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* How long the number of JSON's is that begins here, or 0.  007, .5, 1. and
 * +1 are none: who types such a key means the text. */
static size_t number_len(const char *s)
{
    const char *whole = s + (*s == '-'), *end = whole + digits(whole);

    if (end == whole || (*whole == '0' && end > whole + 1))
        return 0;
    if (*end == '.') {
        size_t part = digits(end + 1);
        if (part == 0)
            return 0;
        end += 1 + part;
    }
    if (*end == 'e' || *end == 'E') {
        const char *power = end + 1 + (end[1] == '+' || end[1] == '-');
        end = power + digits(power);
        if (end == power)
            return 0;
    }
    return (size_t)(end - s);
}

static bool put_number(reading *r, gi_bytes *to)
{
    size_t n = number_len(r->at);
    char text[64];
    int64_t i;
    double f;

    if (n == 0 || n >= sizeof(text))
        return fail(r, "that is no JSON");
    memcpy(text, r->at, n);
    text[n] = '\0';
    if (strpbrk(text, ".eE") == NULL) {
        if (!gi_scalar_i64(text, &i))
            return fail(r, "that is no whole number of 64 bits");
        r->at += n;
        return put(r, to, gale_val_i64(i));
    }
    if (!gi_scalar_f64(text, &f))
        return fail(r, "that is no number");
    r->at += n;
    return put(r, to, gale_val_f64(f));
}

/* ---------------------------------------------------------- lists, maps -- */

static bool read_value(reading *r, gi_bytes *to);

static bool put_run(reading *r, gi_bytes *to, const gi_bytes *inner,
                    uint32_t n, bool map)
{
    char head[HEAD];
    gale_pack p;

    gale_pack_init(&p, head, sizeof(head));
    if (map)
        gale_pack_map(&p, n);
    else
        gale_pack_list(&p, n);
    return add(r, to, head, p.len) &&
           add(r, to, inner->at == NULL ? "" : inner->at, inner->len);
}

/* Values up to `end`, or pairs with a colon between. */
static bool read_inner(reading *r, gi_bytes *inner, uint32_t *n,
                       const char *end, bool map)
{
    for (*n = 0; !eat(r, end); ++*n) {
        if (*n > 0 && !eat(r, ","))
            return fail(r, map ? "a ',' or '}' is missing"
                               : "a ',' or ']' is missing");
        skip_blank(r);
        if (map && *r->at != '"')
            return fail(r, "a name in quotes is missing");
        if (!read_value(r, inner))
            return false;
        if (map && (!eat(r, ":")))
            return fail(r, "a ':' is missing");
        if (map && !read_value(r, inner))
            return false;
    }
    return true;
}

static bool put_all(reading *r, gi_bytes *to, const char *end, bool map)
{
    gi_bytes inner = { 0 };
    uint32_t n = 0;
    bool ok = ++r->depth > GALE_NESTED_DEPTH
                  ? fail(r, "that is nested too deep")
                  : read_inner(r, &inner, &n, end, map) &&
                        put_run(r, to, &inner, n, map);

    r->depth--;
    gi_bytes_fini(&inner);
    return ok;
}

/* {"bytes": "00ff"}, {"text": "ff"}: behind the colon. */
static bool put_hex(reading *r, gi_bytes *to, gale_type type)
{
    gi_bytes bytes = { 0 };
    bool ok = eat(r, "\"") || fail(r, "hex in quotes is missing");

    while (ok && *r->at != '"') {
        char two[3] = { r->at[0], r->at[0] == '\0' ? '\0' : r->at[1], '\0' };
        unsigned char byte = (unsigned char)strtoul(two, NULL, 16);

        ok = strspn(two, "0123456789abcdefABCDEF") == 2
                 ? add(r, &bytes, &byte, 1)
                 : fail(r, "bytes are pairs of hex digits");
        r->at += ok ? 2 : 0;
    }
    if (ok)
        r->at++;
    ok = ok && (eat(r, "}") || fail(r, "a '}' is missing")) &&
         put(r, to,
             gale_val_run(type, bytes.len == 0 ? "" : bytes.at,
                          (uint32_t)bytes.len));
    gi_bytes_fini(&bytes);
    return ok;
}

static bool put_not_finite(reading *r, gi_bytes *to)
{
    double v = eat(r, "\"nan\"")    ? (double)__builtin_nanf("")
               : eat(r, "\"inf\"")  ? (double)__builtin_inff()
               : eat(r, "\"-inf\"") ? -(double)__builtin_inff()
                                    : 0;

    if (v == 0)
        return fail(r, "\"nan\", \"inf\" or \"-inf\" is missing");
    return (eat(r, "}") || fail(r, "a '}' is missing")) &&
           put(r, to, gale_val_f64(v));
}

/* {"pairs": [[KEY, VALUE], ...]}: behind the colon. */
static bool read_pairs(reading *r, gi_bytes *inner, uint32_t *n)
{
    if (!eat(r, "["))
        return fail(r, "a '[' is missing");
    for (*n = 0; !eat(r, "]"); ++*n) {
        if (*n > 0 && !eat(r, ","))
            return fail(r, "a ',' or ']' is missing");
        if (!eat(r, "[") || !read_value(r, inner) || !eat(r, ",") ||
            !read_value(r, inner) || !eat(r, "]"))
            return fail(r, "a pair [KEY,VALUE] is missing");
    }
    return eat(r, "}") || fail(r, "a '}' is missing");
}

static bool put_pairs(reading *r, gi_bytes *to)
{
    gi_bytes inner = { 0 };
    uint32_t n = 0;
    bool ok =
        ++r->depth > GALE_NESTED_DEPTH
            ? fail(r, "that is nested too deep")
            : read_pairs(r, &inner, &n) && put_run(r, to, &inner, n, true);

    r->depth--;
    gi_bytes_fini(&inner);
    return ok;
}

/* Behind '{': the name and colon of one of our own, or back. */
static bool ours(reading *r, const char *name)
{
    const char *before = r->at;

    if (eat(r, name) && eat(r, ":"))
        return true;
    r->at = before;
    return false;
}

static bool read_value(reading *r, gi_bytes *to)
{
    if (eat(r, "\""))
        return put_text(r, to, GALE_T_STR);
    if (eat(r, "["))
        return put_all(r, to, "]", false);
    if (eat(r, "{"))
        return ours(r, "\"bytes\"")   ? put_hex(r, to, GALE_T_BYTES)
               : ours(r, "\"text\"")  ? put_hex(r, to, GALE_T_STR)
               : ours(r, "\"f64\"")   ? put_not_finite(r, to)
               : ours(r, "\"pairs\"") ? put_pairs(r, to)
                                      : put_all(r, to, "}", true);
    if (eat(r, "true"))
        return put(r, to, gale_val_bool(true));
    if (eat(r, "false"))
        return put(r, to, gale_val_bool(false));
    if (eat(r, "null"))
        return put(r, to, gale_val_nil());
    return put_number(r, to);
}

/* ---------------------------------------------------------------- keys -- */

/* The values of a row, one behind the other, are what a list has in it. */
static bool read_row(reading *r, gi_bytes *to)
{
    uint32_t n;
    bool ok =
        eat(r, "[") ? read_inner(r, to, &n, "]", false) : read_value(r, to);

    skip_blank(r);
    return ok && (*r->at == '\0' || fail(r, "something follows"));
}

/* Text that only begins like a word or a number of JSON's is text. */
static bool must_be_json(const char *typed)
{
    typed += strspn(typed, " \t\n\r");
    return strchr("[{\"", *typed) != NULL && *typed != '\0';
}

static gale_err read_key(gi_bytes *to, const char *typed, gale_diag *why)
{
    reading r = { .all = typed, .at = typed };

    if (read_row(&r, to))
        return GALE_OK;
    if (r.rv == GALE_ENOMEM)
        return r.rv;
    if (must_be_json(typed)) {
        gi_diag_say(
            why,
            "'%.200s' is no JSON: %s (letter %zu); text that begins so "
            "is typed as '\"...\"'",
            typed, r.wrong, (size_t)(r.at - r.all) + 1);
        return GALE_EINVAL;
    }
    to->len = 0;
    return put(&r, to, gale_val_cstr(typed)) ? GALE_OK : GALE_ENOMEM;
}

gale_err gi_state_key_read(gi_state_key *k, const char *typed, gale_diag *why)
{
    gi_bytes bytes = { 0 };
    gi_values values = { 0 };
    gale_err rv = read_key(&bytes, typed, why);

    if (rv == GALE_OK)
        rv = gi_row_read(&values, (gale_str){ bytes.at, (uint32_t)bytes.len });
    *k = (gi_state_key){ { values.at, values.len }, values.at, bytes.at };
    return rv;
}

void gi_state_key_fini(gi_state_key *k)
{
    gi_free(k->values);
    gi_free(k->bytes);
    *k = (gi_state_key){ .bytes = NULL };
}
