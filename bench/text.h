/* text.h -- the text that wordcount counts: a file, or made up. */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include <stddef.h>

#include "gale/base.h"

/* WORDS_PAD bytes behind `len` are zero; the last byte is a line's end. */
typedef struct bench_text {
    char *at;
    size_t len;
} bench_text;

/* Always the same: about 4.4 MB, some 800,000 words in lines of 10 to 45, of
 * a vocabulary of 13,000 in which the r-th word comes up about 1 / (r + 2.7)
 * as often (Zipf's law as Mandelbrot mended it); frequent words are short.
 * Lines begin with a capital and have commas, as English would. */
bool bench_text_make(bench_text *t);
bool bench_text_read(bench_text *t, const char *path); /* says what is wrong */
void bench_text_fini(bench_text *t);

#endif
