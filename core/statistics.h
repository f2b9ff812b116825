/* statistics.h - medians and distribution-free intervals. Pure functions; they reorder or overwrite
 * their input. At most 16000 values; none gives NaN. */
#ifndef HONE_CORE_STATISTICS_H
#define HONE_CORE_STATISTICS_H

#include <stdint.h>

double hone_median(double *values, uint32_t count);

/* The median and the order-statistic interval [x(l), x(u)] that covers the true median with
 * probability at least `coverage`: the largest l with 2 P(Binomial(count, 1/2) < l) <= 1 - coverage
 * (Conover, Practical Nonparametric Statistics, 3.2). With fewer values than that needs: their
 * range. */
void hone_median_interval(double *values, uint32_t count, double coverage, double *median,
                          double *low, double *high);

/* Relative median absolute deviation: median |x - m| / m. */
double hone_relative_mad(double *values, uint32_t count);

#endif
