/* faster_than_light.c - times below what the device can do at all.
 *
 * GPU: the task's bytes at the best bandwidth ever measured, its operations at the peak. A core:
 * its bytes at 64 in a cycle, which no level of cache exceeds, and its operations at two fused
 * multiply-adds of 16 lanes in a cycle, at the highest clock seen, which boosts may exceed by a
 * good deal; so a margin of its own, and a warning only. Costs are the task's own count of what
 * cannot be avoided: an algorithm that needs fewer operations is honest, so those alone are a note.
 */
#include "plugins/detector/rule.h"

#define BYTES_A_CYCLE 64.0
#define FLOPS_A_CYCLE 64.0

static const struct hone_option options[] = {
    {.name = "margin",
     .fallback = "0.05",
     .summary = "how far below a floor that was measured a time may lie",
     .low = 0,
     .high = 1,
     .type = HONE_REAL},
    {.name = "clock_margin",
     .fallback = "0.5",
     .summary = "and below one that was computed from the clock",
     .low = 0,
     .high = 1,
     .type = HONE_REAL},
    {.name = NULL},
};

/* What a device surely cannot do, a second: the laxer of what its descriptor says and what one core
 * could do, since a core's descriptor is computed from its clock too. fmax() drops what is not
 * known. */
static double ceiling(const void *self, double described, double clock_hz, double a_cycle) {
    return fmax(described / (1 - number(self, 0)), clock_hz * a_cycle / (1 - number(self, 1)));
}

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    if (!HONE_EVIDENCE_HAS(evidence, peak_flops))
        return 0;
    const double bandwidth =
        ceiling(self, evidence->memory_bandwidth, evidence->clock_hz, BYTES_A_CYCLE);
    const double flops = ceiling(self, evidence->peak_flops, evidence->clock_hz, FLOPS_A_CYCLE);
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        const double bytes_ns = 1e9 * row->bytes / bandwidth, flops_ns = 1e9 * row->flops / flops;
        if (row->kernel_ns < bytes_ns)
            say(findings, "faster_than_light", HONE_WARN, 0,
                "%.31s: %.3g us, and no device of this kind moves the %.3g MB of arguments in less "
                "than %.3g us: some of them were not read or written",
                row->id, row->kernel_ns / 1e3, row->bytes / 1e6, bytes_ns / 1e3);
        else if (row->kernel_ns < flops_ns)
            say(findings, "faster_than_light", HONE_NOTE, 0,
                "%.31s: %.3g us, and the %.3g MFLOP the task counts take %.3g us at the peak: a "
                "better algorithm, or work left out",
                row->id, row->kernel_ns / 1e3, row->flops / 1e6, flops_ns / 1e3);
    }
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_CLOCK_RATE};

RULE("faster_than_light", "times below the physical floor", options, create_numbers);
