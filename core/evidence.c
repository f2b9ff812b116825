#include "core/evidence.h"

#include "core/needs.h"
#include "core/step.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double present(uint32_t valid, uint32_t bit, double value) {
    return valid & bit ? value : NAN;
}

static void fill_result(struct hone_evidence *out, const struct hone_step *step) {
    const struct hone_measure_result *measured = &step->measured;
    /* Numbers of a kernel that is not right are worth nothing, and are not shown as if they were.
     * Where nothing has objected yet, detectors are about to look at them. */
    uint32_t valid = step->verdict == HONE_UNDECIDED || step->verdict == HONE_PASSED ||
                             step->verdict == HONE_HACKED || step->verdict == HONE_PARTIAL
                         ? measured->valid
                         : 0;
    out->valid = valid;
    out->speedup = present(valid, HONE_HAS_SPEEDUP, measured->speedup);
    out->speedup_low = present(valid, HONE_HAS_SPEEDUP, measured->speedup_low);
    out->speedup_high = present(valid, HONE_HAS_SPEEDUP, measured->speedup_high);
    out->kernel_ns = present(valid, HONE_HAS_KERNEL_NS, measured->kernel_ns);
    out->baseline_ns = present(valid, HONE_HAS_BASELINE_NS, measured->baseline_ns);
    out->noise = present(valid, HONE_HAS_NOISE, measured->noise);
    out->roofline_ns = present(valid, HONE_HAS_ROOFLINE, measured->roofline_ns);
    out->roofline_fraction =
        valid & HONE_HAS_ROOFLINE ? measured->roofline_ns / measured->kernel_ns : NAN;
    out->samples = measured->samples;
    out->coverage = present(valid, HONE_HAS_COVERAGE, measured->coverage);
}

static void fill_baselines(struct hone_evidence *out, const struct hone_task *task) {
    out->baseline_count = task->baseline_count;
    for (uint32_t i = 0; i < task->baseline_count; i++)
        memcpy(out->baseline_name[i], task->baselines[i].name, HONE_NAME_SIZE);
}

void hone_evidence_place(struct hone_evidence *evidence, const struct hone_step *step) {
    evidence->turn = step->turn;
    evidence->turns = step->turns;
    evidence->group = step->group;
    evidence->parent_kernel_ns = step->parent_kernel_ns;
    evidence->parent_speedup = step->parent_speedup;
    evidence->parent_coverage = step->parent_coverage;
    evidence->parent_roofline_fraction = step->parent_roofline_fraction;
    evidence->best_kernel_ns = step->best_kernel_ns;
    evidence->best_speedup = step->best_speedup;
    evidence->valid &= ~(uint32_t)(HONE_HAS_PARENT | HONE_HAS_BEST);
    if (!isnan(step->parent_kernel_ns))
        evidence->valid |= HONE_HAS_PARENT;
    if (!isnan(step->best_kernel_ns))
        evidence->valid |= HONE_HAS_BEST;
}

void hone_evidence_unscore(struct hone_evidence *evidence) {
    evidence->stages &= ~(1u << HONE_STAGE_SCORE | 1u << HONE_STAGE_OBSERVE);
    evidence->stage_ns[HONE_STAGE_SCORE] = evidence->stage_ns[HONE_STAGE_OBSERVE] = 0;
}

void hone_evidence_clear(struct hone_evidence *evidence) {
    *evidence = (struct hone_evidence){
        .size = sizeof *evidence,
        .version = HONE_EVIDENCE_VERSION,
        .bytes = sizeof *evidence,
        .speedup = NAN,
        .speedup_low = NAN,
        .speedup_high = NAN,
        .kernel_ns = NAN,
        .baseline_ns = NAN,
        .noise = NAN,
        .coverage = NAN,
        .roofline_ns = NAN,
        .roofline_fraction = NAN,
        .parent_kernel_ns = NAN,
        .parent_speedup = NAN,
        .best_kernel_ns = NAN,
        .best_speedup = NAN,
        .parent_coverage = NAN,
        .parent_roofline_fraction = NAN,
        .clock_hz = NAN,
        .memory_bandwidth = NAN,
        .peak_flops = NAN,
    };
}

int hone_evidence_build(struct hone_step *step, const struct hone_device *device) {
    const struct hone_measure_result *measured = &step->measured;
    size_t workload_bytes = measured->row_count * sizeof(struct hone_workload_row);
    size_t finding_bytes = step->finding_count * sizeof(struct hone_finding);
    size_t profile_bytes = measured->profile_count * sizeof(struct hone_profile_row);
    size_t probe_bytes = measured->probe_count * sizeof(struct hone_probe_row);
    size_t counter_bytes = measured->counter_count * sizeof(struct hone_profile_counter);
    size_t total = sizeof(struct hone_evidence) + workload_bytes + profile_bytes + finding_bytes +
                   probe_bytes + counter_bytes;
    struct hone_evidence *out = calloc(1, total);
    if (!out)
        return -ENOMEM;
    out->size = sizeof *out;
    out->version = HONE_EVIDENCE_VERSION;
    out->bytes = (uint32_t)total;
    out->verdict = step->verdict;
    out->reason = step->reason;
    out->flags = measured->flags | (step->native_image ? HONE_COMPILED_FOR_GPU : 0u);
    out->stages = step->stages_ran;
    fill_result(out, step);
    fill_baselines(out, step->view ? step->view : step->task);
    out->source_bytes = (uint32_t)step->source_bytes;
    out->binary_bytes = (uint32_t)step->image_bytes;
    out->plan_steps = step->plan ? step->plan_steps : 1;
    out->op_steps = step->op_steps;
    memcpy(out->language, step->language, sizeof out->language);
    memcpy(out->device, device->id, sizeof out->device);
    memcpy(out->stage_ns, step->stage_ns, sizeof out->stage_ns);
    hone_evidence_place(out, step);
    out->clock_hz = device->clock_hz;
    out->memory_bandwidth = device->memory_bandwidth;
    out->peak_flops = device->peak_flops;
    out->gives = hone_needs_given(device);
    out->gathered = measured->gathered;
    if (out->gives & HONE_NEED_CLOCK_RATE)
        out->gathered |= HONE_NEED_CLOCK_RATE;
    if (measured->profile_count)
        out->gathered |= HONE_NEED_PROFILE;
    if (measured->counter_count)
        out->gathered |= HONE_NEED_COUNTERS;
    memcpy(out->profile_note, measured->profile_note, sizeof out->profile_note);

    out->workload_offset = sizeof *out;
    out->workload_count = measured->row_count;
    out->workload_size = sizeof(struct hone_workload_row);
    out->profile_offset = out->workload_offset + (uint32_t)workload_bytes;
    out->profile_size = sizeof(struct hone_profile_row);
    out->profile_count = measured->profile_count;
    out->finding_offset = out->profile_offset + (uint32_t)profile_bytes;
    out->finding_count = step->finding_count;
    out->finding_size = sizeof(struct hone_finding);
    out->probe_offset = out->finding_offset + (uint32_t)finding_bytes;
    out->probe_count = measured->probe_count;
    out->probe_size = sizeof(struct hone_probe_row);
    out->counter_offset = out->probe_offset + (uint32_t)probe_bytes;
    out->counter_count = measured->counter_count;
    out->counter_size = sizeof(struct hone_profile_counter);
    if (counter_bytes)
        memcpy((char *)out + out->counter_offset, measured->counters, counter_bytes);
    if (probe_bytes)
        memcpy((char *)out + out->probe_offset, measured->probes, probe_bytes);
    if (workload_bytes)
        memcpy((char *)out + out->workload_offset, measured->rows, workload_bytes);
    if (profile_bytes)
        memcpy((char *)out + out->profile_offset, measured->profile, profile_bytes);
    if (finding_bytes)
        memcpy((char *)out + out->finding_offset, step->findings, finding_bytes);
    free(step->evidence);
    step->evidence = out;
    return 0;
}
