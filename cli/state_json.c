/* state_json.c -- values as JSON. */
#include "cli/state_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/scalar.h"
#include "base/utf8.h"
#include "gale/nested.h"

static void put_text(gi_strbuf *to, gale_str s)
{
    gi_json j = { .text = *to };

    gi_json_run(&j, NULL, s);
    *to = j.text;
}

static void put_hex(gi_strbuf *to, const char *name, gale_value v)
{
    gi_strbuf_printf(to, "{\"%s\":\"", name);
    for (uint32_t i = 0; i < v.len; i++)
        gi_strbuf_printf(to, "%02x", (unsigned char)v.as.p[i]);
    gi_strbuf_puts(to, "\"}");
}

static bool is_utf8(gale_str s)
{
    size_t n;

    for (size_t i = 0; i < s.len; i += n)
        if ((n = gi_utf8_letter(s.ptr + i, s.len - i)) == 0)
            return false;
    return true;
}

static void put_f64(gi_strbuf *to, double v)
{
    char text[GI_SCALAR_TEXT];

    if (!isfinite(v)) {
        gi_strbuf_printf(to, "{\"f64\":\"%s\"}",
                         isnan(v) ? "nan"
                         : v > 0  ? "inf"
                                  : "-inf");
        return;
    }
    gi_scalar_put_f64(text, v);
    gi_strbuf_puts(to, text);
    if (strpbrk(text, ".e") == NULL)
        gi_strbuf_puts(to, ".0");
}

/* ---------------------------------------------------------- lists, maps -- */

static void put_list(gi_strbuf *to, gale_value v)
{
    gale_unpack u = gale_unpack_of(v);
    gale_value x;

    gi_strbuf_putc(to, '[');
    for (bool first = true; gale_unpack_next(&u, &x); first = false) {
        gi_strbuf_puts(to, first ? "" : ",");
        gi_state_json_value(to, x);
    }
    gi_strbuf_putc(to, ']');
}

/* All of its keys are text. */
static bool is_object(gale_value v)
{
    gale_unpack u = gale_unpack_of(v);
    gale_value key, value;

    while (gale_unpack_next(&u, &key) && gale_unpack_next(&u, &value))
        if (key.type != GALE_T_STR ||
            !is_utf8((gale_str){ key.as.p, key.len }))
            return false;
    return true;
}

static void put_map(gi_strbuf *to, gale_value v)
{
    bool object = is_object(v);
    gale_unpack u = gale_unpack_of(v);
    gale_value key, value;

    gi_strbuf_puts(to, object ? "{" : "{\"pairs\":[");
    for (bool first = true;
         gale_unpack_next(&u, &key) && gale_unpack_next(&u, &value);
         first = false) {
        gi_strbuf_printf(to, "%s%s", first ? "" : ",", object ? "" : "[");
        gi_state_json_value(to, key);
        gi_strbuf_putc(to, object ? ':' : ',');
        gi_state_json_value(to, value);
        gi_strbuf_puts(to, object ? "" : "]");
    }
    gi_strbuf_puts(to, object ? "}" : "]}");
}

/* --------------------------------------------------------------- values -- */

void gi_state_json_value(gi_strbuf *to, gale_value v)
{
    switch (v.type) {
    case GALE_T_BOOL:
        gi_strbuf_puts(to, v.as.b ? "true" : "false");
        return;
    case GALE_T_I64:
        gi_strbuf_printf(to, "%" PRId64, v.as.i);
        return;
    case GALE_T_F64:
        put_f64(to, v.as.f);
        return;
    case GALE_T_STR:
        if (is_utf8((gale_str){ v.as.p, v.len }))
            put_text(to, (gale_str){ v.as.p, v.len });
        else
            put_hex(to, "text", v);
        return;
    case GALE_T_BYTES:
        put_hex(to, "bytes", v);
        return;
    case GALE_T_LIST:
        put_list(to, v);
        return;
    case GALE_T_MAP:
        put_map(to, v);
        return;
    default:
        gi_strbuf_puts(to, "null");
    }
}

void gi_state_json_row(gi_strbuf *to, gale_row row)
{
    gi_strbuf_putc(to, '[');
    for (size_t i = 0; i < row.n; i++) {
        gi_strbuf_puts(to, i == 0 ? "" : ",");
        gi_state_json_value(to, row.values[i]);
    }
    gi_strbuf_putc(to, ']');
}

/* Would it be read as this very text, and does a terminal show it as it is? */
static bool is_plain(gale_value v)
{
    static const char *const words[] = { "true", "false", "null" };
    const unsigned char *s;

    if (v.type != GALE_T_STR || v.len == 0 ||
        !is_utf8((gale_str){ v.as.p, v.len }))
        return false;
    s = (const unsigned char *)v.as.p;
    for (uint32_t i = 0; i < v.len; i++)
        if (s[i] < ' ' || s[i] == 0x7f || (s[i] == 0xc2 && s[i + 1] < 0xa0))
            return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == v.len && memcmp(words[i], s, v.len) == 0)
            return false;
    return strchr("[{\"-0123456789 ", s[0]) == NULL && s[v.len - 1] != ' ';
}

void gi_state_json_plain(gi_strbuf *to, gale_row row)
{
    if (row.n != 1)
        gi_state_json_row(to, row);
    else if (is_plain(row.values[0]))
        gi_strbuf_add(to, row.values[0].as.p, row.values[0].len);
    else if (row.values[0].type == GALE_T_LIST)
        gi_state_json_row(to, row); /* or it would be several values */
    else
        gi_state_json_value(to, row.values[0]);
}
