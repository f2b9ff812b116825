#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Enough of a slow baseline on one workload. */
#define CALIBRATION_ENOUGH_NS 200e6

static struct hone_known *known_of(struct hone_meter *meter, const struct hone_task *task) {
    for (struct hone_known *known = meter->known; known; known = known->next)
        if (known->task_hash == task->hash64)
            return known;
    struct hone_known *known = calloc(1, sizeof *known);
    if (!known)
        return NULL;
    known->task_hash = task->hash64;
    known->next = meter->known;
    meter->known = known;
    return known;
}

static double *nothing_known(const struct hone_task *task) {
    double *values = malloc((task->workload_count + 1) * sizeof *values);
    for (uint32_t i = 0; values && i < task->workload_count; i++)
        values[i] = NAN;
    return values;
}

static int calibrate_place(struct hone_measurement *measurement, const struct hone_stand *stand,
                           struct hone_side *side, struct hone_place *place, double *median_ns,
                           double *handling_ns) {
    struct hone_meter *meter = measurement->meter;
    double times[CALIBRATION_CALLS], handling[CALIBRATION_CALLS], sum = 0;
    uint32_t count = 0;
    for (uint32_t call = 0; call < CALIBRATION_CALLS; call++) {
        const struct hone_set *set =
            hone_shelf_take(place->shelf, &place->shown, hone_random_next(&meter->random));
        if (!set)
            break;
        struct hone_failure failure;
        struct hone_sample sample;
        const uint64_t begun = hone_now_ns();
        int status = hone_side_call(measurement, stand, side, place, &set, meter->pattern++,
                                    &sample, &failure);
        if (status != 0)
            return status;
        if (failure.verdict)
            return hone_side_blame(measurement, side, &failure);
        if (call == 0)
            continue;
        handling[count] = (double)(hone_now_ns() - begun) - sample.wall_ns;
        times[count++] = sample.noisy ? sample.cpu_ns : sample.wall_ns;
        sum += sample.wall_ns;
        if (sum > CALIBRATION_ENOUGH_NS)
            break;
    }
    *median_ns = hone_median(times, count);
    *handling_ns = hone_median(handling, count);
    return 0;
}

/* Fewer where they would fill the pool; one that is timed at least. */
static uint32_t count_calls(const struct hone_measurement *measurement,
                            const struct hone_workload *workload) {
    struct hone_set_layout layout;
    hone_set_layout(measurement->task, workload, &layout);
    const uint64_t fit = measurement->meter->options.pool_bytes / (2 * layout.total_bytes + 1);
    return fit < 2 ? 2 : fit < CALIBRATION_CALLS ? (uint32_t)fit : CALIBRATION_CALLS;
}

static int build_stand(struct hone_measurement *measurement, const struct hone_image *image,
                       struct hone_stand *stand) {
    const struct hone_task *task = measurement->task;
    stand->plans = &image->plan;
    stand->seat_count = 1;
    for (uint32_t i = 0; i < task->workload_count; i++) {
        if (task->workloads[i].set != HONE_BENCH)
            continue;
        struct hone_place *place = hone_stand_add(stand, &task->workloads[i], 1);
        if (!place)
            return hone_fail(measurement->error, -ENOMEM, "out of memory for workloads");
        const struct hone_shelf_key key = hone_measure_key(measurement, &task->workloads[i]);
        int status = hone_pool_hold(measurement->meter->pool, &key,
                                    count_calls(measurement, &task->workloads[i]), false,
                                    &place->shelf, measurement->error);
        if (status != 0)
            return status;
    }
    return hone_stand_lay_out(measurement, stand);
}

static int calibrate_baseline(struct hone_measurement *measurement, struct hone_known *known,
                              uint32_t index) {
    const struct hone_task *task = measurement->task;
    struct hone_side side = {.name = task->baselines[index].name,
                             .image = measurement->request->baselines[index]};
    struct hone_stand stand = {0};
    struct hone_failure failure;
    double *medians = nothing_known(task), *handling = nothing_known(task);
    int status = medians && handling
                     ? build_stand(measurement, &side.image, &stand)
                     : hone_fail(measurement->error, -ENOMEM, "out of memory for medians");
    /* The first process that calls a library waits for the library, which is no cost of replacing
     * one: rounds would be few for it. */
    if (status == 0 && side.image.library)
        status = hone_side_start(measurement, &stand, &side, &failure);
    hone_side_stop(measurement, &side);
    uint64_t begun = hone_now_ns();
    if (status == 0)
        status = hone_side_start(measurement, &stand, &side, &failure);
    if (status == 0 && failure.verdict)
        status = hone_side_blame(measurement, &side, &failure);
    uint64_t replacing_ns = hone_now_ns() - begun;
    for (uint32_t i = 0; status == 0 && i < stand.count; i++) {
        const ptrdiff_t w = stand.places[i].workload - task->workloads;
        status = calibrate_place(measurement, &stand, &side, &stand.places[i], &medians[w],
                                 &handling[w]);
    }
    begun = hone_now_ns();
    hone_side_stop(measurement, &side);
    replacing_ns += hone_now_ns() - begun;
    hone_stand_finish(&stand, measurement->meter->pool);
    if (status == 0) {
        known->known[index] = true;
        known->ns[index] = medians;
        medians = NULL;
        if (!known->handling_ns) {
            known->handling_ns = handling;
            known->replacing_ns = (double)replacing_ns;
            handling = NULL;
        }
    }
    free(medians);
    free(handling);
    return status;
}

int hone_measure_calibrate(struct hone_measurement *measurement) {
    const struct hone_task *task = measurement->task;
    const uint64_t begun = hone_now_ns();
    const uint64_t filled = hone_pool_filling_ns(measurement->meter->pool);
    struct hone_known *known = known_of(measurement->meter, task);
    if (!known)
        return hone_fail(measurement->error, -ENOMEM, "out of memory for medians");
    measurement->known = known;
    for (uint32_t i = 0; i < task->baseline_count; i++) {
        if (known->known[i] || !measurement->request->baselines[i].bytes)
            continue;
        int status = calibrate_baseline(measurement, known, i);
        if (status != 0)
            return status;
    }
    /* What filling took is left out already. */
    measurement->calibrated_ns =
        hone_now_ns() - begun - (hone_pool_filling_ns(measurement->meter->pool) - filled);
    return 0;
}
