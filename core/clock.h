/* clock.h - what time it is, in nanoseconds. Any thread. */
#ifndef HONE_CORE_CLOCK_H
#define HONE_CORE_CLOCK_H

#include <stdint.h>

uint64_t hone_now_ns(void);       /* CLOCK_MONOTONIC: for durations and deadlines */
int64_t hone_wall_clock_ns(void); /* CLOCK_REALTIME: for records people read */

#endif
