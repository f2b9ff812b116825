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

static struct block sound_block(void) {
    return (struct block){.evidence = {.size = sizeof(struct hone_evidence),
                                       .version = HONE_EVIDENCE_VERSION,
                                       .bytes = sizeof(struct block),
                                       .workload_offset = offsetof(struct block, rows),
                                       .workload_count = 2,
                                       .workload_size = sizeof(struct hone_workload_row)}};
}

static bool is_sound(const struct block *block) {
    return !hone_evidence_check(block, sizeof *block, NULL);
}

Test(evidence, is_believed_only_when_its_arrays_lie_inside) {
    struct block block = sound_block();
    bool sound = is_sound(&block);
    cr_assert(sound);
    for (int i = 0; i < 8; i++) {
        block = sound_block();
        struct hone_evidence *evidence = &block.evidence;
        switch (i) {
        case 0:
            evidence->workload_count = 3;
            break;
        case 1:
            evidence->workload_count = UINT32_MAX;
            break;
        case 2:
            evidence->workload_offset += 8;
            break;
        case 3:
            evidence->workload_offset = UINT32_MAX - 7;
            break;
        case 4:
            evidence->workload_offset -= 4;
            break;
        case 5:
            evidence->workload_size = 8;
            break;
        case 6:
            evidence->bytes += 8;
            break;
        case 7:
            evidence->finding_count = 1;
            break;
        }
        sound = is_sound(&block);
        cr_assert(not(sound), "case %d", i);
    }
    sound = !hone_evidence_check(&block, sizeof(struct hone_evidence) - 8, NULL);
    cr_assert(not(sound));
}
