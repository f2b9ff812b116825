#include "core/measure_internal.h"

#include "core/statistics.h"

#include <math.h>

double hone_workload_weight(const struct hone_workload *workload) {
    return workload->weight > 0 ? workload->weight : 1;
}

/* The least a perfect kernel could take; NaN when cost or ceilings are unknown. */
static double roofline(const struct hone_device *device, double flops, double bytes) {
    return fmax(1e9 * flops / device->peak_flops, 1e9 * bytes / device->memory_bandwidth);
}

static void report_place(struct hone_measurement *measurement, const struct hone_place *place,
                         struct hone_series *series, uint32_t rounds) {
    const ptrdiff_t w = place->workload - measurement->task->workloads;
    struct hone_workload_row *row = place->row;
    row->verdict = HONE_PASSED;
    row->samples = rounds;
    hone_median_interval(series->ratio, rounds, COVERAGE, &row->speedup, &row->speedup_low,
                         &row->speedup_high);
    row->kernel_ns = hone_median(series->ns[CANDIDATE], rounds);
    measurement->least_ns[w] = series->ns[CANDIDATE][0]; /* sorted by now */
    row->baseline_ns[0] = hone_median(series->ns[BASELINE], rounds);
    for (uint32_t b = 1; b < measurement->task->baseline_count; b++)
        if (measurement->known->known[b])
            row->baseline_ns[b] = measurement->known->ns[b][w];
    if (series->cpu_ns[0] > 0) {
        row->kernel_cpu_ns = hone_median(series->cpu_ns, rounds);
        measurement->result->gathered |= HONE_NEED_CPU_TIME;
    }
    hone_task_cost(measurement->task, place->workload, &row->flops, &row->bytes);
    row->roofline_ns = roofline(&measurement->meter->description, row->flops, row->bytes);
}

void hone_measure_report(struct hone_measurement *measurement, const struct hone_stand *stand,
                         struct hone_series *series, double *round_ratio, uint32_t rounds) {
    struct hone_measure_result *result = measurement->result;
    double kernel = 0, baseline = 0, least = 0, own = 0, weights = 0;
    for (uint32_t i = 0; i < stand->count; i++) {
        report_place(measurement, &stand->places[i], &series[i], rounds);
        const struct hone_workload_row *row = stand->places[i].row;
        const double weight = hone_workload_weight(stand->places[i].workload);
        kernel += weight * log(row->kernel_ns);
        baseline += weight * log(row->baseline_ns[0]);
        least += weight * log(row->roofline_ns);
        own += weight * hone_median(series[i].own_share, rounds);
        weights += weight;
    }
    result->kernel_ns = exp(kernel / weights);
    result->baseline_ns = exp(baseline / weights);
    result->roofline_ns = exp(least / weights);
    result->coverage = own / weights;
    result->samples = rounds;
    hone_median_interval(round_ratio, rounds, COVERAGE, &result->speedup, &result->speedup_low,
                         &result->speedup_high);
    result->noise = hone_relative_mad(round_ratio, rounds);
    result->valid |= HONE_HAS_SPEEDUP | HONE_HAS_KERNEL_NS | HONE_HAS_BASELINE_NS | HONE_HAS_NOISE |
                     HONE_HAS_COVERAGE;
    if (!isnan(result->roofline_ns))
        result->valid |= HONE_HAS_ROOFLINE;
}
