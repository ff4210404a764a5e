/* What the library says of itself: its errors, its types, its version. */
#include "gale/base.h"
#include "gale/value.h"

const char *gale_version(void)
{
    return GALE_VERSION;
}

/* Callers may hand in any number, so these switch on an int. */
const char *gale_err_name(gale_err e)
{
    switch ((int)e) {
    case GALE_OK:
        return "GALE_OK";
#define NAME(name, code, text) \
    case code:                 \
        return "GALE_" #name;
        GALE_ERRORS(NAME)
#undef NAME
    default:
        return "GALE_E?";
    }
}

const char *gale_err_text(gale_err e)
{
    switch ((int)e) {
    case GALE_OK:
        return "all is well";
#define TEXT(name, code, text) \
    case code:                 \
        return text;
        GALE_ERRORS(TEXT)
#undef TEXT
    default:
        return "not an error of Gale's";
    }
}

bool gale_err_retryable(gale_err e)
{
    return e == GALE_ENOMEM || e == GALE_ETIME || e == GALE_EIO ||
           e == GALE_ELIMIT || e == GALE_EBUSY;
}

const char *gale_type_name(uint32_t type)
{
    static const char *const names[] = {
        [GALE_T_ANY] = "any",     [GALE_T_NIL] = "nil",
        [GALE_T_BOOL] = "bool",   [GALE_T_I64] = "i64",
        [GALE_T_F64] = "f64",     [GALE_T_STR] = "str",
        [GALE_T_BYTES] = "bytes", [GALE_T_LIST] = "list",
        [GALE_T_MAP] = "map",
    };

    return type < sizeof(names) / sizeof(names[0]) ? names[type] : "?";
}
