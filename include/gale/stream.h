/* stream.h -- what a component declares: fields and streams. */
#ifndef GALE_STREAM_H
#define GALE_STREAM_H

#include "gale/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One named, typed place in the tuples of a stream. */
typedef struct gale_field {
    const char *name;
    gale_type type; /* GALE_T_ANY (0): whatever is emitted */
} gale_field;

/* A stream beside the default one. */
typedef struct gale_stream {
    const char *name;
    const gale_field *fields; /* ends with {0} */
    bool direct; /* emitted to a task that the sender names, and only so */
} gale_stream;

typedef const char *gale_name;

/* A component's streams are numbered: 0 is its `output` (called "default"),
 * 1, 2, ... are its `streams` in the order of the table. */
enum { GALE_DEFAULT_STREAM = 0 };

/* Tables in place, in C as at namespace scope in C++:
 *     .output = GALE_FIELDS(GALE_STR("word"), GALE_I64("count")) */
#ifdef __cplusplus
#define GALE_ARRAY_(type, ...)                          \
    ([]() -> const type * {                             \
        static const type type##_s[] = { __VA_ARGS__ }; \
        return type##_s;                                \
    }())
#else
#define GALE_ARRAY_(type, ...) ((const type[]){ __VA_ARGS__ })
#endif

// clang-format off
#define GALE_FIELDS(...)  GALE_ARRAY_(gale_field, __VA_ARGS__, { 0, GALE_T_ANY })
#define GALE_STREAMS(...) GALE_ARRAY_(gale_stream, __VA_ARGS__, { 0, 0, false })
#define GALE_NAMES(...)   GALE_ARRAY_(gale_name, __VA_ARGS__, 0)

#define GALE_ANY(n)   { (n), GALE_T_ANY }
#define GALE_BOOL(n)  { (n), GALE_T_BOOL }
#define GALE_I64(n)   { (n), GALE_T_I64 }
#define GALE_F64(n)   { (n), GALE_T_F64 }
#define GALE_STR(n)   { (n), GALE_T_STR }
#define GALE_BYTES(n) { (n), GALE_T_BYTES }
#define GALE_LIST(n)  { (n), GALE_T_LIST }
#define GALE_MAP(n)   { (n), GALE_T_MAP }
// clang-format on

#ifdef __cplusplus
}
#endif
#endif /* GALE_STREAM_H */
