#include <criterion/criterion.h>

#include "base/hist.h"

#include <stdlib.h>
#include <string.h>

static gi_hist a, b, sum;

static uint64_t any_value(unsigned *seed)
{
    uint64_t bits = 0;

    for (int i = 0; i < 5; i++)
        bits = bits << 15 ^ (uint64_t)rand_r(seed);
    return bits >> rand_r(seed) % 64;
}

Test(hist, buckets_are_numbered_without_gaps)
{
    uint64_t from = 0;

    for (unsigned i = 0; i < GI_HIST_BUCKETS; i++) {
        uint64_t upper = gi_hist_upper(i);
        cr_assert_eq(gi_hist_bucket(from), i);
        cr_assert_eq(gi_hist_bucket(upper), i);
        cr_assert_geq(upper, from);
        from = upper + 1;
    }
    cr_assert_eq(from, 0, "the last one ends at 2^64 - 1");
}

Test(hist, a_quantile_is_at_most_one_thirty_second_too_high)
{
    unsigned seed = 3;

    for (int round = 0; round < 100000; round++) {
        uint64_t v = any_value(&seed);
        uint64_t upper = gi_hist_upper(gi_hist_bucket(v));
        cr_assert_geq(upper, v);
        cr_assert_leq(upper - v, v / 32);
    }
}

static int by_size(const void *x, const void *y)
{
    uint64_t p = *(const uint64_t *)x, q = *(const uint64_t *)y;

    return p < q ? -1 : p > q;
}

Test(hist, quantiles_are_those_of_the_sorted_values)
{
    static const double shares[] = { 0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999 };
    enum { N = 5000 };
    static uint64_t v[N];
    unsigned seed = 5;

    for (int i = 0; i < N; i++) {
        v[i] = any_value(&seed) >> 20;
        gi_hist_record(&a, v[i]);
    }
    qsort(v, N, sizeof(v[0]), by_size);
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        double rank = shares[i] * N;
        uint64_t exact = v[rank > 1 ? (size_t)(rank - 0.5) : 0];
        uint64_t got = gi_hist_quantile(&a, shares[i]);
        cr_assert_geq(got, exact, "%g", shares[i]);
        cr_assert_leq(got - exact, exact / 32, "%g", shares[i]);
    }
    cr_assert_eq(gi_hist_quantile(&a, 1), v[N - 1], "the maximum is exact");
}

Test(hist, of_nothing_all_quantiles_are_zero)
{
    cr_assert_eq(gi_hist_quantile(&a, 0), 0);
    cr_assert_eq(gi_hist_quantile(&a, 1), 0);
}

Test(hist, one_value_is_every_quantile)
{
    gi_hist_record(&a, 1000003);
    cr_assert_eq(gi_hist_quantile(&a, 0), 1000003);
    cr_assert_eq(gi_hist_quantile(&a, 0.5), 1000003);
    cr_assert_eq(gi_hist_quantile(&a, 1), 1000003);
}

Test(hist, the_half_of_two_is_the_lower_one)
{
    gi_hist_record(&a, 10);
    gi_hist_record(&a, 20);
    cr_assert_eq(gi_hist_quantile(&a, 0.5), 10);
    cr_assert_eq(gi_hist_quantile(&a, 0.51), 20);
}

Test(hist, the_largest_number_there_is_fits)
{
    gi_hist_record(&a, UINT64_MAX);
    cr_assert_eq(gi_hist_quantile(&a, 0.99), UINT64_MAX);
}

Test(hist, many_at_once_are_as_if_recorded_one_by_one)
{
    unsigned seed = 4;

    memset(&a, 0, sizeof(a));
    memset(&b, 0, sizeof(b));
    for (uint64_t n = 1; n < 200; n++) {
        uint64_t v = any_value(&seed) >> 16;

        gi_hist_record_many(&a, v, n);
        for (uint64_t i = 0; i < n; i++)
            gi_hist_record(&b, v);
    }
    cr_assert_eq(memcmp(&a, &b, sizeof(a)), 0);
}

Test(hist, merged_ones_are_as_if_recorded_in_one)
{
    unsigned seed = 9;

    for (int i = 0; i < 1000; i++) {
        uint64_t v = any_value(&seed);
        gi_hist_record(i % 3 == 0 ? &a : &b, v);
        gi_hist_record(&sum, v);
    }
    gi_hist_merge(&a, &b);
    cr_assert_eq(memcmp(&a, &sum, sizeof(a)), 0);
}
