/* Any bytes as strings in JSON: what is written is JSON in valid UTF-8, and
 * says what the bytes say, U+FFFD where they are no UTF-8. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "bytes.h"

/* One character from `*at`; -1 if it is none.  Written for this test, and
 * slow: decode by the table of RFC 3629, row by row. */
static int32_t decode(const uint8_t **at, size_t left)
{
    static const struct {
        uint8_t from, to, from2, to2;
        unsigned more;
    } rows[] = {
        { 0x00, 0x7f, 0, 0, 0 },       { 0xc2, 0xdf, 0x80, 0xbf, 1 },
        { 0xe0, 0xe0, 0xa0, 0xbf, 2 }, { 0xe1, 0xec, 0x80, 0xbf, 2 },
        { 0xed, 0xed, 0x80, 0x9f, 2 }, { 0xee, 0xef, 0x80, 0xbf, 2 },
        { 0xf0, 0xf0, 0x90, 0xbf, 3 }, { 0xf1, 0xf3, 0x80, 0xbf, 3 },
        { 0xf4, 0xf4, 0x80, 0x8f, 3 },
    };
    const uint8_t *s = *at;

    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        unsigned more = rows[r].more;

        if (s[0] < rows[r].from || s[0] > rows[r].to || left <= more)
            continue;
        int32_t c = more == 0 ? s[0] : s[0] & (0x3f >> more);
        for (unsigned i = 1; i <= more; i++) {
            uint8_t least = i == 1 ? rows[r].from2 : 0x80;
            uint8_t most = i == 1 ? rows[r].to2 : 0xbf;

            if (s[i] < least || s[i] > most)
                return -1;
            c = c << 6 | (s[i] & 0x3f);
        }
        *at += more + 1;
        return c;
    }
    return -1;
}

/* The next character of a JSON string, escapes undone; -1 at its quote. */
static int32_t unescape(const uint8_t **at)
{
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char hex[5] = "";
    const char *found;

    if (**at == '"')
        return -1;
    assert(**at >= 0x20);
    if (**at != '\\') {
        int32_t c = decode(at, strlen((const char *)*at));
        assert(c >= 0); /* what was written is UTF-8 */
        return c;
    }
    ++*at;
    if (**at == 'u') {
        memcpy(hex, *at + 1, 4);
        *at += 5;
        return (int32_t)strtol(hex, NULL, 16);
    }
    found = strchr(letters, **at);
    assert(found != NULL && *found != '\0');
    ++*at;
    return (uint8_t)means[found - letters];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    gi_json j = { 0 };
    gale_str run = { (const char *)data, (uint32_t)len };
    const uint8_t *in = data, *end = len == 0 ? data : data + len;

    gi_json_list(&j, NULL);
    gi_json_run(&j, NULL, run);
    gi_json_end(&j);
    char *text = gi_json_take(&j);
    if (text == NULL)
        return 0;

    const uint8_t *at = (const uint8_t *)text;
    assert(at[0] == '[' && at[1] == '"');
    at += 2;
    for (int32_t c; (c = unescape(&at)) >= 0;) {
        int32_t was = in < end ? decode(&in, (size_t)(end - in)) : -1;

        if (was >= 0) {
            assert(c == was);
            continue;
        }
        assert(c == 0xfffd && in < end);
        in++; /* one for each byte that is part of none */
    }
    assert(in == end && strcmp((const char *)at, "\"]") == 0);
    gi_free(text);
    return 0;
}
