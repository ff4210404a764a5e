#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trident/op.h"

void gi_round_fail(gi_round *r, const char *format, ...)
{
    va_list args;

    if (r->failed)
        return;
    r->failed = true;
    va_start(args, format);
    vsnprintf(r->why, sizeof(r->why), format, args);
    va_end(args);
}

gale_row gi_round_keep(gi_round *r, gale_row row)
{
    gale_value *values = gi_pool_take(&r->pool, row.n, sizeof(*values));
    gale_row copy = { values, row.n };

    for (size_t i = 0; values != NULL && i < row.n; i++) {
        char *bytes;

        values[i] = row.values[i];
        if (values[i].type < GALE_T_STR || values[i].len == 0)
            continue;
        bytes = gi_pool_take(&r->pool, values[i].len, 1);
        if (bytes == NULL) {
            values = NULL;
            break;
        }
        memcpy(bytes, row.values[i].as.p, values[i].len);
        values[i].as.p = bytes;
    }
    if (values == NULL) {
        gi_round_fail(r, "out of memory");
        copy = (gale_row){ NULL, 0 };
    }
    return copy;
}
