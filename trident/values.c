#include "trident/values.h"

static int order_f64(double a, double b)
{
    if (a != a || b != b)
        return (a != a) - (b != b);
    return (a > b) - (a < b);
}

static int order_bytes(const gale_value *a, const gale_value *b)
{
    uint32_t n = a->len < b->len ? a->len : b->len;
    int rv = n == 0 ? 0 : memcmp(a->as.p, b->as.p, n);

    return rv != 0 ? rv : (a->len > b->len) - (a->len < b->len);
}

int gi_value_order(const gale_value *a, const gale_value *b)
{
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    switch (a->type) {
    case GALE_T_NIL:
        return 0;
    case GALE_T_BOOL:
        return a->as.b - b->as.b;
    case GALE_T_I64:
        return (a->as.i > b->as.i) - (a->as.i < b->as.i);
    case GALE_T_F64:
        return order_f64(a->as.f, b->as.f);
    default:
        return order_bytes(a, b);
    }
}
