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

static bool equal(gale_row a, gale_row b)
{
    for (size_t i = 0; i < a.n && a.n == b.n; i++)
        if (!bytes_same_value(&a.values[i], &b.values[i]))
            return false;
    return a.n == b.n;
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

    /* One less; one twice in place of another. */
    other.n = n - 1;
    assert(!gale_rows_same(all, other, &why) && why.text[0] != '\0');
    assert(!gale_rows_same(other, all, &why) && why.text[0] != '\0');
    other.n = n;
    at = bytes_below(&b, (unsigned)n);
    bool fine = equal(turned[at], rows[0]);
    turned[at] = rows[0];
    if (fine)
        assert(gale_rows_same(all, other, &why));
    (void)gale_rows_same(all, other, &why); /* NaN is NaN: no more is sure */
    assert(strlen(why.text) < sizeof(why.text));
    return 0;
}
