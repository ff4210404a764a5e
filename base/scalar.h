/* scalar.h -- numbers and truth values as text, both ways.
 *
 * The same text means the same in every locale: a program that runs in German
 * still reads 0.5 and writes 0.5.  Nothing is skipped: the text is a number
 * from its first byte to its last.
 */
#ifndef GI_BASE_SCALAR_H
#define GI_BASE_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

/* False, and *out untouched, if the text is no decimal whole number (or does
 * not fit); no finite decimal number; none of true, false, yes, no, on, off
 * (in any case, as YAML 1.1 and so Storm has them). */
bool gi_scalar_i64(const char *text, int64_t *out);
bool gi_scalar_u64(const char *text, uint64_t *out); /* or 0x and hex */
bool gi_scalar_f64(const char *text, double *out);
bool gi_scalar_bool(const char *text, bool *out);

/* The shortest text that gi_scalar_f64 (or JSON) reads back as `v`, which is
 * finite. */
enum { GI_SCALAR_TEXT = 32 };
void gi_scalar_put_f64(char text[GI_SCALAR_TEXT], double v);

#endif
