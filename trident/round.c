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

bool gi_row_copy(gi_pool *pool, gale_row row, gale_row *out)
{
    size_t bytes = row.n * sizeof(gale_value);
    gale_value *values;
    char *at;

    for (size_t i = 0; i < row.n; i++)
        if (row.values[i].type >= GALE_T_STR)
            bytes += row.values[i].len;
    values = gi_pool_piece(pool, bytes);
    if (values == NULL)
        return false;
    at = (char *)(values + row.n);
    for (size_t i = 0; i < row.n; i++) {
        values[i] = row.values[i];
        if (values[i].type < GALE_T_STR || values[i].len == 0)
            continue;
        memcpy(at, values[i].as.p, values[i].len);
        values[i].as.p = at;
        at += values[i].len;
    }
    *out = (gale_row){ values, row.n };
    return true;
}

gale_row gi_round_keep(gi_round *r, gale_row row)
{
    gale_row kept = { NULL, 0 };

    if (!gi_row_copy(&r->pool, row, &kept))
        gi_round_fail(r, "out of memory");
    return kept;
}
