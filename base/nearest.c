#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t max(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* A table of the edits between every beginning of `a` and every beginning of
 * `b`, filled row by row, each cell from the smaller beginnings' ones.  Only
 * the last three rows are ever looked at: three because a swap reaches back
 * two letters. */
size_t gi_nearest_edits(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    uint8_t rows[3][GI_NEAREST_LETTERS + 1];
    uint8_t *older = rows[0], *old = rows[1], *now = rows[2];

    if (n > GI_NEAREST_LETTERS || m > GI_NEAREST_LETTERS)
        return strcmp(a, b) == 0 ? 0 : max(n, m);

    for (size_t j = 0; j <= m; j++)
        old[j] = (uint8_t)j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = (uint8_t)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = old[j - 1] + (a[i - 1] != b[j - 1]);
            if (old[j] + 1u < best)
                best = old[j] + 1u;
            if (now[j - 1] + 1u < best)
                best = now[j - 1] + 1u;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1] && older[j - 2] + 1u < best)
                best = older[j - 2] + 1u;
            now[j] = (uint8_t)best;
        }
        uint8_t *spare = older;
        older = old;
        old = now;
        now = spare;
    }
    return old[m];
}

const char *gi_nearest(const char *word, const char *const *candidates,
                       size_t n)
{
    const char *nearest = NULL;
    size_t fewest = SIZE_MAX;

    for (size_t i = 0; i < n; i++) {
        size_t edits = gi_nearest_edits(word, candidates[i]);
        size_t longer = max(strlen(word), strlen(candidates[i]));
        if (edits < fewest && edits <= longer / 3) {
            nearest = candidates[i];
            fewest = edits;
        }
    }
    return nearest;
}
