#include "core/measure_internal.h"

#include "core/error.h"
#include "core/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MOST 256u
#define COUNTERS_MOST 32u
#define SETS 2u

/* The first bench workload, else the first there is: what is profiled is what is timed. */
static const struct hone_workload *choose(const struct hone_task *task) {
    for (uint32_t i = 0; i < task->workload_count; i++)
        if (task->workloads[i].set == HONE_BENCH)
            return &task->workloads[i];
    return task->workload_count ? &task->workloads[0] : NULL;
}

static int take(struct hone_measurement *measurement, const struct hone_place *place,
                struct hone_side *side, struct hone_profile *profile,
                struct hone_failure *failure) {
    struct hone_meter *meter = measurement->meter;
    const struct hone_go go = {
        .size = sizeof go,
        .count = 1,
        .word_count = place->seats[side->seat].word_count,
        .words = place->seats[side->seat].words,
        .limit_ns = BASELINE_LIMIT_NS,
    };
    struct hone_go_result done = {.size = sizeof done};
    int status = meter->ops->profile(side->process, &go, profile, &done);
    if (status < 0 || done.status == HONE_GO_LOST) {
        meter->lost = true;
        return hone_fail(measurement->error, -EPIPE,
                         "the worker of device %s was lost while "
                         "profiling: %.120s",
                         meter->description.id, done.text);
    }
    const struct hone_stop stop = {.task = measurement->task,
                                   .workload = place->workload,
                                   .seat = side->seat,
                                   .limit_ns = BASELINE_LIMIT_NS};
    hone_failure_of_go(&stop, &done, failure);
    return 0;
}

/* One call as any other, verified; then once more, looked into. */
static int run(struct hone_measurement *measurement, struct hone_stand *stand,
               struct hone_profile *profile, struct hone_failure *failure) {
    struct hone_meter *meter = measurement->meter;
    struct hone_side side = {.image = measurement->request->candidate};
    struct hone_place *place = &stand->places[0];
    const struct hone_shelf_key key = hone_measure_key(measurement, place->workload);
    int status = hone_pool_hold(meter->pool, &key, SETS, false, &place->shelf, measurement->error);
    if (status != 0)
        return status;
    stand->plans = &measurement->request->candidate.plan;
    stand->seat_count = 1;
    status = hone_stand_lay_out(measurement, stand);
    if (status == 0)
        status = hone_side_start(measurement, stand, &side, failure);
    if (status == 0 && !failure->verdict) {
        const struct hone_set *set =
            hone_shelf_take(place->shelf, &place->shown, hone_random_next(&meter->random));
        struct hone_sample sample;
        status = hone_side_call(measurement, stand, &side, place, &set, meter->pattern++, &sample,
                                failure);
    }
    if (status == 0 && !failure->verdict)
        status = take(measurement, place, &side, profile, failure);
    hone_side_stop(measurement, &side);
    return status;
}

/* An array goes to the result, or nowhere. */
static void keep(struct hone_measure_result *result, struct hone_profile *profile, bool good) {
    if (good) {
        result->profile_count = profile->row_count;
        result->counter_count = profile->counter_count;
        snprintf(result->profile_note, sizeof result->profile_note, "%s", profile->reason);
    }
    if (result->profile_count)
        result->profile = profile->rows;
    else
        free(profile->rows);
    if (result->counter_count)
        result->counters = profile->counters;
    else
        free(profile->counters);
}

int hone_measure_profile(struct hone_measurement *measurement, struct hone_failure *failure) {
    struct hone_measure_result *result = measurement->result;
    const struct hone_workload *workload = choose(measurement->task);
    if (!HONE_HAS(measurement->meter->ops, profile) || !workload)
        return 0;
    struct hone_stand stand = {0};
    const char *set = measurement->meter->options.counters;
    struct hone_profile profile = {.size = sizeof profile,
                                   .set = set && *set ? set : NULL,
                                   .row_capacity = ROWS_MOST,
                                   .counter_capacity = COUNTERS_MOST};
    profile.rows = calloc(ROWS_MOST, sizeof *profile.rows);
    profile.counters = calloc(COUNTERS_MOST, sizeof *profile.counters);
    struct hone_place *place = hone_stand_add(&stand, workload, 1);
    int status = place && profile.rows && profile.counters
                     ? 0
                     : hone_fail(measurement->error, -ENOMEM, "out of memory for a profile");
    if (status == 0) {
        place->row = hone_measure_row(measurement, workload);
        status = run(measurement, &stand, &profile, failure);
        if (status == 0 && failure->verdict)
            hone_measure_object(measurement, place->row, failure);
    }
    hone_stand_finish(&stand, measurement->meter->pool);
    keep(result, &profile, status == 0 && !failure->verdict);
    return status;
}
