#include "core/statistics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static int compare_doubles(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double middle(const double *sorted, uint32_t count) {
    if (count == 0)
        return NAN;
    double upper = sorted[count / 2];
    return count % 2 ? upper : 0.5 * (sorted[count / 2 - 1] + upper);
}

double hone_median(double *values, uint32_t count) {
    if (count > 1)
        qsort(values, count, sizeof *values, compare_doubles);
    return middle(values, count);
}

/* The largest l with 2 P(Binomial(count, 1/2) < l) <= 1 - coverage; 0 when even l = 1 covers too
 * little. The terms are C(count, k) / 2^count, by recurrence; long double so that 2^-count does not
 * underflow. */
static uint32_t lower_rank(uint32_t count, double coverage) {
    assert(count <= 16000);
    const long double allowed = (1.0L - (long double)coverage) * (1 + 1e-12L);
    long double term = ldexpl(1, -(int)count), below = 0;
    uint32_t rank = 0;
    while (rank < (count + 1) / 2) {
        below += term;
        if (2 * below > allowed)
            break;
        term *= (long double)(count - rank) / (long double)(rank + 1);
        rank++;
    }
    return rank;
}

void hone_median_interval(double *values, uint32_t count, double coverage, double *median,
                          double *low, double *high) {
    *median = hone_median(values, count);
    if (count == 0) {
        *low = *high = NAN;
        return;
    }
    uint32_t rank = lower_rank(count, coverage);
    if (rank == 0)
        rank = 1;
    *low = values[rank - 1];
    *high = values[count - rank];
}

double hone_relative_mad(double *values, uint32_t count) {
    double median = hone_median(values, count);
    for (uint32_t i = 0; i < count; i++)
        values[i] = fabs(values[i] - median);
    return hone_median(values, count) / fabs(median);
}
