/* nearest.h -- "did you mean ...?" */
#ifndef GI_BASE_NEAREST_H
#define GI_BASE_NEAREST_H

#include <stddef.h>

/* The candidate nearest to `word` in single-letter edits (a swap of two
 * neighbours is one), if it is near enough to be meant: at most a third of
 * the longer one's letters.  NULL if none is, or n is 0. */
const char *gi_nearest(const char *word, const char *const *candidates,
                       size_t n);

#endif
