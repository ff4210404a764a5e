/* codec.h -- rows as bytes: the msgpack of their values, one after another.
 *
 * Each value has one form (the shortest), so rows that are equal are equal
 * bytes, and bytes may be compared instead of rows.  Lists and maps are taken
 * as they are: two of them are equal if their bytes are.
 *
 * As a key minus zero is zero, and all that is not a number is one and the
 * same; as a value each keeps its bits.
 */
#ifndef GI_STATE_CODEC_H
#define GI_STATE_CODEC_H

#include "gale/value.h"

enum { GI_STATE_ROW_MOST = 1 << 16 }; /* values of a row */

/* Bytes that grow; the memory is kept for the next time. */
typedef struct gi_bytes {
    char *at;
    size_t len, cap;
} gi_bytes;

void gi_bytes_fini(gi_bytes *b);

/* Room for so many more behind what is there; NULL without memory. */
char *gi_bytes_room(gi_bytes *b, size_t more);

/* Behind what is there.  GALE_EINVAL: a type that does not exist, a list or
 * map that is none, more than GI_STATE_ROW_MOST values, or `most` bytes in
 * all; `why` says which.  GALE_ENOMEM.  Then nothing was added. */
gale_err gi_row_write(gi_bytes *b, gale_row row, bool key, size_t most,
                      gale_diag *why);

/* Values that grow. */
typedef struct gi_values {
    gale_value *at;
    size_t len, cap;
} gi_values;

void gi_values_fini(gi_values *v);

/* The values of a row behind those that are there; they point into `bytes`.
 *
 * GALE_EFORMAT: no row that gi_row_write wrote; GALE_ENOMEM.  Then nothing was
 * added. */
gale_err gi_row_read(gi_values *v, gale_str bytes);

#endif
