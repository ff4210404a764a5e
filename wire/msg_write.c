#include "wire/msg_table.h"

#include <assert.h>

#include "base/bytes.h"
#include "base/utf8.h"

/* First byte of msgpack's forms; those for 16 and 32 bits follow. */
enum {
    MAP = 0x80,  /* up to 15 */
    LIST = 0x90, /* up to 15 */
    STR = 0xa0,  /* up to 31 */
    NO = 0xc2,
    BIN_8 = 0xc4,
    U8 = 0xcc,
    STR_8 = 0xd9,
    LIST_16 = 0xdc,
    MAP_16 = 0xde,
};

/* `first`, and the number behind it in 1, 2, 4 or 8 bytes. */
static void put_form(gi_strbuf *out, unsigned first, uint64_t v,
                     unsigned bytes)
{
    unsigned char b[9] = { (unsigned char)first };

    gi_put_be64(b + 1, v << (64 - 8 * bytes));
    gi_strbuf_add(out, (const char *)b, 1 + bytes);
}

static void put_number(gi_strbuf *out, uint64_t v)
{
    assert(v <= INT64_MAX);
    if (v < 128)
        gi_strbuf_putc(out, (char)v);
    else if (v <= UINT8_MAX)
        put_form(out, U8, v, 1);
    else if (v <= UINT16_MAX)
        put_form(out, U8 + 1, v, 2);
    else if (v <= UINT32_MAX)
        put_form(out, U8 + 2, v, 4);
    else
        put_form(out, U8 + 3, v, 8);
}

/* STR and BIN: forms of 8, 16 and 32 bits one after the other. */
static void put_length(gi_strbuf *out, unsigned form_8, size_t n)
{
    if (n <= UINT8_MAX)
        put_form(out, form_8, n, 1);
    else if (n <= UINT16_MAX)
        put_form(out, form_8 + 1, n, 2);
    else
        put_form(out, form_8 + 2, n, 4);
}

/* LIST and MAP: a short form, then those of 16 and 32 bits. */
static void put_count(gi_strbuf *out, unsigned few, unsigned form_16,
                      uint32_t n)
{
    if (n < 16)
        gi_strbuf_putc(out, (char)(few | n));
    else if (n <= UINT16_MAX)
        put_form(out, form_16, n, 2);
    else
        put_form(out, form_16 + 1, n, 4);
}

static void put_str(gi_strbuf *out, const char *s, size_t n)
{
    if (n < 32)
        gi_strbuf_putc(out, (char)(STR | n));
    else
        put_length(out, STR_8, n);
    gi_strbuf_add(out, s, n);
}

static size_t letters(const char *s, size_t n)
{
    size_t at = 0, letter;

    while (at < n && (letter = gi_utf8_letter(s + at, n - at)) != 0)
        at += letter;
    return at;
}

/* What a component or a program said may be anything; whoever reads this takes
 * UTF-8 only, and it is no reason to lose the rest. */
static void put_text(gi_strbuf *out, const char *s)
{
    gi_strbuf mended = { 0 };
    size_t n = strlen(s), at = letters(s, n), more;

    if (at == n) {
        put_str(out, s, n);
        return;
    }
    gi_strbuf_add(&mended, s, at);
    while (at < n) {
        gi_strbuf_puts(&mended, "\xef\xbf\xbd"); /* U+FFFD */
        at++;
        more = letters(s + at, n - at);
        gi_strbuf_add(&mended, s + at, more);
        at += more;
    }
    out->failed = out->failed || mended.failed;
    if (!mended.failed)
        put_str(out, mended.at, mended.len);
    gi_strbuf_fini(&mended);
}

static void put_list(gi_strbuf *out, const gi_field *f, const char *m)
{
    size_t size = gi_shape_of(f->inner).size;
    const char *const *list = (const void *)(m + f->at);
    const uint32_t *n = (const void *)(m + f->n_at);

    put_count(out, LIST, LIST_16, *n);
    for (uint32_t i = 0; i < *n; i++)
        gi_msg_write(out, f->inner, *list + i * size);
}

static void put_field(gi_strbuf *out, const gi_field *f, const char *m)
{
    const void *at = m + f->at;
    const char *text;
    const gi_bytes *bytes;

    put_str(out, f->name, f->len);
    switch (f->kind) {
    case GI_FIELD_NUM:
        put_number(out, *(const uint64_t *)at);
        break;
    case GI_FIELD_BOOL:
        gi_strbuf_putc(out, (char)(*(const bool *)at ? NO + 1 : NO));
        break;
    case GI_FIELD_TEXT:
        text = *(const char *const *)at;
        put_text(out, text == NULL ? "" : text);
        break;
    case GI_FIELD_BYTES:
        bytes = at;
        put_length(out, BIN_8, bytes->n);
        gi_strbuf_add(out, bytes->at, bytes->n);
        break;
    case GI_FIELD_LIST:
        put_list(out, f, m);
        break;
    }
}

/* All fields are written, also those that are zero: then what a message takes
 * in memory follows from its bytes. */
void gi_msg_write(gi_strbuf *out, gi_msg kind, const void *m)
{
    gi_shape info = gi_shape_of(kind);

    put_count(out, MAP, MAP_16, info.n);
    for (uint32_t i = 0; i < info.n; i++)
        put_field(out, &info.fields[i], m);
}
