#include "core/plugin_check.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALL_FIELDS 0xffu

void *hone_guarded(size_t bytes, void **mapping, size_t *mapping_bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = (bytes + page - 1) / page * page;
    *mapping_bytes = body + page;
    *mapping =
        mmap(NULL, *mapping_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (*mapping == MAP_FAILED)
        return NULL;
    mprotect((char *)*mapping + body, page, PROT_NONE);
    return (char *)*mapping + body - bytes;
}

void hone_sample_finish(struct hone_sample *sample) {
    munmap(sample->mapping, sample->mapping_bytes);
}

/* What is odd about a sample. */
struct recipe {
    const char *name;
    uint32_t verdict, reason;
    uint32_t rows, extra_row_bytes, facts, valid, samples;
    double number; /* every measurement; 0: plausible ones */
};

static const struct recipe recipes[] = {
    {"passed", HONE_PASSED, 0, 5, 0, 0, ALL_FIELDS, 9, 0},
    {"wrong", HONE_WRONG, HONE_REASON_VALUES, 5, 0, HONE_FACT_UNWRITTEN, 0, 0, 0},
    {"partial", HONE_PARTIAL, 0, 3, 0, 0, 0, 0, 0},
    {"rejected", HONE_REJECTED, HONE_REASON_PLAN, 0, 0, 0, 0, 0, 0},
    {"compile_failed", HONE_COMPILE_FAILED, HONE_REASON_COMPILER, 0, 0, 0, 0, 0, 0},
    {"policy_violation", HONE_POLICY_VIOLATION, HONE_REASON_IMPORT, 0, 0, 0, 0, 0, 0},
    {"crashed", HONE_CRASHED, HONE_REASON_SIGNAL, 2, 0, HONE_FACT_FAULT_BEYOND, 0, 0, 0},
    {"timed_out", HONE_TIMED_OUT, HONE_REASON_CALL_TIME, 2, 0, 0, 0, 0, 0},
    {"hacked", HONE_HACKED, HONE_REASON_FINDING, 5, 0, 0, ALL_FIELDS, 9, 0},
    {"every fact set", HONE_WRONG, HONE_REASON_VALUES, 3, 0, ~0u, 0, 0, 0},
    {"NaN times that claim to be valid", HONE_PASSED, 0, 5, 0, 0, ALL_FIELDS, 9, (double)NAN},
    {"NaN times that do not", HONE_PASSED, 0, 5, 0, 0, 0, 9, (double)NAN},
    {"infinite times", HONE_PASSED, 0, 5, 0, 0, ALL_FIELDS, 9, (double)INFINITY},
    {"negative times", HONE_PASSED, 0, 5, 0, 0, ALL_FIELDS, 9, -1},
    {"huge times", HONE_PASSED, 0, 5, 0, 0, ALL_FIELDS, 9, DBL_MAX},
    {"tiny times", HONE_PASSED, 0, 5, 0, 0, ALL_FIELDS, 9, 5e-324},
    {"zero samples", HONE_PASSED, 0, 5, 0, 0, ALL_FIELDS, 0, 0},
    {"no workloads", HONE_PASSED, 0, 0, 0, 0, ALL_FIELDS, 9, 0},
    {"rows larger than known", HONE_WRONG, HONE_REASON_UNWRITTEN, 5, 64, HONE_FACT_UNWRITTEN, 0, 0,
     0},
    {"a great many rows", HONE_WRONG, HONE_REASON_UNWRITTEN, 20000, 0, HONE_FACT_UNWRITTEN,
     ALL_FIELDS, 9, 0},
    {"counts at their limits", HONE_PASSED, 0, 5, 0, 0, ~0u, ~0u, 0},
};

static struct hone_deviation make_deviation(double odd, double rms) {
    const bool plausible = odd == 0;
    return (struct hone_deviation){
        .count = 1000,
        .rel_l2 = plausible ? 1e-7 : odd,
        .mean = plausible ? 0 : odd,
        .rms = plausible ? rms : odd,
        .outward = plausible ? 0 : odd,
        .above = {plausible ? 0 : odd, plausible ? 0 : odd, plausible ? 0 : odd},
        .short_mantissa = plausible ? 1e-4 : odd};
}

/* One of each kind, then one of a kind nobody knows. */
#define PROBES 4u
#define PROBE_BYTES (PROBES * sizeof(struct hone_probe_row))

static struct hone_probe_row make_probe(const struct recipe *recipe, uint32_t index) {
    const double odd = recipe->number;
    const bool plausible = odd == 0;
    return (struct hone_probe_row){.id = "probed",
                                   .kind = index < 3 ? 1u << index : 1u << 31,
                                   .set = HONE_VERIFY,
                                   .calls = recipe->samples,
                                   .right = recipe->samples,
                                   .line = recipe->samples,
                                   .argument = recipe->samples,
                                   .ns = plausible ? 5e4 : odd,
                                   .ns_high = plausible ? 5.1e4 : odd,
                                   .reference_ns = plausible ? 5e4 : odd,
                                   .reference_ns_low = plausible ? 4.9e4 : odd,
                                   .moved = plausible ? 0 : odd,
                                   .wanted_moved = plausible ? 100 : odd};
}

static void fill_row(const struct recipe *recipe, uint32_t index, struct hone_workload_row *row) {
    double odd = recipe->number;
    bool plausible = odd == 0;
    *row = (struct hone_workload_row){.set = HONE_DEBUG + index % HONE_HIDDEN,
                                      .verdict =
                                          recipe->verdict == HONE_PASSED ? HONE_PASSED : HONE_WRONG,
                                      .facts = recipe->facts,
                                      .samples = recipe->samples,
                                      .calls = 9,
                                      .axis_count = 2,
                                      .baseline_count = 2,
                                      .axes = {1024, 3},
                                      .kernel_ns = plausible ? 5e4 : odd,
                                      .baseline_ns = {plausible ? 1e5 : odd, plausible ? 2e5 : odd},
                                      .speedup = plausible ? 2 : odd,
                                      .speedup_low = plausible ? 1.9 : odd,
                                      .speedup_high = plausible ? 2.1 : odd,
                                      .max_error = plausible ? 1e-6 : odd,
                                      .rel_l2 = plausible ? 1e-7 : odd,
                                      .roofline_ns = plausible ? 1e4 : odd,
                                      .kernel_cpu_ns = plausible ? 5e4 : odd,
                                      .flops = plausible ? 1e6 : odd,
                                      .bytes = plausible ? 1e5 : odd,
                                      .deviation = make_deviation(odd, 1e-3),
                                      .honest = make_deviation(odd, 2e-3)};
    if (row->set != HONE_HIDDEN)
        snprintf(row->id, sizeof row->id, "workload-%u", index);
}

static void fill(const struct recipe *recipe, struct hone_evidence *evidence, uint32_t bytes) {
    double odd = recipe->number;
    bool plausible = odd == 0;
    *evidence = (struct hone_evidence){.size = sizeof *evidence,
                                       .version = HONE_EVIDENCE_VERSION,
                                       .bytes = bytes,
                                       .verdict = recipe->verdict,
                                       .reason = recipe->reason,
                                       .valid = recipe->valid,
                                       .stages = (1u << HONE_STAGE_COUNT) - 1,
                                       .speedup = plausible ? 2 : odd,
                                       .speedup_low = plausible ? 1.9 : odd,
                                       .speedup_high = plausible ? 2.1 : odd,
                                       .kernel_ns = plausible ? 5e4 : odd,
                                       .baseline_ns = plausible ? 1e5 : odd,
                                       .noise = plausible ? 0.01 : odd,
                                       .coverage = plausible ? 0.8 : odd,
                                       .roofline_ns = plausible ? 1e4 : odd,
                                       .roofline_fraction = plausible ? 0.2 : odd,
                                       .samples = recipe->samples,
                                       .baseline_count = 2,
                                       .baseline_name = {"tuned", "naive"},
                                       .source_bytes = 400,
                                       .binary_bytes = 9000,
                                       .plan_steps = 3,
                                       .op_steps = 1,
                                       .language = "c",
                                       .device = "cpu",
                                       .turn = recipe->samples == ~0u ? ~0u : 2,
                                       .turns = 8,
                                       .group = 7,
                                       .parent_kernel_ns = plausible ? 6e4 : odd,
                                       .parent_speedup = plausible ? 1.6 : odd,
                                       .parent_coverage = plausible ? 0.9 : odd,
                                       .parent_roofline_fraction = plausible ? 0.3 : odd,
                                       .best_kernel_ns = plausible ? 6e4 : odd,
                                       .best_speedup = plausible ? 1.6 : odd,
                                       .clock_hz = plausible ? 3e9 : odd,
                                       .memory_bandwidth = plausible ? 1e11 : odd,
                                       .peak_flops = plausible ? 1e12 : odd,
                                       .gives = ~0u,
                                       .gathered = ~0u,
                                       .probe_offset = bytes - (uint32_t)PROBE_BYTES,
                                       .probe_count = PROBES,
                                       .probe_size = sizeof(struct hone_probe_row),
                                       .workload_offset = sizeof *evidence,
                                       .workload_count = recipe->rows,
                                       .workload_size = (uint32_t)sizeof(struct hone_workload_row) +
                                                        recipe->extra_row_bytes};
    for (uint32_t i = 0; i < recipe->rows; i++) {
        struct hone_workload_row row;
        fill_row(recipe, i, &row);
        memcpy((char *)evidence + evidence->workload_offset + (uint64_t)i * evidence->workload_size,
               &row, sizeof row);
    }
    for (uint32_t i = 0; i < PROBES; i++) {
        const struct hone_probe_row row = make_probe(recipe, i);
        memcpy((char *)evidence + evidence->probe_offset + i * sizeof row, &row, sizeof row);
    }
}

bool hone_sample_make(uint32_t index, struct hone_sample *sample) {
    if (index >= sizeof recipes / sizeof *recipes)
        return false;
    const struct recipe *recipe = &recipes[index];
    size_t bytes =
        sizeof(struct hone_evidence) +
        (size_t)recipe->rows * (sizeof(struct hone_workload_row) + recipe->extra_row_bytes) +
        PROBE_BYTES;
    *sample = (struct hone_sample){.name = recipe->name, .ordinary = index < 9};
    sample->evidence = hone_guarded(bytes, &sample->mapping, &sample->mapping_bytes);
    if (!sample->evidence)
        return false;
    fill(recipe, sample->evidence, (uint32_t)bytes);
    return true;
}
