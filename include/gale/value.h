/* value.h -- values, rows on their way out, tuples that came in.
 *
 * A value is 16 bytes: its type, a length and either the number itself or a
 * pointer to bytes.  A row is a few values about to be emitted; a tuple is a
 * row that arrived.  Reading never copies: what a tuple hands out points into
 * the tuple and is borrowed until the callback returns.
 */
#ifndef GALE_VALUE_H
#define GALE_VALUE_H

#include "gale/base.h"

#ifdef __cplusplus
#include <initializer_list>
extern "C" {
#endif

typedef enum gale_type {
    GALE_T_ANY = 0, /* in a field's declaration: do not check */
    GALE_T_NIL = 1,
    GALE_T_BOOL = 2,
    GALE_T_I64 = 3,
    GALE_T_F64 = 4,
    GALE_T_STR = 5,   /* text, UTF-8 by convention */
    GALE_T_BYTES = 6, /* anything */
    GALE_T_LIST = 7,  /* one msgpack array, see gale/nested.h */
    GALE_T_MAP = 8,   /* one msgpack map, see gale/nested.h */
} gale_type;

typedef struct gale_value {
    uint32_t type; /* a gale_type */
    uint32_t len;  /* bytes at as.p: STR, BYTES, LIST, MAP; else 0 */
    union {
        bool b;
        int64_t i;
        double f;
        const char *p;
    } as;
} gale_value;

/* "i64", "str", ...; "?" for a number that is no type.
 *
 * Thread  any
 */
GALE_API const char *gale_type_name(uint32_t type);

/* ------------------------------------------------------ making values -- */

static inline gale_value gale_val_nil(void)
{
    gale_value x = { GALE_T_NIL, 0, { false } };
    x.as.i = 0;
    return x;
}

static inline gale_value gale_val_bool(bool v)
{
    gale_value x = { GALE_T_BOOL, 0, { false } };
    x.as.i = v ? 1 : 0;
    x.as.b = v;
    return x;
}

static inline gale_value gale_val_i64(int64_t v)
{
    gale_value x = { GALE_T_I64, 0, { false } };
    x.as.i = v;
    return x;
}

static inline gale_value gale_val_f64(double v)
{
    gale_value x = { GALE_T_F64, 0, { false } };
    x.as.f = v;
    return x;
}

/* The bytes behind the pointer are copied when the row is emitted. */
static inline gale_value gale_val_run(gale_type type, const void *p,
                                      uint32_t len)
{
    gale_value x = { (uint32_t)type, len, { false } };
    x.as.p = (const char *)p;
    return x;
}

static inline gale_value gale_val_str(gale_str s)
{
    return gale_val_run(GALE_T_STR, s.ptr, s.len);
}

static inline gale_value gale_val_cstr(const char *z)
{
    return gale_val_str(gale_cstr(z));
}

static inline gale_value gale_val_bytes(const void *p, uint32_t len)
{
    return gale_val_run(GALE_T_BYTES, p, len);
}

/* `p` holds exactly one msgpack array (list) or map; checked on emit. */
static inline gale_value gale_val_list(const void *p, uint32_t len)
{
    return gale_val_run(GALE_T_LIST, p, len);
}

static inline gale_value gale_val_map(const void *p, uint32_t len)
{
    return gale_val_run(GALE_T_MAP, p, len);
}

/* The hash by which a fields grouping chooses among tasks, of a key's `n`
 * values in the order in which the grouping names them.  Equal values hash
 * alike on every machine: minus zero is zero, and all NaNs are one.  Of `t`
 * tasks the key goes to the one whose index is (hash >> 32) * t >> 32; so the
 * high bits of what a task gets are alike, and a table takes the low ones.
 * Of a tuple that came by its fields gale_tuple_hash knows them already.
 *
 * For tables and choosers of one's own, not for files: another version may
 * hash otherwise.  Nothing in it is secret, so who chooses keys can choose
 * some that hash alike.
 *
 * Returns the hash; 0 for n == 0.
 */
GALE_API uint64_t gale_hash(const gale_value *values, size_t n);

/* --------------------------------------------------------------- rows -- */

/* One row of values on its way out.  GALE_ROW lives until the end of the
 * statement it stands in; emit copies what it needs before it returns. */
typedef struct gale_row {
    const gale_value *values;
    size_t n;
} gale_row;

#ifdef __cplusplus
}
static inline gale_row gale_row_of(std::initializer_list<gale_value> v)
{
    gale_row r = { v.begin(), v.size() };
    return r;
}
#define GALE_ROW(...) (gale_row_of({ __VA_ARGS__ }))
extern "C" {
#else
#define GALE_ROW(...)                                               \
    ((gale_row){ .values = (const gale_value[]){ __VA_ARGS__ },     \
                 .n = sizeof((const gale_value[]){ __VA_ARGS__ }) / \
                      sizeof(gale_value) })
#endif

/* ------------------------------------------------------------- tuples -- */

/* A tuple that arrived.  Read-only, and borrowed until the callback that was
 * handed it returns; gale_hold() keeps it longer.
 *
 * Slots are numbered from 0 in the order in which the sending component
 * declared its fields.  Reading a slot that is not there, or as another type
 * than it has, is a bug in the topology: the process ends with a message that
 * names both components, the field and the types.
 *
 * Thread  that of the callback, for all gale_tuple_ calls
 */
typedef struct gale_tuple gale_tuple;

GALE_API bool gale_tuple_bool(const gale_tuple *t, unsigned slot);
GALE_API int64_t gale_tuple_i64(const gale_tuple *t, unsigned slot);
GALE_API double gale_tuple_f64(const gale_tuple *t, unsigned slot);
GALE_API gale_str gale_tuple_str(const gale_tuple *t, unsigned slot);

/* STR, BYTES, LIST and MAP alike, as raw bytes. */
GALE_API gale_str gale_tuple_bytes(const gale_tuple *t, unsigned slot);

/* The value itself, whatever its type. */
GALE_API const gale_value *gale_tuple_at(const gale_tuple *t, unsigned slot);

/* How many slots there are. */
GALE_API size_t gale_tuple_len(const gale_tuple *t);

/* All slots at once, as a row that may be emitted again. */
GALE_API gale_row gale_tuple_row(const gale_tuple *t);

/* Where it came from: the task, its component, the stream's name. */
GALE_API uint32_t gale_tuple_task(const gale_tuple *t);
GALE_API const char *gale_tuple_component(const gale_tuple *t);
GALE_API const char *gale_tuple_stream(const gale_tuple *t);

/* The slot of the field called `name`, or -1.  Look it up once, not for
 * every tuple. */
GALE_API int gale_tuple_slot(const gale_tuple *t, const char *name);

/* Is it part of a tree that a spout waits for? */
GALE_API bool gale_tuple_tracked(const gale_tuple *t);

/* The low half of gale_hash over the fields by which the reading component
 * groups this stream (fields, partial key), and always the same for the same
 * key: in the bolt that was handed the tuple.  Whoever sent it from within
 * this process reckoned it to choose the task, and it is handed over, so keys
 * of hundreds of bytes need not be gone through again; otherwise (it came from
 * another process, or stands in several trees) it is reckoned anew.
 *
 * Tasks are chosen by the high half, so a table that takes as many of the
 * lowest bits as it has places for is filled evenly:
 *
 *     slot = gale_tuple_hash(in) & (n_slots - 1);
 *
 * Returns the hash; 0 for a tuple that came by another grouping.
 */
GALE_API uint32_t gale_tuple_hash(const gale_tuple *t);

#ifdef __cplusplus
}
#endif
#endif /* GALE_VALUE_H */
