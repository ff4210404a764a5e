/* number.h -- numbers for people: "1,234,567", "12.4 s", "1.2 ms".
 *
 * Only whole-number arithmetic, so that they look the same in every locale.
 * Each call writes into the caller's buffer and returns it.
 */
#ifndef GI_CLI_NUMBER_H
#define GI_CLI_NUMBER_H

#include <stdint.h>

enum { GI_NUMBER_TEXT = 32 };

/* 1234567: "1,234,567" */
char *gi_number_full(char to[GI_NUMBER_TEXT], uint64_t n);

/* The same with a sign. */
char *gi_number_signed(char to[GI_NUMBER_TEXT], int64_t n);

/* For narrow places, at most six letters: "99,999", "1.23M", "18.4E" */
char *gi_number_short(char to[GI_NUMBER_TEXT], uint64_t n);

/* A duration: "840 us", "1.2 ms", "12.4 s", "3 min 20 s", "5 h 02 min" */
char *gi_number_time(char to[GI_NUMBER_TEXT], uint64_t us);

/* Bytes: "840 bytes", "17.6 KB", "2.6 MB" */
char *gi_number_bytes(char to[GI_NUMBER_TEXT], uint64_t n);

/* How often a second, when `n` things took `ns`; 0 when it took no time. */
uint64_t gi_number_rate(uint64_t n, uint64_t ns);

#endif
