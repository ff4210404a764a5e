/* zipf.h -- lines of words for counting: ZIPF_KEYS different ones, drawn as
 * Zipf would have it, the r-th with a chance of about 1 / r.  What is counted
 * is compared with what a plain loop over the text says.
 */
#ifndef BENCH_ZIPF_H
#define BENCH_ZIPF_H

#include "gale/base.h"

enum { ZIPF_KEYS = 100000, ZIPF_LINE = 16, ZIPF_LINES = 60000 };

/* The text is ZIPF_LINES lines of ZIPF_LINE words ("w17"), so often. */
extern uint32_t zipf_rounds;

/* What a side has counted, by the number of the word. */
extern uint64_t zipf_counted[ZIPF_KEYS];

bool zipf_make(void); /* false: no memory */
void zipf_free(void);

uint64_t zipf_lines(void); /* of all rounds */
uint64_t zipf_words(void);

/* Line i, from 0 on. */
gale_str zipf_line(uint64_t i);

/* Nothing is counted. */
void zipf_forget(void);

/* Is each word counted as often as it is there?  False: said on stderr. */
bool zipf_right(const char *side);

/* The next word of what is left of a line. */
static inline bool zipf_cut(gale_str *left, gale_str *word)
{
    const char *end;

    if (left->len == 0)
        return false;
    end = memchr(left->ptr, ' ', left->len);
    word->ptr = left->ptr;
    word->len = end == NULL ? left->len : (uint32_t)(end - left->ptr);
    left->ptr += word->len + (end != NULL);
    left->len -= word->len + (end != NULL);
    return true;
}

/* Its number. */
static inline uint32_t zipf_key(gale_str word)
{
    uint32_t k = 0;

    for (uint32_t i = 1; i < word.len; i++)
        k = k * 10 + (uint32_t)(word.ptr[i] - '0');
    return k < ZIPF_KEYS ? k : 0;
}

#endif
