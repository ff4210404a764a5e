/* same.c -- are two lists of rows the same, in whatever order?
 *
 * Both are sorted, and then walked side by side: a row that is on one side
 * only is missing or too many.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "local/testing/testing.h"

/* ---------------------------------------------------------------- order -- */

static int compare_f64(double a, double b)
{
    if (a != a || b != b) /* NaN: after all numbers, the same as itself */
        return (a != a) - (b != b);
    return (a > b) - (a < b);
}

static int compare_bytes(const gale_value *a, const gale_value *b)
{
    uint32_t n = a->len < b->len ? a->len : b->len;
    int rv = n == 0 ? 0 : memcmp(a->as.p, b->as.p, n);

    return rv != 0 ? rv : (a->len > b->len) - (a->len < b->len);
}

static int compare_values(const gale_value *a, const gale_value *b)
{
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (gi_type_has_bytes(a->type))
        return compare_bytes(a, b);
    if (a->type == GALE_T_I64)
        return (a->as.i > b->as.i) - (a->as.i < b->as.i);
    if (a->type == GALE_T_F64)
        return compare_f64(a->as.f, b->as.f);
    if (a->type == GALE_T_BOOL)
        return a->as.b - b->as.b;
    return 0;
}

static int compare_rows(const void *x, const void *y)
{
    const gale_row *a = *(const gale_row *const *)x;
    const gale_row *b = *(const gale_row *const *)y;

    for (size_t i = 0; i < a->n && i < b->n; i++) {
        int rv = compare_values(&a->values[i], &b->values[i]);
        if (rv != 0)
            return rv;
    }
    return (a->n > b->n) - (a->n < b->n);
}

/* ---------------------------------------------------------------- words -- */

/* Text that is cut where the room ends. */
struct words {
    char *at;
    size_t len, cap;
};

static void add(struct words *w, const char *format, ...) GALE_PRINTF(2, 3);

static void add(struct words *w, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(w->at + w->len, w->cap - w->len, format, ap);
    va_end(ap);
    if (n > 0)
        w->len += (size_t)n;
    if (w->len >= w->cap)
        w->len = w->cap - 1;
}

static void add_value(struct words *w, const gale_value *v)
{
    int len = v->len > 60 ? 60 : (int)v->len;

    if (v->type == GALE_T_I64)
        add(w, "%" PRId64, v->as.i);
    else if (v->type == GALE_T_F64)
        add(w, "%.17g", v->as.f);
    else if (v->type == GALE_T_BOOL)
        add(w, v->as.b ? "true" : "false");
    else if (v->type == GALE_T_STR)
        add(w, "\"%.*s\"%s", len, v->as.p, v->len > 60 ? "..." : "");
    else if (v->type == GALE_T_NIL)
        add(w, "nil");
    else
        add(w, "%s of %u bytes", gale_type_name(v->type), v->len);
}

static void add_row(struct words *w, const char *what, const gale_row *row)
{
    add(w, "%s%s (", w->len == 0 ? "" : "\n", what);
    for (size_t i = 0; i < row->n; i++) {
        if (i > 0)
            add(w, ", ");
        add_value(w, &row->values[i]);
    }
    add(w, ")");
}

/* -------------------------------------------------------------- walking -- */

static const gale_row **sorted(gale_rows rows)
{
    const gale_row **at = gi_calloc(rows.n + 1, sizeof(const gale_row *));

    for (size_t i = 0; at != NULL && i < rows.n; i++)
        at[i] = &rows.at[i];
    if (at != NULL)
        qsort(at, rows.n, sizeof(const gale_row *), compare_rows);
    return at;
}

/* Side by side.  NULL ends a list, and comes after everything. */
static bool walk(const gale_row **got, const gale_row **expected,
                 struct words *w)
{
    bool same = true;

    while (*got != NULL || *expected != NULL) {
        int order = *got == NULL        ? 1
                    : *expected == NULL ? -1
                                        : compare_rows(got, expected);
        if (order < 0)
            add_row(w, "too many:", *got);
        else if (order > 0)
            add_row(w, "missing:", *expected);
        same &= order == 0;
        got += order <= 0;
        expected += order >= 0;
    }
    return same;
}

bool gale_rows_same(gale_rows got, gale_rows expected, gale_diag *why)
{
    gale_diag unused;
    struct words w = { .at = why == NULL ? unused.text : why->text,
                       .cap = sizeof(unused.text) };
    const gale_row **a = sorted(got);
    const gale_row **b = sorted(expected);
    bool same = false;

    w.at[0] = '\0';
    if (a != NULL && b != NULL)
        same = walk(a, b, &w);
    else
        add(&w, "%s", gale_err_text(GALE_ENOMEM));
    gi_free(a);
    gi_free(b);
    return same;
}
