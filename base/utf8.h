/* utf8.h -- is it UTF-8?  Pure. */
#ifndef GI_BASE_UTF8_H
#define GI_BASE_UTF8_H

#include <stddef.h>

/* The length of the letter that the `n` bytes begin with; 0 if they begin with
 * none: there are none, it is cut short, longer than need be, a surrogate, or
 * beyond U+10FFFF. */
size_t gi_utf8_letter(const void *bytes, size_t n);

#endif
