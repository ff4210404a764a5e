/* base.h -- what every other Gale header leans on: errors, diagnoses, strings.
 *
 * Words used in all headers, always with these meanings:
 *
 *   borrowed until X   the library looks at it until X; you own it
 *   taken              ownership moves to the library, also when a call fails
 *   copied             the library keeps its own; yours is free at once
 *   zero means default in every struct you fill in
 */
#ifndef GALE_BASE_H
#define GALE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GALE_VERSION_MAJOR 0
#define GALE_VERSION_MINOR 1
#define GALE_VERSION_PATCH 0
#define GALE_VERSION       "0.1.0"

#define GALE_API           __attribute__((visibility("default")))
#define GALE_MUST_CHECK    __attribute__((warn_unused_result))
#define GALE_PRINTF(f, a)  __attribute__((format(printf, f, a)))

/* The version of the library that is running, such as "0.1.0"; the macros
 * above are that of the headers the program was compiled with.
 *
 * Thread  any
 */
GALE_API const char *gale_version(void);

/* ------------------------------------------------------------- errors -- */

/* One list; the enum, the names and the texts follow from it. */
#define GALE_ERRORS(X)                                          \
    X(ENOMEM, 1, "out of memory")                               \
    X(EINVAL, 2, "a rule written in the header was broken")     \
    X(EPLAN, 3, "the topology does not make sense")             \
    X(ECONF, 4, "a setting does not make sense")                \
    X(ETIME, 5, "the deadline passed")                          \
    X(EIO, 6, "the system refused a read, a write or a thread") \
    X(EUSER, 7, "a callback of the topology reported an error") \
    X(EFORMAT, 8, "the bytes are not what they claim to be")    \
    X(ENOTFOUND, 9, "there is nothing of that name")            \
    X(ELIMIT, 10, "a limit was reached")                        \
    X(EBUSY, 11, "another process has it")

typedef enum gale_err {
    GALE_OK = 0,
#define GALE_ERROR_ENUM(name, code, text) GALE_##name = code,
    GALE_ERRORS(GALE_ERROR_ENUM)
#undef GALE_ERROR_ENUM
} gale_err;

/* "GALE_ENOMEM" and "out of memory".  Never NULL, whatever the number.
 *
 * Thread  any
 */
GALE_API const char *gale_err_name(gale_err e);
GALE_API const char *gale_err_text(gale_err e);

/* Would the same call, made again later, have a chance?
 *
 * Thread  any
 */
GALE_API bool gale_err_retryable(gale_err e);

/* Why a call failed, in words that a person can act on: which component,
 * which mistake, and the nearest right answer; one mistake a line.  Filled by
 * the calls that judge what a person wrote (tables, settings, command lines).
 * Wherever one is asked for, NULL is allowed. */
typedef struct gale_diag {
    char text[2048];
} gale_diag;

/* ------------------------------------------------------------ strings -- */

/* A borrowed run of bytes, not ended by a NUL.
 * Print it with printf("%.*s", (int)s.len, s.ptr). */
typedef struct gale_str {
    const char *ptr;
    uint32_t len;
} gale_str;

static inline gale_str gale_cstr(const char *z)
{
    gale_str s = { z, (uint32_t)strlen(z) };
    return s;
}

/* Are the bytes of `s` those of the C string `z`? */
static inline bool gale_str_is(gale_str s, const char *z)
{
    size_t n = strlen(z);
    return s.len == n && (n == 0 || memcmp(s.ptr, z, n) == 0);
}

#ifdef __cplusplus
}
#endif
#endif /* GALE_BASE_H */
