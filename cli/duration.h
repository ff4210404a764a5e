/* duration.h -- "10s", "500ms", "1h30m" as milliseconds. */
#ifndef GI_CLI_DURATION_H
#define GI_CLI_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal numbers with a unit each (ms, s, m, h, d), added up; one number
 * alone is seconds.  What is less than a millisecond is taken for a whole one.
 * False, and *ms untouched, if the text is nothing of the kind or more than
 * 2^32 - 1 ms (49 days). */
bool gi_duration(const char *text, uint32_t *ms);

#endif
