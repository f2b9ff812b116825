#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Enough of a slow baseline. */
#define CALIBRATION_ENOUGH_NS 200e6

static struct hone_errors_told tell(const struct hone_errors *errors) {
    struct hone_errors_told told;
    hone_deviation_of(&errors->deviation, &told.deviation);
    hone_precision_of(&errors->precision, &told.precision);
    return told;
}

static struct hone_known *known_of(struct hone_meter *meter, const struct hone_task *task) {
    for (struct hone_known *known = meter->known; known; known = known->next)
        if (known->task_hash == task->hash64)
            return known;
    struct hone_known *known = calloc(1, sizeof *known);
    if (!known)
        return NULL;
    known->honest = calloc(task->workload_count + 1, sizeof *known->honest);
    if (!known->honest) {
        free(known);
        return NULL;
    }
    for (uint32_t i = 0; i < task->workload_count; i++)
        known->honest[i] = tell(&(struct hone_errors){0});
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

/* *set is NULL when none is left. Where errors are looked at, it is one whose truth for moved
 * inputs is known. */
static int take_set(struct hone_measurement *measurement, const struct hone_side *side,
                    struct hone_place *place, const struct hone_set **set) {
    struct hone_meter *meter = measurement->meter;
    uint32_t index;
    if (!side->errors || place->shown) {
        *set = hone_shelf_take(place->shelf, &place->shown, hone_random_next(&meter->random));
        return 0;
    }
    int status =
        hone_pool_nudge(meter->pool, place->shelf, place->shown, &index, measurement->error);
    if (status == 0)
        *set = hone_shelf_show(place->shelf, &place->shown, index);
    return status;
}

/* One timed call, after one that is not; both on inputs that the process has not seen. */
static int calibrate_place(struct hone_measurement *measurement, const struct hone_stand *stand,
                           struct hone_side *side, struct hone_place *place, double *ns) {
    struct hone_meter *meter = measurement->meter;
    struct hone_sample sample = {0};
    place->shown = 0;
    for (uint32_t call = 0; call < CALIBRATION_CALLS; call++) {
        const struct hone_set *set = NULL;
        int status = take_set(measurement, side, place, &set);
        if (status != 0)
            return status;
        if (!set)
            break;
        struct hone_failure failure;
        status = hone_side_call(measurement, stand, side, place, &set, meter->pattern++, &sample,
                                &failure);
        if (status != 0)
            return status;
        if (failure.verdict)
            return hone_side_blame(measurement, side, &failure);
    }
    *ns = sample.noisy ? sample.cpu_ns : sample.wall_ns;
    return 0;
}

/* Fewer where they would fill the pool; one that is timed at least. */
static uint32_t count_calls(const struct hone_measurement *measurement,
                            const struct hone_workload *workload) {
    const uint64_t bytes =
        hone_pool_set_bytes(measurement->meter->pool, measurement->task, workload);
    const uint64_t fit = measurement->meter->options.pool_bytes / (2 * bytes + 1);
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

/* Take the errors of one baseline's first calls into what honest ones are. */
static void learn_errors(struct hone_known *known, const struct hone_measurement *measurement,
                         const struct hone_stand *stand, const struct hone_errors *errors) {
    for (uint32_t i = 0; i < stand->count; i++) {
        const struct hone_errors_told told = tell(&errors[i]);
        const ptrdiff_t index = stand->places[i].workload - measurement->task->workloads;
        hone_deviation_worsen(&known->honest[index].deviation, &told.deviation);
        hone_precision_worsen(&known->honest[index].precision, &told.precision);
    }
}

/* One sample of every bench workload, in a new process; `errors` by place, NULL: nobody asks. */
static int calibrate_once(struct hone_measurement *measurement, const struct hone_stand *stand,
                          struct hone_side *side, double (*times)[CALIBRATION_SAMPLES],
                          uint32_t sample, struct hone_errors *errors) {
    struct hone_failure failure;
    int status = hone_side_start(measurement, stand, side, &failure);
    if (status == 0 && failure.verdict)
        status = hone_side_blame(measurement, side, &failure);
    for (uint32_t i = 0; status == 0 && i < stand->count; i++) {
        side->errors = errors ? &errors[i] : NULL;
        status = calibrate_place(measurement, stand, side, &stand->places[i], &times[i][sample]);
    }
    hone_side_stop(measurement, side);
    return status;
}

static int calibrate_baseline(struct hone_measurement *measurement, struct hone_known *known,
                              uint32_t index) {
    const struct hone_task *task = measurement->task;
    struct hone_side side = {.name = task->baselines[index].name,
                             .image = measurement->request->baselines[index]};
    struct hone_stand stand = {0};
    double *medians = nothing_known(task);
    double(*times)[CALIBRATION_SAMPLES] = calloc(task->workload_count, sizeof *times);
    struct hone_errors *errors = calloc(task->workload_count, sizeof *errors);
    const bool deviates = measurement->request->needs & HONE_NEED_DEVIATION;
    int status = medians && times && errors
                     ? build_stand(measurement, &side.image, &stand)
                     : hone_fail(measurement->error, -ENOMEM, "out of memory for medians");
    uint32_t samples = 0;
    double sum = 0;
    while (status == 0 && samples < CALIBRATION_SAMPLES && sum < CALIBRATION_ENOUGH_NS) {
        status = calibrate_once(measurement, &stand, &side, times, samples,
                                deviates && samples == 0 ? errors : NULL);
        for (uint32_t i = 0; i < stand.count; i++)
            sum += times[i][samples];
        samples++;
    }
    for (uint32_t i = 0; status == 0 && i < stand.count; i++)
        medians[stand.places[i].workload - task->workloads] = hone_median(times[i], samples);
    if (status == 0) {
        learn_errors(known, measurement, &stand, errors);
        known->known[index] = true;
        known->ns[index] = medians;
        medians = NULL;
    }
    hone_stand_finish(&stand, measurement->meter->pool);
    free(errors);
    free(times);
    free(medians);
    return status;
}

int hone_measure_calibrate(struct hone_measurement *measurement) {
    const struct hone_task *task = measurement->task;
    const struct hone_spent begun = hone_spending_mark(measurement);
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
    hone_spending_excuse(measurement, &begun);
    return 0;
}
