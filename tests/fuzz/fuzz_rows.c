/* Any rows against the same rows in another order, and against others: as
 * lists they are the same, or the words say what is missing. */
#include "base/mem.h"
#include "bytes.h"
#include "gale/testing.h"

enum { ROWS = 12, VALUES = 4 };

static gale_value values[ROWS][VALUES];
static gale_row rows[ROWS], turned[ROWS];

static gale_value one_value(bytes *b)
{
    static const char empty_map[] = "\x80", list[] = "\x92\x01\xa1x";

    switch (bytes_below(b, 10)) {
    case 0:
        return gale_val_map(empty_map, 1);
    case 1:
        return gale_val_list(list, 4);
    case 2: /* no list, but bytes that somebody calls one */
        return gale_val_list(b->at, (uint32_t)(b->left > 9 ? 9 : b->left));
    case 3:
        return gale_val_i64(bytes_below(b, 3));
    default:
        return bytes_scalar(b);
    }
}

static size_t make(bytes *b)
{
    size_t n = bytes_below(b, ROWS + 1);

    for (size_t i = 0; i < n; i++) {
        rows[i] = (gale_row){ values[i], bytes_below(b, VALUES + 1) };
        for (size_t k = 0; k < rows[i].n; k++)
            values[i][k] = one_value(b);
    }
    return n;
}

/* As testing.h says: minus zero is zero, and NaN is NaN. */
static bool alike(gale_row a, gale_row b)
{
    for (size_t i = 0; i < a.n && a.n == b.n; i++) {
        const gale_value *x = &a.values[i], *y = &b.values[i];

        if (x->type == GALE_T_F64 && y->type == GALE_T_F64) {
            bool both_nan = x->as.f != x->as.f && y->as.f != y->as.f;
            if (x->as.f != y->as.f && !both_nan)
                return false;
        } else if (!bytes_same_value(x, y)) {
            return false;
        }
    }
    return a.n == b.n;
}

/* Every row finds one of its own among the others. */
static bool same(gale_rows a, gale_rows b)
{
    bool taken[ROWS] = { false };
    size_t found = 0;

    for (size_t i = 0; i < a.n; i++)
        for (size_t k = 0; k < b.n; k++)
            if (!taken[k] && alike(a.at[i], b.at[k])) {
                taken[k] = true;
                found++;
                break;
            }
    return found == a.n && a.n == b.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    bytes b = { data, len };
    size_t n = make(&b), at = 0;
    gale_rows all = { rows, n }, other = { turned, n };
    gale_diag why;

    for (size_t i = 0; i < n; i++)
        turned[i] = rows[n - 1 - i];
    assert(gale_rows_same(all, other, &why) && why.text[0] == '\0');
    assert(gale_rows_same(other, all, NULL));
    if (n == 0)
        return 0;

    /* One less; one in place of another. */
    other.n = n - 1;
    assert(!gale_rows_same(all, other, &why) && why.text[0] != '\0');
    assert(!gale_rows_same(other, all, &why) && why.text[0] != '\0');
    other.n = n;
    at = bytes_below(&b, (unsigned)n);
    turned[at] = rows[bytes_below(&b, (unsigned)n)];
    bool fine = gale_rows_same(all, other, &why);
    assert(fine == same(all, other) && fine == (why.text[0] == '\0'));

    /* One with one value changed. */
    gale_value changed[VALUES];
    memcpy(changed, turned[at].values, turned[at].n * sizeof(changed[0]));
    if (turned[at].n > 0)
        changed[bytes_below(&b, (unsigned)turned[at].n)] = one_value(&b);
    turned[at].values = changed;
    fine = gale_rows_same(all, other, &why);
    assert(fine == same(all, other) && fine == (why.text[0] == '\0'));
    return 0;
}
