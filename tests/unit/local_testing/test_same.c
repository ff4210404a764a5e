/* Rows as multisets. */
#include <math.h>

#include "bolts.h"

#define SAME(a, b) gale_rows_same(a, b, &why)

Test(same, order_does_not_matter_but_number_does)
{
    gale_diag why;

    cr_assert(SAME(GALE_ROWS(GALE_ROW(I64(1)), GALE_ROW(I64(2))),
                   GALE_ROWS(GALE_ROW(I64(2)), GALE_ROW(I64(1)))));
    cr_assert_str_eq(why.text, "");
    cr_assert_not(SAME(GALE_ROWS(GALE_ROW(I64(1)), GALE_ROW(I64(1))),
                       GALE_ROWS(GALE_ROW(I64(1)))));
    cr_assert_str_eq(why.text, "too many: (1)");
    cr_assert_not(SAME(GALE_ROWS(GALE_ROW(I64(1))),
                       GALE_ROWS(GALE_ROW(I64(1)), GALE_ROW(I64(1)))));
    cr_assert_str_eq(why.text, "missing: (1)");
}

Test(same, nothing_is_the_same_as_nothing)
{
    gale_rows none = { NULL, 0 };
    gale_diag why;

    cr_assert(SAME(none, none));
    cr_assert_not(SAME(none, GALE_ROWS(GALE_ROW(gale_val_nil()))));
    cr_assert_str_eq(why.text, "missing: (nil)");
}

Test(same, each_type_is_compared_by_what_it_means)
{
    const struct {
        gale_value a, b;
        bool same;
    } cases[] = {
        { gale_val_nil(), gale_val_nil(), true },
        { gale_val_bool(true), gale_val_bool(true), true },
        { gale_val_bool(true), gale_val_bool(false), false },
        { I64(1), gale_val_f64(1), false },
        { I64(INT64_MIN), I64(INT64_MAX), false },
        { gale_val_f64(0.0), gale_val_f64(-0.0), true },
        { gale_val_f64(NAN), gale_val_f64(-NAN), true },
        { gale_val_f64(NAN), gale_val_f64(1), false },
        { TEXT("a"), TEXT("a"), true },
        { TEXT("a"), TEXT("ab"), false },
        { TEXT(""), TEXT(""), true },
        { TEXT("a"), gale_val_bytes("a", 1), false },
        { gale_val_list("\x90", 1), gale_val_list("\x90", 1), true },
        { gale_val_list("\x91\x01", 2), gale_val_list("\x91\x02", 2), false },
    };
    gale_diag why;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gale_rows a = GALE_ROWS(GALE_ROW(cases[i].a));
        gale_rows b = GALE_ROWS(GALE_ROW(cases[i].b));

        cr_assert_eq(SAME(a, b), cases[i].same, "case %zu", i);
        cr_assert_eq(SAME(b, a), cases[i].same, "case %zu, reversed", i);
    }
}

Test(same, a_row_that_begins_like_another_is_another)
{
    gale_diag why;

    cr_assert_not(SAME(GALE_ROWS(GALE_ROW(I64(1))),
                       GALE_ROWS(GALE_ROW(I64(1), TEXT("x")))));
    cr_assert_str_eq(why.text, "too many: (1)\nmissing: (1, \"x\")");
}

Test(same, a_long_list_of_differences_is_cut)
{
    enum { N = 500 };
    static gale_row rows[N];
    static gale_value values[N];
    gale_rows none = { NULL, 0 }, many = { rows, N };
    gale_diag why;

    for (size_t i = 0; i < N; i++) {
        values[i] = I64((int64_t)i);
        rows[i] = (gale_row){ &values[i], 1 };
    }
    cr_assert_not(SAME(many, none));
    cr_assert_eq(strlen(why.text), sizeof(why.text) - 1);
    cr_assert_not(gale_rows_same(many, none, NULL));
}
