/* builtin.c -- count, sum, min, max.
 *
 * nil counts for nothing in sum, min and max: it is what an outer join puts
 * where there is no partner.  A sum of whole numbers wraps around; one with a
 * float in it is a float. */
#include "base/bug.h"
#include "trident/op.h"
#include "trident/values.h"

/* --------------------------------------------------------------- count -- */

static void count_init(gale_row in, gale_value *out)
{
    (void)in;
    *out = gale_val_i64(1);
}

static void add(const gale_value *a, const gale_value *b, gale_value *out)
{
    *out = gale_val_i64((int64_t)((uint64_t)a->as.i + (uint64_t)b->as.i));
}

static void none(gale_value *out)
{
    *out = gale_val_i64(0);
}

const gale_combiner gale_count = {
    .output = GALE_FIELDS(GALE_I64("count")),
    .init = count_init,
    .combine = add,
    .zero = none,
};

/* ----------------------------------------------------------------- sum -- */

static gale_value first_of(gale_row in, const char *who)
{
    if (in.n == 0)
        gi_bug("%s: %s needs one field to look at",
               gi_step_named(gi_step_here).text, who);
    return in.values[0];
}

static void sum_init(gale_row in, gale_value *out)
{
    gale_value v = first_of(in, "gale_sum");

    if (v.type == GALE_T_NIL)
        none(out);
    else if (v.type == GALE_T_I64 || v.type == GALE_T_F64)
        *out = v;
    else
        gi_bug("%s: gale_sum adds i64 and f64, but is given %s",
               gi_step_named(gi_step_here).text, gale_type_name(v.type));
}

static double as_f64(const gale_value *v)
{
    return v->type == GALE_T_F64 ? v->as.f : (double)v->as.i;
}

static void sum_combine(const gale_value *a, const gale_value *b,
                        gale_value *out)
{
    if (a->type == GALE_T_I64 && b->type == GALE_T_I64)
        add(a, b, out);
    else
        *out = gale_val_f64(as_f64(a) + as_f64(b));
}

const gale_combiner gale_sum = {
    .output = GALE_FIELDS(GALE_ANY("sum")),
    .init = sum_init,
    .combine = sum_combine,
    .zero = none,
};

/* ------------------------------------------------------------ min, max -- */

static void nothing(gale_value *out)
{
    *out = gale_val_nil();
}

static void min_init(gale_row in, gale_value *out)
{
    *out = first_of(in, "gale_min");
}

static void max_init(gale_row in, gale_value *out)
{
    *out = first_of(in, "gale_max");
}

static void min_combine(const gale_value *a, const gale_value *b,
                        gale_value *out)
{
    if (a->type == GALE_T_NIL)
        *out = *b;
    else
        *out = b->type != GALE_T_NIL && gi_value_order(b, a) < 0 ? *b : *a;
}

static void max_combine(const gale_value *a, const gale_value *b,
                        gale_value *out)
{
    *out = gi_value_order(b, a) > 0 ? *b : *a;
}

const gale_combiner gale_min = {
    .output = GALE_FIELDS(GALE_ANY("min")),
    .init = min_init,
    .combine = min_combine,
    .zero = nothing,
};

const gale_combiner gale_max = {
    .output = GALE_FIELDS(GALE_ANY("max")),
    .init = max_init,
    .combine = max_combine,
    .zero = nothing,
};
