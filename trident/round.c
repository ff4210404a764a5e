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
    size_t bytes = row.n * sizeof(gale_value);
    gale_value *values;
    char *at;

    for (size_t i = 0; i < row.n; i++)
        if (row.values[i].type >= GALE_T_STR)
            bytes += row.values[i].len;
    values = gi_pool_piece(&r->pool, bytes);
    if (values == NULL) {
        gi_round_fail(r, "out of memory");
        return (gale_row){ NULL, 0 };
    }
    at = (char *)(values + row.n);
    for (size_t i = 0; i < row.n; i++) {
        values[i] = row.values[i];
        if (values[i].type < GALE_T_STR || values[i].len == 0)
            continue;
        memcpy(at, values[i].as.p, values[i].len);
        values[i].as.p = at;
        at += values[i].len;
    }
    return (gale_row){ values, row.n };
}
