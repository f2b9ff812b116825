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
    uint32_t rows; /* of each array */
    uint32_t extra_row_bytes, facts, valid, samples;
    double number;       /* every measurement; 0: plausible ones */
    double earlier;      /* those of parent and best, likewise */
    uint32_t head_bytes; /* of the struct; 0: as this host has it */
};

#define FIRST_HEAD_BYTES ((uint32_t)offsetof(struct hone_evidence, parent_coverage))
#define LATER_HEAD_BYTES ((uint32_t)sizeof(struct hone_evidence) + 64)
#define LATER 200 /* a number that an enum may have one day */

static const struct recipe recipes[] = {
    {"passed", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9},
    {"wrong", HONE_WRONG, .reason = HONE_REASON_VALUES, .rows = 5, .facts = HONE_FACT_UNWRITTEN},
    {"partial", HONE_PARTIAL, .rows = 3},
    {"rejected", HONE_REJECTED, .reason = HONE_REASON_PLAN},
    {"compile_failed", HONE_COMPILE_FAILED, .reason = HONE_REASON_COMPILER},
    {"policy_violation", HONE_POLICY_VIOLATION, .reason = HONE_REASON_IMPORT},
    {"crashed", HONE_CRASHED, .reason = HONE_REASON_SIGNAL, .rows = 2,
     .facts = HONE_FACT_FAULT_BEYOND},
    {"timed_out", HONE_TIMED_OUT, .reason = HONE_REASON_CALL_TIME, .rows = 2},
    {"hacked", HONE_HACKED, .reason = HONE_REASON_FINDING, .rows = 5, .valid = ALL_FIELDS,
     .samples = 9},
    {"every fact set", HONE_WRONG, .reason = HONE_REASON_VALUES, .rows = 3, .facts = ~0u},
    {"NaN times that claim to be valid", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9,
     .number = (double)NAN},
    {"NaN times that do not", HONE_PASSED, .rows = 5, .samples = 9, .number = (double)NAN},
    {"infinite times", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9,
     .number = (double)INFINITY},
    {"negative times", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9, .number = -1},
    {"huge times", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9, .number = DBL_MAX},
    {"tiny times", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9, .number = 5e-324},
    {"a parent of NaN that claims to be valid", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS,
     .samples = 9, .earlier = (double)NAN},
    {"an infinite parent", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9,
     .earlier = (double)INFINITY},
    {"a tiny parent", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9, .earlier = 5e-324},
    {"zero samples", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS},
    {"no workloads", HONE_PASSED, .valid = ALL_FIELDS, .samples = 9},
    {"rows larger than known", HONE_WRONG, .reason = HONE_REASON_UNWRITTEN, .rows = 5,
     .extra_row_bytes = 64, .facts = HONE_FACT_UNWRITTEN},
    {"rows larger than known, passed", HONE_PASSED, .rows = 5, .extra_row_bytes = 64,
     .valid = ALL_FIELDS, .samples = 9},
    {"a great many rows", HONE_WRONG, .reason = HONE_REASON_UNWRITTEN, .rows = 20000,
     .facts = HONE_FACT_UNWRITTEN, .valid = ALL_FIELDS, .samples = 9},
    {"fields not known yet", HONE_PASSED, .rows = 5, .valid = ALL_FIELDS, .samples = 9,
     .head_bytes = LATER_HEAD_BYTES},
    {"a verdict not known yet", LATER, .reason = LATER, .rows = 5, .valid = ALL_FIELDS,
     .samples = 9},
    {"an earlier release's fields", HONE_PASSED, .valid = ALL_FIELDS, .samples = 9,
     .head_bytes = FIRST_HEAD_BYTES},
    {"counts at their limits", HONE_PASSED, .rows = 5, .valid = ~0u, .samples = ~0u},
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

static struct hone_precision make_precision(double odd, double grain) {
    const bool plausible = odd == 0;
    struct hone_precision precision = {
        .steps = 1000, .grain = plausible ? grain : odd, .slope = plausible ? -0.1 : odd};
    for (uint32_t i = 0; i < HONE_NUDGED_MOST; i++) {
        precision.lost_bits[i] = plausible ? 0.01 : odd;
        precision.chance[i] = plausible ? 0.01 : odd;
    }
    return precision;
}

/* One of each kind, then one of a kind nobody knows. */
#define PROBES 4u

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
    *row = (struct hone_workload_row){
        .set = recipe->verdict < HONE_VERDICT_COUNT ? HONE_DEBUG + index % HONE_HIDDEN : LATER,
        .verdict = recipe->verdict == HONE_PASSED ? HONE_PASSED : HONE_WRONG,
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
        .honest = make_deviation(odd, 2e-3),
        .precision = make_precision(odd, 1e-7),
        .honest_precision = make_precision(odd, 2e-7)};
    if (row->set != HONE_HIDDEN)
        snprintf(row->id, sizeof row->id, "workload-%u", index);
}

static void fill_profile(const struct recipe *recipe, uint32_t index,
                         struct hone_profile_row *row) {
    *row = (struct hone_profile_row){.time_ns = recipe->number == 0 ? 2e4 : recipe->number,
                                     .grid = {64, 1, 1},
                                     .block = {128, 1, 1},
                                     .plan_step = index,
                                     .registers = 32};
    snprintf(row->name, sizeof row->name, "kernel_%u", index);
}

static void fill_finding(uint32_t index, struct hone_finding *finding) {
    *finding =
        (struct hone_finding){.severity = HONE_NOTE + index % HONE_QUARANTINE, .line = index};
    snprintf(finding->rule, sizeof finding->rule, "rule_%u", index);
    snprintf(finding->text, sizeof finding->text, "something was found");
}

static void fill_head(const struct recipe *recipe, struct hone_evidence *head) {
    const double odd = recipe->number, earlier = odd == 0 ? recipe->earlier : odd;
    const bool plausible = odd == 0, was = earlier == 0;
    *head = (struct hone_evidence){.version = HONE_EVIDENCE_VERSION,
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
                                   .parent_kernel_ns = was ? 6e4 : earlier,
                                   .parent_speedup = was ? 1.6 : earlier,
                                   .parent_coverage = was ? 0.9 : earlier,
                                   .parent_roofline_fraction = was ? 0.3 : earlier,
                                   .best_kernel_ns = was ? 6e4 : earlier,
                                   .best_speedup = was ? 1.6 : earlier,
                                   .clock_hz = plausible ? 3e9 : odd,
                                   .memory_bandwidth = plausible ? 1e11 : odd,
                                   .peak_flops = plausible ? 1e12 : odd,
                                   .gives = ~0u,
                                   .gathered = ~0u};
}

static uint32_t head_bytes(const struct recipe *recipe) {
    return recipe->head_bytes ? recipe->head_bytes : (uint32_t)sizeof(struct hone_evidence);
}

/* Where the arrays lie, one behind the other. */
static void place(const struct recipe *recipe, struct hone_evidence *head) {
    const uint32_t extra = recipe->extra_row_bytes, rows = recipe->rows;
    head->size = head_bytes(recipe);
    head->workload_count = head->profile_count = head->finding_count = rows;
    head->workload_size = (uint32_t)sizeof(struct hone_workload_row) + extra;
    head->profile_size = (uint32_t)sizeof(struct hone_profile_row) + extra;
    head->finding_size = (uint32_t)sizeof(struct hone_finding) + extra;
    head->workload_offset = head->size;
    head->profile_offset = head->workload_offset + rows * head->workload_size;
    head->finding_offset = head->profile_offset + rows * head->profile_size;
    head->bytes = head->finding_offset + rows * head->finding_size;
    if (head->size < sizeof *head)
        return; /* an earlier release did not probe */
    head->probe_count = PROBES;
    head->probe_size = (uint32_t)sizeof(struct hone_probe_row) + extra;
    head->probe_offset = head->bytes;
    head->bytes += PROBES * head->probe_size;
}

/* What is not known stays 0xff: as a number, NaN. */
static void fill(const struct recipe *recipe, const struct hone_evidence *head, char *block) {
    memset(block, 0xff, head->bytes);
    memcpy(block, head, head->size < sizeof *head ? head->size : sizeof *head);
    for (uint32_t i = 0; i < recipe->rows; i++) {
        struct hone_workload_row workload;
        struct hone_profile_row profile;
        struct hone_finding finding;
        fill_row(recipe, i, &workload);
        fill_profile(recipe, i, &profile);
        fill_finding(i, &finding);
        memcpy(block + head->workload_offset + (size_t)i * head->workload_size, &workload,
               sizeof workload);
        memcpy(block + head->profile_offset + (size_t)i * head->profile_size, &profile,
               sizeof profile);
        memcpy(block + head->finding_offset + (size_t)i * head->finding_size, &finding,
               sizeof finding);
    }
    for (uint32_t i = 0; i < head->probe_count; i++) {
        const struct hone_probe_row row = make_probe(recipe, i);
        memcpy(block + head->probe_offset + (size_t)i * head->probe_size, &row, sizeof row);
    }
}

bool hone_sample_make(uint32_t index, struct hone_sample *sample) {
    if (index >= sizeof recipes / sizeof *recipes)
        return false;
    const struct recipe *recipe = &recipes[index];
    struct hone_evidence head;
    fill_head(recipe, &head);
    place(recipe, &head);
    *sample = (struct hone_sample){.name = recipe->name, .ordinary = index < 9};
    sample->evidence = hone_guarded(head.bytes, &sample->mapping, &sample->mapping_bytes);
    if (!sample->evidence)
        return false;
    fill(recipe, &head, (char *)sample->evidence);
    return true;
}
