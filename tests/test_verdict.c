#include "core/verdict.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>

static void all_named_apart(const char *(*name)(uint32_t), uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) {
        cr_assert(ne(str, (char *)name(i), "unknown"));
        for (uint32_t j = first; j < i; j++)
            cr_assert(ne(str, (char *)name(i), (char *)name(j)));
    }
    cr_assert(eq(str, (char *)name(end), "unknown"));
    cr_assert(eq(str, (char *)name(UINT32_MAX), "unknown"));
}

Test(verdict, names_every_number_once) {
    all_named_apart(hone_verdict_name, 0, HONE_VERDICT_COUNT);
    all_named_apart(hone_reason_name, 0, HONE_REASON_COUNT);
    all_named_apart(hone_stage_name, 0, HONE_STAGE_COUNT);
    all_named_apart(hone_set_name, HONE_DEBUG, HONE_HIDDEN + 1);
    all_named_apart(hone_severity_name, HONE_NOTE, HONE_QUARANTINE + 1);
    cr_assert(eq(str, (char *)hone_set_name(0), "unknown"));
}

Test(verdict, has_the_exit_codes_of_the_manual) {
    static const int wanted[] = {20, 0, 9, 10, 11, 12, 13, 14, 15, 16, 20, 20};
    for (uint32_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        cr_assert(eq(int, hone_verdict_exit_code(i), wanted[i]));
}

Test(verdict, leaves_no_stage_out_before_the_last_one) {
    cr_assert(eq(u32, hone_stage_mask_fill(0), 0));
    cr_assert(eq(u32, hone_stage_mask_fill(1u << HONE_STAGE_ADMIT), 1));
    cr_assert(eq(u32, hone_stage_mask_fill(1u << HONE_STAGE_COMPILE), 7));
    uint32_t run = 1u << HONE_STAGE_INSPECT_RUN, score = 1u << HONE_STAGE_SCORE;
    cr_assert(eq(u32, hone_stage_mask_fill(run), run | (run - 1)));
    cr_assert(eq(u32, hone_stage_mask_fill(run | score), score | run | (run - 1)));
    cr_assert(eq(u32, hone_stage_mask_fill(score), score));
    cr_assert(eq(u32, hone_stage_mask_fill(UINT32_MAX), (1u << HONE_STAGE_COUNT) - 1));
}

Test(verdict, reads_a_list_of_stages) {
    uint32_t mask = 7;
    cr_assert(eq(int, hone_stage_mask("verify,time", &mask), 0));
    cr_assert(eq(u32, mask, 1u << HONE_STAGE_VERIFY | 1u << HONE_STAGE_TIME));
    cr_assert(eq(int, hone_stage_mask("verify,", &mask), -EINVAL));
    cr_assert(eq(int, hone_stage_mask("", &mask), -EINVAL));
    cr_assert(eq(int, hone_stage_mask("tim", &mask), -EINVAL));
    cr_assert(eq(u32, mask, 1u << HONE_STAGE_VERIFY | 1u << HONE_STAGE_TIME));
}
