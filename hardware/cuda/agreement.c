#include "hardware/cuda/agreement.h"

#include <stdio.h>

#define SLACK_NS 3000u  /* of a call: what events and records resolve */
#define SLACK_PART 20   /* and a twentieth: 5 % */
#define DRIFT_PART 1000 /* by which the device's clock may run faster than the host's */

/* Happens this often, and to at least one go in so many. */
#define IMPOSSIBLE_LEAST 2u
#define LATE_LEAST 4u
#define LATE_PART 4u
#define DISPUTED_LEAST 3u
#define DISPUTED_PART 2u

static bool differ(uint64_t one, uint64_t other, uint64_t slack) {
    return one > other ? one - other > slack : other - one > slack;
}

void agreement_note(struct agreement *agreement, const struct hone_launcher_times *times,
                    uint32_t calls) {
    const uint64_t slack = (uint64_t)SLACK_NS * calls;
    agreement->goes++;
    if (times->device_ns > times->host_ns + times->host_ns / DRIFT_PART + slack ||
        times->kernel_ns > times->device_ns + slack)
        agreement->impossible++;
    else if (times->host_ns > times->device_ns + times->waited_ns + times->overhead_ns +
                                  times->device_ns / SLACK_PART + slack)
        agreement->late++;
    if (!times->traced_calls)
        return;
    agreement->traced++;
    const uint64_t least = (uint64_t)SLACK_NS * times->traced_calls;
    const uint64_t traced_slack =
        times->trace_overhead_ns > least ? times->trace_overhead_ns : least;
    if (times->missing_calls || differ(times->traced_ns, times->traced_kernel_ns,
                                       times->traced_kernel_ns / SLACK_PART + traced_slack))
        agreement->disputed++;
}

bool agreement_holds(const struct agreement *agreement, char *text, size_t size) {
    if (agreement->impossible >= IMPOSSIBLE_LEAST)
        snprintf(text, size, "events say more time passed than the host's clock, in %u of %u goes",
                 agreement->impossible, agreement->goes);
    else if (agreement->late >= LATE_LEAST && agreement->late * LATE_PART > agreement->goes)
        snprintf(text, size,
                 "the host's clock says more than events and launching explain, in %u of %u goes",
                 agreement->late, agreement->goes);
    else if (agreement->disputed >= DISPUTED_LEAST &&
             agreement->disputed * DISPUTED_PART > agreement->traced)
        snprintf(text, size,
                 "events and the records of kernels differ or these are missing, in %u of %u goes",
                 agreement->disputed, agreement->traced);
    else
        return true;
    return false;
}
