/* The probe on inputs: one element of them changed. */
#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/element.h"
#include "core/error.h"
#include "core/inputs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define CHEAP_BYTES (256u << 10)
#define INPUTS_MOST 3u /* of which one element is changed */

/* Where the oracle's result moved most: how far, and how far the candidate's moved there. */
struct movement {
    double wanted, got;
};

static struct movement movement_of(const struct hone_probing *probing,
                                   const struct hone_place *place, const struct hone_set *before,
                                   const struct hone_set *after, const uint8_t *results) {
    const struct hone_task *task = probing->measurement->task;
    const struct hone_buffer *buffers = &probing->stand.table.buffers[place->first_buffer];
    struct movement most = {0, 0};
    for (uint32_t i = 0; i < probing->stand.tensors; i++) {
        const uint32_t arg = buffers[i].owner;
        if (!hone_arg_is_output(&task->args[arg]))
            continue;
        const struct hone_judged_output was =
            hone_side_output(probing->measurement, place, before, arg, NULL);
        const struct hone_judged_output is =
            hone_side_output(probing->measurement, place, after, arg, NULL);
        const uint32_t bytes = hone_dtype_bytes(was.dtype);
        for (int64_t k = 0; k < was.count; k++) {
            const double tolerance = was.limits.atol + was.limits.rtol * fabs(was.wanted[k]);
            const double wanted = (is.wanted[k] - was.wanted[k]) / tolerance;
            if (!(fabs(wanted) > fabs(most.wanted)) || !(tolerance > 0))
                continue;
            double old, new;
            hone_elements_read(was.dtype, results + k * bytes, 1, &old);
            hone_elements_read(was.dtype, buffers[i].host + k * bytes, 1, &new);
            most = (struct movement){wanted, (new - old) / tolerance};
        }
        results += buffers[i].bytes;
    }
    return most;
}

static int hold_one(struct hone_probing *probing, const struct hone_workload *workload,
                    struct hone_shelf **shelf) {
    struct hone_measurement *measurement = probing->measurement;
    const struct hone_shelf_key key = {
        .task = measurement->task,
        .workload = workload,
        .stream = "probe/one",
        .episode = measurement->request->episode_seed ^ measurement->meter->run,
    };
    return hone_pool_hold(measurement->meter->pool, &key, 1, true, shelf, measurement->error);
}

/* A call on inputs of their own, then one on the same but for one element. */
static int change_input(struct hone_probing *probing, uint32_t arg, struct hone_failure *failure) {
    struct hone_pool *pool = probing->measurement->meter->pool;
    struct hone_place *place = &probing->stand.places[0];
    struct hone_workload workload = *place->workload;
    struct hone_shelf *before = NULL, *after = NULL;
    uint8_t *results = NULL;
    int status = hold_one(probing, &workload, &before);
    workload.changed = 1 + arg;
    if (status == 0)
        status = hold_one(probing, &workload, &after);
    place->shelf = before;
    if (status == 0)
        status = hone_probe_call(probing, place, &before->sets[0], NULL, failure);
    if (status == 0 && !failure->verdict) {
        results = hone_probe_outputs(probing, place);
        status = results ? 0 : -ENOMEM;
    }
    place->shelf = after;
    if (status == 0 && !failure->verdict)
        status = hone_probe_call(probing, place, &after->sets[0], NULL, failure);
    if (status == 0 && results) {
        struct hone_probe_row *row =
            hone_probe_add(probing, HONE_NEED_ONE_ELEMENT, place->workload);
        const struct movement moved =
            movement_of(probing, place, &before->sets[0], &after->sets[0], results);
        status = row ? 0 : -ENOMEM;
        if (row) {
            row->argument = arg;
            row->calls = 1;
            row->right = !failure->verdict;
            row->moved = fabs(moved.got);
            row->wanted_moved = fabs(moved.wanted);
        }
    }
    if (failure->verdict == HONE_WRONG && results) /* told by the row; others go on */
        *failure = (struct hone_failure){0};
    place->shelf = NULL;
    free(results);
    hone_pool_release(pool, after);
    hone_pool_release(pool, before);
    return status;
}

/* Tolerances of a few elements go by many sets, which would have to be made. */
static bool has_few_outputs(const struct hone_task *task, const struct hone_workload *workload) {
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_output(&task->args[i]) &&
            hone_task_shape(task, workload, i, NULL) < HONE_SMALL_OUTPUT)
            return true;
    return false;
}

static const struct hone_workload *small_workload(const struct hone_measurement *measurement) {
    const struct hone_task *task = measurement->task;
    const struct hone_workload *chosen = NULL, *least = NULL;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < task->workload_count; i++) {
        const struct hone_workload *workload = &task->workloads[i];
        const uint64_t bytes = hone_workload_bytes(task, workload);
        if (workload->exact || workload->sampled ||
            measurement->result->rows[i].verdict != HONE_PASSED)
            continue;
        if (!least || bytes < hone_workload_bytes(task, least))
            least = workload;
        if (bytes <= CHEAP_BYTES && !has_few_outputs(task, workload) &&
            hone_random_next(&measurement->meter->random) % ++seen == 0)
            chosen = workload;
    }
    return chosen ? chosen : least;
}

/* On a small workload, whose oracle is quick, and any of those, so that none can be told apart. */
int hone_probe_one_element(struct hone_probing *probing, struct hone_failure *failure) {
    struct hone_measurement *measurement = probing->measurement;
    const struct hone_task *task = measurement->task;
    const struct hone_workload *workload = small_workload(measurement);
    uint32_t inputs[HONE_ARGS_MAX], count = 0;
    for (uint32_t i = 0; workload && i < task->arg_count; i++)
        if (hone_inputs_may_change(task, workload, i) &&
            hone_task_shape(task, workload, i, NULL) > 0)
            inputs[count++] = i;
    if (count == 0)
        return 0;
    int status = hone_probe_lay_out(probing, workload, failure);
    for (uint32_t done = 0; done < INPUTS_MOST && count > 0 && status == 0 && !failure->verdict;
         done++) {
        if (done > 0 && hone_now_ns() > probing->until_ns)
            break;
        const uint32_t pick = (uint32_t)(hone_random_next(&measurement->meter->random) % count);
        status = change_input(probing, inputs[pick], failure);
        inputs[pick] = inputs[--count];
    }
    return status;
}
