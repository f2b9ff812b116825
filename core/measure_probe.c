#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/element.h"
#include "core/error.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const struct {
    enum hone_need need;
    int (*run)(struct hone_probing *probing, struct hone_failure *failure);
} probes[] = {
    {HONE_NEED_ONE_ELEMENT, hone_probe_one_element},
    {HONE_NEED_SAME_INPUTS, hone_probe_same_inputs},
    {HONE_NEED_LEAVE_OUT, hone_probe_leave_out},
};
#define PROBES (sizeof probes / sizeof *probes)

struct hone_probe_row *hone_probe_add(struct hone_probing *probing, enum hone_need kind,
                                      const struct hone_workload *workload) {
    struct hone_measure_result *result = probing->measurement->result;
    struct hone_probe_row *rows =
        realloc(result->probes, (result->probe_count + 1) * sizeof *result->probes);
    if (!rows) {
        hone_fail(probing->measurement->error, -ENOMEM, "out of memory for probes");
        return NULL;
    }
    result->probes = rows;
    struct hone_probe_row *row = &rows[result->probe_count++];
    *row = (struct hone_probe_row){.kind = kind,
                                   .set = workload->set,
                                   .ns = NAN,
                                   .ns_high = NAN,
                                   .reference_ns = NAN,
                                   .reference_ns_low = NAN,
                                   .moved = NAN,
                                   .wanted_moved = NAN};
    snprintf(row->id, sizeof row->id, "%s", workload->id);
    return row;
}

const struct hone_workload *hone_probe_longest(const struct hone_measurement *measurement) {
    const struct hone_task *task = measurement->task;
    const struct hone_workload *longest = NULL;
    double most = -1;
    for (uint32_t i = 0; i < task->workload_count; i++)
        if (task->workloads[i].set == HONE_BENCH && measurement->result->rows[i].kernel_ns > most) {
            most = measurement->result->rows[i].kernel_ns;
            longest = &task->workloads[i];
        }
    return longest;
}

int hone_probe_lay_out(struct hone_probing *probing, const struct hone_workload *workload,
                       struct hone_failure *failure) {
    struct hone_measurement *measurement = probing->measurement;
    struct hone_place *place = hone_stand_add(&probing->stand, workload, 1);
    if (!place)
        return hone_fail(measurement->error, -ENOMEM, "out of memory for workloads");
    place->scale_ns =
        measurement->known ? measurement->known->ns[0][workload - measurement->task->workloads] : 0;
    if (!(place->scale_ns > 0))
        place->scale_ns = 0;
    int status = hone_stand_lay_out(measurement, &probing->stand);
    return status ? status : hone_side_start(measurement, &probing->stand, &probing->side, failure);
}

int hone_probe_call(struct hone_probing *probing, struct hone_place *place,
                    const struct hone_set *set, double *ns, struct hone_failure *failure) {
    struct hone_measurement *measurement = probing->measurement;
    struct hone_sample sample;
    int status = hone_measure_check(measurement);
    if (status < 0)
        return status; /* timing kept the step's limit; probes keep theirs */
    status = hone_side_call(measurement, &probing->stand, &probing->side, place, &set,
                            measurement->meter->pattern++, &sample, failure);
    if (status == 0 && !failure->verdict && ns)
        *ns = sample.noisy && sample.cpu_ns > 0 ? sample.cpu_ns : sample.wall_ns;
    return status;
}

uint8_t *hone_probe_outputs(const struct hone_probing *probing, const struct hone_place *place) {
    const struct hone_buffer *buffers = &probing->stand.table.buffers[place->first_buffer];
    const struct hone_task *task = probing->measurement->task;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < probing->stand.tensors; i++)
        bytes += hone_arg_is_output(&task->args[buffers[i].owner]) ? buffers[i].bytes : 0;
    uint8_t *copy = malloc(bytes + 1), *at = copy;
    if (!copy)
        hone_fail(probing->measurement->error, -ENOMEM, "out of memory for results");
    for (uint32_t i = 0; copy && i < probing->stand.tensors; i++)
        if (hone_arg_is_output(&task->args[buffers[i].owner])) {
            memcpy(at, buffers[i].host, buffers[i].bytes);
            at += buffers[i].bytes;
        }
    return copy;
}

uint64_t hone_probe_digest(const struct hone_probing *probing, const struct hone_place *place) {
    const struct hone_buffer *buffers = &probing->stand.table.buffers[place->first_buffer];
    const struct hone_task *task = probing->measurement->task;
    uint64_t digest = probing->side.digest_seed;
    for (uint32_t i = 0; i < probing->stand.tensors; i++) {
        const uint32_t arg = buffers[i].owner;
        if (!hone_arg_is_output(&task->args[arg]))
            continue;
        const uint64_t mine = place->remote[arg].made
                                  ? place->remote[arg].digest
                                  : XXH3_64bits(buffers[i].host, buffers[i].bytes);
        digest = hone_material_mix(digest ^ mine) + mine;
    }
    return digest;
}

static double distance(const struct hone_judged_output *output, const void *one,
                       const void *other) {
    const uint32_t bytes = hone_dtype_bytes(output->dtype);
    double most = 0;
    for (int64_t i = 0; i < output->count; i++) {
        double a, b;
        hone_elements_read(output->dtype, (const char *)one + i * bytes, 1, &a);
        hone_elements_read(output->dtype, (const char *)other + i * bytes, 1, &b);
        const double apart = fabs(a - b);
        const double tolerance =
            output->exact ? 0
                          : output->limits.atol +
                                output->limits.rtol * fabs(output->sample ? a : output->wanted[i]);
        if (apart > 0)
            most = fmax(most, tolerance > 0 ? apart / tolerance : INFINITY);
    }
    return most;
}

double hone_probe_distance(const struct hone_probing *probing, const struct hone_place *place,
                           const struct hone_set *set, const uint8_t *one, const uint8_t *other) {
    const struct hone_buffer *buffers = &probing->stand.table.buffers[place->first_buffer];
    const struct hone_task *task = probing->measurement->task;
    double most = 0;
    uint64_t at = 0;
    for (uint32_t i = 0; i < probing->stand.tensors; i++) {
        const uint32_t arg = buffers[i].owner;
        if (!hone_arg_is_output(&task->args[arg]))
            continue;
        const struct hone_judged_output output =
            hone_side_output(probing->measurement, place, set, arg, NULL);
        if (memcmp(one + at, other + at, buffers[i].bytes) != 0)
            most = fmax(most, distance(&output, one + at, other + at));
        at += buffers[i].bytes;
    }
    return most;
}

static void begin(struct hone_probing *probing) {
    probing->side = (struct hone_side){.image = probing->measurement->request->candidate};
    probing->stand.plans = &probing->measurement->request->candidate.plan;
    probing->stand.seat_count = 1;
}

static void end(struct hone_probing *probing) {
    hone_side_stop(probing->measurement, &probing->side);
    hone_stand_finish(&probing->stand, probing->measurement->meter->pool);
}

void hone_probe_renew(struct hone_probing *probing) {
    end(probing);
    begin(probing);
}

/* Probes change no verdict that only an audit wants, and what they hold is let go. */
static int run_probe(struct hone_measurement *measurement, uint32_t index, uint64_t until_ns,
                     struct hone_failure *failure) {
    struct hone_probing probing = {.measurement = measurement, .until_ns = until_ns};
    begin(&probing);
    int status = probes[index].run(&probing, failure);
    end(&probing);
    if (status == 0)
        measurement->result->gathered |= probes[index].need;
    if (measurement->request->advised & probes[index].need)
        *failure = (struct hone_failure){0};
    return status;
}

int hone_measure_probe(struct hone_measurement *measurement, struct hone_failure *failure) {
    struct hone_measure_result *result = measurement->result;
    uint32_t left = 0;
    for (uint32_t i = 0; i < PROBES; i++)
        left += (measurement->request->needs & probes[i].need) != 0;
    if (!left)
        return 0;
    const uint64_t begun = hone_now_ns();
    int status = 0;
    for (uint32_t i = 0; i < PROBES && status == 0 && !failure->verdict; i++) {
        if (!(measurement->request->needs & probes[i].need))
            continue;
        const uint64_t spent = hone_now_ns() - begun;
        const uint64_t rest = spent < result->time_ns ? result->time_ns - spent : 0;
        status = run_probe(measurement, i, hone_now_ns() + rest / left--, failure);
    }
    result->probe_ns = hone_now_ns() - begun;
    if (status == 0 && failure->verdict)
        hone_measure_object(measurement, NULL, failure);
    return status;
}
