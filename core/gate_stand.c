#include "core/gate_private.h"

#include "core/element.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define GROUP_BYTES (64u << 20) /* of arguments in one process */
#define STRETCH 512
#define NORM_ELEMENTS_LEAST 16 /* fewer may cancel to next to nothing, and their norm with them */

static int hold(struct hone_gate_stand *stand, uint32_t place, struct hone_error *error) {
    const struct hone_gate_trial *trial = &stand->trials[stand->first + place];
    const bool hidden = trial->workload.set == HONE_HIDDEN;
    const struct hone_shelf_key key = {
        .task = stand->task, .workload = &trial->workload, .stream = trial->name};
    return hone_pool_hold(stand->gate->meter->pool, &key, hidden ? 1 : HONE_GATE_SETS, true,
                          &stand->stand.places[place].shelf, error);
}

/* What the plans of all sources add to one place: memory in all, and regions of a process at most.
 */
static int needs_of(const struct hone_gate_stand *stand, const struct hone_workload *workload,
                    struct hone_seat_needs *needs, struct hone_error *error) {
    *needs = (struct hone_seat_needs){0};
    for (uint32_t i = 0; i < stand->stand.seat_count; i++) {
        struct hone_seat_needs mine;
        int status = hone_seat_needs(stand->task, stand->plans[i], workload, &mine, error);
        if (status)
            return status;
        needs->workspace_bytes += mine.workspace_bytes;
        if (mine.workspaces > needs->workspaces)
            needs->workspaces = mine.workspaces;
    }
    return 0;
}

int hone_gate_stand_init(struct hone_gate_stand *stand, const struct hone_gate_checking *check,
                         uint32_t first) {
    const struct hone_task *task = check->task;
    const struct hone_gate_trial *trials = check->report->trials;
    *stand = (struct hone_gate_stand){
        .gate = check->gate, .task = task, .trials = trials, .first = first};
    stand->measurement =
        (struct hone_measurement){.meter = check->gate->meter, .task = task, .error = check->error};
    stand->plans = calloc(check->source_count + 1, sizeof(const struct hone_plan *));
    if (!stand->plans)
        return -ENOMEM;
    for (uint32_t i = 0; i < check->source_count; i++)
        stand->plans[i] = check->sources[i].plan;
    stand->stand.plans = stand->plans;
    stand->stand.seat_count = check->source_count;
    const uint32_t tensors = hone_task_tensors(task);
    uint64_t bytes = 0;
    int status = 0;
    for (uint32_t i = first; i < check->report->trial_count && !status; i++) {
        struct hone_seat_needs needs;
        status = needs_of(stand, &trials[i].workload, &needs, check->error);
        if (status)
            break;
        bytes += hone_workload_bytes(task, &trials[i].workload) + needs.workspace_bytes;
        const uint32_t places = stand->stand.count;
        if (places &&
            (bytes > GROUP_BYTES || (places + 1) * (tensors + needs.workspaces) > REGIONS_MOST))
            break;
        if (!hone_stand_add(&stand->stand, &trials[i].workload, 1))
            return -ENOMEM;
        status = hold(stand, places, check->error);
    }
    return status ? status : hone_stand_lay_out(&stand->measurement, &stand->stand);
}

void hone_gate_stand_finish(struct hone_gate_stand *stand) {
    hone_stand_finish(&stand->stand, stand->gate->meter->pool);
    free(stand->plans);
}

static int call_once(struct hone_gate_stand *stand, struct hone_gate_process *process,
                     uint32_t place, const struct hone_set *set, struct hone_sample *sample,
                     struct hone_failure *failure) {
    struct hone_measurement *measurement = &stand->measurement;
    int status = 0;
    *failure = (struct hone_failure){0};
    if (!process->side.process)
        status = hone_side_start(measurement, &stand->stand, &process->side, failure);
    if (!status && !failure->verdict)
        status =
            hone_side_call(measurement, &stand->stand, &process->side, &stand->stand.places[place],
                           &set, stand->gate->meter->pattern++, sample, failure);
    /* Whatever ended the call may have ended the process, or left it half way. */
    if (status || (failure->verdict && failure->verdict != HONE_WRONG))
        hone_side_stop(measurement, &process->side);
    return status;
}

int hone_gate_call(struct hone_gate_stand *stand, struct hone_gate_process *process, uint32_t place,
                   const struct hone_set *set, struct hone_sample *sample,
                   struct hone_failure *failure) {
    int status = -EAGAIN;
    for (int attempt = 0; status == -EAGAIN && attempt < HONE_GATE_ATTEMPTS; attempt++)
        status = call_once(stand, process, place, set, sample, failure);
    return status;
}

void hone_gate_process_stop(struct hone_gate_stand *stand, struct hone_gate_process *process) {
    hone_side_stop(&stand->measurement, &process->side);
}

static double output_error_share(const struct hone_set *set, const struct hone_place *place,
                                 enum hone_dtype dtype, uint32_t arg, const uint8_t *host) {
    const double *wanted = (const void *)(set->base + place->shelf->layout.oracle_offset[arg]);
    const struct hone_limits limits = set->limits[arg];
    const int64_t count = place->shelf->layout.count[arg];
    double got[STRETCH], worst = 0, squares = 0;
    for (int64_t first = 0; first < count; first += STRETCH) {
        uint32_t some = count - first < STRETCH ? (uint32_t)(count - first) : STRETCH;
        hone_elements_read(dtype, host + first * hone_dtype_bytes(dtype), some, got);
        for (uint32_t i = 0; i < some; i++) {
            double error = fabs(got[i] - wanted[first + i]);
            double allowed = limits.atol + limits.rtol * fabs(wanted[first + i]);
            if (!isfinite(error) || error == 0)
                continue;
            worst = fmax(worst, error / allowed);
            squares += error * error;
        }
    }
    const double norm = fmax(set->rms[arg], limits.scale) * sqrt((double)count);
    return squares > 0 && norm > 0 && count >= NORM_ELEMENTS_LEAST
               ? fmax(worst, sqrt(squares) / norm / limits.rel_l2)
               : worst;
}

double hone_gate_error_share(const struct hone_gate_stand *stand, uint32_t index,
                             const struct hone_set *set) {
    const struct hone_place *place = &stand->stand.places[index];
    const struct hone_buffer *buffer = &stand->stand.table.buffers[place->first_buffer];
    double worst = 0;
    if (place->workload->sampled) /* told by the whole one */
        return 0;
    for (uint32_t i = 0; i < stand->stand.tensors && !place->workload->exact; i++) {
        const struct hone_arg *arg = &stand->task->args[buffer[i].owner];
        if (hone_arg_is_output(arg) && hone_dtype_is_float(arg->dtype))
            worst = fmax(
                worst, output_error_share(set, place, arg->dtype, buffer[i].owner, buffer[i].host));
    }
    return worst;
}
