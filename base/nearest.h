/* nearest.h -- "did you mean ...?" */
#ifndef GI_BASE_NEAREST_H
#define GI_BASE_NEAREST_H

#include <stddef.h>

/* Words longer than this are near to nothing but themselves. */
enum { GI_NEAREST_LETTERS = 127 };

/* How many single letters must be put in, taken out, changed or swapped with
 * their neighbour to make `a` into `b`; the longer one's length or more if
 * one of them is too long to tell. */
size_t gi_nearest_edits(const char *a, const char *b);

/* The candidate nearest to `word` in such edits, if it is near enough to be
 * meant: at most a third of the longer one's letters.  The first one of
 * several; NULL if none is, or n is 0. */
const char *gi_nearest(const char *word, const char *const *candidates,
                       size_t n);

#endif
