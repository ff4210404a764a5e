/* values.h -- when two values are the same, and which comes first.
 *
 * Values of different types are never the same, and order by type.  0 and -0
 * are the same; a NaN is the same as one of the same bits, and comes last.
 * gale_state_group agrees: what is the same goes to the same group.
 */
#ifndef GI_TRIDENT_VALUES_H
#define GI_TRIDENT_VALUES_H

#include "gale/value.h"

/* The bits that count: of a number, or 0. */
static inline uint64_t gi_value_bits(const gale_value *v)
{
    if (v->type == GALE_T_F64 && v->as.f == 0)
        return 0;
    if (v->type == GALE_T_BOOL)
        return v->as.b;
    return v->type == GALE_T_NIL ? 0 : (uint64_t)v->as.i;
}

static inline bool gi_value_has_bytes(const gale_value *v)
{
    return v->type >= GALE_T_STR;
}

static inline bool gi_value_same(const gale_value *a, const gale_value *b)
{
    if (a->type != b->type)
        return false;
    if (!gi_value_has_bytes(a))
        return gi_value_bits(a) == gi_value_bits(b);
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->as.p, b->as.p, a->len) == 0);
}

/* Below, equal or above 0. */
int gi_value_order(const gale_value *a, const gale_value *b);

#endif
