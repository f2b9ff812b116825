/* coarse.h - numbers of a hidden workload as an agent may see them.
 *
 * A candidate that is shown an exact count or error of a workload it must not know can write that
 * workload's sizes and values into them. In a few wide steps they still say what a person debugs
 * with. Pure functions; any thread.
 */
#ifndef HONE_CORE_COARSE_H
#define HONE_CORE_COARSE_H

#include <stdint.h>

/* "all", "nearly all", "about 30 % of the", "less than 1 % of the": elements. */
void hone_coarse_share(int64_t part, int64_t whole, char text[32]);

/* The nearest power of ten from 1e-6 to 1000; 0, NaN and infinity stay what they are. */
double hone_coarse_error(double error);

#endif
