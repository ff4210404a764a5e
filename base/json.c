#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "base/scalar.h"
#include "base/utf8.h"

/* ---------------------------------------------------------- characters -- */

static void put_ascii(gi_strbuf *b, unsigned char c)
{
    static const char *const named[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",
        ['\f'] = "\\f", ['\r'] = "\\r",
    };

    if (c == '"' || c == '\\') {
        gi_strbuf_putc(b, '\\');
        gi_strbuf_putc(b, (char)c);
    } else if (c < sizeof(named) / sizeof(named[0]) && named[c] != NULL) {
        gi_strbuf_puts(b, named[c]);
    } else if (c < ' ') {
        gi_strbuf_printf(b, "\\u%04x", c);
    } else {
        gi_strbuf_putc(b, (char)c);
    }
}

static void put_quoted(gi_strbuf *b, gale_str text)
{
    const unsigned char *s = (const unsigned char *)text.ptr;

    gi_strbuf_putc(b, '"');
    for (size_t i = 0; i < text.len;) {
        size_t n = gi_utf8_letter(s + i, text.len - i);
        if (n == 0)
            gi_strbuf_puts(b, "\xef\xbf\xbd"); /* U+FFFD */
        else if (n == 1)
            put_ascii(b, s[i]);
        else
            gi_strbuf_add(b, text.ptr + i, n);
        i += n == 0 ? 1 : n;
    }
    gi_strbuf_putc(b, '"');
}

/* -------------------------------------------------------------- values -- */

/* What stands before a value: a comma, and a key where there must be one. */
static void begin(gi_json *j, const char *key)
{
    bool keyed = j->depth > 0 && !j->list[j->depth];

    assert(keyed == (key != NULL));
    if (j->comma[j->depth])
        gi_strbuf_putc(&j->text, ',');
    j->comma[j->depth] = true;
    if (keyed) {
        put_quoted(&j->text, gale_cstr(key));
        gi_strbuf_putc(&j->text, ':');
    }
}

static void enter(gi_json *j, const char *key, bool list)
{
    begin(j, key);
    gi_strbuf_putc(&j->text, list ? '[' : '{');
    j->depth++;
    assert(j->depth < sizeof(j->list) / sizeof(j->list[0]));
    j->list[j->depth] = list;
    j->comma[j->depth] = false;
}

void gi_json_object(gi_json *j, const char *key)
{
    enter(j, key, false);
}

void gi_json_list(gi_json *j, const char *key)
{
    enter(j, key, true);
}

void gi_json_end(gi_json *j)
{
    assert(j->depth > 0);
    gi_strbuf_putc(&j->text, j->list[j->depth] ? ']' : '}');
    j->depth--;
}

void gi_json_str(gi_json *j, const char *key, const char *value)
{
    gi_json_run(j, key, gale_cstr(value));
}

void gi_json_run(gi_json *j, const char *key, gale_str value)
{
    begin(j, key);
    put_quoted(&j->text, value);
}

void gi_json_i64(gi_json *j, const char *key, int64_t value)
{
    begin(j, key);
    gi_strbuf_printf(&j->text, "%" PRId64, value);
}

void gi_json_u64(gi_json *j, const char *key, uint64_t value)
{
    begin(j, key);
    gi_strbuf_printf(&j->text, "%" PRIu64, value);
}

void gi_json_f64(gi_json *j, const char *key, double value)
{
    char text[GI_SCALAR_TEXT] = "null";

    if (isfinite(value))
        gi_scalar_put_f64(text, value);
    begin(j, key);
    gi_strbuf_puts(&j->text, text);
}

void gi_json_bool(gi_json *j, const char *key, bool value)
{
    begin(j, key);
    gi_strbuf_puts(&j->text, value ? "true" : "false");
}

void gi_json_null(gi_json *j, const char *key)
{
    begin(j, key);
    gi_strbuf_puts(&j->text, "null");
}

char *gi_json_take(gi_json *j)
{
    assert(j->depth == 0);
    char *text = gi_strbuf_take(&j->text);
    *j = (gi_json){ 0 };
    return text;
}
