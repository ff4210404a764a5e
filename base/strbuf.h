/* strbuf.h -- text that grows; the error sticks and is asked for once. */
#ifndef GI_BASE_STRBUF_H
#define GI_BASE_STRBUF_H

#include "gale/base.h"

typedef struct gi_strbuf {
    char *at;
    size_t len, cap;
    bool failed; /* out of memory: the text is cut */
} gi_strbuf;

/* A zeroed gi_strbuf is an empty one. */
void gi_strbuf_fini(gi_strbuf *b);
void gi_strbuf_add(gi_strbuf *b, const char *s, size_t n);
void gi_strbuf_puts(gi_strbuf *b, const char *s);
void gi_strbuf_putc(gi_strbuf *b, char c);
void gi_strbuf_printf(gi_strbuf *b, const char *format, ...) GALE_PRINTF(2, 3);

/* Give the text away (free with gi_free); NULL if anything failed.  The
 * buffer is empty afterwards. */
char *gi_strbuf_take(gi_strbuf *b);

#endif
