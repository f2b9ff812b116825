#include "core/evidence.h"
#include "core/step.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct hone_task task = {
    .id = "test/task", .hash = "0", .baseline_count = 1, .baselines = {{.name = "tuned"}}};
static const struct hone_device device = {.size = sizeof device, .id = "cpu"};

static struct hone_step *passed_step(void) {
    struct hone_step *step = hone_step_create(&task, "c", "x", 1);
    step->verdict = HONE_PASSED;
    step->measured.valid = HONE_HAS_SPEEDUP | HONE_HAS_KERNEL_NS;
    step->measured.speedup = 2;
    step->measured.kernel_ns = 50;
    step->measured.baseline_ns = 100;
    step->measured.row_count = 2;
    step->measured.rows = calloc(2, sizeof *step->measured.rows);
    strcpy(step->measured.rows[1].id, "second");
    step->finding_count = 1;
    strcpy(step->findings[0].rule, "rule");
    return step;
}

Test(evidence, is_one_block_whose_arrays_are_where_it_says) {
    struct hone_step *step = passed_step();
    cr_assert(eq(int, hone_evidence_build(step, &device), 0));
    cr_assert(eq(int, hone_evidence_check(step->evidence, step->evidence->bytes, NULL), 0));
    cr_assert(eq(str, (char *)hone_evidence_workload(step->evidence, 1)->id, "second"));
    cr_assert(eq(str, (char *)hone_evidence_finding(step->evidence, 0)->rule, "rule"));
    hone_step_destroy(step);
}

Test(evidence, gives_absent_measurements_as_nan_with_the_bit_off) {
    struct hone_step *step = passed_step();
    hone_evidence_build(step, &device);
    cr_assert(eq(int, isnan(step->evidence->baseline_ns), 1));
    cr_assert(eq(int, isnan(step->evidence->noise), 1));
    cr_assert(eq(u32, step->evidence->valid & HONE_HAS_BASELINE_NS, 0));
    cr_assert(eq(int, isnan(step->evidence->coverage), 1));
    cr_assert(eq(u32, step->evidence->valid & HONE_HAS_COVERAGE, 0));
    hone_step_destroy(step);
}

Test(evidence, has_the_coverage_that_was_measured) {
    struct hone_step *step = passed_step();
    step->measured.coverage = 0.25;
    step->measured.valid |= HONE_HAS_COVERAGE;
    hone_evidence_build(step, &device);
    cr_expect(eq(dbl, step->evidence->coverage, 0.25));
    cr_expect(ne(u32, step->evidence->valid & HONE_HAS_COVERAGE, 0));
    hone_step_destroy(step);
}

Test(evidence, shows_detectors_the_speed_of_what_nobody_objected_to) {
    struct hone_step *step = passed_step();
    const double speedup = step->measured.speedup;
    step->verdict = HONE_UNDECIDED;
    hone_evidence_build(step, &device);
    cr_expect(ne(u32, step->evidence->valid & HONE_HAS_SPEEDUP, 0));
    cr_expect(eq(dbl, step->evidence->speedup, speedup));
    hone_step_destroy(step);
}

Test(evidence, shows_no_speed_of_a_kernel_that_is_wrong) {
    struct hone_step *step = passed_step();
    step->verdict = HONE_WRONG;
    hone_evidence_build(step, &device);
    cr_assert(eq(int, isnan(step->evidence->speedup), 1));
    cr_assert(eq(u32, step->evidence->valid, 0));
    hone_step_destroy(step);
}

Test(evidence, of_a_truncated_or_lying_block_is_refused) {
    struct hone_step *step = passed_step();
    hone_evidence_build(step, &device);
    struct hone_evidence *block = step->evidence;
    cr_assert(eq(int, hone_evidence_check(block, block->bytes - 8, NULL), -EINVAL));
    cr_assert(eq(int, hone_evidence_check(block, 8, NULL), -EINVAL));
    uint32_t honest = block->workload_count;
    block->workload_count = 0x40000000;
    cr_assert(eq(int, hone_evidence_check(block, block->bytes, NULL), -EINVAL));
    block->workload_count = honest;
    block->finding_offset = block->bytes;
    cr_assert(eq(int, hone_evidence_check(block, block->bytes, NULL), -EINVAL));
    block->finding_offset = 4;
    cr_assert(eq(int, hone_evidence_check(block, block->bytes, NULL), -EINVAL));
    hone_step_destroy(step);
}

struct block {
    struct hone_evidence evidence;
    struct hone_workload_row rows[2];
};

/* Every way an offset, a count or a text can leave the block. */
Test(evidence, is_believed_only_when_all_of_it_lies_in_its_block) {
    struct hone_error error;
    const struct block good = {.evidence = {.size = sizeof good.evidence,
                                            .version = HONE_EVIDENCE_VERSION,
                                            .bytes = sizeof good,
                                            .verdict = HONE_PASSED,
                                            .workload_offset = offsetof(struct block, rows),
                                            .workload_count = 2,
                                            .workload_size = sizeof good.rows[0]},
                               .rows = {{.id = "small", .set = HONE_DEBUG}, {.set = HONE_HIDDEN}}};
    cr_assert(eq(int, hone_evidence_check(&good, sizeof good, &error), 0), "%s", error.text);
    cr_expect(eq(int, hone_evidence_check(&good, sizeof good - 1, &error), -EINVAL));
    cr_expect(eq(int, hone_evidence_check(&good, sizeof good.evidence - 8, &error), -EINVAL));
    cr_expect(eq(int, hone_evidence_check(&good, 8, &error), -EINVAL));
#define BAD(change)                                                                                \
    do {                                                                                           \
        struct block block = good;                                                                 \
        block.change;                                                                              \
        cr_expect(eq(int, hone_evidence_check(&block, sizeof block, &error), -EINVAL), #change);   \
    } while (0)
    BAD(evidence.size = 8);
    BAD(evidence.bytes = sizeof block + 8);
    BAD(evidence.workload_offset = 0);
    BAD(evidence.workload_offset -= 4);
    BAD(evidence.workload_offset += 4);
    BAD(evidence.workload_offset += 8);
    BAD(evidence.workload_offset = UINT32_MAX - 7);
    BAD(evidence.workload_count = 3);
    BAD(evidence.workload_count = UINT32_MAX);
    BAD(evidence.workload_size = 8);
    BAD(evidence.workload_size = UINT32_MAX - 7);
    BAD(evidence.profile_count = 1);
    BAD(evidence.finding_count = 1);
    BAD(evidence.verdict = HONE_VERDICT_COUNT);
    BAD(evidence.reason = HONE_REASON_COUNT);
    BAD(evidence.baseline_count = HONE_BASELINES_MAX + 1);
    BAD(rows[1].axis_count = HONE_AXES_MAX + 1);
    BAD(rows[1].baseline_count = HONE_BASELINES_MAX + 1);
    struct block endless = good;
    memset(endless.rows[0].id, 'x', sizeof endless.rows[0].id);
    cr_expect(eq(int, hone_evidence_check(&endless, sizeof endless, &error), -EINVAL));
    endless = good;
    memset(endless.evidence.language, 'x', sizeof endless.evidence.language);
    cr_expect(eq(int, hone_evidence_check(&endless, sizeof endless, &error), -EINVAL));
}
