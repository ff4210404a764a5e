/* nested.h -- lists and maps as values.
 *
 * A value of type LIST or MAP is one msgpack array or map: bytes that any
 * msgpack library reads and writes.  Here is a small writer and a small
 * reader; neither allocates.
 *
 * Writing: say how many values a list has (or pairs a map), then write them,
 * pairs as key, value, key, value.  Mistakes stick and are asked for once.
 *
 *     char room[64];
 *     gale_pack p;
 *
 *     gale_pack_init(&p, room, sizeof(room));
 *     gale_pack_map(&p, 2);
 *     gale_pack_str(&p, gale_cstr("host"));
 *     gale_pack_str(&p, host);
 *     gale_pack_str(&p, gale_cstr("ports"));
 *     gale_pack_list(&p, 2);
 *     gale_pack_i64(&p, 80);
 *     gale_pack_i64(&p, 443);
 *     gale_emit(ctx, GALE_ROW(gale_pack_value(&p)));
 *
 * Reading: a cursor goes over one list or map.  What is nested in it comes
 * as a value, over which another cursor may go.
 *
 *     gale_unpack u = gale_unpack_of(*gale_tuple_at(in, HOSTS));
 *     gale_value x;
 *
 *     while (gale_unpack_next(&u, &x))
 *         if (x.type == GALE_T_STR)
 *             printf("%.*s\n", (int)x.len, x.as.p);
 *     if (gale_unpack_failed(&u))
 *         return GALE_FAIL;
 *
 * Thread  any, for all calls here; one at a time for one writer or cursor
 */
#ifndef GALE_NESTED_H
#define GALE_NESTED_H

#include "gale/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lists and maps may stand in one another so deep; deeper ones are refused
 * where a value is emitted or read. */
#define GALE_NESTED_DEPTH 32

/* ------------------------------------------------------------- writing -- */

/* A plain struct, to be set up with gale_pack_init; its members are the
 * library's. */
typedef struct gale_pack {
    char *at;
    size_t cap, len;
    uint64_t due; /* values still to be written until it is complete */
    bool failed;
} gale_pack;

/* Begin one value.
 *
 *   buf   where to write; borrowed as long as the writer, or a value made
 *         with gale_pack_value, is in use.  NULL if cap is 0
 *   cap   how many bytes there are; a list, map, str or bytes takes up to 5
 *         beside its contents, a number up to 9
 */
GALE_API void gale_pack_init(gale_pack *p, void *buf, size_t cap);

/* What follows are the `n` values of a list / the `n` pairs of a map. */
GALE_API void gale_pack_list(gale_pack *p, uint32_t n);
GALE_API void gale_pack_map(gale_pack *p, uint32_t n);

/* One value, copied. */
GALE_API void gale_pack_nil(gale_pack *p);
GALE_API void gale_pack_bool(gale_pack *p, bool v);
GALE_API void gale_pack_i64(gale_pack *p, int64_t v);
GALE_API void gale_pack_f64(gale_pack *p, double v);
GALE_API void gale_pack_str(gale_pack *p, gale_str s);
GALE_API void gale_pack_bytes(gale_pack *p, const void *bytes, uint32_t len);

/* Any value, copied: one of a tuple's, one that a cursor gave.  A LIST or MAP
 * that is none, or a type that does not exist, is a mistake. */
GALE_API void gale_pack_any(gale_pack *p, gale_value v);

/* How many bytes were written.
 *
 * Returns 0 if they are not one whole value: there was no room, fewer values
 *         were written than announced, or more, or gale_pack_any was given
 *         something that it could not write.
 */
GALE_API size_t gale_pack_len(const gale_pack *p);

/* The list or map that was written, to be emitted; it points into the
 * buffer.
 *
 * Returns a LIST of no bytes, which no emit takes, where gale_pack_len is 0
 *         or what was written is neither a list nor a map.
 */
GALE_API gale_value gale_pack_value(const gale_pack *p);

/* ------------------------------------------------------------- reading -- */

/* A cursor over one list or map.  A plain struct: a copy is a bookmark. */
typedef struct gale_unpack {
    const char *at;
    size_t left;  /* bytes from `at` on */
    uint64_t due; /* values still to come */
    uint32_t count;
    bool map;
    bool failed;
} gale_unpack;

/* A cursor before the first value of the list or map `v`, or of the one whose
 * msgpack is the `len` bytes at `p`.  The bytes are borrowed as long as the
 * cursor, or a value it gave, is in use.  They need not be trustworthy: what
 * is not a list or map gives a cursor that has failed. */
GALE_API gale_unpack gale_unpack_of(gale_value v);
GALE_API gale_unpack gale_unpack_bytes(const void *p, size_t len);

/* How many values the list has, pairs the map, wherever the cursor is; and
 * which of them it is. */
GALE_API uint32_t gale_unpack_count(const gale_unpack *u);
GALE_API bool gale_unpack_is_map(const gale_unpack *u);

/* The next value, of a map key and value in turns.  A str, bytes, list or map
 * points into the bytes that are being read.
 *
 * Returns true and *out; false, and *out untouched, after the last one or
 *         when the cursor failed: the bytes are malformed or end too soon or
 *         too late, are nested deeper than GALE_NESTED_DEPTH, or hold what
 *         no gale_value can (an integer above INT64_MAX, an extension type).
 *         Nothing after that is read.
 */
GALE_API bool gale_unpack_next(gale_unpack *u, gale_value *out);

/* Did it? */
GALE_API bool gale_unpack_failed(const gale_unpack *u);

#ifdef __cplusplus
}
#endif
#endif /* GALE_NESTED_H */
