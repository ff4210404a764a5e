/* table.h -- rows of short words in columns that line up. */
#ifndef GI_CLI_TABLE_H
#define GI_CLI_TABLE_H

#include "base/strbuf.h"
#include "cli/look.h"

enum { GI_TABLE_COLS = 10, GI_TABLE_WORD = 96 };

typedef struct gi_table {
    unsigned cols;
    unsigned most;            /* letters a word; 0: as many as there is room */
    bool left[GI_TABLE_COLS]; /* aligned left; numbers are not */
    bool failed;              /* out of memory: rows are missing */
    size_t n, cap;            /* words */
    char (*words)[GI_TABLE_WORD];
} gi_table;

/* The next word of the row that is being filled, cut if it is too long. */
void gi_table_word(gi_table *t, const char *word);

/* How wide the widest row is, without the margin. */
unsigned gi_table_width(const gi_table *t);

/* All rows.  With `head`, the first one is a heading.  Columns for which the
 * terminal is too narrow stand below, beside the first one once more. */
void gi_table_put(const gi_table *t, gi_strbuf *to, bool head, gi_look look);
void gi_table_fini(gi_table *t);

/* Columns that a text takes: letters of UTF-8, not bytes. */
unsigned gi_text_width(const char *s);

#endif
