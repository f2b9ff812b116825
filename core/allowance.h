/* allowance.h - what somebody may write: so many bytes at once, and so many more a second.
 *
 * A bucket that fills again: full at first, emptied by what is spent, which may overdraw it once.
 * Times are CLOCK_MONOTONIC and never go back. Pure state; one thread at a time for each.
 */
#ifndef HONE_CORE_ALLOWANCE_H
#define HONE_CORE_ALLOWANCE_H

#include <stdbool.h>
#include <stdint.h>

struct hone_allowance_limits {
    double bytes; /* at once; 0: no limit at all */
    double rate;  /* bytes a second */
};

struct hone_allowance {
    double left; /* at that time */
    uint64_t at_ns;
};

void hone_allowance_init(struct hone_allowance *allowance,
                         const struct hone_allowance_limits *limits, uint64_t now_ns);
void hone_allowance_spend(struct hone_allowance *allowance,
                          const struct hone_allowance_limits *limits, uint64_t bytes,
                          uint64_t now_ns);
/* In how many seconds more may be written; 0: now. */
double hone_allowance_wait(const struct hone_allowance *allowance,
                           const struct hone_allowance_limits *limits, uint64_t now_ns);

#endif
