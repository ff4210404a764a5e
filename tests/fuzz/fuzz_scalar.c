/* Any text as a number, a truth value, a duration, a word that was meant: what
 * is taken for one is what it says, and is written so that it reads the same.
 */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/scalar.h"
#include "cli/number.h"

static void check_numbers(const char *text)
{
    char again[GI_SCALAR_TEXT];
    int64_t i, i2;
    double f, f2;
    bool b, whole = gi_scalar_i64(text, &i);

    if (whole) {
        snprintf(again, sizeof(again), "%" PRId64, i);
        assert(gi_scalar_i64(again, &i2) && i2 == i);
        assert(gi_scalar_f64(text, &f) && f == (double)i);
    }
    if (gi_scalar_f64(text, &f)) {
        assert(isfinite(f));
        gi_scalar_put_f64(again, f);
        assert(strlen(again) < GI_SCALAR_TEXT);
        assert(gi_scalar_f64(again, &f2) && f2 == f);
        assert(!gi_scalar_bool(text, &b));
    }
}

static void check_duration(const char *text)
{
    char again[GI_DURATION_TEXT];
    uint32_t ms = 77, ms2;
    int64_t ns = 77, ns2, secs;

    if (!gi_duration_ns(text, &ns)) {
        assert(ns == 77 && !gi_duration_ms(text, &ms) && ms == 77);
        return;
    }
    assert(gi_duration_ns(gi_duration_text(again, ns), &ns2) && ns2 == ns);
    if (gi_duration_ms(text, &ms)) {
        snprintf(again, sizeof(again), "%" PRIu32 "ms", ms);
        assert(gi_duration_ms(again, &ms2) && ms2 == ms);
        assert((ns + 999999) / 1000000 == ms);
        if (gi_scalar_i64(text, &secs))
            assert(ms == secs * 1000);
    }
}

static void check_words(const char *a, const char *b)
{
    const char *both[] = { a, b };
    size_t most = strlen(a) > strlen(b) ? strlen(a) : strlen(b);
    size_t n = gi_nearest_edits(a, b);

    assert(gi_nearest_edits(b, a) == n);
    if (strlen(a) <= GI_NEAREST_LETTERS && strlen(b) <= GI_NEAREST_LETTERS) {
        assert(n <= most);
        assert((n == 0) == (strcmp(a, b) == 0));
    }
    if (*a != '\0')
        assert(gi_nearest(a, both, 2) == a);
    assert(gi_nearest(a, both, 0) == NULL);
}

static void check_written(uint64_t n)
{
    char text[GI_NUMBER_TEXT];
    uint64_t back = 0;

    for (const char *c = gi_number_full(text, n); *c != '\0'; c++)
        if (*c != ',')
            back = back * 10 + (uint64_t)(*c - '0');
    assert(back == n && strlen(text) < GI_NUMBER_TEXT);
    assert(strlen(gi_number_short(text, n)) <= 6);
    assert(strlen(gi_number_time(text, n)) < GI_NUMBER_TEXT);
    assert(strlen(gi_number_signed(text, (int64_t)n)) < GI_NUMBER_TEXT);
}

/* The text up to the first newline, and what is behind it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = gi_strndup(len == 0 ? "" : (const char *)data, len);
    uint64_t n = 0;

    if (text == NULL)
        return 0;
    char *other = strchr(text, '\n');
    if (other != NULL)
        *other++ = '\0';
    check_numbers(text);
    check_duration(text);
    check_words(text, other == NULL ? "" : other);
    memcpy(&n, data, len < sizeof(n) ? len : sizeof(n));
    check_written(n);
    gi_free(text);
    return 0;
}
