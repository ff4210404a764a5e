/* utf8.h -- is it UTF-8?  Pure. */
#ifndef GI_BASE_UTF8_H
#define GI_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the letter at `p`, of which `n` bytes are there, one at least;
 * 0 if they are none: cut short, longer than need be, a surrogate, or beyond
 * U+10FFFF. */
static inline size_t gi_utf8_letter(const void *p, size_t n)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *s = p;
    size_t len = s[0] < 0x80   ? 1
                 : s[0] < 0xc0 ? 0
                 : s[0] < 0xe0 ? 2
                 : s[0] < 0xf0 ? 3
                 : s[0] < 0xf8 ? 4
                               : 0;
    if (len < 2 || len > n)
        return len == 1 ? 1 : 0;

    uint32_t code = s[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    if (code < least[len] || code > 0x10ffff ||
        (code >= 0xd800 && code < 0xe000))
        return 0;
    return len;
}

#endif
