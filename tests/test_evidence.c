#include "core/evidence.h"
#include "core/step.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
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
    cr_assert(eq(int, hone_evidence_valid(step->evidence, step->evidence->bytes), 1));
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
    cr_assert(ieee_ulp_eq(dbl, step->evidence->coverage, 1, 1));
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
    cr_assert(eq(int, hone_evidence_valid(block, block->bytes - 8), 0));
    cr_assert(eq(int, hone_evidence_valid(block, 8), 0));
    uint32_t honest = block->workload_count;
    block->workload_count = 0x40000000;
    cr_assert(eq(int, hone_evidence_valid(block, block->bytes), 0));
    block->workload_count = honest;
    block->finding_offset = block->bytes;
    cr_assert(eq(int, hone_evidence_valid(block, block->bytes), 0));
    block->finding_offset = 4;
    cr_assert(eq(int, hone_evidence_valid(block, block->bytes), 0));
    hone_step_destroy(step);
}
