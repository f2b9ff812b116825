#include "core/statistics.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

/* The ranks of the interval, seen on the values 1 to n. */
static void ranks(uint32_t count, double coverage, double *low, double *high) {
    double values[128], median;
    for (uint32_t i = 0; i < count; i++)
        values[i] = count - i;
    hone_median_interval(values, count, coverage, &median, low, high);
}

Test(statistics, takes_the_middle_of_an_odd_count) {
    double values[] = {5, 1, 9};
    cr_assert(eq(dbl, hone_median(values, 3), 5));
}

Test(statistics, takes_the_mean_of_the_two_in_the_middle_of_an_even_count) {
    double values[] = {8, 1, 2, 4};
    cr_assert(eq(dbl, hone_median(values, 4), 3));
}

Test(statistics, has_no_median_of_nothing) {
    bool none = isnan(hone_median(NULL, 0)) != 0;
    cr_assert(none);
}

/* Conover, table of the sign test; any table of confidence intervals for the median, 95 %. */
Test(statistics, uses_the_published_ranks_of_the_95_percent_interval) {
    static const struct {
        uint32_t count;
        double low, high;
    } rows[] = {{6, 1, 6},   {7, 1, 7},    {8, 1, 8},    {9, 2, 8},    {10, 2, 9},
                {11, 2, 10}, {12, 3, 10},  {15, 4, 12},  {17, 5, 13},  {20, 6, 15},
                {25, 8, 18}, {30, 10, 21}, {40, 14, 27}, {50, 18, 33}, {100, 40, 61}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double low, high;
        ranks(rows[i].count, 0.95, &low, &high);
        cr_expect(eq(dbl, low, rows[i].low), "n=%u", rows[i].count);
        cr_expect(eq(dbl, high, rows[i].high), "n=%u", rows[i].count);
    }
}

Test(statistics, falls_back_to_the_range_when_there_are_too_few_values) {
    double low, high;
    ranks(5, 0.95, &low, &high);
    cr_expect(eq(dbl, low, 1));
    cr_expect(eq(dbl, high, 5));
    ranks(1, 0.95, &low, &high);
    cr_expect(eq(dbl, low, 1));
    cr_expect(eq(dbl, high, 1));
}

Test(statistics, widens_the_interval_with_the_coverage) {
    double low, high;
    ranks(20, 0.99, &low, &high);
    cr_expect(eq(dbl, low, 4));
    cr_expect(eq(dbl, high, 17));
    ranks(20, 0.90, &low, &high);
    cr_expect(eq(dbl, low, 6));
    cr_expect(eq(dbl, high, 15));
}

/* P(Binomial(7, 1/2) < 2) = 8/128: exactly the coverage 0.875. */
Test(statistics, accepts_a_rank_that_covers_exactly_what_is_asked) {
    double low, high;
    ranks(7, 0.875, &low, &high);
    cr_expect(eq(dbl, low, 2));
    cr_expect(eq(dbl, high, 6));
}

Test(statistics, keeps_ties) {
    double values[] = {2, 1, 2, 2, 2, 2, 2, 2, 3}, median, low, high;
    hone_median_interval(values, 9, 0.95, &median, &low, &high);
    cr_expect(eq(dbl, median, 2));
    cr_expect(eq(dbl, low, 2));
    cr_expect(eq(dbl, high, 2));
}

Test(statistics, measures_spread_relative_to_the_median) {
    double values[] = {1.0, 1.1, 0.9, 1.3, 0.8};
    cr_assert(ieee_ulp_eq(dbl, hone_relative_mad(values, 5), 0.1, 16));
    double large[] = {40, 44, 36, 52, 32};
    cr_assert(ieee_ulp_eq(dbl, hone_relative_mad(large, 5), 0.1, 16));
}

Test(statistics, ranks_thousands_of_values) {
    static double values[10000];
    double median, low, high;
    for (int i = 0; i < 10000; i++)
        values[i] = i + 1;
    hone_median_interval(values, 10000, 0.95, &median, &low, &high);
    /* n/2 -+ 1.96 sqrt(n)/2 */
    cr_expect(epsilon_eq(dbl, low, 4902, 1));
    cr_expect(epsilon_eq(dbl, high, 5099, 1));
}
