/* duration.h -- "10s", "500ms", "1h30m" as a number.
 *
 * Decimal numbers with a unit each (ns, us, ms, s, m or min, h, d), added up;
 * one number alone is seconds.  What is less than the unit asked for is taken
 * for a whole one.  The arithmetic is exact, but for digits beyond the ninth
 * after the point, which make no difference.
 */
#ifndef GI_BASE_DURATION_H
#define GI_BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* False, and nothing written, if the text is nothing of the kind or too much:
 * more than 2^32 - 1 ms (49 days), more than 2^63 - 1 ns (292 years). */
bool gi_duration_ms(const char *text, uint32_t *ms);
bool gi_duration_ns(const char *text, int64_t *ns);

/* A text for `ns`, which is not negative, that is read as the same: "20ms" */
enum { GI_DURATION_TEXT = 32 };
char *gi_duration_text(char to[GI_DURATION_TEXT], int64_t ns);

#endif
