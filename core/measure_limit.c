/* measure_limit.c - what a measurement has spent, and whether it may go on.
 *
 * A step is charged for a core's time, not for the clock's: that of the goes of candidate and
 * baselines, and this thread's, which copies, poisons and judges for them. A machine that does
 * other things beside slows both down and is nobody's fault. Where a device has no such clock, the
 * wall's counts. Filling input sets and calibrating baselines are for all steps, and not charged.
 */
#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/error.h"

#include <errno.h>
#include <time.h>

/* The wall's clock may go so many times as far as a core's: beyond that the machine is too busy to
 * measure on. */
#define WALL_FACTOR 12

static uint64_t thread_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct hone_spent spent_until_now(const struct hone_measurement *measurement) {
    return (struct hone_spent){
        .wall_ns = hone_now_ns() - hone_pool_filling_ns(measurement->meter->pool),
        .core_ns = thread_now_ns() + measurement->goes_ns,
    };
}

void hone_spending_begin(struct hone_measurement *measurement) {
    measurement->begun = spent_until_now(measurement);
}

static struct hone_spent since(const struct hone_spent *begun, const struct hone_spent *now) {
    return (struct hone_spent){now->wall_ns - begun->wall_ns, now->core_ns - begun->core_ns};
}

void hone_spending_excuse(struct hone_measurement *measurement, const struct hone_spent *from) {
    const struct hone_spent now = spent_until_now(measurement);
    const struct hone_spent part = since(from, &now);
    measurement->begun.wall_ns += part.wall_ns;
    measurement->begun.core_ns += part.core_ns;
}

struct hone_spent hone_spending_mark(const struct hone_measurement *measurement) {
    return spent_until_now(measurement);
}

void hone_spending_add(struct hone_measurement *measurement, const struct hone_go_result *done) {
    measurement->goes_ns += done->cpu_ns;
    measurement->no_core_clock |= done->wall_ns > 0 && done->cpu_ns == 0;
}

uint64_t hone_spending_ns(const struct hone_measurement *measurement) {
    const struct hone_spent now = spent_until_now(measurement);
    const struct hone_spent spent = since(&measurement->begun, &now);
    return measurement->no_core_clock ? spent.wall_ns : spent.core_ns;
}

uint64_t hone_step_limit_ns(const struct hone_measurement *measurement) {
    return measurement->meter->options.step_limit_ns *
           (hone_is_emulated(measurement)                ? EMULATED_STEP_FACTOR
            : measurement->task->sizes == HONE_SIZES_GPU ? GPU_STEP_FACTOR
                                                         : 1);
}

int hone_measure_check(const struct hone_measurement *measurement) {
    const struct hone_measure_request *request = measurement->request;
    if (request->cancel && atomic_load_explicit(request->cancel, memory_order_relaxed))
        return hone_fail(measurement->error, -ECANCELED, "the measurement was cancelled");
    const uint64_t limit_ns = hone_step_limit_ns(measurement);
    const uint64_t spent_ns = hone_spending_ns(measurement);
    const struct hone_spent now = spent_until_now(measurement);
    if ((request->budget_ns && spent_ns > request->budget_ns) ||
        (request->until_ns && hone_now_ns() > request->until_ns))
        return HONE_LIMIT_BUDGET;
    if (spent_ns > limit_ns)
        return HONE_LIMIT_STEP;
    return now.wall_ns - measurement->begun.wall_ns > WALL_FACTOR * limit_ns ? HONE_LIMIT_MACHINE
                                                                             : 0;
}

int hone_measure_end(const struct hone_measurement *measurement, int limit, uint32_t rounds,
                     struct hone_failure *failure) {
    if (limit == HONE_LIMIT_MACHINE)
        return hone_fail(measurement->error, -EAGAIN,
                         "the machine is too busy: a measurement got %.1f s of a core within "
                         "%.0f s; run fewer programs beside it",
                         (double)hone_spending_ns(measurement) / 1e9,
                         WALL_FACTOR * (double)hone_step_limit_ns(measurement) / 1e9);
    if (limit == HONE_LIMIT_BUDGET)
        hone_failure_of_budget(failure);
    else
        hone_failure_of_step(hone_step_limit_ns(measurement), rounds, failure);
    return 0;
}
